"""connection-limit: the declared replicas fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.services import answered, database, postgres

from django_scaleready.checks.base import Location, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.connection_limit import RULE
from django_scaleready.checks.services.databases import Limit

SERVER = Limit(97, "max_connections 100, 3 of them reserved", reserved=3)
MANY = {"REPLICAS": 6, "WORKERS": 17}
FEW = {"REPLICAS": 6, "WORKERS": 16}


def project(make_project: Callable[..., Project], **settings: Any) -> Project:
    return make_project(**{"DATABASES": postgres(), **settings})


def test_more_than_the_server_accepts_is_found(make_project: Callable[..., Project]) -> None:
    made = project(make_project, SCALEREADY=MANY)
    (finding,) = RULE.find(answered(made, database(limit=SERVER)))
    assert finding.severity is Severity.WARNING
    assert finding.message == (
        "6 replicas x 17 workers may open 102 connections to 'default', which accepts 97"
        " (max_connections 100, 3 of them reserved)."
    )


def test_more_than_the_role_may_open_is_found(make_project: Callable[..., Project]) -> None:
    made = project(make_project, SCALEREADY=FEW)
    limit = Limit(20, "the CONNECTION LIMIT of the role")
    (finding,) = RULE.find(answered(made, database(limit=limit)))
    assert "accepts 20 (the CONNECTION LIMIT of the role)" in finding.message


def test_a_declaration_above_what_holds_is_found(make_project: Callable[..., Project]) -> None:
    made = project(make_project, SCALEREADY={**FEW, "DB_MAX_CONNECTIONS": 500})
    (finding,) = RULE.find(answered(made, database(limit=SERVER)))
    assert "DB_MAX_CONNECTIONS is 500" in finding.message
    assert isinstance(finding.location, Location)


@pytest.mark.parametrize(
    "settings",
    [
        {"SCALEREADY": FEW},
        {"SCALEREADY": {**FEW, "DB_MAX_CONNECTIONS": 100}},
        {"SCALEREADY": {"REPLICAS": 600}},
        {"SCALEREADY": {"WORKERS": 600}},
        {"SCALEREADY": {**MANY, "POOLER": "transaction"}},
        {"SCALEREADY": {**MANY, "POOLER": "session"}},
        {"SCALEREADY": MANY, "DATABASES": postgres(OPTIONS={"pool": True})},
    ],
    ids=["fits", "max", "no workers", "no replicas", "pooler", "session pooler", "psycopg's pool"],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    made = project(make_project, **settings)
    assert list(RULE.find(answered(made, database(limit=SERVER)))) == []


@pytest.mark.parametrize(
    "facts",
    [
        database(limit=SERVER, pooled=True),
        database("direct", limit=SERVER),
        database(limit=None),
    ],
    ids=["behind a pooler", "the way past it", "not known"],
)
def test_other_databases_are_left_alone(make_project: Callable[..., Project], facts: Any) -> None:
    made = project(make_project, SCALEREADY=MANY)
    assert list(RULE.find(answered(made, facts))) == []
