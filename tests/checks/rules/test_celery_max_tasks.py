"""celery-max-tasks: processes that are never replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_max_tasks import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize(
    "settings",
    [
        {"CELERY_WORKER_MAX_TASKS_PER_CHILD": 400, "CELERY_WORKER_POOL": "threads"},
        {"CELERY_WORKER_MAX_TASKS_PER_CHILD": 400, "CELERY_WORKER_POOL": "gevent"},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings}))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "settings",
    [
        {"CELERY_WORKER_MAX_TASKS_PER_CHILD": 400},
        {"CELERY_WORKER_MAX_MEMORY_PER_CHILD": 200000},
        {"CELERY_TASK_ALWAYS_EAGER": True},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(APP, **{**REDIS, **settings}))) == []


def test_a_project_without_celery_is_silent(make_project: Callable[..., Project]) -> None:
    assert (
        list(
            RULE.find(
                make_project(
                    **{
                        **REDIS,
                        "CELERY_WORKER_MAX_TASKS_PER_CHILD": 400,
                        "CELERY_WORKER_POOL": "threads",
                    }
                )
            )
        )
        == []
    )


def test_without_a_bound_it_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(APP, **REDIS))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ("--max-tasks-per-child=400", None),
        ("--max-tasks-per-child 400 --pool threads", Severity.WARNING),
        ("-P threads", Severity.INFO),
    ],
)
def test_reads_the_procfile(
    make_project: Callable[..., Project], options: str, severity: Severity | None
) -> None:
    files = {**APP, "Procfile": f"worker: celery -A shop worker {options}"}
    found = [finding.severity for finding in RULE.find(make_project(files, **REDIS))]
    assert found == ([severity] if severity else [])
