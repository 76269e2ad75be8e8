"""A rule that raises costs nobody the rest of the report, and no password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest

from django_scaleready.checks.base import (
    Area,
    Confidence,
    Finding,
    Leak,
    Location,
    Rule,
    Severity,
    Unknown,
)
from django_scaleready.checks.engine import run
from django_scaleready.checks.project import Project

made_up = partial(Rule, leak=Leak.DATA)
FINDING = Finding("it breaks", "mend it", Location("settings.py", 3), Severity.WARNING)


def good(project: Project) -> Iterator[Finding]:
    yield FINDING


def bad(project: Project) -> Iterator[Finding]:
    yield FINDING
    raise RuntimeError("cannot ask redis://:secret@cache:6379/0 now")


def unsure(project: Project) -> Iterator[Finding | Unknown]:
    yield Unknown("Procfile:2", "no idea")


def test_a_rule_that_raises_is_unknown(make_project: Callable[..., Project]) -> None:
    rules = [made_up("scaleready.E990", "bad", bad), made_up("scaleready.E991", "good", good)]
    result = run(rules, make_project())
    assert [found.rule.slug for found in result.found] == ["bad", "good"]
    assert result.ran == rules
    (unknown,) = result.unknown
    assert unknown.subject == "scaleready.E990 bad"
    assert unknown.reason.startswith("RuntimeError: cannot ask")
    assert "secret" not in unknown.reason


def test_a_rule_may_say_that_it_does_not_know(make_project: Callable[..., Project]) -> None:
    result = run([made_up("scaleready.E992", "unsure", unsure)], make_project())
    assert result.unknown == [Unknown("Procfile:2", "no idea")]


def test_a_backend_that_cannot_be_made_is_unknown(make_project: Callable[..., Project]) -> None:
    project = make_project(CACHES={"default": {"BACKEND": "no.such.Cache"}})
    assert project.caches == {}
    assert project.unknown[0].subject == "CACHES['default']"


@pytest.mark.parametrize("confidence", [Confidence.MEDIUM, Confidence.LOW])
def test_an_error_is_never_a_guess(confidence: Confidence) -> None:
    with pytest.raises(ValueError, match="high confidence"):
        Finding("it breaks", "mend it", Location("x"), Severity.ERROR, confidence)


def test_the_code_of_another_program_is_left_alone(make_project: Callable[..., Project]) -> None:
    files = {
        "client/setup.py": "",
        "client/kit/http.py": "import requests\n",
        "shop/models.py": "from django.db import models\n",
    }
    project = make_project(files)

    def find(_: Project) -> Iterator[Finding]:
        for path in ("client/kit/http.py", "shop/models.py", "settings.py"):
            yield replace(FINDING, location=Location(path, 1))

    rules = [
        made_up("scaleready.E990", "source", find, Area.SOURCE),
        made_up("scaleready.E991", "deploy", find, Area.DEPLOY),
    ]
    said = [(found.rule.slug, found.finding.location.path) for found in run(rules, project).found]
    assert said == [
        ("source", "shop/models.py"),
        ("source", "settings.py"),
        ("deploy", "client/kit/http.py"),
        ("deploy", "shop/models.py"),
        ("deploy", "settings.py"),
    ]
