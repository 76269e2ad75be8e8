"""A scorecard says what held, and ends with the code that CI reads."""

from __future__ import annotations

import io

import httpx
import pytest
from rich.console import Console

from django_scaleready.drill.scorecard import Scorecard
from django_scaleready.drill.waiting import NotInTimeError


@pytest.fixture
def card() -> Scorecard:
    return Scorecard(Console(file=io.StringIO(), width=120))


def printed(card: Scorecard) -> str:
    assert isinstance(card.console.file, io.StringIO)
    return card.console.file.getvalue()


def test_all_held(card: Scorecard) -> None:
    card.add("Sessions hop", "3 of 3", held=True)
    assert card.exit_code == 0
    assert printed(card) == "held Sessions hop: 3 of 3\n"


def test_one_that_did_not_hold_fails_all(card: Scorecard) -> None:
    card.add("Sessions hop", "3 of 3", held=True)
    card.add("Uploads hop", "0 of 3", held=False)
    assert card.exit_code == 1
    assert "FAILED Uploads hop: 0 of 3" in printed(card)


def test_nothing_measured_is_not_success(card: Scorecard) -> None:
    assert card.exit_code == 1


@pytest.mark.parametrize(
    ("error", "measured"),
    [
        (NotInTimeError("a beat: not within 5 s"), "a beat: not within 5 s"),
        (httpx.ReadTimeout(""), "ReadTimeout"),
    ],
)
def test_an_error_is_a_line_that_did_not_hold(
    card: Scorecard, error: Exception, measured: str
) -> None:
    with card.judged("Beats"):
        raise error
    card.add("Sessions hop", "3 of 3", held=True)
    assert [(line.measured, line.held) for line in card.lines] == [
        (measured, False),
        ("3 of 3", True),
    ]


def test_a_mistake_of_ours_is_not_a_line(card: Scorecard) -> None:
    with pytest.raises(ZeroDivisionError), card.judged("Beats"):
        card.add("Impossible", str(1 / 0), held=True)
    assert card.lines == []


def test_the_table_shows_text_as_it_is(card: Scorecard) -> None:
    card.add("A list", "[bold]1, 2[/bold]\nits log ...", held=True)
    card.show()
    assert "[bold]1, 2[/bold]" in printed(card).splitlines()[-2]
    assert printed(card).count("its log") == 1
