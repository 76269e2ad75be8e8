"""The baseline file: written, read, and refused when it is none."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.baseline import Baseline, BaselineError, Looked, Mark, write


def mark(fingerprint: str, path: str = "a.py", code: str = "scaleready.E990") -> Mark:
    return Mark(path, code, fingerprint)


def everywhere(_: str) -> bool:
    return True


def not_for(code: str) -> Looked:
    return lambda asked: asked != code


def test_what_was_written_is_known(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [mark("aaaa"), mark("bbbb", "b.py")], everywhere)
    baseline = Baseline.read(path)
    assert "aaaa" in baseline
    assert "bbbb" in baseline
    assert "cccc" not in baseline


def test_nothing_is_a_baseline_too(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [], everywhere)
    assert Baseline.read(path).entries == {}


def test_the_order_does_not_depend_on_that_of_the_findings(tmp_path: Path) -> None:
    marks = [mark("aaaa"), mark("bbbb", "Z.py"), mark("cccc")]
    one, two = tmp_path / "1", tmp_path / "2"
    write(one, marks, everywhere)
    write(two, reversed(marks), everywhere)
    assert one.read_text() == two.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a file that --update-baseline wrote"),
        ("[]", "not a file that --update-baseline wrote"),
        ('{"version": 1, "findings": [{"id": "x"}]}', "not a file that --update-baseline wrote"),
        ('{"version": 1, "findings": ["x"]}', "not a file that --update-baseline wrote"),
        ('{"version": 1, "findings": 1}', "not a file that --update-baseline wrote"),
        ("[" * 100_000, "not a file that --update-baseline wrote"),
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


def test_an_entry_with_an_odd_id_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    odd = {"fingerprint": 1, "id": ["x"], "path": None}
    path.write_text(json.dumps({"version": 1, "findings": [odd]}))
    assert Baseline.read(path).gone([], frozenset({"scaleready.E990"}).__contains__) == 0


def test_on_a_full_disk_the_old_one_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "baseline.json"
    write(path, [mark("aaaa")], everywhere)
    original = Path.write_text

    def fill(file: Path, text: str, **how: Any) -> int:
        original(file, text[:20], **how)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", fill)
    with pytest.raises(BaselineError, match="No space left"):
        write(path, [mark("bbbb")], everywhere)
    assert "aaaa" in Baseline.read(path)
    assert [file.name for file in tmp_path.iterdir()] == ["baseline.json"]


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EACCES])
def test_a_file_that_cannot_be_renamed_to_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "baseline.json"
    write(path, [mark("aaaa")], everywhere)

    def refuse(_: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refuse)
    write(path, [mark("bbbb")], everywhere)
    assert "bbbb" in Baseline.read(path)
    assert [file.name for file in tmp_path.iterdir()] == ["baseline.json"]


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    there, link = tmp_path / "there.json", tmp_path / "link.json"
    write(there, [], everywhere)
    there.chmod(0o640)
    link.symlink_to(there)
    write(link, [mark("aaaa")], everywhere)
    assert link.is_symlink()
    assert "aaaa" in Baseline.read(there)
    assert there.stat().st_mode & 0o777 == 0o640


def test_a_folder_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="Is a directory"):
        write(tmp_path, [], everywhere)


def test_what_this_run_did_not_look_for_stays(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [mark("aaaa"), mark("bbbb", code="scaleready.E991")], everywhere)
    write(path, [mark("cccc")], not_for("scaleready.E991"))
    assert set(Baseline.read(path).entries) == {"bbbb", "cccc"}


def test_what_this_run_did_not_look_for_is_not_gone(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [mark("aaaa"), mark("bbbb", code="scaleready.E991")], everywhere)
    baseline = Baseline.read(path)
    assert baseline.gone([], everywhere) == 2
    assert baseline.gone([mark("aaaa")], everywhere) == 1
    assert baseline.gone([], not_for("scaleready.E991")) == 1


@pytest.mark.parametrize("content", [b"DEBUG = True", b"{}", b"[1]", b"\xff\xfe"])
def test_a_file_of_something_else_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.py"
    path.write_bytes(content)
    with pytest.raises(BaselineError, match="not a file that --update-baseline wrote"):
        write(path, [mark("aaaa")], everywhere)
    assert path.read_bytes() == content


def test_an_empty_file_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.touch()
    write(path, [mark("aaaa")], everywhere)
    assert "aaaa" in Baseline.read(path)


def test_a_merge_that_failed_is_resolved_by_writing_anew(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, [mark("aaaa")], everywhere)
    ours, theirs = path.read_text(), path.read_text().replace("aaaa", "bbbb")
    path.write_text(f"{{\n<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n")
    write(path, [mark("cccc")], everywhere)
    assert set(Baseline.read(path).entries) == {"cccc"}
