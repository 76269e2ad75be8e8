"""huey-local: a queue where no other consumer looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import huey
import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.huey_local import RULE


class OwnHuey:
    """Its storage is chosen when one is made."""


APP: dict[str, Any] = {"INSTALLED_APPS": ["huey.contrib.djhuey"]}


@pytest.mark.parametrize(
    "settings",
    [
        {**APP, "HUEY": {"huey_class": "huey.SqliteHuey", "immediate": False}},
        {**APP, "HUEY": {"huey_class": "huey.MemoryHuey", "immediate": False}},
        {**APP, "HUEY": {"huey_class": "huey.RedisHuey", "immediate": True}},
        {**APP, "HUEY": {"huey_class": "huey.RedisHuey"}, "DEBUG": True},
        {**APP, "HUEY": huey.MemoryHuey("shop")},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {**APP, "HUEY": {"huey_class": "huey.RedisHuey"}},
        {**APP, "HUEY": {}},
        {**APP, "HUEY": {"huey_class": f"{__name__}.OwnHuey", "immediate": False}},
        {**APP, "HUEY": {"huey_class": "huey.PriorityRedisHuey", "immediate": False}},
        {"INSTALLED_APPS": [], "HUEY": {"huey_class": "huey.SqliteHuey"}},
        {**APP, "HUEY": huey.RedisHuey("shop")},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
