"""witnessed-sqlite: SQLite files that a run saw being written."""

from __future__ import annotations

from collections.abc import Callable

from support.seen import seen

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.witnessed_sqlite import RULE, judge
from django_scaleready.checks.witnessed import Fate, Kind, Moment


def test_one_that_stays_is_an_error() -> None:
    finding = judge(seen(Kind.SQLITE, target="quota.db", package="quota 3"))
    assert finding.severity is Severity.ERROR
    assert "quota.db" in finding.message
    assert "Give quota 3 another backend" in finding.hint


def test_a_cache_of_the_user_is_information_and_what_a_test_calls_a_warning() -> None:
    assert judge(seen(Kind.SQLITE, Fate.CACHE)).severity is Severity.INFO
    assert judge(seen(Kind.SQLITE, moment=Moment.TEST)).severity is Severity.WARNING


def test_silent_about_other_kinds(make_project: Callable[..., Project]) -> None:
    project = make_project()
    project.witnessed = (seen(Kind.FILE), seen(Kind.SOCKET), seen(Kind.PROCESS))
    assert list(RULE.find(project)) == []
