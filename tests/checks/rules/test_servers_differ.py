"""servers-differ: an alias is one server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.services import answered, database, postgres, server

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.servers_differ import RULE
from django_scaleready.checks.services.databases import Server


def found(make_project: Callable[..., Project], *servers: Server) -> list[Finding]:
    project = make_project(DATABASES=postgres())
    return list(RULE.find(answered(project, database(servers=servers))))


@pytest.mark.parametrize(
    ("servers", "severity", "said"),
    [
        ([server(1), server(2, cluster=2)], Severity.ERROR, "no replicas of each other"),
        ([server(1), server(2, standby=True)], Severity.ERROR, "a write that reaches"),
        ([server(1, cluster=None), server(2, cluster=None, standby=True)], Severity.ERROR, "write"),
        ([server(1, cluster=None), server(2, cluster=None)], Severity.WARNING, "takes writes"),
        ([server(1, standby=True), server(2, standby=True)], Severity.INFO, "all of them standbys"),
    ],
    ids=["two clusters", "a standby", "nobody says, a standby", "nobody says", "standbys"],
)
def test_two_servers_are_found(
    make_project: Callable[..., Project], servers: list[Server], severity: Severity, said: str
) -> None:
    (finding,) = found(make_project, *servers)
    assert finding.severity is severity
    assert said in finding.message
    assert "10.0.0.1:5432" in finding.hint
    assert "10.0.0.2:5432" in finding.hint


@pytest.mark.parametrize("one", [server(), server(standby=True), server(cluster=None)])
def test_one_server_is_left_alone(make_project: Callable[..., Project], one: Server) -> None:
    assert found(make_project, one) == []


def test_two_aliases_may_be_two_servers(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres("default", "archive"))
    facts = [database(servers=[server(1)]), database("archive", [server(2, cluster=2)])]
    assert list(RULE.find(answered(project, *facts))) == []
