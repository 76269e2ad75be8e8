"""celery-visibility: handed out again while it still runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_visibility import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize(
    "settings",
    [
        {"CELERY_TASK_ACKS_LATE": True, "CELERY_TASK_TIME_LIMIT": 7200},
        {
            "CELERY_TASK_ACKS_LATE": True,
            "CELERY_TASK_TIME_LIMIT": 60,
            "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 30},
        },
        {
            "CELERY_TASK_ACKS_LATE": True,
            "CELERY_TASK_TIME_LIMIT": 2000,
            "CELERY_BROKER_URL": "sqs://",
        },
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings}))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"CELERY_TASK_TIME_LIMIT": 7200},
        {"CELERY_TASK_ACKS_LATE": True, "CELERY_TASK_TIME_LIMIT": 3000},
        {
            "CELERY_TASK_ACKS_LATE": True,
            "CELERY_TASK_TIME_LIMIT": 7200,
            "CELERY_BROKER_URL": "amqp://rabbit//",
        },
        {
            "CELERY_TASK_ACKS_LATE": True,
            "CELERY_TASK_TIME_LIMIT": 7200,
            "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 9000},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(APP, **{**REDIS, **settings}))) == []


def test_a_project_without_celery_is_silent(make_project: Callable[..., Project]) -> None:
    assert (
        list(
            RULE.find(
                make_project(
                    **{**REDIS, "CELERY_TASK_ACKS_LATE": True, "CELERY_TASK_TIME_LIMIT": 7200}
                )
            )
        )
        == []
    )
