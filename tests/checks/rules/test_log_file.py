"""log-file: whatever the handler is called, and wherever it hides."""

from __future__ import annotations

import logging as logs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.deploy_files import script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.log_file import RULE
from django_scaleready.checks.static.scan import scan


def logging(filename: str, used: bool = True) -> dict[str, Any]:
    return {
        "version": 1,
        "handlers": {
            "audit": {
                "class": "logging.handlers.RotatingFileHandler",
                "filename": filename,
                "delay": True,
            },
            "memory": {
                "class": "logging.handlers.MemoryHandler",
                "capacity": 10,
                "target": "audit",
            },
        },
        # Not to the root logger, to which pytest adds handlers of its own.
        "loggers": {
            "shop.audit": {
                "handlers": ["memory" if used == "memory" else "audit"],
                "propagate": False,
            }
        }
        if used
        else {},
    }


@pytest.mark.parametrize("used", [True, "memory"])
def test_finds_a_live_file_handler(make_project: Callable[..., Project], used: bool) -> None:
    (finding,) = RULE.find(make_project(LOGGING=logging("audit.log", used)))
    assert finding.severity is Severity.ERROR
    assert "'audit'" in finding.message


@pytest.mark.parametrize(
    ("handlers", "severity"),
    [
        (["audit", "stdout"], Severity.WARNING),
        (["audit", "debug"], Severity.ERROR),
        (["audit", "in-debug"], Severity.ERROR),
        (["audit"], Severity.ERROR),
    ],
)
def test_what_stdout_gets_as_well_is_not_lost(
    make_project: Callable[..., Project], handlers: list[str], severity: Severity
) -> None:
    config = logging("audit.log")
    config["handlers"]["stdout"] = {"class": "logging.StreamHandler"}
    config["handlers"]["debug"] = {"class": "logging.NullHandler"}
    config["filters"] = {"debug": {"()": "django.utils.log.RequireDebugTrue"}}
    config["handlers"]["in-debug"] = {"class": "logging.StreamHandler", "filters": ["debug"]}
    config["loggers"]["shop.audit"] = {"handlers": handlers, "propagate": False}
    (finding,) = RULE.find(make_project(LOGGING=config))
    assert finding.severity is severity


ROTATING = "logging.handlers.RotatingFileHandler"


@pytest.mark.parametrize(
    ("handlers", "given", "said"),
    [
        (["audit", "stdout"], {"maxBytes": 1024 * 1024, "backupCount": "5"}, ["roll it over"]),
        # It never rolls over, or only after all of the disk.
        (["audit", "stdout"], {"maxBytes": 1024 * 1024}, ["fills each"]),
        (["audit", "stdout"], {"maxBytes": 1024**3, "backupCount": 50}, ["fills each"]),
        (["audit", "stdout"], {"class": "shop.log.Rotating", "maxBytes": 9, "backupCount": 5}, []),
        # What it drops is nowhere else.
        (["audit"], {"maxBytes": 1024 * 1024, "backupCount": 5}, ["lost with them"]),
    ],
)
def test_a_copy_of_stdout_that_is_bounded_fills_no_disk(
    tmp_path: Path, handlers: list[str], given: dict[str, Any], said: list[str]
) -> None:
    config = logging("audit.log")
    config["handlers"]["stdout"] = {"class": "logging.StreamHandler"}
    config["handlers"]["audit"] |= given
    config["loggers"]["shop.audit"] = {"handlers": handlers, "propagate": False}
    head = "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\nDEBUG = False\n"
    (tmp_path / "settings.py").write_text(f"{head}LOGGING = {config!r}\n")
    found = [each.finding for each in scan(tmp_path, [RULE]).found]
    assert len(found) == len(said)
    for finding, text in zip(found, said, strict=True):
        assert text in finding.message
        assert finding.severity is (Severity.WARNING if "lost" not in text else Severity.ERROR)


def filtered(filter_class: str) -> dict[str, Any]:
    config = logging("audit.log")
    config["filters"] = {"by_debug": {"()": f"django.utils.log.{filter_class}"}}
    config["handlers"]["audit"]["filters"] = ["by_debug"]
    return config


@pytest.mark.parametrize("debug", [False, None])
def test_a_file_that_only_a_debug_run_writes_is_silent(
    make_project: Callable[..., Project], tmp_path: Path, debug: bool | None
) -> None:
    config = filtered("RequireDebugTrue")
    assert list(RULE.find(make_project(LOGGING=config, DEBUG=bool(debug)))) == []
    head = "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
    given = "import os\nDEBUG = 'DEBUG' in os.environ\n" if debug is None else "DEBUG = False\n"
    (tmp_path / "settings.py").write_text(f"{head}{given}LOGGING = {config!r}\n")
    assert scan(tmp_path, [RULE]).found == []


