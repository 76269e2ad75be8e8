"""rq-inline: a queue that is none. Its app is a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.rq_inline import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["django_rq"]}
INLINE = {"URL": "redis://localhost", "ASYNC": False}
QUEUED = {"URL": "redis://localhost"}


@pytest.mark.parametrize(("debug", "severity"), [(False, Severity.ERROR), (True, Severity.WARNING)])
def test_finds(make_project: Callable[..., Project], debug: bool, severity: Severity) -> None:
    queues = {"default": QUEUED, "low": INLINE}
    (finding,) = RULE.find(make_project(RQ_QUEUES=queues, DEBUG=debug, **APP))
    assert finding.severity is severity
    assert "'low'" in finding.message


def test_the_place_is_the_entry(make_project: Callable[..., Project]) -> None:
    text = "RQ_QUEUES = {\n  'default': {\n    'ASYNC': False,\n  }\n}\n"
    (finding,) = RULE.find(make_project({"settings.py": text}, **APP))
    assert str(finding.location) == "settings.py:3"


@pytest.mark.parametrize(
    "settings",
    [
        APP,
        {**APP, "RQ_QUEUES": {"default": QUEUED}},
        {**APP, "RQ_QUEUES": {"default": {**QUEUED, "ASYNC": True}}},
        {"INSTALLED_APPS": [], "RQ_QUEUES": {"default": INLINE}},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
