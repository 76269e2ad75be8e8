"""What a part weighs is the difference that it makes, as far as the rounds agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from django_scaleready.checks.weight.measure import Sample, WeighingError, weigh
from django_scaleready.checks.weight.parts import Part


def part(name: str) -> Part:
    return Part(name, "nothing uses it", lambda _usage: False, app=name)


A, B, C = part("a"), part("b"), part("c")
BYTES = {"a": 4_000, "b": 300, "c": 20}


class Scales:
    """Starts of a project that can do without all but some parts."""

    def __init__(self, *, needs: Sequence[str] = (), page: bool = True) -> None:
        self.needs = needs
        self.page = page
        self.starts = 0

    def start(self, left_out: Sequence[Part], _requests: int) -> Sample | str:
        self.starts += 1
        names = {part.name for part in left_out}
        if missing := names & set(self.needs):
            return f"no module named {missing.pop()}"
        memory = 50_000 + sum(held for name, held in BYTES.items() if name not in names)
        seconds = 1e-6 * (10 - len(names)) if self.page else None
        return Sample(memory, seconds, "" if self.page else "answered with 302")


def test_each_part_is_the_difference_that_it_makes() -> None:
    whole, weights = weigh([A, B, C], rounds=3, requests=10, start=Scales().start)
    assert whole.memory == 54_320
    assert [weight.memory and weight.memory.median for weight in weights] == [4_000, 300, 20]
    for weight in weights:
        assert weight.memory is not None
        assert weight.memory.spread == 0
        assert weight.seconds is not None
        assert weight.seconds.median == pytest.approx(1e-6)


def test_a_part_that_the_project_needs_is_named_and_the_others_weighed() -> None:
    _, (a, b, c) = weigh([A, B, C], rounds=1, requests=10, start=Scales(needs="b").start)
    assert (a.problem, b.problem, c.problem) == ("", "no module named b", "")
    assert b.memory is None
    assert c.memory is not None
    assert c.memory.median == 20


def test_without_an_answer_the_memory_is_weighed_all_the_same() -> None:
    whole, (a,) = weigh([A], rounds=2, requests=10, start=Scales(page=False).start)
    assert whole.problem == "answered with 302"
    assert a.seconds is None
    assert a.memory is not None


def test_rounds_that_do_not_agree_are_said_to() -> None:
    noise = iter([0, 0, 0, 0, 900, 0, 0, 500])

    def start(left_out: Sequence[Part], _requests: int) -> Sample:
        return Sample(1_000 - 100 * len(left_out) + next(noise))

    _, (a,) = weigh([A], rounds=3, requests=10, start=start)
    assert a.memory is not None
    assert (a.memory.median, a.memory.spread) == (100, 900)


def test_a_project_that_does_not_start_is_an_error() -> None:
    with pytest.raises(WeighingError, match="no such settings"):
        weigh([A], rounds=1, requests=1, start=lambda *_: "no such settings")
