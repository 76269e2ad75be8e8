"""LOGGING, applied in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from support.fragments import evaluate

from django_scaleready.env import EnvError

PROJECT = """
import logging, warnings
from django.conf import settings
from django_scaleready.settings import logging as fragment
settings.configure(LOGGING=fragment.LOGGING, LOGGING_CONFIG=fragment.LOGGING_CONFIG)
for name in ("gunicorn.error", "celery.worker", "early"):
    logging.getLogger(name)
import django
django.setup()
"""


def run(code: str, **variables: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROJECT + code],
        env={"PATH": os.environ["PATH"], "TZ": "America/Chicago", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def lines(code: str, **variables: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(code, **variables)]


def test_each_source_gives_one_line_of_json_on_stdout() -> None:
    names = ("django.request", "django.server", "gunicorn.error", "celery.worker", "early", "app")
    code = f"""
for name in {names}:
    logging.getLogger(name).error("from %s", name)
warnings.warn("old", RuntimeWarning)
"""
    found = lines(code)
    assert [line["logger"] for line in found] == [*names, "py.warnings"]
    assert [line["message"] for line in found[:-1]] == [f"from {name}" for name in names]
    assert "RuntimeWarning: old" in found[-1]["message"]
    assert all(line["timestamp"].endswith("Z") for line in found)


def test_the_level_holds_for_every_logger() -> None:
    code = """
for name in ("django.request", "django.server", "gunicorn.access", "celery", "app"):
    logging.getLogger(name).info("info")
    logging.getLogger(name).warning("warning")
"""
    assert [line["message"] for line in lines(code, LOG_LEVEL="warning")] == ["warning"] * 5
    assert len(lines(code)) == 10


def test_a_command_whose_stdout_is_data_keeps_it_clean() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROJECT + 'logging.getLogger("app").error("hello"); print("data")'],
        env={"PATH": os.environ["PATH"], "LOG_STREAM": "stderr"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "data\n"
    assert json.loads(done.stderr)["message"] == "hello"


def test_the_console_format_is_for_people() -> None:
    (line,) = run('logging.getLogger("app").error("hello")', LOG_FORMAT="console")
    assert line.endswith("Z ERROR app: hello")


@pytest.mark.parametrize(
    ("variables", "formatter"),
    [
        ({}, "json"),
        ({"DEBUG": "true"}, "console"),
        ({"DEBUG": "true", "LOG_FORMAT": "JSON"}, "json"),
        ({"LOG_FORMAT": "console"}, "console"),
    ],
)
def test_the_format_follows_the_mode(
    variables: dict[str, str], formatter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = evaluate("logging", monkeypatch, **variables)["LOGGING"]
    assert config["handlers"]["output"]["formatter"] == formatter


@pytest.mark.parametrize(
    ("name", "value", "accepts"),
    [
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("LOG_FORMAT", "xml", "json, console"),
        ("LOG_STREAM", "syslog", "stdout, stderr"),
    ],
)
def test_wrong_words_are_refused(
    name: str, value: str, accepts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EnvError, match=f"{name}: got '{value}', accepts one of {accepts}"):
        evaluate("logging", monkeypatch, **{name: value})


def test_a_wrong_prefix_of_the_probes_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROJECT],
        env={"PATH": os.environ["PATH"], "SCALEREADY_PROBE_PREFIX": "internal"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert "SCALEREADY_PROBE_PREFIX: got 'internal', accepts a path that begins with /" in last
