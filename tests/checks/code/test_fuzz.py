"""Whatever Python there is, reading it ends, and gives facts or a reason.

Programs are put together from pieces that the rules look for, in orders and depths that nobody
writes, and broken at random.
"""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.programs import PROGRAMS, written

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.paths.origins import Lead, Origin, Origins
from django_scaleready.checks.code.tree.analyse import analyse_each
from django_scaleready.checks.registry import COLLECTORS

SECONDS = 5.0


def judge(content: bytes) -> None:
    began = time.monotonic()
    (summary,) = analyse_each({"shop/code.py": content}, COLLECTORS)
    code = Codebase([summary])
    origins = Origins(code, lambda name: Lead(Origin.LOCAL, name))
    for name in summary.functions:
        code.moments(summary, name)
        list(code.reached(f"shop.code.{name}"))
    for term in summary.values.values():
        origins.lead(term)
    assert summary.problem or "" in summary.functions
    assert time.monotonic() - began < SECONDS


# The strategies are long to write down, and hypothesis would.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(PROGRAMS)
def test_programs(body: list[ast.stmt]) -> None:
    judge(written(body))


@many
@given(PROGRAMS, st.integers(0, 400), st.binary(max_size=3))
def test_broken_programs(body: list[ast.stmt], place: int, noise: bytes) -> None:
    content = written(body)
    judge(content[:place] + noise + content[place:])


@many
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbfx = 1")
@example(b"# scaleready: ignore[\nx = '''")
@example(b"f'{'*200")
def test_bytes(content: bytes) -> None:
    judge(content)
