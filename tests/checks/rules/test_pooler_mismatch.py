"""pooler-mismatch: what stands before the database is what the settings say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.services import answered, database, postgres

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.pooler_mismatch import RULE

SAFE = {"DISABLE_SERVER_SIDE_CURSORS": True}
TRANSACTION = {"POOLER": "transaction"}


def found(project: Project, alias: str = "default", *, pooled: bool) -> list[Finding]:
    return list(RULE.find(answered(project, database(alias, pooled=pooled))))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "nothing declares it"),
        ({"SCALEREADY": {"POOLER": "none"}}, "the settings say 'none'"),
        ({"SCALEREADY": {"POOLER": "session"}}, "the settings say 'session'"),
    ],
)
def test_a_pooler_that_nobody_declared_is_found(
    make_project: Callable[..., Project], settings: dict[str, Any], said: str
) -> None:
    (finding,) = found(make_project(DATABASES=postgres(), **settings), pooled=True)
    assert finding.severity is Severity.ERROR
    assert said in finding.message
    assert "server-side cursors" in finding.message
    assert "DISABLE_SERVER_SIDE_CURSORS" in finding.hint


def test_without_anything_that_breaks_it_is_a_warning(make_project: Callable[..., Project]) -> None:
    (finding,) = found(make_project(DATABASES=postgres(**SAFE)), pooled=True)
    assert finding.severity is Severity.WARNING


def test_the_way_past_the_pooler_must_lead_past_it(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres("default", "direct"), SCALEREADY=TRANSACTION)
    (finding,) = found(project, "direct", pooled=True)
    assert finding.severity is Severity.ERROR


def test_a_pooler_that_is_not_there_is_information(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres(**SAFE), SCALEREADY=TRANSACTION)
    (finding,) = found(project, pooled=False)
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("alias", "pooled", "declared"),
    [
        ("default", True, TRANSACTION),
        ("default", False, {}),
        ("default", False, {"POOLER": "none"}),
        ("default", False, {"POOLER": "session"}),
        ("direct", False, TRANSACTION),
    ],
)
def test_stays_silent(
    make_project: Callable[..., Project], alias: str, pooled: bool, declared: dict[str, str]
) -> None:
    project = make_project(DATABASES=postgres("default", "direct"), SCALEREADY=declared)
    assert found(project, alias, pooled=pooled) == []


def test_a_database_that_does_not_say_is_left_alone(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres(), SCALEREADY=TRANSACTION)
    facts = database()
    other = type(facts)(facts.alias, "MySQL")
    assert list(RULE.find(answered(project, other))) == []


def test_nobody_is_asked_unless_that_was_allowed(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(DATABASES=postgres()))) == []
