"""DEBUG, SECRET_KEY, ALLOWED_HOSTS."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.fragments import evaluate


def test_production_has_no_default_for_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert evaluate("core", monkeypatch) == {
        "DEBUG": False,
        "SECRET_KEY": "",
        "ALLOWED_HOSTS": [],
    }


def test_django_refuses_to_start_with_it() -> None:
    code = (
        "from django.conf import settings\n"
        "from django_scaleready.settings import core\n"
        "settings.configure(SECRET_KEY=core.SECRET_KEY)\n"
        "settings.SECRET_KEY"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={}, capture_output=True, text=True, check=False
    )
    assert "The SECRET_KEY setting must not be empty" in done.stderr


def test_what_is_set_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    core = evaluate("core", monkeypatch, SECRET_KEY="$key", ALLOWED_HOSTS="a.example, .b.example")
    assert core["SECRET_KEY"] == "$key"
    assert core["ALLOWED_HOSTS"] == ["a.example", ".b.example"]


def test_development(monkeypatch: pytest.MonkeyPatch) -> None:
    core = evaluate("core", monkeypatch, DEBUG="1")
    assert core["DEBUG"] is True
    assert core["SECRET_KEY"].startswith("django-insecure-")  # Django's deployment check knows it


def test_a_build_signs_with_a_key_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {evaluate("core", monkeypatch, SCALEREADY_BUILD="1")["SECRET_KEY"] for _ in range(2)}
    assert len(keys) == 2
    assert min(len(key) for key in keys) >= 50
