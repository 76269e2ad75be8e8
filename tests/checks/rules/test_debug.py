"""debug: the check judges the settings as they are in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.debug import RULE


@pytest.mark.parametrize("settings", [{"DEBUG": True}])
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("settings", [{"DEBUG": False}, {"DEBUG": None}])
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


def test_names_the_line(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project({"settings.py": "\nDEBUG = True\n"}))
    assert str(finding.location) == "settings.py:2"
