"""gunicorn's access record, as gunicorn makes it."""

from __future__ import annotations

import datetime
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from django_scaleready.logs.access import DropAnsweredProbes
from django_scaleready.logs.formatters import ConsoleFormatter, JSONFormatter

TOKEN = "s3cr3t"


def access(
    path: str = "/reset/",
    status: str | int = "200 OK",
    query: str = f"token={TOKEN}",
    headers: tuple[tuple[str, str], ...] = (),
    **environ: str,
) -> logging.LogRecord:
    """Have gunicorn's own logger make the record."""
    kept: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    config = Config()
    config.set("accesslog", "-")
    logger = Logger(config)
    logger.access_log.handlers = [Keep()]
    logger.access(
        SimpleNamespace(status=status, sent=5, headers=[("Set-Cookie", f"session={TOKEN}")]),
        SimpleNamespace(headers=[("AUTHORIZATION", f"Bearer {TOKEN}"), *headers]),
        {
            "REQUEST_METHOD": "GET",
            "RAW_URI": f"{path}?{query}",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "10.0.0.9",
            "HTTP_REFERER": f"https://h/?token={TOKEN}",
            **environ,
        },
        datetime.timedelta(milliseconds=1234, microseconds=500),
    )
    return kept[0]


@pytest.fixture(autouse=True)
def restore() -> Any:
    logger = logging.getLogger("gunicorn.access")
    before = (logger.handlers, logger.propagate, logger.level)
    yield
    logger.handlers, logger.propagate, logger.level = before


def test_the_fields_of_a_request() -> None:
    record = access(headers=(("X-REQUEST-ID", "abc"),), HTTP_USER_AGENT="curl/8")
    loaded = json.loads(JSONFormatter().format(record))
    del loaded["timestamp"]
    assert loaded == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "message": "GET /reset/ 200",
        "method": "GET",
        "path": "/reset/",
        "status": 200,
        "duration_ms": 1234.5,
        "bytes": 5,
        "remote": "10.0.0.9",
        "request_id": "abc",
        "user_agent": "curl/8",
    }


def test_what_is_unknown_is_left_out() -> None:
    loaded = json.loads(JSONFormatter().format(access(REMOTE_ADDR="")))
    assert {"remote", "request_id", "user_agent"}.isdisjoint(loaded)


@pytest.mark.parametrize("formatter", [JSONFormatter(), ConsoleFormatter()])
def test_no_secret_reaches_the_log(formatter: logging.Formatter) -> None:
    line = formatter.format(access(HTTP_COOKIE=f"sessionid={TOKEN}"))
    assert "GET /reset/ 200" in line
    assert TOKEN not in line


def test_a_path_cannot_forge_a_line() -> None:
    record = access(path="/a\nFAKE", RAW_URI="/a%0AFAKE?x")
    assert ConsoleFormatter().format(record).endswith("GET /a%0AFAKE 200")


@pytest.mark.parametrize("path", ["/livez", "/readyz/", "/startupz", "/healthz"])
@pytest.mark.parametrize("status", ["200 OK", 200, "503 Service Unavailable", 503])
def test_an_answered_probe_is_dropped(path: str, status: str | int) -> None:
    assert not DropAnsweredProbes().filter(access(path, status))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", "503 Service Unavailable"),
        ("/readyz", 500),
        ("/livez", "405 Method Not Allowed"),
        ("/", "200 OK"),
        ("/readyz/more", "200 OK"),
        ("/app/readyz", "200 OK"),
    ],
)
def test_everything_else_is_kept(path: str, status: str | int) -> None:
    assert DropAnsweredProbes().filter(access(path, status))


def test_records_of_others_are_kept() -> None:
    other = logging.makeLogRecord({"name": "app", "args": {"U": "/livez", "s": "200"}})
    assert DropAnsweredProbes().filter(other)
    textual = logging.makeLogRecord({"name": "gunicorn.access", "msg": "GET /livez 200"})
    assert DropAnsweredProbes().filter(textual)
