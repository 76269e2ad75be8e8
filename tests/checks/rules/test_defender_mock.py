"""defender-mock: counters of failed logins in each process. Its app is a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.defender_mock import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["defender"]}


@pytest.mark.parametrize("value", [True, 1])
def test_finds(make_project: Callable[..., Project], value: object) -> None:
    files = {"settings.py": f"DEFENDER_MOCK_REDIS = {value!r}\n"}
    (finding,) = RULE.find(make_project(files, **APP))
    assert finding.severity is Severity.ERROR
    assert str(finding.location) == "settings.py:1"


@pytest.mark.parametrize(
    "settings",
    [
        APP,
        {**APP, "DEFENDER_MOCK_REDIS": False},
        {"INSTALLED_APPS": [], "DEFENDER_MOCK_REDIS": True},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