@pytest.mark.parametrize(
    ("filter_class", "debug"), [("RequireDebugFalse", False), ("RequireDebugTrue", True)]
)
def test_finds_a_file_whose_filter_lets_lines_pass(
    make_project: Callable[..., Project], filter_class: str, debug: bool
) -> None:
    assert len([*RULE.find(make_project(LOGGING=filtered(filter_class), DEBUG=debug))]) == 1


TAILED = script("tail -F /srv/logs/*.log &", "exec gunicorn shop.wsgi")


def test_what_a_start_script_prints_is_not_lost(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(TAILED, LOGGING=logging("/srv/logs/audit.log")))
    assert finding.severity is Severity.WARNING


def test_what_a_start_script_prints_and_nobody_writes_is_silent(
    make_project: Callable[..., Project],
) -> None:
    config = logging("/srv/logs/audit.log", used=False)
    assert list(RULE.find(make_project(TAILED, LOGGING=config))) == []


def test_names_the_line_of_the_handler(make_project: Callable[..., Project]) -> None:
    settings = f"LOGGING = (\n{logging('audit.log')!r}\n)".replace("'audit': {", "\n'audit': {", 1)
    (finding,) = RULE.find(make_project({"settings.py": settings}))
    assert str(finding.location) == "settings.py:3"


@pytest.mark.parametrize(
    "filename",
    [
        "/dev/stdout",
        "/dev/fd/1",
        "/proc/1/fd/1",
        "/proc/self/fd/2",
        "/dev/null",
        "/dev/stderr",
        "/dev/fd/2",
    ],
)
def test_stdout_by_a_path_is_silent(make_project: Callable[..., Project], filename: str) -> None:
    assert list(RULE.find(make_project(LOGGING=logging(filename)))) == []


def test_a_handler_that_nobody_uses_is_silent(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(LOGGING=logging("audit.log", used=False)))) == []


def test_a_shared_mount_is_silent(make_project: Callable[..., Project]) -> None:
    shared = {"SHARED_PATHS": ["/mnt/shared"]}
    project = make_project(LOGGING=logging("/mnt/shared/audit.log"), SCALEREADY=shared)
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    ("logger", "beside", "named"),
    [
        ("django", "null", 1),
        ("django.request", "stdout", 0),
    ],
)
def test_the_logger_whose_errors_only_the_file_gets_is_named(
    make_project: Callable[..., Project], logger: str, beside: str, named: int
) -> None:
    config = logging("x.log", used=False)
    config["handlers"]["stdout"] = {"class": "logging.StreamHandler"}
    config["handlers"]["null"] = {"class": "logging.NullHandler"}
    config["loggers"] = {logger: {"handlers": ["audit", beside], "propagate": False}}
    (finding,) = RULE.find(make_project(LOGGING=config))
    assert len(finding.related) == named


ASKS = "import logging\nlogger = logging.getLogger('shop.audit')\ndef f(): logger.info(1)\n"
OF_MODULE = ASKS.replace("'shop.audit'", "__name__")


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"shop/own.py": ASKS}, Severity.INFO),
        (
            {"shop/own.py": ASKS, "shop/more.py": ASKS.replace("audit'", "audit.more'")},
            Severity.INFO,
        ),
        ({"shop/own.py": ASKS, "shop/views.py": ASKS.replace("audit", "pay")}, Severity.INFO),
        # Another package may write to it.
        ({}, Severity.ERROR),
        ({"shop/own.py": ASKS, "shop/views.py": "import shop.own"}, Severity.ERROR),
        ({"shop/own.py": ASKS, "tests/test_own.py": ASKS}, Severity.INFO),
        ({"shop/own.py": ASKS, "shop/audit/views.py": OF_MODULE}, Severity.ERROR),
        (
            {"shop/own.py": ASKS, "shop/log.py": ASKS.replace("'shop.audit'", "name")},
            Severity.ERROR,
        ),
    ],
)
def test_a_logger_that_only_a_forgotten_file_asks_for_gets_nothing(
    make_project: Callable[..., Project], files: dict[str, str], severity: Severity
) -> None:
    (finding,) = RULE.find(make_project(files, LOGGING=logging("audit.log")))
    assert finding.severity is severity


