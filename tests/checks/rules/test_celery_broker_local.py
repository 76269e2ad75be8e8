"""celery-broker-local: a queue without a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_broker_local import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize(
    "settings",
    [
        {"CELERY_BROKER_URL": "memory://"},
        {"CELERY_BROKER_URL": "filesystem://"},
        {"CELERY_BROKER_URL": "sqla+sqlite:///queue.db"},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings}))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"CELERY_BROKER_URL": "amqp://rabbit//"},
        {"CELERY_BROKER_URL": ["redis://a/0", "redis://b/0"]},
        {"CELERY_BROKER_URL": [None]},
        {"CELERY_BROKER_URL": "memory://", "CELERY_TASK_ALWAYS_EAGER": True},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(APP, **{**REDIS, **settings}))) == []


def test_a_project_without_celery_is_silent(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(**{**REDIS, "CELERY_BROKER_URL": "memory://"}))) == []
