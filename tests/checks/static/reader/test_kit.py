"""The kit's own settings, where a project is only read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.example import EXAMPLE

from django_scaleready.checks.base import Severity
from django_scaleready.checks.static.reader import kit
from django_scaleready.checks.static.scan import scan

STAR = "from django_scaleready.settings import *\n"
APPS = "ROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
LOCMEM = 'CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}\n'
USE = "from django.core.cache import cache\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))


def slugs(folder: Path, settings: str, **files: str) -> dict[str, str]:
    """The rules that find something, with the place of their first finding."""
    (folder / "settings.py").write_text(settings)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    found = scan(folder).found
    return {f.rule.slug: str(f.finding.location) for f in reversed(found)}


def test_nothing_is_found_in_the_example_that_imports_it() -> None:
    result = scan(EXAMPLE / "after")
    assert [(f.rule.slug, f.finding.location) for f in result.found] == []


def test_the_example_without_it_gives_its_errors() -> None:
    result = scan(EXAMPLE / "before")
    errors = {f.rule.slug for f in result.found if f.finding.severity is Severity.ERROR}
    assert {"db-sqlite", "session-local", "media-local", "celery-broker-local"} <= errors


def test_a_star_import_is_silent(tmp_path: Path) -> None:
    found = slugs(tmp_path, STAR + APPS, views=USE)
    assert not found.keys() & {"cache-local", "db-sqlite", "media-local", "log-no-stdout"}


def test_what_is_assigned_below_it_counts(tmp_path: Path) -> None:
    assert slugs(tmp_path, STAR + APPS + LOCMEM, views=USE)["cache-local"] == "settings.py:5"


def test_of_a_fragment_only_its_settings_count(tmp_path: Path) -> None:
    sessions = "from django_scaleready.settings.sessions import *\n"
    assert "cache-local" in slugs(tmp_path, sessions + APPS, views=USE)


def test_a_single_name_may_be_imported(tmp_path: Path) -> None:
    only = "from django_scaleready.settings.cache import CACHES\n"
    assert "cache-local" not in slugs(tmp_path, only + APPS, views=USE)


def test_a_package_of_a_like_name_is_not_it(tmp_path: Path) -> None:
    other = "from django_scaleready_settings import *\n"
    assert "cache-local" in slugs(tmp_path, other + APPS, views=USE)


def test_the_environment_is_neither_asked_nor_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/7")
    monkeypatch.setenv("DEBUG", "true")
    kit._fragment.cache_clear()
    before = dict(os.environ)
    given: dict[str, Any] = kit.exported("django_scaleready.settings")
    assert dict(os.environ) == before
    assert given["DEBUG"] is False
    assert "elsewhere" not in str(given["CACHES"])


def test_what_it_gives_may_be_changed(tmp_path: Path) -> None:
    kit.exported("django_scaleready.settings.cache")["CACHES"].clear()
    assert kit.exported("django_scaleready.settings.cache")["CACHES"]