OF_DJANGO = "import logging\nlogger = logging.getLogger('{}')\ndef f(): logger.{}(1)\n"
QUERIES = "django.db.backends"


@pytest.mark.parametrize(
    ("loggers", "code", "debug", "severity"),
    [
        ({QUERIES: {"level": "INFO"}}, "", True, Severity.INFO),
        ({f"{QUERIES}.schema": {"level": logs.INFO}}, "", True, Severity.INFO),
        # It has INFO from the logger above it, which Django gives that.
        ({QUERIES: {}}, "", True, Severity.INFO),
        ({QUERIES: {"level": "DEBUG"}}, "", True, Severity.ERROR),
        ({QUERIES: {"level": "DEBUG"}}, "", False, Severity.INFO),
        ({QUERIES: {"level": "INFO"}}, (QUERIES, "info"), True, Severity.ERROR),
        ({"django": {"level": "CRITICAL"}}, "", False, Severity.INFO),
        ({"django": {"level": "CRITICAL"}}, ("django.shop", "error"), False, Severity.INFO),
        ({"django": {"level": "CRITICAL"}}, ("django.shop", "critical"), False, Severity.ERROR),
        ({"django": {"level": "ERROR"}}, "", False, Severity.ERROR),
        ({"django.request": {}}, "", False, Severity.ERROR),
        # Django's own lines are not all that comes there.
        ({"shop": {"level": "CRITICAL"}}, "", False, Severity.ERROR),
        ({"djangoshop": {"level": "CRITICAL"}}, "", False, Severity.ERROR),
        ({"django": {"level": "CRITICAL"}, "shop": {}}, "", False, Severity.ERROR),
    ],
)
def test_a_logger_whose_level_is_above_what_django_says_there_gets_nothing(
    make_project: Callable[..., Project],
    loggers: dict[str, dict[str, Any]],
    code: tuple[str, str] | str,
    debug: bool,
    severity: Severity,
) -> None:
    config = logging("audit.log", used=False)
    using = {"handlers": ["audit"], "propagate": False}
    config["loggers"] = {name: {**using, **level} for name, level in loggers.items()}
    files = {"shop/views.py": OF_DJANGO.format(*code)} if code else {}
    files["shop/urls.py"] = "import shop.views\n"
    (finding,) = RULE.find(make_project(files, LOGGING=config, DEBUG=debug))
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("below", "severity"),
    [
        ({"level": "ERROR"}, Severity.ERROR),
        ({"level": "ERROR", "propagate": False}, Severity.INFO),
        ({"propagate": True}, Severity.INFO),
    ],
)
def test_what_a_logger_hands_up_passes_by_its_own_level(
    make_project: Callable[..., Project], below: dict[str, Any], severity: Severity
) -> None:
    config = logging("audit.log", used=False)
    config["loggers"] = {
        "django": {"handlers": ["audit"], "level": "CRITICAL", "propagate": False},
        "django.request": below,
    }
    (finding,) = RULE.find(make_project(LOGGING=config))
    assert finding.severity is severity


def test_the_level_of_a_handler_counts_as_well(make_project: Callable[..., Project]) -> None:
    config = logging("audit.log", used=False)
    config["handlers"]["audit"]["level"] = "CRITICAL"
    config["loggers"] = {"django": {"handlers": ["audit"], "propagate": False}}
    (finding,) = RULE.find(make_project(LOGGING=config))
    assert finding.severity is Severity.INFO


BASE = """import os
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]
WRITES = "file" if not os.getenv("LOG_STDOUT") else "console"
LOGGING = {
    "version": 1,
    "handlers": {
        "file": {"class": "logging.FileHandler", "filename": "/srv/shop.log"},
        "console": {"class": "logging.StreamHandler"},
    },
    "root": {"handlers": [WRITES], "level": "INFO"},
}
"""


@pytest.mark.parametrize(
    ("before", "count"),
    [
        ("os.environ.setdefault('LOG_STDOUT', 'yes')", 0),
        ("os.environ['LOG_STDOUT'] = 'yes'", 0),
        ("os.environ.setdefault('LOG_LEVEL', 'INFO')", 1),
    ],
)
def test_a_variable_that_the_settings_set_before_the_others(
    tmp_path: Path, before: str, count: int
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/__init__.py").write_text("")
    (tmp_path / "conf/base.py").write_text(BASE)
    (tmp_path / "conf/production.py").write_text(f"import os\n{before}\nfrom .base import *\n")
    manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.production')\n"
    (tmp_path / "manage.py").write_text(manage)
    assert len(scan(tmp_path, [RULE]).found) == count
