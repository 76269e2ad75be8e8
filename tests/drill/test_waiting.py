"""Waiting ends with the condition, or with its deadline."""

from __future__ import annotations

import itertools
import time

import pytest

from django_scaleready.drill.waiting import NotInTimeError, until


def test_returns_what_the_condition_returned() -> None:
    numbers = itertools.count()
    assert until(lambda: next(numbers) and "found", 5, "a number", pause=0) == "found"


def test_says_what_was_waited_for_and_how_long() -> None:
    with pytest.raises(NotInTimeError, match=r"^the moon: not within 0\.1 s$"):
        until(lambda: False, 0.1, "the moon")


def test_asks_once_even_without_time() -> None:
    assert until(lambda: 1, 0, "now") == 1


def test_waits_no_longer_than_the_deadline() -> None:
    start = time.monotonic()
    with pytest.raises(NotInTimeError):
        until(lambda: False, 0.2, "never")
    assert 0.2 <= time.monotonic() - start < 10


def test_an_error_of_the_condition_passes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        until(lambda: 1 / 0, 5, "a number")
