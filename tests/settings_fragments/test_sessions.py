"""SESSION_ENGINE and its alias: they exist, and the alias is one that raises."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.contrib.sessions.backends.cached_db import SessionStore
from support.fragments import evaluate


def test_the_engine_is_django_s_with_a_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = evaluate("sessions", monkeypatch)
    assert issubclass(import_module(settings["SESSION_ENGINE"]).SessionStore, SessionStore)


def test_the_alias_is_one_of_the_cache_fragment_that_raises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alias = evaluate("sessions", monkeypatch)["SESSION_CACHE_ALIAS"]
    caches = evaluate("cache", monkeypatch, REDIS_URL="redis://redis/0")["CACHES"]
    assert not caches[alias]["OPTIONS"].get("IGNORE_EXCEPTIONS")
