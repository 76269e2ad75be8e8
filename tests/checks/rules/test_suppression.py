"""suppression: a comment silences one rule, for a reason, while there is something to silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Result
from django_scaleready.checks.engine import run
from django_scaleready.checks.project import Project
from django_scaleready.checks.registry import RESERVED
from django_scaleready.checks.rules import http_no_timeout, suppression

RULES = (http_no_timeout.RULE, suppression.RULE)
HEAD = "import requests\ndef f():\n"


def result(make_project: Callable[..., Project], code: str) -> Result:
    return run(RULES, make_project({"shop/code.py": HEAD + code}))


def slugs(found: Result) -> list[str]:
    return sorted(item.rule.slug for item in found.found)


@pytest.mark.parametrize(
    "code",
    [
        "  requests.get('x')  # scaleready: ignore[http-no-timeout] a proxy ends it",
        "  # scaleready: ignore[http-no-timeout] a proxy ends it\n  requests.get('x')",
        "  requests.get(\n    'x',\n  )  # scaleready: ignore[http-no-timeout] a proxy ends it",
        "  requests.get(\n    'x',  # scaleready: ignore[http-no-timeout] a proxy\n  )",
        "  x = '''\n'''; requests.get('x')  #scaleready:ignore[ http-no-timeout ] a proxy",
        "  requests.get('x')  # noqa: S113  # scaleready: ignore[http-no-timeout] a proxy ends it",
        "  requests.get('x')  # scaleready: ignore[http-no-timeout] see #12  # noqa: S113",
        "  requests.get('x')  # SCALEREADY: IGNORE[HTTP-NO-TIMEOUT] a proxy ends it",
        "  requests.get('x')  # ScaleReady: Ignore[http-no-timeout] a proxy ends it",
        "  # scaleready: ignore[http-no-timeout] one\n  # and more about it\n\n  requests.get('x')",
    ],
)
def test_a_comment_silences(make_project: Callable[..., Project], code: str) -> None:
    found = result(make_project, code)
    assert slugs(found) == []
    assert found.suppressed == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("  requests.get('x')  # scaleready: ignore[http-no-timeout]", "no reason"),
        ("  requests.get('x')  # scaleready: ignore[http-no-timeout]  # noqa", "no reason"),
        ("  requests.get('x')  # scaleready: ignore[http-no-timeot] why", "http-no-timeout?"),
        ("  requests.get('x')  # scaleready: ignore[local-cache] why", "Did you mean cache-local?"),
        ("  requests.get('x')  # scaleready: ignore[W073] why", "mean http-no-timeout?"),
        ("  requests.get('x')  # scaleready: ignore[scaleready.E073] why", "mean http-no-timeout?"),
        ("  requests.get('x')  # scaleready: ignore[E999] why", "no rule 'E999'"),
        ("  requests.get('x')  # scaleready: ignore why", "names no rule"),
        ("  requests.get('x')  # scaleready: ignor[http-no-timeout] why", "names no rule"),
    ],
)
def test_a_comment_that_does_not(
    make_project: Callable[..., Project], code: str, said: str
) -> None:
    found = result(make_project, code)
    assert slugs(found) == ["http-no-timeout", "suppression"]
    assert any(said in item.finding.message for item in found.found)


def test_a_stale_comment(make_project: Callable[..., Project]) -> None:
    code = "  requests.get('x', timeout=5)  # scaleready: ignore[http-no-timeout] a proxy"
    (item,) = result(make_project, code).found
    assert "finds nothing here" in item.finding.message


def test_a_comment_about_a_rule_that_did_not_run(make_project: Callable[..., Project]) -> None:
    code = "  x = 1  # scaleready: ignore[file-write] elsewhere"
    assert slugs(result(make_project, code)) == []


@pytest.mark.parametrize(
    "code",
    [
        "  return 'x  # scaleready: ignore[http-no-timeout]'",
        "  '''scaleready: ignore'''",
        "  x = 1  # a scaleready: ignore in the middle",
        "  x = 1  # SCALEREADY: what the code cannot know",
    ],
)
def test_what_is_no_such_comment(make_project: Callable[..., Project], code: str) -> None:
    assert slugs(result(make_project, code)) == []


@pytest.mark.parametrize(
    ("silenced", "meant"),
    [
        ("scaleready.E073", "Did you mean scaleready.W073 (http-no-timeout)?"),
        ("scaleready.http-no-timeout", "Did you mean scaleready.W073 (http-no-timeout)?"),
        ("scaleready.W999", "There is no check 'scaleready.W999'"),
    ],
)
def test_a_silenced_id_that_no_check_has(
    make_project: Callable[..., Project], silenced: str, meant: str
) -> None:
    project = make_project(
        {"settings.py": f"SILENCED_SYSTEM_CHECKS = ['fields.W342', {silenced!r}]\n"}
    )
    (item,) = run(RULES, project).found
    assert meant in item.finding.message
    assert str(item.finding.location) == "settings.py:1"


@pytest.mark.parametrize(
    "silenced", ["scaleready.W073", "scaleready.W000", "scaleready.W901", "security.W004", "x.E001"]
)
def test_a_silenced_id_of_a_check(make_project: Callable[..., Project], silenced: str) -> None:
    assert run(RULES, make_project({}, SILENCED_SYSTEM_CHECKS=[silenced])).found == []


def test_the_ids_of_what_is_no_rule() -> None:
    assert set(suppression.OTHERS) == set(RESERVED)
