"""Ids are counted over the files of all processes."""

from __future__ import annotations

from pathlib import Path

from django_scaleready.drill.counted import executed


def test_nothing_was_counted_where_nothing_was_sent(tmp_path: Path) -> None:
    assert executed(tmp_path) == {}


def test_an_id_counts_in_whatever_process_it_was_executed(tmp_path: Path) -> None:
    folder = tmp_path / "executed"
    folder.mkdir()
    (folder / "a-1").write_text("1\n2\n")
    (folder / "b-7").write_text("2\n3\nhalf-writ")
    assert executed(tmp_path) == {"1": 1, "2": 2, "3": 1}
