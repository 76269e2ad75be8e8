"""witnessed-socket: ports that a run saw being bound."""

from __future__ import annotations

from collections.abc import Callable

from support.seen import seen

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.witnessed_socket import RULE, judge
from django_scaleready.checks.witnessed import Kind


def test_a_port_is_a_warning() -> None:
    finding = judge(seen(Kind.SOCKET, target="port 8765 of 127.0.0.1"))
    assert finding.severity is Severity.WARNING
    assert "port 8765 of 127.0.0.1 inside a request" in finding.message


def test_silent_about_other_kinds(make_project: Callable[..., Project]) -> None:
    project = make_project()
    project.witnessed = (seen(Kind.FILE), seen(Kind.SQLITE), seen(Kind.PROCESS))
    assert list(RULE.find(project)) == []
