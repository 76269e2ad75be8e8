"""celery-beat-embedded: a worker with a beat inside."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import Make, found, image, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.celery_beat_embedded import RULE
from django_scaleready.checks.static.scan import scan


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("celery -A shop worker -B", "Procfile:1"),
        ("celery --app=shop worker --beat --loglevel info", "Procfile:1"),
        ("celery worker -A shop -lB", "Procfile:1"),
        ("exec gosu app celery -A shop worker --concurrency 4 -B", "Procfile:1"),
        ("python -m celery -A shop worker -B -S django", "Procfile:1"),
    ],
)
def test_finds(make_project: Make, command: str, place: str) -> None:
    findings = found(make_project, RULE, {"Procfile": f"worker: {command}\n"})
    assert places(findings) == [place]
    assert findings[0].severity is Severity.ERROR


def test_finds_it_in_a_script(make_project: Make) -> None:
    findings = found(make_project, RULE, script("set -e", "exec celery -A shop worker \\", "  -B"))
    assert places(findings) == ["start.sh:3"]


@pytest.mark.parametrize(
    "command",
    [
        "celery -A shop worker",
        "celery -A shop beat",
        "celery -A shop worker -b redis://redis",
        "celery -A shop worker -B -S redbeat.RedBeatScheduler",
        "celery -A shop worker -B --scheduler=django_scaleready.celery.scheduler.Scheduler",
        "gunicorn -B shop.wsgi",
        "echo celery -A shop worker -B",
    ],
)
def test_stays_silent(make_project: Make, command: str) -> None:
    assert found(make_project, RULE, {"Procfile": f"worker: {command}\n"}) == []


BOTH = """\
[program:beat]
command = celery -A shop beat
[program:worker]
command = celery -A shop worker
"""
SUPERVISED = image("supervisord", "COPY celery.conf /etc/supervisor/conf.d/")
WORKER = "celery -A shop worker"


def composed(*lines: str) -> dict[str, str]:
    service = ["services:", "  worker:", "    build: .", *lines]
    files = script("celery -A shop beat &", f"exec {WORKER}")
    return {**files, "compose.yml": "\n".join([*service, ""])}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"celery.conf": BOTH, **SUPERVISED}, "celery.conf:2"),
        (script("celery -A shop beat &", f"exec {WORKER}"), "start.sh:2"),
        (composed(), "start.sh:2"),
    ],
)
def test_finds_one_beside_the_worker(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        # On a machine there is one of them.
        {"celery.conf": BOTH},
        {"bin/start.sh": f"celery -A shop beat &\n{WORKER}\n"},
        {"celery.conf": BOTH.replace("beat\n", "beat -S redbeat.RedBeatScheduler\n"), **SUPERVISED},
        {"celery.conf": BOTH.replace("shop worker", "shop flower"), **SUPERVISED},
        # Other rules speak of these.
        script("celery -A shop beat &", f"{WORKER} &", "exec gunicorn shop.wsgi"),
        composed("    deploy: {replicas: 2}"),
        composed("    deploy: {replicas: 1}"),
        {"Procfile": f"beat: celery -A shop beat\nworker: {WORKER}\n"},
        {"Dockerfile.dev": image("supervisord")["Dockerfile"], "dev/celery.conf": BOTH},
    ],
)
def test_is_silent_of_those_beside_it(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_a_scheduler_with_a_lock_in_the_settings_is_silent(make_project: Make) -> None:
    settings = {"CELERY_BEAT_SCHEDULER": "redbeat.RedBeatScheduler"}
    assert found(make_project, RULE, image("celery -A shop worker -B"), **settings) == []


@pytest.mark.parametrize(("name", "count"), [("RedBeatScheduler", 0), ("Plain", 1)])
def test_a_class_that_the_settings_import(tmp_path: Path, name: str, count: int) -> None:
    (tmp_path / "Procfile").write_text("worker: celery -A shop worker -B\n")
    (tmp_path / "settings.py").write_text(
        f"from elsewhere import {name}\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
        f"ROOT_URLCONF = 'urls'\nCELERY_BEAT_SCHEDULER = {name}\n"
    )
    assert len(scan(tmp_path, [RULE]).found) == count
