"""gevent with --preload: what the master says, by what has been patched."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from django_scaleready.arbiter.preloaded import say_what_breaks

EVERYTHING = ("os", "signal", "threading", "socket")


def said(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *patched: str,
    worker: str = "gevent",
    preload: bool = True,
) -> list[str]:
    monkey = SimpleNamespace(is_module_patched=lambda name: name in patched)
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    cfg = SimpleNamespace(worker_class_str=worker, preload_app=preload)
    server: Any = SimpleNamespace(cfg=cfg, log=logging.getLogger("gunicorn.error"))
    say_what_breaks(server)
    return caplog.messages


@pytest.mark.parametrize("worker", ["gevent", "gunicorn.workers.ggevent.GeventWorker"])
def test_a_project_loaded_before_the_patch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, worker: str
) -> None:
    (message,) = said(monkeypatch, caplog, worker=worker)
    assert "they share a database connection. Leave --preload out" in message


@pytest.mark.parametrize("patched", [EVERYTHING, EVERYTHING[1:], ("os", "threading")])
def test_a_master_that_does_not_see_its_workers_die(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, patched: tuple[str, ...]
) -> None:
    (message,) = said(monkeypatch, caplog, *patched)
    assert message.endswith("patch by gevent.monkey.patch_all(os=False, signal=False)")


def test_patched_as_it_has_to_be(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert said(monkeypatch, caplog, "threading", "socket") == []


@pytest.mark.parametrize(("worker", "preload"), [("gevent", False), ("gthread", True)])
def test_whoever_does_neither(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, worker: str, preload: bool
) -> None:
    assert said(monkeypatch, caplog, worker=worker, preload=preload) == []
