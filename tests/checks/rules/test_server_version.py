"""server-version: Django accepts the database."""

from __future__ import annotations

from collections.abc import Callable

from support.services import answered, database, postgres

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.server_version import RULE


def test_a_server_that_django_refuses_is_an_error(make_project: Callable[..., Project]) -> None:
    refused = "PostgreSQL 14 or later is required (found 13.2)."
    project = answered(make_project(DATABASES=postgres()), database(unsupported=refused))
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR
    assert refused in finding.message


def test_one_that_it_accepts_is_left_alone(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(answered(make_project(DATABASES=postgres()), database()))) == []
