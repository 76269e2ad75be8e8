"""log-no-stdout: a 500 must leave a trace."""

from __future__ import annotations

from collections.abc import Callable
from logging import Filter, Handler
from pathlib import Path
from typing import Any

import pytest
from support.deploy_files import script
from support.scans import found as scanned

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.log_no_stdout import RULE


def logging(handler: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "filters": {
            "debug": {"()": "django.utils.log.RequireDebugTrue"},
            "debug_or_test": {"()": f"{__name__}.RequireDebugTrueOrTest"},
            "names": {"()": "logging.Filter"},
        },
        "handlers": {"errors": handler},
        "loggers": {"django": {"handlers": ["errors"], "level": "INFO", "propagate": False}},
    }


STREAM = {"class": "logging.StreamHandler"}


@pytest.mark.parametrize(
    "handler",
    [
        {"class": "django.utils.log.AdminEmailHandler"},
        {"class": "logging.NullHandler"},
        {**STREAM, "filters": ["debug"]},
        {**STREAM, "filters": ["names", "debug_or_test"]},
        {**STREAM, "level": "CRITICAL"},
    ],
)
def test_finds(make_project: Callable[..., Project], handler: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(LOGGING=logging(handler)))
    assert finding.severity is Severity.WARNING


def test_a_handler_of_another_kind_is_information(make_project: Callable[..., Project]) -> None:
    syslog = {"class": f"{__name__}.Collector"}
    (finding,) = RULE.find(make_project(LOGGING=logging(syslog)))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "handler",
    [
        STREAM,
        {**STREAM, "filters": ["names"]},
        {"class": "logging.FileHandler", "filename": "/dev/stdout"},
        {"class": "django_scaleready.logs.handlers.OutputHandler"},
        # log-file speaks of it.
        {"class": "logging.FileHandler", "filename": "x.log", "delay": True},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], handler: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(LOGGING=logging(handler)))) == []


@pytest.mark.parametrize(("name", "count"), [("x.log", 0), ("other.log", 1)])
def test_a_file_that_a_start_script_prints_is_silent(
    make_project: Callable[..., Project], name: str, count: int
) -> None:
    files = script(f"tail -F /srv/logs/{name} &", "exec gunicorn shop.wsgi")
    config = logging({"class": "logging.FileHandler", "filename": "/srv/logs/x.log", "delay": True})
    project = make_project(files, LOGGING=config, SCALEREADY={"SHARED_PATHS": ["/srv"]})
    found = list(RULE.find(project))
    assert len(found) == count
    assert all(finding.message.endswith("a 500 reaches only errors.") for finding in found)


MAIL = {"class": "django.utils.log.AdminEmailHandler"}


@pytest.mark.parametrize(
    ("handler", "admins", "end"),
    [
        (MAIL, [], "leaves no trace."),
        (MAIL, [("Ann", "ann@example.com")], "reaches only errors."),
        ({"class": f"{__name__}.Collector"}, [], "reaches only errors."),
        ({"class": "logging.NullHandler"}, [("Ann", "ann@example.com")], "leaves no trace."),
    ],
)
def test_who_else_gets_an_error_is_named(
    make_project: Callable[..., Project], handler: dict[str, Any], admins: Any, end: str
) -> None:
    (finding,) = RULE.find(make_project(LOGGING=logging(handler), ADMINS=admins))
    assert finding.message.endswith(end)


@pytest.mark.parametrize(
    ("admins", "end"),
    [("", "leaves no trace."), ("ADMINS = read(HOSTS)\n", "reaches only errors.")],
)
def test_admins_that_reading_does_not_tell_may_get_mail(
    tmp_path: Path, admins: str, end: str
) -> None:
    settings = f"INSTALLED_APPS = []\nMIDDLEWARE = []\n{admins}LOGGING = {logging(MAIL)}\n"
    said = scanned(tmp_path, {"settings.py": settings})["findings"]
    (message,) = [each["message"] for each in said if each["slug"] == "log-no-stdout"]
    assert message.endswith(end)


