"""clock-skew: this host and the database agree on the time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.services import answered, database, postgres, server

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.clock_skew import RULE


@pytest.mark.parametrize(
    ("skew", "said"), [(7.26, "7.3 s ahead of this host's"), (-90.0, "90.0 s behind this host's")]
)
def test_a_clock_elsewhere_is_found(
    make_project: Callable[..., Project], skew: float, said: str
) -> None:
    project = answered(make_project(DATABASES=postgres()), database(skew=skew))
    (finding,) = RULE.find(project)
    assert said in finding.message


def test_two_aliases_of_one_server_are_one_finding(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres("default", "direct"))
    facts = [database(skew=7.0), database("direct", skew=7.1)]
    (finding,) = RULE.find(answered(project, *facts))
    assert len(finding.related) == 1


def test_two_servers_are_two(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres("default", "archive"))
    facts = [database(skew=7.0), database("archive", [server(2)], skew=-7.0)]
    assert len(list(RULE.find(answered(project, *facts)))) == 2


def test_two_servers_that_agree_are_left_alone(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES=postgres("default", "archive"))
    facts = [database(skew=0.2), database("archive", [server(2)], skew=-0.3)]
    assert list(RULE.find(answered(project, *facts))) == []


@pytest.mark.parametrize("skew", [0.0, 0.9, -1.0])
def test_a_second_is_left_alone(make_project: Callable[..., Project], skew: float) -> None:
    project = answered(make_project(DATABASES=postgres()), database(skew=skew))
    assert list(RULE.find(project)) == []
