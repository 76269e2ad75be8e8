"""A fingerprint stays with its line, wherever that goes."""

from __future__ import annotations

from pathlib import Path

from support.reports import found

from django_scaleready.checks.reports.fingerprints import fingerprints

LINE = "REGISTRY = {}\n"


def made(root: Path, text: str, *lines: int) -> tuple[str, ...]:
    (root / "a.py").write_text(text)
    return fingerprints([found(line=line) for line in lines], root)


def test_lines_may_move(tmp_path: Path) -> None:
    before = made(tmp_path, LINE, 1)
    assert made(tmp_path, "import os\n\n" + LINE, 3) == before


def test_a_line_may_be_indented(tmp_path: Path) -> None:
    assert made(tmp_path, "if True:\n    " + LINE, 2) == made(tmp_path, LINE, 1)


def test_another_text_is_another_finding(tmp_path: Path) -> None:
    assert made(tmp_path, "OTHER = {}\n", 1) != made(tmp_path, LINE, 1)


def test_another_file_is_another_finding(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text(LINE)
    (elsewhere,) = fingerprints([found(path="b.py")], tmp_path)
    assert (elsewhere,) != made(tmp_path, LINE, 1)


def test_equal_lines_are_told_apart_from_the_top(tmp_path: Path) -> None:
    first, second = made(tmp_path, LINE + LINE, 1, 2)
    assert first != second
    assert made(tmp_path, LINE + LINE, 2, 1) == (second, first)


def test_a_file_that_is_gone_or_shorter_is_no_error(tmp_path: Path) -> None:
    assert len(set(fingerprints([found(path="gone.py", line=9), found(line=9)], tmp_path))) == 2


def test_a_form_feed_ends_no_line(tmp_path: Path) -> None:
    assert made(tmp_path, "import os\n\f\n" + LINE, 3) == made(tmp_path, LINE, 1)


def test_the_name_of_a_file_need_not_be_text(tmp_path: Path) -> None:
    first, second = fingerprints([found(path="\udcff.py"), found(path="\udcfe.py")], tmp_path)
    assert first != second
