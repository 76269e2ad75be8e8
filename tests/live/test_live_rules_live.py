"""The examples of the rules that ask services, on servers as they describe them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.live_examples import LiveExamples
from support.projects import Projects, examples

from django_scaleready.checks.base import Area, Finding, Rule, Severity
from django_scaleready.checks.pages import page
from django_scaleready.checks.project import Project
from django_scaleready.checks.registry import RULES
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.supervisor import Supervisor

pytestmark = pytest.mark.live

LETTERS = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}
NEEDS = {"pooler-mismatch": [pytest.mark.needs("pgbouncer")]}
each_rule = pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, id=rule.slug, marks=NEEDS.get(rule.slug, []))
        for rule in RULES
        if rule.area is Area.LIVE
    ],
)
_numbers = itertools.count(1)


@pytest.fixture
def started(
    supervisor: Supervisor,
    shared_postgres: Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: Any,
) -> Iterator[Callable[[Rule, str], Project]]:
    """Makes the project of an example, with its servers."""
    servers = LiveExamples(supervisor, shared_postgres, monkeypatch)
    projects = Projects(tmp_path)

    def start(rule: Rule, heading: str) -> Project:
        files = servers.start(examples(page(rule), heading), f"example_{next(_numbers)}")
        project = projects.make(files)
        project.ask_services = True
        return project

    with django_db_blocker.unblock():
        yield start
    projects.close()
    servers.close()


@each_rule
def test_the_bad_example_is_found(rule: Rule, started: Callable[[Rule, str], Project]) -> None:
    project = started(rule, "Bad")
    (finding,) = rule.find(project)
    assert isinstance(finding, Finding)
    assert finding.severity is LETTERS[rule.code[-4]]
    assert project.unknown == []


@each_rule
def test_the_good_example_is_silent(rule: Rule, started: Callable[[Rule, str], Project]) -> None:
    project = started(rule, "Good")
    assert list(rule.find(project)) == []
    # It did answer.
    assert project.services.names
    assert project.unknown == []
