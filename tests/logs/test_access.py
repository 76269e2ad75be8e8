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


def logged_by(name: str, message: str, args: Any) -> logging.LogRecord:
    return logging.getLogger(name).makeRecord(name, logging.INFO, "", 0, message, args, None)


def uvicorn_access(target: str = f"/reset/?token={TOKEN}", status: int = 200) -> logging.LogRecord:
    """As uvicorn's protocols call their logger."""
    args = ("10.0.0.9:5123", "GET", target, "1.1", status)
    return logged_by("uvicorn.access", '%s - "%s %s HTTP/%s" %d', args)


def granian_access(path: str = "/reset/", status: int = 200) -> logging.LogRecord:
    """As granian's ``log_request_builder`` makes it."""
    told = {
        "addr": "10.0.0.9", "time": "", "dt_ms": 12.5, "status": status, "path": path,
        "query_string": f"token={TOKEN}", "method": "GET", "scheme": "http", "protocol": "1.1",
    }  # fmt: skip
    return logged_by("granian.access", '%(addr)s - "%(method)s %(path)s" %(status)d', (told,))


@pytest.mark.parametrize("record", [uvicorn_access(), granian_access()], ids=["uvicorn", "granian"])
def test_uvicorn_and_granian_say_the_same(record: logging.LogRecord) -> None:
    line = JSONFormatter().format(record)
    assert TOKEN not in line
    told = json.loads(line)
    assert (told["message"], told["path"], told["remote"]) == (
        "GET /reset/ 200",
        "/reset/",
        "10.0.0.9",
    )
    assert (told["method"], told["status"]) == ("GET", 200)
    assert told.get("duration_ms") in {None, 12.5}


@pytest.mark.parametrize("make", [uvicorn_access, granian_access])
def test_their_answered_probes_are_dropped(make: Any) -> None:
    keep = DropAnsweredProbes()
    assert not keep.filter(make("/readyz", 200))
    assert keep.filter(make("/readyz", 500))
    assert keep.filter(make("/page", 200))
