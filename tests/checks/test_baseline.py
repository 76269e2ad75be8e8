"""The baseline file: written, read, and refused when it is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.reports import found

from django_scaleready.checks.baseline import Baseline, BaselineError, write


def test_what_was_written_is_known(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [("aaaa", found()), ("bbbb", found(path="b.py"))])
    baseline = Baseline.read(path)
    assert "aaaa" in baseline
    assert "bbbb" in baseline
    assert "cccc" not in baseline


def test_nothing_is_a_baseline_too(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [])
    assert Baseline.read(path).entries == {}


def test_the_order_does_not_depend_on_that_of_the_findings(tmp_path: Path) -> None:
    pairs = [("aaaa", found(line=5)), ("bbbb", found(path="Z.py")), ("cccc", found(line=2))]
    one, two = tmp_path / "1", tmp_path / "2"
    write(one, pairs)
    write(two, reversed(pairs))
    assert one.read_text() == two.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a file that --update-baseline wrote"),
        ("[]", "not a file that --update-baseline wrote"),
        ('{"version": 1, "findings": [{"id": "x"}]}', "not a file that --update-baseline wrote"),
        (json.dumps({"version": 2, "findings": []}), "got version 2, accepts 1"),
    ],
)
def test_what_is_no_baseline_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(BaselineError, match=said) as raised:
        Baseline.read(path)
    assert str(path) in str(raised.value)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="--update-baseline writes it"):
        Baseline.read(tmp_path / "none.json")


def test_a_folder_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="Is a directory"):
        write(tmp_path, [])
