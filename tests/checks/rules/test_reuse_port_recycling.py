"""reuse-port-recycling: sockets of their own for workers that are replaced."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, image, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.reuse_port_recycling import RULE

CONFIG = "reuse_port = True\nmax_requests = 500\n"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (image("gunicorn --reuse-port --max-requests 1000 shop.wsgi"), "Dockerfile:3"),
        (
            image("gunicorn -c python:django_scaleready.gunicorn --reuse-port shop.wsgi"),
            "Dockerfile:3",
        ),
        ({**image("gunicorn shop.wsgi"), "gunicorn.conf.py": CONFIG}, "gunicorn.conf.py:1"),
        (
            image("gunicorn --reuse-port shop.wsgi", 'ENV GUNICORN_CMD_ARGS="--max-requests 9"'),
            "Dockerfile:4",
        ),
        (
            {
                **image("gunicorn --max-requests=9 shop.wsgi"),
                "gunicorn.conf.py": "reuse_port = True\n",
            },
            "gunicorn.conf.py:1",
        ),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        image("gunicorn --reuse-port shop.wsgi"),
        image("gunicorn --max-requests 1000 shop.wsgi"),
        image("gunicorn --reuse-port --max-requests 0 shop.wsgi"),
        image("gunicorn -c python:django_scaleready.gunicorn shop.wsgi"),
        {
            **image("gunicorn shop.wsgi"),
            "gunicorn.conf.py": "reuse_port = False\nmax_requests = 9\n",
        },
        {"gunicorn.conf.py": CONFIG},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