@pytest.mark.parametrize(
    ("handler", "severity", "end"),
    [
        ("django.utils.log.NullHandler", "warning", "leaves no trace."),
        ("shop.log.NullHandler", "info", "reaches only errors."),
    ],
)
def test_a_handler_of_an_older_django_drops_what_it_gets(
    tmp_path: Path, handler: str, severity: str, end: str
) -> None:
    config = logging({"class": handler})
    settings = f"INSTALLED_APPS = []\nMIDDLEWARE = []\nLOGGING = {config}\n"
    said = scanned(tmp_path, {"settings.py": settings})["findings"]
    (finding,) = [each for each in said if each["slug"] == "log-no-stdout"]
    assert finding["severity"] == severity
    assert finding["message"].endswith(end)


def test_debug_is_silent(make_project: Callable[..., Project]) -> None:
    nothing = logging({"class": "logging.NullHandler"})
    assert list(RULE.find(make_project(LOGGING=nothing, DEBUG=True))) == []


MIDDLEWARE = """import logging

class Errors:
    def process_exception(self, request, error):
        logging.getLogger(__name__).{method}(error)
"""


@pytest.mark.parametrize(
    ("method", "logger", "findings"),
    [("exception", "shop", 0), ("error", "shop", 0), ("info", "shop", 1), ("error", "other", 1)],
)
def test_a_middleware_that_logs_exceptions(
    make_project: Callable[..., Project], method: str, logger: str, findings: int
) -> None:
    config = logging({"class": "logging.NullHandler"})
    config["handlers"]["console"] = STREAM
    config["loggers"]["shop"] = {"handlers": ["errors"], "propagate": False}
    config["loggers"][logger] = {"handlers": ["console"], "level": "INFO", "propagate": False}
    source = {"shop/middleware.py": MIDDLEWARE.format(method=method)}
    project = make_project(source, LOGGING=config, MIDDLEWARE=["shop.middleware.Errors"])
    assert len(list(RULE.find(project))) == findings


NAMED = MIDDLEWARE.replace("__name__", "'shop.errors'")
PRINTING = """import traceback

class Errors:
    def process_exception(self, request, error):
        {}

    def process_request(self, request):
        {}
"""


@pytest.mark.parametrize(
    ("source", "logger", "findings"),
    [
        (NAMED.format(method="error"), "shop.errors", 0),
        (NAMED.format(method="error"), "shop.middleware", 1),
        (NAMED.format(method="error"), "other", 1),
        (NAMED.format(method="info"), "shop.errors", 1),
        (PRINTING.format("traceback.print_exc()", "pass"), "other", 0),
        (PRINTING.format("traceback.print_exception(error)", "pass"), "other", 0),
        (PRINTING.format("traceback.print_exc(); return oops(error)", "pass"), "other", 0),
        (PRINTING.format("print(traceback.print_exc())", "pass"), "other", 0),
        (NAMED.format(method="exception"), "shop.errors", 0),
        (NAMED.format(method="critical"), "shop.errors", 0),
        (PRINTING.format("return None", "traceback.print_exc()"), "other", 1),
        (PRINTING.format("print('failed')", "pass"), "other", 1),
    ],
)
def test_a_middleware_that_prints_or_logs_by_a_name(
    make_project: Callable[..., Project], source: str, logger: str, findings: int
) -> None:
    config = logging({"class": "logging.NullHandler"})
    config["handlers"]["console"] = STREAM
    config["loggers"]["shop"] = {"handlers": ["errors"], "propagate": False}
    config["loggers"][logger] = {"handlers": ["console"], "level": "INFO", "propagate": False}
    files = {"shop/middleware.py": source}
    project = make_project(files, LOGGING=config, MIDDLEWARE=["shop.middleware.Errors"])
    assert len(list(RULE.find(project))) == findings


STRUCTLOG = "django_structlog.middlewares"


@pytest.mark.parametrize(
    ("middleware", "logger", "findings"),
    [
        (f"{STRUCTLOG}.RequestMiddleware", "django_structlog", 0),
        (f"{STRUCTLOG}.request.RequestMiddleware", "django_structlog", 0),
        (f"{STRUCTLOG}.RequestMiddleware", "other", 1),
        (f"{STRUCTLOG}.CeleryMiddleware", "django_structlog", 1),
    ],
)
def test_a_package_s_middleware_that_logs_exceptions(
    make_project: Callable[..., Project], middleware: str, logger: str, findings: int
) -> None:
    config = logging({"class": "logging.NullHandler"})
    config["handlers"]["console"] = STREAM
    config["loggers"]["django_structlog"] = {"handlers": ["errors"], "propagate": False}
    config["loggers"][logger] = {"handlers": ["console"], "level": "INFO", "propagate": False}
    project = make_project(LOGGING=config, MIDDLEWARE=[middleware])
    assert len(list(RULE.find(project))) == findings


