"""Who sets up logging in a worker."""

from __future__ import annotations

import logging

import pytest
from celery import Celery
from celery.signals import setup_logging

from django_scaleready.celery import signals


def connected(monkeypatch: pytest.MonkeyPatch, *handlers: logging.Handler) -> int:
    """Connect twice, with these handlers at the root; return how many receivers there are."""
    monkeypatch.setattr(logging.getLogger(), "handlers", list(handlers))
    monkeypatch.setattr(setup_logging, "receivers", [])
    signals.connect()
    signals.connect()
    return len(setup_logging.receivers)


def test_a_logging_of_the_project_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = logging.NullHandler()
    assert connected(monkeypatch, mine) == 1
    Celery("kept", set_as_current=False).log.setup()
    assert logging.getLogger().handlers == [mine]


def test_without_one_celery_sets_up_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connected(monkeypatch) == 0
