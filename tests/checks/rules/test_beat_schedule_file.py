"""beat-schedule-file: a memory in a shelve file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.schedules import crontab

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.beat_schedule_file import RULE
from django_scaleready.checks.static.scan import scan

ALONE = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
APP = {**ALONE, "shop/__init__.py": "from shop.celery import app\n"}
CODE = {"shop/a.py": "def set_up(app):\n    app.add_periodic_task(180, a.s())\n"}
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
    ("files", "severity"),
    [
        ({}, Severity.INFO),
        ({"shop/work.py": "def refresh(): ...\n"}, Severity.INFO),
        (
            {"shop/work.py": "def make(f):\n  from celery import shared_task\n  return f\n"},
            Severity.INFO,
        ),
        ({"Dockerfile": "FROM python\nCMD gunicorn shop.wsgi\n"}, Severity.INFO),
        ({"Procfile": "web: gunicorn shop.wsgi\nwork: python manage.py work\n"}, Severity.INFO),
        ({"Procfile": "worker: celery -A shop worker\n"}, Severity.WARNING),
        ({"Procfile": "beat: celery -A shop beat\n"}, Severity.WARNING),
        ({"shop/work.py": "from shop.celery import app\n"}, Severity.WARNING),
        (
            {"shop/tasks.py": "from celery import shared_task\n@shared_task\ndef refresh(): ...\n"},
            Severity.WARNING,
        ),
    ],
)
def test_settings_for_those_who_choose_celery_are_information(
    make_project: Callable[..., Project], files: dict[str, str], severity: Severity
) -> None:
    schedule = {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}}
    project = make_project({**ALONE, **files}, **REDIS, CELERY_BEAT_SCHEDULE=schedule)
    (finding,) = RULE.find(project)
    assert finding.severity is severity


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
    ("command", "path", "places"),
    [
        ("celery -A shop beat --schedule /beat/times", "/beat/times", ["Procfile:1"]),
        ("celery -A shop beat -s /beat/times", "/beat/times", ["Procfile:1"]),
        ("celery -A shop worker -B --schedule=/beat/times", "/beat/times", ["Procfile:1"]),
        ("celery -A shop worker --beat --schedule-filename /b/t", "/b/t", ["Procfile:1"]),
        ("celery -A shop beat", "celerybeat-schedule", ["Procfile:1"]),
        ("celery -A shop worker -B", "celerybeat-schedule", []),
        ("celery -A shop worker -s /beat/times", "celerybeat-schedule", []),
    ],
)
def test_the_file_that_a_beat_is_told(
    make_project: Callable[..., Project], command: str, path: str, places: list[str]
) -> None:
    settings = {
        "CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 3600}}
    }
    project = make_project({**APP, "Procfile": f"work: {command}\n"}, **{**REDIS, **settings})
    (finding,) = RULE.find(project)
    assert f"in the file {path}:" in finding.message
    assert [str(each) for each in finding.related if each.path == "Procfile"] == places


@pytest.mark.parametrize(
    "command",
    [
        "celery -A shop beat -s /beat/times -S redbeat.RedBeatScheduler",
        "celery -A shop beat --schedule /beat/times --scheduler django_celery_beat.schedulers:X",
        # What is forgotten comes round again in a minute.
        "celery -A shop worker -B -s /beat/times",
        "celery -A shop worker --beat --schedule-filename=/beat/times",
    ],
)
def test_a_file_that_is_told_and_no_matter(
    make_project: Callable[..., Project], command: str
) -> None:
    settings = {"CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 60}}}
    project = make_project({**APP, "Procfile": f"work: {command}\n"}, **{**REDIS, **settings})
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    ("told", "line"), [("    -l info \\\n    -s /beat/times\n", 4), ("    -l info\n", 0)]
)
def test_the_line_on_which_the_file_is_told(
    make_project: Callable[..., Project], told: str, line: int
) -> None:
    settings = {
        "CELERY_BEAT_SCHEDULE": {"refresh": {"task": "shop.tasks.refresh", "schedule": 3600}}
    }
    script = f"#!/bin/sh\nexec celery -A shop worker -B \\\n{told}"
    image = 'FROM python\nCOPY . /app\nCMD ["/app/start.sh"]\n'
    files = {**APP, "start.sh": script, "Dockerfile": image}
    (finding,) = RULE.find(make_project(files, **{**REDIS, **settings}))
    assert [each.line for each in finding.related if each.path == "start.sh"] == [line] * bool(line)


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


CLOCK = (
    "import os, sys\n\n\ndef main():\n    os.execvp('celery', ['celery', 'beat', *sys.argv[1:]])\n"
)


@pytest.mark.parametrize(
    ("line", "count"),
    [("shop-clock -s /app/beat", 1), ("shop-clock -S redbeat", 0), ("shop-other", 0)],
)
def test_a_program_of_the_projects_own_starts_the_beat(
    make_project: Callable[..., Project], line: str, count: int
) -> None:
    files = {
        **APP,
        "pyproject.toml": "[project.scripts]\nshop-clock = 'shop.clock:main'\n",
        "shop/clock.py": CLOCK,
        "Procfile": f"beat: {line}\n",
    }
    found = list(RULE.find(make_project(files, **REDIS)))
    assert [[str(place) for place in each.related[:2]] for each in found] == (
        [["shop/clock.py:5", "Procfile:1"]] * count
    )


def test_a_scheduler_on_the_command_line_is_believed(make_project: Callable[..., Project]) -> None:
    files = {**APP, "Procfile": "beat: celery -A shop beat --scheduler=redbeat.RedBeatScheduler"}
    assert list(RULE.find(make_project(files, **REDIS))) == []


DATABASE = "celery -A shop beat --scheduler shop.clock.DatabaseScheduler"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"pyproject.toml": f"[tool.poe.tasks]\nscheduler.cmd = '{DATABASE}'\n"}, 0),
        ({"Procfile.dev": f"beat: {DATABASE.replace('--scheduler', '-l INFO -S')}\n"}, 0),
        ({"pyproject.toml": "[tool.poe.tasks]\nbeat = 'celery -A shop beat -l INFO'\n"}, 1),
        # What is deployed starts another.
        ({"Procfile.dev": f"beat: {DATABASE}\n", "Procfile": "beat: celery -A shop beat"}, 1),
        ({"Procfile.dev": f"beat: {DATABASE}\n", "Procfile": "w: celery -A shop worker -B"}, 1),
    ],
)
def test_a_scheduler_that_only_developers_name(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    project = make_project({**APP, **files}, **REDIS, **every(crontab(hour=3)))
    assert len(list(RULE.find(project))) == count


WORKER = {"Procfile": "worker: celery -A shop worker -B"}
BEAT = {"Procfile": "beat: celery -A shop beat"}


def every(*schedules: object) -> dict[str, Any]:
    named = enumerate(schedules)
    return {"CELERY_BEAT_SCHEDULE": {str(n): {"task": "shop.a", "schedule": s} for n, s in named}}


@pytest.mark.parametrize(
    ("files", "settings", "count"),
    [
        (WORKER, every(180), 0),
        (WORKER, every(60.0, timedelta(minutes=10)), 0),
        (CODE | WORKER, every(60), 0),
        (WORKER, every(600), 0),
        ({"Procfile": "worker: celery -A shop worker --beat"}, every(30), 0),
        # What is due once a day may be skipped.
        (WORKER, every(180, timedelta(days=1)), 1),
        (WORKER, every(180, crontab(hour=3)), 1),
        ({"shop/a.py": CODE["shop/a.py"].replace("180", "hour"), **WORKER}, every(60), 1),
        # A beat of its own is told of nowhere else.
        (BEAT, every(180), 1),
        ({"Procfile": f"{WORKER['Procfile']}\n{BEAT['Procfile']}\n"}, every(180), 1),
    ],
)
def test_a_worker_with_a_beat_inside(
    make_project: Callable[..., Project],
    files: dict[str, str],
    settings: dict[str, Any],
    count: int,
) -> None:
    assert len(list(RULE.find(make_project({**APP, **files}, **REDIS, **settings)))) == count


@pytest.mark.parametrize(("after", "count"), [("180", 0), ("hour", 1), ("600.0", 0)])
def test_what_is_scheduled_in_code_alone(tmp_path: Path, after: str, count: int) -> None:
    app = f"{APP['shop/celery.py']}app.config_from_object('django.conf:settings')\n"
    settings = "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\nMIDDLEWARE = []\n"
    files = {"shop/a.py": CODE["shop/a.py"].replace("180", after), "shop/settings.py": settings}
    for name, text in {**WORKER, **files, "shop/celery.py": app}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert [each.rule.slug for each in scan(tmp_path).found].count(RULE.slug) == count


@pytest.mark.parametrize(
    ("options", "name", "count"),
    [
        # Without a namespace Celery looks for its old names alone.
        ("", "CELERY_BEAT_SCHEDULE", 0),
        (", silent=True", "CELERY_BEAT_SCHEDULE", 0),
        (", namespace=''", "CELERY_BEAT_SCHEDULE", 0),
        ("", "CELERYBEAT_SCHEDULE", 1),
        (", namespace=PREFIX", "CELERY_BEAT_SCHEDULE", 1),
        (", **more", "CELERY_BEAT_SCHEDULE", 1),
    ],
)
def test_a_schedule_that_celery_looks_for(
    tmp_path: Path, options: str, name: str, count: int
) -> None:
    app = f"{APP['shop/celery.py']}app.config_from_object('django.conf:settings'{options})\n"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/celery.py").write_text(app)
    head = "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = ['shop']\nMIDDLEWARE = []\n"
    schedule = {"refresh": {"task": "shop.tasks.refresh", "schedule": 6000}}
    (tmp_path / "settings.py").write_text(f"{head}{name} = {schedule!r}\n")
    assert len(scan(tmp_path, [RULE]).found) == count
