"""beat-schedule-file: a memory in a shelve file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.beat_schedule_file import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize(
    "settings",
    [
        {"CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}}},
        {
            "CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}},
            "CELERY_BEAT_SCHEDULER": "celery.beat:PersistentScheduler",
        },
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings}))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("given", "count"), [({}, 2), ({"CELERY_BEAT_SCHEDULE_FILENAME": "/srv/beat.db"}, 3)]
)
def test_a_path_that_is_given_is_related(
    make_project: Callable[..., Project], given: dict[str, Any], count: int
) -> None:
    settings = {"CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}}}
    (finding,) = RULE.find(make_project(APP, **{**REDIS, **settings, **given}))
    assert len(finding.related) == count


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {
            "CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}},
            "CELERY_BEAT_SCHEDULER": "redbeat.RedBeatScheduler",
        },
        {
            "CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}},
            "CELERY_BEAT_SCHEDULER": "celery.beat:Scheduler",
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
                    **{
                        **REDIS,
                        "CELERY_BEAT_SCHEDULE": {
                            "refresh": {"task": "shop.tasks.refresh", "schedule": 60}
                        },
                    }
                )
            )
        )
        == []
    )


def test_a_beat_in_the_procfile_is_enough(make_project: Callable[..., Project]) -> None:
    files = {**APP, "Procfile": "beat: celery -A shop beat -s /var/beat"}
    (finding,) = RULE.find(make_project(files, **REDIS))
    assert [str(place) for place in finding.related][:1] == ["Procfile:1"]


def test_a_scheduler_on_the_command_line_is_believed(make_project: Callable[..., Project]) -> None:
    files = {**APP, "Procfile": "beat: celery -A shop beat --scheduler=redbeat.RedBeatScheduler"}
    assert list(RULE.find(make_project(files, **REDIS))) == []
