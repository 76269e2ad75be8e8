"""witnessed-file: files that a run saw staying behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.seen import PLACE, seen

from django_scaleready.checks.base import Confidence, Location, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.witnessed_file import RULE, judge
from django_scaleready.checks.witnessed import Fate, Kind, Moment


def test_a_file_that_stays_is_an_error() -> None:
    finding = judge(seen(Kind.FILE, package="ledger 1.2", source=Location("ledger/api.py", 3)))
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert finding.location == PLACE
    assert finding.related == (Location("ledger/api.py", 3),)
    assert finding.message.startswith("ledger 1.2 writes token.json")
    assert "Give ledger 1.2 a store" in finding.hint


@pytest.mark.parametrize(
    ("fate", "moment", "severity"),
    [
        (Fate.STAYS, Moment.TASK, Severity.ERROR),
        (Fate.STAYS, Moment.TEST, Severity.WARNING),
        (Fate.TEMPORARY, Moment.REQUEST, Severity.WARNING),
        (Fate.CACHE, Moment.REQUEST, Severity.INFO),
    ],
)
def test_what_became_of_it_and_who_came_by_decide(
    fate: Fate, moment: Moment, severity: Severity
) -> None:
    assert judge(seen(Kind.FILE, fate, moment=moment)).severity is severity


def test_how_often_and_where_is_said() -> None:
    finding = judge(seen(Kind.FILE, during="GET /orders/<int:pk>/", count=12))
    assert finding.message.endswith("Seen 12 times, first in GET /orders/<int:pk>/.")


def test_silent_about_other_kinds_and_where_nobody_watched(
    make_project: Callable[..., Project],
) -> None:
    project = make_project()
    assert list(RULE.find(project)) == []
    project.witnessed = (seen(Kind.SQLITE), seen(Kind.SOCKET), seen(Kind.PROCESS))
    assert list(RULE.find(project)) == []
    project.witnessed = (seen(Kind.FILE),)
    assert len(list(RULE.find(project))) == 1
