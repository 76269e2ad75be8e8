"""constance-memory: a value saved on one replica."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.constance_memory import RULE

MEMORY = "constance.backends.memory.MemoryBackend"


@pytest.mark.parametrize(
    "settings", [{"INSTALLED_APPS": ["constance"], "CONSTANCE_BACKEND": MEMORY}]
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": [], "CONSTANCE_BACKEND": MEMORY},
        {"INSTALLED_APPS": ["constance"]},
        {
            "INSTALLED_APPS": ["constance"],
            "CONSTANCE_BACKEND": "constance.backends.redisd.RedisBackend",
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
