"""celery-no-time-limit: a task that never ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import celery_setting
from django_scaleready.checks.rules.celery_no_time_limit import RULE
from django_scaleready.checks.static.scan import scan

TASKS = {"shop/tasks.py": "from shop.celery import app\n@app.task\ndef refresh(): ..."}

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}


@pytest.mark.parametrize("settings", [{}])
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project({**APP, **TASKS}, **{**REDIS, **settings}))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "settings", [{"CELERY_TASK_TIME_LIMIT": 60}, {"CELERY_TASK_SOFT_TIME_LIMIT": 60}]
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project({**APP, **TASKS}, **{**REDIS, **settings}))) == []


@pytest.mark.parametrize("name", ["CELERY_TASK_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT"])
def test_a_limit_of_none_is_where_it_is_found(
    make_project: Callable[..., Project], name: str
) -> None:
    project = make_project({**APP, **TASKS}, **REDIS, **{name: None})
    (finding,) = RULE.find(project)
    assert finding.location == project.where(name)


PLAIN = "app.config_from_object('django.conf:settings')\n"


@pytest.mark.parametrize(
    ("takes", "name", "count"),
    [
        (PLAIN, "CELERY_TASK_TIME_LIMIT", 1),
        (PLAIN, "CELERYD_TASK_TIME_LIMIT", 0),
        (PLAIN.replace(")", ", namespace='CELERY')"), "CELERY_TASK_TIME_LIMIT", 0),
    ],
)
def test_a_limit_that_celery_does_not_read(
    tmp_path: Path, takes: str, name: str, count: int
) -> None:
    head = "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\nMIDDLEWARE = []\n"
    files = {"shop/settings.py": f"{head}{name} = 600\n", **TASKS}
    for path, text in {**files, "shop/celery.py": APP["shop/celery.py"] + takes}.items():
        (tmp_path / "shop").mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = [f for f in scan(tmp_path).found if f.rule is RULE]
    assert [f.finding.hint for f in found] == [
        f'Celery does not read {name}: give its app namespace="CELERY".'
    ] * count


def test_a_project_without_celery_is_silent(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(**REDIS))) == []


def test_no_tasks_no_finding(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(APP, **REDIS))) == []


def test_a_limit_on_the_task_itself_counts(make_project: Callable[..., Project]) -> None:
    limited = "from shop.celery import app\n@app.task(time_limit=5)\ndef refresh(): ..."
    assert list(RULE.find(make_project({**APP, "shop/tasks.py": limited}, **REDIS))) == []


LIMITED = "celery -A shop worker --pool=gevent --time-limit=300 --concurrency=$WORKERS"


def compose(*commands: str) -> str:
    services = (f"  w{n}: {{image: shop, command: '{c}'}}\n" for n, c in enumerate(commands))
    return "services:\n" + "".join(services)


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": compose(LIMITED, "celery -A shop worker --soft-time-limit 60")},
        {"compose.yaml": compose(LIMITED, "celery -A shop beat")},
        {"Procfile": f"worker: {LIMITED}\n"},
    ],
)
def test_a_limit_of_every_worker_counts(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert list(RULE.find(make_project({**APP, **TASKS, **files}, **REDIS))) == []


@pytest.mark.parametrize(
    "commands",
    [
        (LIMITED, "celery -A shop worker -Q slow"),
        ("celery -A shop beat",),
        ("gunicorn shop.wsgi --time-limit=300",),
    ],
)
def test_a_limit_of_some_workers_is_none(
    make_project: Callable[..., Project], commands: tuple[str, ...]
) -> None:
    files = {**APP, **TASKS, "compose.yaml": compose(*commands)}
    assert len(list(RULE.find(make_project(files, **REDIS)))) == 1


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        # It is told of the setting.
        ("CELERY_TIME_LIMIT", Severity.INFO),
        ("CELERY_TASK_SOFT_TIMELIMIT", Severity.INFO),
        ("CELERY_CELERYD_TASK_TIME_LIMIT", Severity.INFO),
        ("CELERY_TASK_ACK_LATE", Severity.WARNING),
        ("SHOP_TIME_LIMIT", Severity.WARNING),
    ],
)
def test_a_limit_that_is_spelt_wrong(
    make_project: Callable[..., Project], name: str, severity: Severity
) -> None:
    takes = APP["shop/celery.py"] + PLAIN.replace(")", ", namespace='CELERY')")
    files = {**TASKS, "shop/celery.py": takes, "settings.py": f"{name} = 600\n"}
    project = make_project(files, **REDIS)
    (finding,) = RULE.find(project)
    assert finding.severity is severity
    told = [each.location for each in celery_setting.RULE.find(project)]
    assert set(told) <= set(finding.related) or severity is Severity.WARNING
