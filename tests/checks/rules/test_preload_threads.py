"""preload-threads: what is opened before the fork."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, image, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.preload_threads import RULE


@pytest.mark.parametrize(
    "command",
    [
        "gunicorn --preload --threads 8 shop.wsgi",
        "gunicorn --preload -k gthread shop.wsgi",
        "gunicorn -c python:django_scaleready.gunicorn --preload shop.wsgi",
    ],
)
def test_finds(make_project: Make, command: str) -> None:
    findings = found(make_project, RULE, image(command))
    assert places(findings) == ["Dockerfile:3"]
    assert findings[0].severity is Severity.INFO


@pytest.mark.parametrize(
    "command",
    [
        "gunicorn --preload shop.wsgi",
        "gunicorn --preload --threads 1 shop.wsgi",
        "gunicorn --threads 8 shop.wsgi",
        "gunicorn --preload -k gevent shop.wsgi",
    ],
)
def test_stays_silent(make_project: Make, command: str) -> None:
    assert found(make_project, RULE, image(command)) == []
