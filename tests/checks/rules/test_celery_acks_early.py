"""celery-acks-early: what a worker has begun ends with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_acks_early import RULE

APP = {"shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}
TASK = "from shop.celery import app\n@app.task{}\ndef {}(): ...\n"
ONE = {**APP, "shop/tasks.py": TASK.format("", "invoice")}
LATE = {**APP, "shop/tasks.py": TASK.format("(acks_late=True)", "invoice")}
TWO = {**APP, "shop/tasks.py": TASK.format("", "invoice"), "till/tasks.py": TASK.format("", "z")}


@pytest.mark.parametrize(("files", "named"), [(ONE, "shop.tasks.invoice:"), (TWO, "and 1 more")])
def test_finds(make_project: Callable[..., Project], files: dict[str, str], named: str) -> None:
    (finding,) = RULE.find(make_project(files, CELERY_BROKER_URL="redis://localhost"))
    assert finding.severity is Severity.INFO
    assert named in finding.message


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (ONE, {"CELERY_TASK_ACKS_LATE": True}),
        (LATE, {}),
        (ONE, {"CELERY_TASK_ALWAYS_EAGER": True}),
        (APP, {}),
        ({}, {}),
    ],
)
def test_stays_silent(
    make_project: Callable[..., Project], files: dict[str, str], settings: dict[str, Any]
) -> None:
    project = make_project(files, CELERY_BROKER_URL="redis://localhost", **settings)
    assert list(RULE.find(project)) == []
