"""celery-results-local: results that nobody else can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_results_local import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize(
    "settings",
    [
        {"CELERY_RESULT_BACKEND": "file:///var/results"},
        {"CELERY_RESULT_BACKEND": "db+sqlite:///results.db"},
        {"CELERY_RESULT_BACKEND": "cache+memory://"},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings}))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"CELERY_RESULT_BACKEND": "redis://localhost:6379/3"},
        {"CELERY_RESULT_BACKEND": "django-db"},
        # The cache's own finding names it.
        {"CELERY_RESULT_BACKEND": "django-cache"},
        {"CELERY_RESULT_BACKEND": "file:///var/results", "CELERY_TASK_IGNORE_RESULT": True},
        {
            "CELERY_RESULT_BACKEND": "file:///mnt/shared/results",
            "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(APP, **{**REDIS, **settings}))) == []


def test_a_project_without_celery_is_silent(make_project: Callable[..., Project]) -> None:
    assert (
        list(RULE.find(make_project(**{**REDIS, "CELERY_RESULT_BACKEND": "file:///var/results"})))
        == []
    )
