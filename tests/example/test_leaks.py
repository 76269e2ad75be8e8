"""The check finds what was planted in ``before``, at its line, and nothing in ``after``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.example import EXAMPLE, Leak, copy, leaks

from django_scaleready.drill.project import Project
from django_scaleready.drill.supervisor import Supervisor

LEAKS = leaks()
# Addresses at which nobody listens: the check asks no service.
PRODUCTION = {
    "ALLOWED_HOSTS": "castaway.example",
    "DATABASE_URL": "postgres://castaway@127.0.0.1:9/castaway",
    "MEDIA_S3_BUCKET": "castaway",
    "MEDIA_S3_REGION": "eu-west-1",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SECRET_KEY": "only-for-the-test-and-never-deployed-anywhere-0123456789",
}


def report(project: Project, *, ends_with: int) -> dict[str, Any]:
    done = project.manage("check", "--deploy-scale", "--format", "json", accept=(ends_with,))
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def line(path: str, number: int) -> str:
    return (EXAMPLE / "before" / path).read_text(encoding="utf-8").splitlines()[number - 1]


def finds(finding: dict[str, Any], leak: Leak) -> bool:
    return (finding["slug"], finding["path"]) == (leak.rule, leak.path) and (
        leak.text in line(leak.path, finding["line"])
    )


@pytest.fixture(scope="module")
def before(supervisor: Supervisor) -> dict[str, Any]:
    return report(copy("before", supervisor, {}), ends_with=1)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: f"{leak.rule}:{leak.path}")
def test_a_planted_leak_is_found(before: dict[str, Any], leak: Leak) -> None:
    near = [f for f in before["findings"] if f["slug"] == leak.rule]
    assert any(finds(finding, leak) for finding in near), near


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: f"{leak.rule}:{leak.path}")
def test_the_anchor_of_a_leak_is_one_line(leak: Leak) -> None:
    text = (EXAMPLE / "before" / leak.path).read_text(encoding="utf-8")
    assert sum(leak.text in line for line in text.splitlines()) == 1


def test_nothing_is_found_that_was_not_planted(before: dict[str, Any]) -> None:
    serious = [f for f in before["findings"] if f["severity"] != "info"]
    assert [f for f in serious if not any(finds(f, leak) for leak in LEAKS)] == []
    assert before["unknown"] == []


def test_nothing_is_found_in_after(supervisor: Supervisor) -> None:
    said = report(copy("after", supervisor, PRODUCTION), ends_with=0)
    assert said["findings"] == []
    assert said["unknown"] == []


def test_a_development_environment_is_found_in_after(supervisor: Supervisor) -> None:
    """What keeps quiet above does so for what it is given, not for what it is."""
    said = report(copy("after", supervisor, {"DEBUG": "true"}), ends_with=1)
    assert {"db-sqlite", "debug", "media-local"} <= {found["slug"] for found in said["findings"]}
