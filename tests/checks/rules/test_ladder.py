"""ladder: time-outs that contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.ladder import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}


def postgres(**options: Any) -> dict[str, Any]:
    engine = "django.db.backends.postgresql"
    return {"default": {"ENGINE": engine, "NAME": "shop", "HOST": "db", "OPTIONS": options}}


def gunicorn(options: str) -> dict[str, str]:
    return {"Procfile": f"web: gunicorn -c python:django_scaleready.gunicorn {options} shop.wsgi\n"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SCALEREADY": {"GRACE_PERIOD": 10}}, "SIGKILL comes after 10 s"),
        ({"SCALEREADY": {"GRACE_PERIOD": 30, "REQUEST_TIMEOUT": 40}}, "needs 49 s to stop"),
        ({"SCALEREADY": {"BALANCER_IDLE_TIMEOUT": 60, "KEEPALIVE": 5}}, "a 502"),
        ({"SCALEREADY": {"REQUEST_TIMEOUT": 9, "STATEMENT_TIMEOUT": 9}}, "client that has left"),
        (
            {
                "SCALEREADY": {"REQUEST_TIMEOUT": 10},
                "DATABASES": postgres(options="-c statement_timeout=60s"),
            },
            "A statement may take 60 s",
        ),
        (
            {
                "SCALEREADY": {"REQUEST_TIMEOUT": 5},
                "DATABASES": postgres(connect_timeout=5),
            },
            "['connect_timeout'] and SCALEREADY['REQUEST_TIMEOUT'].",
        ),
    ],
)
def test_declared_against_declared_is_an_error(
    make_project: Callable[..., Project], settings: dict[str, Any], words: str
) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR
    assert words in finding.message


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({}, {"SCALEREADY": {"REQUEST_TIMEOUT": 40}}),
        ({}, {"SCALEREADY": {"KEEPALIVE": 5}}),
        ({}, {"SCALEREADY": {"DRAIN": 1}}),
        (gunicorn("--graceful-timeout 120"), {}),
        (gunicorn("--keep-alive=2"), {}),
        ({}, {"DATABASES": postgres(options="-c search_path=x -c statement_timeout=30000")}),
    ],
)
def test_against_what_is_only_assumed_it_is_a_warning(
    make_project: Callable[..., Project], files: dict[str, str], settings: dict[str, Any]
) -> None:
    (finding,) = RULE.find(make_project(files, **settings))
    assert finding.severity is Severity.WARNING


def test_the_limits_of_celerys_settings(make_project: Callable[..., Project]) -> None:
    limits = {"CELERY_TASK_TIME_LIMIT": 60, "CELERY_TASK_SOFT_TIME_LIMIT": 60}
    (finding,) = RULE.find(make_project(APP, **limits))
    assert finding.severity is Severity.ERROR
    assert "CELERY_TASK_SOFT_TIME_LIMIT and the setting CELERY_TASK_TIME_LIMIT" in finding.message


def test_the_limits_of_celerys_command_line(make_project: Callable[..., Project]) -> None:
    started = {"Procfile": "worker: celery -A shop worker --time-limit 60 --soft-time-limit=90\n"}
    (finding,) = RULE.find(make_project({**APP, **started}))
    assert finding.location.path == "Procfile"
    assert finding.location.line == 1


def test_gunicorns_variables(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUNICORN_KEEPALIVE", "5")
    (finding,) = RULE.find(make_project())
    assert "Given by the variable GUNICORN_KEEPALIVE." in finding.message
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--bind :8000 --keep-alive 90")
    assert list(RULE.find(make_project())) == []


def test_what_the_kits_own_settings_make_of_the_environment_counts(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A web process has 14 s from the settings import, whatever SCALEREADY says later.
    settings = {"DATABASES": postgres(), "DATABASE_POOLER": "none"}
    declared = {"SCALEREADY": {"REQUEST_TIMEOUT": 10}}
    (finding,) = RULE.find(make_project(**settings, **declared))
    assert "A statement may take 14 s, and a request 10 s" in finding.message
    monkeypatch.setenv("SCALEREADY_REQUEST_TIMEOUT", "10")
    assert list(RULE.find(make_project(**settings, **declared))) == []


def test_the_place_is_where_the_figure_stands(make_project: Callable[..., Project]) -> None:
    text = 'SCALEREADY = {\n    "GRACE_PERIOD": 30,\n    "GRACEFUL_TIMEOUT": 60,\n}\n'
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert (finding.location.path, finding.location.line) == ("settings.py", 3)
    assert [place.line for place in finding.related] == [2]


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({}, {}),
        (APP, {}),
        ({}, {"SCALEREADY": {"GRACE_PERIOD": 90, "REQUEST_TIMEOUT": 60}}),
        ({}, {"SCALEREADY": {"DRAIN": 3.5}}),
        (APP, {"CELERY_TASK_TIME_LIMIT": 60, "CELERY_TASK_SOFT_TIME_LIMIT": 50}),
        (APP, {"CELERY_TASK_SOFT_TIME_LIMIT": 600}),
        # Of an app that is not there, and of a rule of its own.
        ({}, {"CELERY_TASK_TIME_LIMIT": 60, "CELERY_TASK_SOFT_TIME_LIMIT": 60}),
        (
            APP,
            {
                "CELERY_TASK_ACKS_LATE": True,
                "CELERY_TASK_TIME_LIMIT": 7200,
                "CELERY_BROKER_URL": "redis://redis/2",
                "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 3600},
            },
        ),
        # Nothing that could be compared.
        (APP, {"CELERY_TASK_TIME_LIMIT": None, "CELERY_TASK_SOFT_TIME_LIMIT": 0.5}),
        ({}, {"DATABASES": postgres(options="-c statement_timeout=0")}),
        ({}, {"DATABASES": postgres(options="-c statement_timeout=15000")}),
        ({}, {"DATABASES": postgres(options="-c statement_timeout='500 ms'")}),
        (gunicorn("--graceful-timeout $GRACEFUL --keep-alive"), {}),
        (gunicorn("--graceful-timeout ten"), {}),
        (gunicorn("--graceful-timeout 20"), {}),
        (gunicorn("--keep-alive 5"), {"SCALEREADY": {"BALANCER_IDLE_TIMEOUT": 4}}),
        ({"Procfile": "web: other --keep-alive 5\n"}, {}),
    ],
)
def test_stays_silent(
    make_project: Callable[..., Project], files: dict[str, str], settings: dict[str, Any]
) -> None:
    assert list(RULE.find(make_project(files, **settings))) == []
