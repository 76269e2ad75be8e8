"""tasks-immediate: a task in the web process is cut off by a deploy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import VERSION

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.tasks_immediate import RULE

IMMEDIATE = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
DUMMY = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
QUEUE = {"default": {"BACKEND": f"{__name__}.Queue"}}
USES = "from django_tasks import task"


@pytest.mark.parametrize("tasks", [IMMEDIATE, DUMMY])
def test_finds(make_project: Callable[..., Project], tasks: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project({"shop/jobs.py": USES}, TASKS=tasks))
    assert finding.severity is Severity.WARNING
    assert [str(place) for place in finding.related] == ["shop/jobs.py"]


@pytest.mark.parametrize("tasks", [QUEUE, {}])
def test_stays_silent(make_project: Callable[..., Project], tasks: dict[str, Any]) -> None:
    assert list(RULE.find(make_project({"shop/jobs.py": USES}, TASKS=tasks))) == []


def test_a_project_without_tasks_is_silent(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project({"shop/jobs.py": "task = None"}))) == []


if VERSION >= (6, 0):

    def test_finds_django_own_default_once_it_is_used(make_project: Callable[..., Project]) -> None:
        (finding,) = RULE.find(make_project({"shop/jobs.py": "from django.tasks import task"}))
        assert finding.severity is Severity.WARNING


class Queue:
    pass