class Collector(Handler):
    pass


class RequireDebugTrueOrTest(Filter):
    pass


HOOK = "def load(settings):\n    settings.LOGGING = made(settings)\n"
SETTINGS = "INSTALLED_APPS = []\nMIDDLEWARE = []\nDEBUG = False\n"


@pytest.mark.parametrize(
    ("hook", "settings", "findings"),
    [
        (HOOK, SETTINGS, 0),
        (HOOK.replace("settings.", "config.").replace("(settings):", "(config):"), SETTINGS, 0),
        # It is only read, or set when logging has been configured.
        ("def load(settings):\n    return settings.LOGGING\n", SETTINGS, 1),
        (f"from django.conf import settings\n{HOOK.replace('(settings)', '()')}", SETTINGS, 1),
        (HOOK, f"{SETTINGS}LOGGING = {logging(MAIL)}\n", 1),
    ],
)
def test_a_hook_that_sets_logging_leaves_it_open(
    tmp_path: Path, hook: str, settings: str, findings: int
) -> None:
    said = scanned(tmp_path, {"settings.py": settings, "shop/hooks.py": hook})
    slugs = [each["slug"] for each in said["findings"]]
    assert slugs.count("log-no-stdout") == findings
    assert findings or "LOGGING" in [each["subject"] for each in said["unknown"]]


SERVED = """logconfig_dict = {
    "version": 1,
    "root": {"level": "INFO", "handlers": ["out"]},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": make()}},
}
"""
WITHOUT = 'logconfig_dict = {"version": 1, "loggers": {}}\n'
# As Django's own: an error is mailed, and goes on to the root logger.
PASSES = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"mail": MAIL},
    "loggers": {"django": {"handlers": ["mail"], "level": "INFO"}},
}
STARTS = script("exec gunicorn -c /srv/gunicorn.conf.py shop.wsgi")


def served(folder: Path, conf: str, config: dict[str, Any]) -> list[str]:
    settings = f"{SETTINGS}LOGGING = {config}\n"
    files = {**STARTS, "gunicorn.conf.py": conf, "settings.py": settings}
    return [each["slug"] for each in scanned(folder, files)["findings"]]


@pytest.mark.parametrize(
    ("conf", "config"),
    [
        (SERVED, PASSES),
        # gunicorn fills in a root that prints.
        (WITHOUT, PASSES),
        (SERVED, {**PASSES, "loggers": {}}),
        (SERVED, {}),
        ("import os\nworkers = 2\n" + SERVED.replace('["out"]', '("mail", "out")'), PASSES),
    ],
)
def test_a_server_that_gives_the_root_logger_a_handler(
    tmp_path: Path, conf: str, config: dict[str, Any]
) -> None:
    assert "log-no-stdout" not in served(tmp_path, conf, config)


@pytest.mark.parametrize(
    ("conf", "config"),
    [
        ("workers = 2\n", PASSES),
        (SERVED.replace("logging.StreamHandler", "logging.NullHandler"), PASSES),
        (SERVED.replace('"class"', '"level": "CRITICAL", "class"'), PASSES),
        (SERVED.replace('["out"]', '["mail"]'), PASSES),
        (SERVED.replace("{\n", "{\n    **OTHERS,\n", 1), PASSES),
        (WITHOUT.replace('"loggers": {}', '"handlers": {}'), PASSES),
        # LOGGING comes after it, and has a root of its own, or keeps errors from it.
        (SERVED, {**PASSES, "root": {"handlers": ["mail"]}}),
        (SERVED, {**PASSES, "loggers": {"": {"handlers": ["mail"]}}}),
        (SERVED, {**PASSES, "disable_existing_loggers": True}),
        (SERVED, {**PASSES, **logging(MAIL)}),
    ],
)
def test_a_server_that_does_not_print_what_requests_say(
    tmp_path: Path, conf: str, config: dict[str, Any]
) -> None:
    assert "log-no-stdout" in served(tmp_path, conf, config)
