"""server-side-cursors: what a transaction pooler cannot keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.server_side_cursors import RULE


def postgres(**config: Any) -> dict[str, Any]:
    engine = "django.db.backends.postgresql"
    return {"default": {"ENGINE": engine, "NAME": "shop", "HOST": "db", **config}}


SAFE = {"DISABLE_SERVER_SIDE_CURSORS": True}
POOLED = {"SCALEREADY": {"POOLER": "transaction"}}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {**SAFE, "OPTIONS": {"options": "-c statement_timeout=5000"}},
        {**SAFE, "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5}},
        {**SAFE, "OPTIONS": {"assume_role": "app"}},
    ],
    ids=["cursors", "options", "prepared", "role"],
)
def test_finds(make_project: Callable[..., Project], config: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(DATABASES=postgres(**config), **POOLED))
    assert finding.severity is Severity.ERROR


def test_each_fault_is_a_finding(make_project: Callable[..., Project]) -> None:
    databases = postgres(OPTIONS={"options": "-c x=y", "assume_role": "app"})
    assert len(list(RULE.find(make_project(DATABASES=databases, **POOLED)))) == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASES": postgres()},
        {"DATABASES": postgres(), "SCALEREADY": {"POOLER": "session"}},
        {"DATABASES": postgres(), "DATABASE_POOLER": "none"},
        {"DATABASES": postgres(**SAFE), **POOLED},
        {"DATABASES": postgres(**SAFE, OPTIONS={"prepare_threshold": None}), **POOLED},
        {"DATABASES": {**postgres(**SAFE), "direct": postgres()["default"]}, **POOLED},
    ],
    ids=["undeclared", "session", "none", "safe", "unprepared", "direct"],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
