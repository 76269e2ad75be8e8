"""session-local: a visitor is logged out on the next replica."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.file import SessionStore as FileStore

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.session_local import RULE

BACKENDS = "django.contrib.sessions.backends"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SHARED = {
    "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://localhost/0"}
}


@pytest.mark.parametrize(
    "settings",
    [
        {"SESSION_ENGINE": f"{BACKENDS}.file"},
        {"SESSION_ENGINE": f"{BACKENDS}.file", "SESSION_FILE_PATH": "/srv/sessions"},
        {"SESSION_ENGINE": __name__},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"SESSION_ENGINE": f"{BACKENDS}.db"},
        {"SESSION_ENGINE": f"{BACKENDS}.db", "CACHES": LOCAL},
        {"SESSION_ENGINE": f"{BACKENDS}.signed_cookies"},
        {"SESSION_ENGINE": f"{BACKENDS}.cache", "CACHES": SHARED},
        # The cache's own finding names them.
        {"SESSION_ENGINE": f"{BACKENDS}.cache", "CACHES": LOCAL},
        {"SESSION_ENGINE": f"{BACKENDS}.cached_db", "CACHES": LOCAL},
        {"SESSION_ENGINE": f"{BACKENDS}.file", "MIDDLEWARE": []},
        {
            "SESSION_ENGINE": f"{BACKENDS}.file",
            "SESSION_FILE_PATH": "/mnt/shared/sessions",
            "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


@pytest.mark.parametrize(
    ("storage", "shared_fate"),
    [("session.SessionStorage", True), ("cookie.CookieStorage", False), ("", False)],
)
def test_messages_in_the_session_are_named_with_it(
    make_project: Callable[..., Project], storage: str, shared_fate: bool
) -> None:
    text = f"SESSION_ENGINE = '{BACKENDS}.file'\n"
    if storage:
        text += f"MESSAGE_STORAGE = 'django.contrib.messages.storage.{storage}'\n"
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert ("messages with them" in finding.message) is shared_fate
    assert [str(place) for place in finding.related] == ["settings.py:2"] * shared_fate


def test_messages_in_shared_sessions_are_silent(make_project: Callable[..., Project]) -> None:
    storage = "django.contrib.messages.storage.session.SessionStorage"
    project = make_project(SESSION_ENGINE=f"{BACKENDS}.db", MESSAGE_STORAGE=storage)
    assert list(RULE.find(project)) == []


class SessionStore(FileStore):
    """For a SESSION_ENGINE that has another name: this module."""
