"""signal-swallowed: who gets SIGTERM."""

from __future__ import annotations

import pytest
from support.deploy_files import WEB, Make, compose, found, image, manifest, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.signal_swallowed import RULE


def alpine(cmd: str) -> dict[str, str]:
    return {"Dockerfile": image(cmd)["Dockerfile"].replace("python:3.13", "python:3.13-alpine")}


BOTH = ("celery -A shop worker &", f"{WEB} &")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (script("python manage.py check", WEB), "start.sh:3"),
        (script(f"{WEB} >> /dev/stdout 2>&1"), "start.sh:2"),
        (script(f"if true; then {WEB}; fi"), "start.sh:2"),
        (script("gosu app " + WEB), "start.sh:2"),
        (script("celery -A shop worker"), "start.sh:2"),
        (script("celery -A shop worker &", f"exec {WEB}"), "start.sh:2"),
        (script(*BOTH, "wait"), "start.sh:2"),
        (image(WEB), "Dockerfile:3"),
        (image(f"python manage.py check && {WEB}"), "Dockerfile:3"),
        (alpine(f'["sh", "-c", "{WEB}; sleep 1"]'), "Dockerfile:3"),
        (image(f'["sh", "-c", "cd src; {WEB}"]'), "Dockerfile:3"),
        ({**script(WEB), **image('["tini", "--", "/app/start.sh"]')}, "start.sh:2"),
        ({"Procfile": "web: bash run.sh\n", "run.sh": f"set -e\n{WEB}\n"}, "run.sh:2"),
        (
            {"compose.yml": f"services:\n  web:\n    build: .\n    command: sh -c 'id; {WEB}'\n"},
            "compose.yml:4",
        ),
        (manifest(f"command: [/bin/sh, -c, 'sleep 1; {WEB}']"), "k8s/web.yaml:11"),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        script(f"exec {WEB}"),
        script(f"exec gosu app env A=1 {WEB}"),
        script("cd src", f"exec {WEB} &"[:-2]),
        alpine(WEB),
        alpine(f'["sh", "-c", "cd src; {WEB}"]'),
        image('["gunicorn", "shop.wsgi"]'),
        image(f'["bash", "-c", "sleep 1; {WEB}"]'),
        image(f'["sh", "-c", "sleep 1; exec {WEB}"]'),
        {**script(WEB), **image('["dumb-init", "/app/start.sh"]')},
        {**script(WEB), **image('["tini", "-g", "--", "/app/start.sh"]')},
        script("trap 'kill 0' TERM", *BOTH, "wait"),
        {"Procfile": f"web: python manage.py check && {WEB}\n"},
        {"web.service": "[Service]\nExecStart=/app/run.sh\n", "run.sh": f"{WEB}\n"},
        {
            "supervisord.conf": "[program:web]\ncommand = /app/run.sh\nstopasgroup = true\n",
            "run.sh": f"#!/bin/sh\n{WEB}\n",
        },
        compose("    depends_on: [db]"),
        script("python manage.py check", "python manage.py collectstatic"),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_arguments_are_what_the_entrypoint_executes(make_project: Make) -> None:
    files = script("python manage.py check", 'exec "$@"')
    files["Dockerfile"] = (
        'FROM python\nCOPY . /app\nENTRYPOINT ["/app/start.sh"]\nCMD ["gunicorn", "shop.wsgi"]\n'
    )
    assert found(make_project, RULE, files) == []
    files["start.sh"] = files["start.sh"].replace("exec ", "")
    assert places(found(make_project, RULE, files)) == ["start.sh:3"]
