"""witnessed-process: processes that a run saw being started."""

from __future__ import annotations

from collections.abc import Callable

from support.seen import seen

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.witnessed_process import RULE, judge
from django_scaleready.checks.witnessed import Fate, Kind


def test_one_that_outlives_its_request_is_a_warning() -> None:
    finding = judge(seen(Kind.PROCESS, target="ffmpeg"))
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.HIGH)
    assert "ffmpeg, which outlives the request" in finding.message


def test_one_that_has_ended_is_information() -> None:
    assert judge(seen(Kind.PROCESS, Fate.ENDED, target="git")).severity is Severity.INFO


def test_silent_about_other_kinds(make_project: Callable[..., Project]) -> None:
    project = make_project()
    project.witnessed = (seen(Kind.FILE), seen(Kind.SQLITE), seen(Kind.SOCKET))
    assert list(RULE.find(project)) == []
