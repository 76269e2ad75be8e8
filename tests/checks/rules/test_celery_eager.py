"""celery-eager: an ordinary call in the web process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_eager import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize("settings", [{"CELERY_TASK_ALWAYS_EAGER": True}])
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings}))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("settings", [{}, {"CELERY_TASK_ALWAYS_EAGER": False}])
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(APP, **{**REDIS, **settings}))) == []


def test_a_project_without_celery_is_silent(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(**{**REDIS, "CELERY_TASK_ALWAYS_EAGER": True}))) == []


def test_under_debug_it_is_a_warning(make_project: Callable[..., Project]) -> None:
    settings = {**REDIS, "CELERY_TASK_ALWAYS_EAGER": True, "DEBUG": True}
    (finding,) = RULE.find(make_project(APP, **settings))
    assert finding.severity is Severity.WARNING
