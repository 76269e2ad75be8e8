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


@pytest.mark.parametrize(("seconds", "count"), [(10, 1), (180, 0), (3600, 0)])
def test_a_task_that_waits_is_handed_out_again(
    make_project: Callable[..., Project], seconds: int, count: int
) -> None:
    options = {"CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": seconds}}
    # One name for each: Celery keeps the tasks of a process.
    task = f"from celery import shared_task\n@shared_task(name='t{seconds}')\ndef f(): ...\n"
    code = {**APP, "shop/tasks.py": task}
    found = list(RULE.find(make_project(code, **REDIS, **options)))
    assert len(found) == count


LATE = {"visibility_timeout": 300}


@pytest.mark.parametrize(
    ("given", "settings", "count"),
    [
        ("name='l1', acks_late=True", {"CELERY_BROKER_TRANSPORT_OPTIONS": LATE}, 1),
        ("name='l2', acks_late=True", {}, 0),
        ("name='l3'", {"CELERY_BROKER_TRANSPORT_OPTIONS": LATE}, 0),
        ("name='l4', acks_late=True, time_limit=60", {"CELERY_BROKER_TRANSPORT_OPTIONS": LATE}, 0),
        (
            "name='l5', acks_late=True, soft_time_limit=60",
            {"CELERY_BROKER_TRANSPORT_OPTIONS": LATE},
            0,
        ),
        (
            "name='l6', acks_late=True",
            {"CELERY_BROKER_TRANSPORT_OPTIONS": LATE, "CELERY_TASK_SOFT_TIME_LIMIT": 60},
            0,
        ),
    ],
)
def test_a_task_without_a_time_limit_may_outlive_a_lowered_timeout(
    make_project: Callable[..., Project], given: str, settings: dict[str, Any], count: int
) -> None:
    task = f"from celery import shared_task\n@shared_task({given})\ndef f(): ...\n"
    code = {**APP, "shop/tasks.py": task}
    assert len(list(RULE.find(make_project(code, **REDIS, **settings)))) == count


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
            "CELERY_BROKER_URL": [None],
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


@pytest.mark.parametrize(("options", "count"), [(LATE, 1), ({}, 0)])
def test_who_sets_a_visibility_timeout_has_such_a_broker(
    make_project: Callable[..., Project], options: dict[str, int], count: int
) -> None:
    settings = {
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_TIME_LIMIT": 7200,
        "CELERY_BROKER_TRANSPORT_OPTIONS": options,
    }
    assert len(list(RULE.find(make_project(APP, **settings)))) == count


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
