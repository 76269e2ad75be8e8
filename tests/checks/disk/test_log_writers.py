"""A logger that the code asks for, and that nobody writes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.disk.log_writers import is_forgotten
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.log_file import RULE

SILENT = "import logging\nlogger = logging.getLogger('shop.stats')\n"
OWN = SILENT.replace("'shop.stats'", "__name__")
SAYS = f"{SILENT}logger.info('x')\n"
VIEWS = "import shop.more, shop.own, shop.stats\n"
NAMED = "import logging, shop.{0}\nfrom shop import {0}\nlogging.getLogger({0}.__name__).info(1)\n"


def forgotten(make_project: Callable[..., Project], own: str, more: dict[str, str]) -> bool:
    files = {"manage.py": "", "shop/views.py": VIEWS, "shop/own.py": own, **more}
    return is_forgotten(make_project(files).code, "shop.stats")


@pytest.mark.parametrize(
    ("own", "more"),
    [
        (SILENT, {}),
        (SILENT, {"shop/more.py": "import logging\nlogger = logging.getLogger()\nlogger.info(1)"}),
        (SILENT, {"shop/more.py": f"{OWN}logger.info('x')"}),
        (SILENT, {"shop/stats.py": OWN}),
        (SILENT, {"shop/views.py": f"{VIEWS}from shop.own import stats"}),
        (SILENT, {"shop/more.py": NAMED.format("own")}),
        # Nothing loads the file that writes.
        (SAYS, {"shop/views.py": ""}),
    ],
)
def test_nobody_writes_to_it(
    make_project: Callable[..., Project], own: str, more: dict[str, str]
) -> None:
    assert forgotten(make_project, own, more)


@pytest.mark.parametrize(
    ("own", "more"),
    [
        # A package may write to what nobody here asks for.
        ("", {}),
        (SAYS, {}),
        (f"{SILENT}def f(): logger.info('x')\n", {}),
        ("import logging\nlogging.getLogger('shop.stats').info('x')", {}),
        ("import logging\nlog_to(logging.getLogger('shop.stats'))", {}),
        (SILENT.replace("logger", "def f():\n  logger") + "  logger.info(1)", {}),
        (SILENT, {"shop/more.py": "from shop.own import logger"}),
        (SILENT, {"shop/more.py": "from shop.own import *"}),
        (SILENT, {"shop/more.py": "from shop import own\nown.logger.info('x')"}),
        (SILENT, {"shop/more.py": SAYS.replace("'shop.stats'", "NAME")}),
        (SILENT, {"shop/more.py": SAYS.replace("shop.stats", "shop.stats.daily")}),
        (SILENT, {"shop/more.py": "import logging\nlogging.getLogger(type(x).__name__).info(1)"}),
        (SILENT, {"shop/stats.py": f"{OWN}logger.info('x')"}),
        (SILENT, {"shop/more.py": NAMED.format("stats")}),
    ],
)
def test_somebody_may_write_to_it(
    make_project: Callable[..., Project], own: str, more: dict[str, str]
) -> None:
    assert not forgotten(make_project, own, more)


@pytest.mark.parametrize(("own", "said"), [(SILENT, "what stdout gets"), (SAYS, "lost with them")])
def test_the_file_of_another_logger_that_prints_too_loses_nothing(
    make_project: Callable[..., Project], own: str, said: str
) -> None:
    config = {
        "version": 1,
        "handlers": {
            "file": {"class": "logging.FileHandler", "filename": "a.log", "delay": True},
            "stdout": {"class": "logging.StreamHandler"},
        },
        "loggers": {
            "shop.audit": {"handlers": ["file", "stdout"], "propagate": False},
            "shop.stats": {"handlers": ["file"], "propagate": False},
        },
    }
    files = {"manage.py": "", "shop/views.py": VIEWS, "shop/own.py": own}
    (finding,) = RULE.find(make_project(files, LOGGING=config))
    assert said in finding.message


FILE = {
    "version": 1,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": "a.log", "delay": True}},
    "loggers": {"shop.stats": {"handlers": ["file"], "propagate": False}},
}
MENDS = "shop/scripts/mend_prices.py"
STARTS = {"Dockerfile": f"FROM python\nCOPY . .\nCMD python {MENDS}\n"}
CLOCK = {"deploy/crontab": f"5 * * * * shop python /srv/{MENDS}\n"}


@pytest.mark.parametrize(
    ("name", "more", "severity"),
    [
        (MENDS, {}, Severity.INFO),
        ("shop/bin/mend.py", {}, Severity.INFO),
        ("scripts/mend.py", {}, Severity.INFO),
        # A deployment or a clock starts it; of a command nobody knows.
        (MENDS, STARTS, Severity.ERROR),
        (MENDS, CLOCK, Severity.ERROR),
        ("shop/management/commands/mend.py", {}, Severity.ERROR),
        (MENDS, {"shop/views.py": "import shop.scripts.mend_prices\n"}, Severity.ERROR),
        (MENDS, {"shop/orders.py": SAYS, "shop/views.py": "import shop.orders"}, Severity.ERROR),
    ],
)
def test_what_a_person_runs_writes_to_it(
    make_project: Callable[..., Project], name: str, more: dict[str, str], severity: Severity
) -> None:
    script = SAYS + "if __name__ == '__main__': logger.info('done')\n"
    files = {"manage.py": "", "shop/scripts/__init__.py": "", name: script, **more}
    (finding,) = RULE.find(make_project(files, LOGGING=FILE))
    assert finding.severity is severity
