"""Branches that no replica takes: of another Python, of a variable that is never true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

ASK = "requests.get('x')"
TURNS = "  def turn():\n    nonlocal old\n    old=True\n  turn()\n"


def found(make: Callable[..., Project], code: str) -> int:
    files = {"shop/views.py": f"import sys, six, requests\n{code}"}
    return len(run_all([RULE], make(files)).found)


@pytest.mark.parametrize(
    ("test", "body", "other"),
    [
        ("sys.version_info > (3, 0)", 1, 0),
        ("sys.version_info >= (3,)", 1, 0),
        ("sys.version_info < (3, 0)", 0, 1),
        ("sys.version_info[0] == 2", 0, 1),
        ("sys.version_info[0] >= 3", 1, 0),
        ("sys.version_info.major != 2", 1, 0),
        ("not sys.version_info.major < 3", 1, 0),
        ("six.PY2", 0, 1),
        ("six.PY3", 1, 0),
        # Which one of these runs, nobody says here.
        ("sys.version_info >= (3, 11)", 1, 1),
        ("sys.version_info[1] > 7", 1, 1),
        ("sys.version_info[:2] >= (3, 8)", 1, 1),
        ("sys.version_info >= least", 1, 1),
        ("(3,) < sys.version_info < (3, 9)", 1, 1),
        ("shop.version_info > (3, 0)", 1, 1),
        ("sys.platform > (3, 0)", 1, 1),
    ],
)
def test_a_branch_of_another_python(
    make_project: Callable[..., Project], test: str, body: int, other: int
) -> None:
    assert found(make_project, f"def view(r):\n  if {test}: {ASK}\n") == body
    assert found(make_project, f"def view(r):\n  if {test}: pass\n  else: {ASK}\n") == other


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (f"def view(r):\n  old = False\n  if old: {ASK}\n", 0),
        (f"def view(r):\n  old = False\n  if r.a: pass\n  elif old and r.b: {ASK}\n", 0),
        (f"def view(r):\n  old = False\n  if not old: {ASK}\n", 1),
        (f"def view(r):\n  old = False\n  if old or r.b: {ASK}\n", 1),
        (f"def view(r):\n  old = False\n  if r.a: old = True\n  if old: {ASK}\n", 1),
        (f"def view(r):\n  old = False\n  for old in r.all: pass\n  if old: {ASK}\n", 1),
        (f"def view(r, old):\n  if old: {ASK}\n  old = False\n", 1),
        (
            f"def view(r):\n  old = False\n{TURNS}  if old: {ASK}\n",
            1,
        ),
        (f"def view(r):\n  global old\n  old = False\n  if old: {ASK}\n", 1),
        (f"def view(r):\n  old = r.old\n  if old: {ASK}\n", 1),
        (f"def view(r):\n  old = False\n  while (old := r.a): pass\n  if old: {ASK}\n", 1),
        (f"def view(r):\n  old = False\n  match r.a:\n    case old: pass\n  if old: {ASK}\n", 1),
    ],
)
def test_a_variable_that_is_never_true(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert found(make_project, code) == count
