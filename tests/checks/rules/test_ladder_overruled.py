"""ladder-overruled: two values for one time-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.ladder_overruled import RULE

WEB = "web: gunicorn -c python:django_scaleready.gunicorn --keep-alive 90 shop.wsgi\n"


@pytest.mark.parametrize(
    ("declared", "other", "weak", "strong"),
    [
        (
            {"GRACEFUL_TIMEOUT": 20},
            {"GUNICORN_GRACEFUL_TIMEOUT": "10"},
            "SCALEREADY['GRACEFUL_TIMEOUT'] says 20",
            "GUNICORN_GRACEFUL_TIMEOUT says 10",
        ),
        (
            {"DRAIN": 4},
            {"SCALEREADY_DRAIN": "4.5"},
            "SCALEREADY_DRAIN says 4.5",
            "SCALEREADY['DRAIN'] says 4,",
        ),
        (
            {},
            {"SCALEREADY_TASK_HARD_LIMIT": "60", "CELERY_TASK_TIME_LIMIT": "90"},
            "SCALEREADY_TASK_HARD_LIMIT says 60",
            "CELERY_TASK_TIME_LIMIT says 90",
        ),
    ],
)
def test_finds(  # noqa: PLR0917 - fixtures and a table
    make_project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    declared: dict[str, Any],
    other: dict[str, str],
    weak: str,
    strong: str,
) -> None:
    for name, value in other.items():
        monkeypatch.setenv(name, value)
    (finding,) = RULE.find(make_project(SCALEREADY=declared))
    assert finding.severity is Severity.WARNING
    assert weak in finding.message
    assert strong in finding.message


def test_a_setting_made_from_the_environment_wins(make_project: Callable[..., Project]) -> None:
    settings = {"CELERY_TASK_TIME_LIMIT": 300, "SCALEREADY": {"TASK_HARD_LIMIT": 600}}
    (finding,) = RULE.find(make_project(**settings))
    assert "CELERY_TASK_TIME_LIMIT says 300, and that holds" in finding.message
    assert "SCALEREADY_TASK_HARD_LIMIT in the environment" in finding.hint


def test_a_command_line_wins(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project({"Procfile": WEB}, SCALEREADY={"KEEPALIVE": 80}))
    assert "--keep-alive of web says 90" in finding.message


@pytest.mark.parametrize("option", ["--timeout 40", "-t 40"])
def test_both_forms_of_an_option_count(make_project: Callable[..., Project], option: str) -> None:
    files = {"Procfile": f"web: gunicorn -c python:django_scaleready.gunicorn {option} shop.wsgi"}
    (finding,) = RULE.find(make_project(files, SCALEREADY={"WORKER_TIMEOUT": 50}))
    assert f"{option.split(maxsplit=1)[0]} of web says 40" in finding.message


@pytest.mark.parametrize(
    ("files", "declared", "other"),
    [
        ({}, {}, {}),
        ({}, {"DRAIN": 4}, {}),
        ({}, {"DRAIN": 4}, {"SCALEREADY_DRAIN": "4.0"}),
        ({}, {"GRACEFUL_TIMEOUT": 20}, {"GUNICORN_GRACEFUL_TIMEOUT": "20"}),
        ({}, {}, {"GUNICORN_KEEPALIVE": "5"}),
        ({"Procfile": WEB}, {"KEEPALIVE": 90}, {}),
        ({"Procfile": WEB}, {"BALANCER_IDLE_TIMEOUT": 70}, {}),
    ],
)
def test_stays_silent(
    make_project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    declared: dict[str, Any],
    other: dict[str, str],
) -> None:
    for name, value in other.items():
        monkeypatch.setenv(name, value)
    assert list(RULE.find(make_project(files, SCALEREADY=declared))) == []
