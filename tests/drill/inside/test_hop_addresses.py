"""What a replica is asked about itself: who takes its log lines, and what it keeps at all."""

from __future__ import annotations

import json
import logging
import logging.handlers
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from support import log_setup

from django_scaleready.drill.inside import hop
from django_scaleready.drill.inside.order import VARIABLE, Order


class Remote(logging.Handler):
    """Of a package that nobody knows: it may hand its records to anywhere."""

    def emit(self, record: logging.LogRecord) -> None:
        """Nowhere."""


@pytest.fixture
def audit() -> Iterator[logging.Logger]:
    logger = logging.getLogger("drill.test.audit")
    with log_setup.kept():
        logger.propagate = False
        yield logger


@pytest.fixture
def asked() -> Iterator[HttpRequest]:
    config = {"version": 1, "loggers": {"drill.test.audit": {}}}
    with log_setup.kept(), override_settings(LOGGING=config):
        yield RequestFactory().post("/.drill/log/?text=mark")


def told(request: HttpRequest) -> dict[str, set[str]]:
    """Who takes it, by logger; pytest adds a handler of its own."""
    answer: dict[str, str] = json.loads(hop.log_everywhere(request).content)
    own = {"LogCaptureHandler", "no handler"}
    return {name: set(taken.split(", ")) - own for name, taken in answer.items()}


def test_who_takes_an_error_is_named(
    asked: HttpRequest, audit: logging.Logger, tmp_path: Path
) -> None:
    file = tmp_path / "audit.log"
    audit.addHandler(logging.FileHandler(file))
    assert told(asked)["drill.test.audit"] == {"FileHandler"}
    assert file.read_text() == "mark:drill.test.audit;\n"


def test_a_logger_without_a_handler(asked: HttpRequest, audit: logging.Logger) -> None:
    assert told(asked)["drill.test.audit"] == set()


def test_a_handler_that_takes_no_errors_is_none(asked: HttpRequest, audit: logging.Logger) -> None:
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: record.levelno < logging.ERROR)
    audit.addHandler(handler)
    assert told(asked)["drill.test.audit"] == set()


@pytest.mark.parametrize("kind", [Remote, logging.handlers.SysLogHandler])
def test_what_is_sent_elsewhere_is_not_judged(
    asked: HttpRequest, audit: logging.Logger, kind: type[logging.Handler]
) -> None:
    audit.addHandler(kind())
    assert "drill.test.audit" not in told(asked)


@pytest.mark.parametrize(
    ("fields", "media_root", "used"),
    [
        ([models.TextField()], "", False),
        ([models.TextField(), models.FileField()], "", True),
        ([models.ImageField()], "", True),
        ([models.TextField()], "/srv/media", True),
    ],
)
def test_files_are_kept_by_a_field_or_a_folder(
    monkeypatch: pytest.MonkeyPatch,
    fields: list[models.Field[Any, Any]],
    media_root: str,
    used: bool,
) -> None:
    model = SimpleNamespace(_meta=SimpleNamespace(get_fields=lambda: fields))
    monkeypatch.setattr(hop.apps, "get_models", lambda: [model])
    with override_settings(MEDIA_ROOT=media_root):
        assert hop.takes_uploads() is used


@pytest.mark.parametrize(("text", "declared"), [("CACHES = {}", True), ("DEBUG = True", False)])
def test_caches_that_a_project_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, declared: bool
) -> None:
    name = f"drill_test_settings_{declared}".lower()
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    order = Order(settings=name, directory=str(tmp_path))
    monkeypatch.setenv(VARIABLE, order.environment()[VARIABLE])
    assert hop.caches_declared() is declared
