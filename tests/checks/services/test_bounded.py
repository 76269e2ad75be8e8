"""Questions to services have an end, and cost each other nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.services.bounded import answers


def fail() -> str:
    raise ConnectionError("cannot reach redis://:secret@cache:6379/0")


def test_the_answers_are_in_order() -> None:
    later = threading.Event()

    def first() -> str:
        later.wait(5)
        return "first"

    def second() -> str:
        later.set()
        return "second"

    assert answers([("a", first), ("b", second)]) == ["first", "second"]


def test_an_error_is_unknown_and_says_no_password() -> None:
    (unknown,) = answers([("the cache", fail)])
    assert isinstance(unknown, Unknown)
    assert unknown.subject == "the cache"
    assert "secret" not in unknown.reason


def test_those_that_hang_are_waited_for_together() -> None:
    end = threading.Event()
    hanging: list[tuple[str, Callable[[], object]]] = [(f"{n}", end.wait) for n in range(20)]
    began = time.monotonic()
    given = answers([*hanging, ("well", lambda: "well")], seconds=0.3)
    took = time.monotonic() - began
    end.set()
    assert given[-1] == "well"
    assert given[:-1] == [Unknown(f"{n}", "no answer within 0.3 s") for n in range(20)]
    assert took < 3


@pytest.mark.parametrize("count", [0, 1])
def test_as_many_answers_as_questions(count: int) -> None:
    assert answers([("x", lambda: 1)] * count) == [1] * count
