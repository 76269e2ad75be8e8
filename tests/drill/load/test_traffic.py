"""Traffic counts what was answered and what was not."""

from __future__ import annotations

import itertools
import threading

import httpx

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.load.traffic import Traffic
from django_scaleready.drill.waiting import until

NOBODY = Browser(["http://127.0.0.1:9"])


def test_answers_and_failures_are_told_apart() -> None:
    turns = itertools.count()

    def ask(_: Browser) -> str:
        turn = next(turns) % 3
        if turn == 2:
            raise httpx.ReadError("cut off")
        return ("", "500 /page")[turn]

    with Traffic([NOBODY], ask, pause=0) as traffic:
        until(lambda: traffic.recording().answered >= 5, 10, "answers")
    recording = traffic.recording()
    assert set(recording.failed()) == {"500 /page", "ReadError"}
    assert recording.answered + recording.failed().total() == next(turns)
    assert 0 < recording.percentiles().slowest < 5


def test_each_browser_has_a_thread_and_none_is_left() -> None:
    threads: set[int] = set()

    def ask(_: Browser) -> str:
        threads.add(threading.get_ident())
        return ""

    before = threading.active_count()
    with Traffic([NOBODY] * 3, ask):
        until(lambda: len(threads) == 3, 10, "three threads")
    assert threading.active_count() == before
