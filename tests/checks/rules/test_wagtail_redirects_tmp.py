"""wagtail-redirects-tmp: the confirmation may reach another replica. Its app is a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.wagtail_redirects_tmp import APP, RULE, SETTING

APPS = f"INSTALLED_APPS = [\n    {APP!r},\n]\n"


@pytest.mark.parametrize(
    ("settings", "place"),
    [(APPS, "settings.py:2"), (APPS + f"{SETTING} = 'tmp_file'\n", "settings.py:4")],
)
def test_finds(make_project: Callable[..., Project], settings: str, place: str) -> None:
    (finding,) = RULE.find(make_project({"settings.py": settings}))
    assert finding.severity is Severity.ERROR
    assert str(finding.location) == place


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": [APP], SETTING: "cache"},
        {"INSTALLED_APPS": []},
        {"INSTALLED_APPS": [], SETTING: "tmp_file"},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
