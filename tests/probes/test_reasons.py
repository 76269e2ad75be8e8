from __future__ import annotations

import pytest
from django.conf import settings
from django.db import OperationalError

from django_scaleready.probes.reasons import reason

DATABASES = {"default": {"PASSWORD": "hunter2"}}
CACHES = {
    "default": {"LOCATION": "rediss://app:s3cret@redis:6379/0"},
    "sessions": {"LOCATION": ["redis://:t0p%40secret@redis:6379/1"]},
    "other": {"LOCATION": "redis://redis/2", "OPTIONS": {"PASSWORD": "pa55"}},
}


def test_class_and_message_in_one_line() -> None:
    error = OperationalError("connection failed\n\tIs the server running?")
    assert reason(error) == "OperationalError: connection failed Is the server running?"


def test_an_error_without_a_message() -> None:
    assert reason(TimeoutError()) == "TimeoutError"


@pytest.mark.parametrize("secret", ["hunter2", "s3cret", "t0p%40secret", "t0p@secret", "pa55"])
def test_a_password_is_not_written_down(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setattr(settings, "DATABASES", DATABASES)
    monkeypatch.setattr(settings, "CACHES", CACHES)
    assert reason(OSError(f"cannot log in with {secret}")) == "OSError: cannot log in with ***"


def test_what_a_parser_quotes_is_not_written_down() -> None:
    with pytest.raises(ValueError) as error:
        int("hunter2")
    assert reason(error.value) == "ValueError"


def test_projects_without_passwords() -> None:
    assert reason(OSError("no route to host")) == "OSError: no route to host"
