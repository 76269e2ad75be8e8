"""What a run saw: its file, one entry for each place, and the source that shows the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.seen import PLACE, seen

from django_scaleready.checks.base import Confidence, Finding, Found, Location, Severity
from django_scaleready.checks.rules import file_write, storage_bypass, witnessed_file
from django_scaleready.checks.witnessed import (
    Fate,
    Kind,
    Moment,
    WitnessedError,
    joined,
    merged,
    read,
    write,
)


def test_a_file_holds_all_of_it(tmp_path: Path) -> None:
    several = (
        seen(Kind.FILE, package="ledger 1.2", source=Location("ledger/api.py", 3), count=3),
        seen(Kind.PROCESS, Fate.ENDED, moment=Moment.TASK, during="shop.tasks.export"),
    )
    write(tmp_path / "seen.json", several)
    assert read(tmp_path / "seen.json") == several


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": 1, "witnessed": [{"kind": "file"}]}', '{"version": 2}']
)
def test_another_file_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "seen.json"
    path.write_text(text)
    with pytest.raises(WitnessedError, match=r"seen\.json"):
        read(path)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WitnessedError, match="No such file"):
        read(tmp_path / "seen.json")


def test_one_place_is_one_entry_of_the_worst() -> None:
    (one,) = merged(
        [
            seen(Kind.FILE, Fate.TEMPORARY, count=2),
            seen(Kind.FILE, target="b.json"),
            seen(Kind.FILE, moment=Moment.TEST),
        ]
    )
    assert (one.fate, one.target, one.count) == (Fate.STAYS, "b.json", 4)
    assert one.moment is Moment.REQUEST


def test_other_places_and_kinds_stay_apart() -> None:
    several = [seen(Kind.FILE), seen(Kind.SQLITE), seen(Kind.FILE, place=Location("shop/a.py", 1))]
    assert len(merged(several)) == 3


def in_source(place: Location = PLACE) -> Finding:
    return Finding("path is written.", "Keep it.", place, Severity.WARNING, Confidence.MEDIUM)


def at_run_time(**changes: object) -> Found:
    return Found(witnessed_file.RULE, witnessed_file.judge(seen(Kind.FILE, **changes)))


def test_a_warning_of_the_source_that_was_seen_is_an_error() -> None:
    (one,) = joined([Found(file_write.RULE, in_source()), at_run_time()])
    assert one.rule is file_write.RULE
    assert (one.finding.severity, one.finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert one.finding.message.startswith("path is written. Seen at run time: This line writes")


def test_an_id_that_promises_no_error_stays_a_warning() -> None:
    (one,) = joined([Found(storage_bypass.RULE, in_source()), at_run_time()])
    assert (one.finding.severity, one.finding.confidence) == (Severity.WARNING, Confidence.HIGH)


def test_what_only_a_test_came_to_makes_no_error() -> None:
    (one,) = joined([Found(file_write.RULE, in_source()), at_run_time(moment=Moment.TEST)])
    assert one.finding.severity is Severity.WARNING


def test_what_the_source_does_not_show_is_added() -> None:
    both = [Found(file_write.RULE, in_source(Location("shop/views.py", 8))), at_run_time()]
    assert joined(both) == both


def test_nothing_changes_where_nothing_was_seen() -> None:
    alone = [Found(file_write.RULE, in_source())]
    assert joined(alone) == alone
