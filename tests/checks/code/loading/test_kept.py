import os
from pathlib import Path

import pytest

from django_scaleready.checks.code.loading.cache import Cache
from django_scaleready.checks.code.loading.kept import Kept


def made(root: Path, value: str) -> str:
    return Kept(Cache(root)).made("words", root, ["a.html"], lambda: value)


def test_what_looks_the_same_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "a.html"
    file.write_text("x")
    # It was only just written: the clock of its file system may not tell the next time from this.
    assert [made(tmp_path, "a"), made(tmp_path, "b")] == ["a", "b"]
    monkeypatch.setattr("django_scaleready.checks.code.loading.files.CLOCK", -(10**9))
    assert [made(tmp_path, "c"), made(tmp_path, "d")] == ["c", "c"]
    os.utime(file, ns=(1, 1))
    assert made(tmp_path, "e") == "e"
