"""What was read is read again only if it or a rule changed, and nothing on disk can break a run."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from support.projects import examples

from django_scaleready.checks.base import Rule
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import cache, files, load, spread
from django_scaleready.checks.code.tree import analyse
from django_scaleready.checks.registry import COLLECTORS, RULES

FILES = {f"shop/m{n}.py": f"import requests\ndef f{n}(): requests.get('x')\n" for n in range(30)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "django-scaleready"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "shop").mkdir(parents=True)
    for name, text in FILES.items():
        (tmp_path / "project" / name).write_text(text)
    return tmp_path / "project"


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    original = analyse.analyse

    def note(path: str, *arguments: object) -> object:
        names.append(path)
        return original(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(analyse, "analyse", note)
    return names


def read(project: Path) -> Codebase:
    return load.load(project, COLLECTORS)


def facts(code: Codebase) -> list[tuple[str, int]]:
    return [(source.path, fact.line) for source, fact in code.facts("http-no-timeout")]


def test_the_second_run_reads_what_changed(project: Path, analysed: list[str]) -> None:
    first = facts(read(project))
    assert len(first) == len(analysed) == len(FILES)
    analysed.clear()
    assert facts(read(project)) == first
    assert analysed == []
    (project / "shop" / "m3.py").write_text("\n" + FILES["shop/m3.py"])
    assert ("shop/m3.py", 3) in facts(read(project))
    assert analysed == ["shop/m3.py"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_what_a_rule_notes_is_kept(tmp_path: Path, analysed: list[str], rule: Rule) -> None:
    """A class that the cache does not make would cost all of it, and nobody would see."""
    page = sys.modules[rule.find.__module__].__doc__ or ""
    project = tmp_path / "project"
    for name, text in examples(page, "Bad").items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    read(project)
    analysed.clear()
    read(project)
    assert analysed == []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    original = files.read

    def note(root: Path, path: str) -> bytes:
        names.append(path)
        return original(root, path)

    monkeypatch.setattr(files, "read", note)
    return names


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the files were old; nobody can set the time of a change."""
    monkeypatch.setattr(files, "CLOCK", -(10**12))


@pytest.mark.usefixtures("settled")
def test_what_looks_the_same_is_not_read(project: Path, opened: list[str]) -> None:
    first = facts(read(project))
    assert sorted(opened) == sorted(FILES)
    opened.clear()
    assert facts(read(project)) == first
    assert opened == []
    changed, old = project / "shop" / "m3.py", (project / "shop" / "m3.py").stat()
    changed.write_text(FILES["shop/m3.py"].replace("requests.get", "requests.put"))
    # Whoever copies a file with its times, or sets them, is noticed all the same.
    os.utime(changed, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert (changed.stat().st_size, changed.stat().st_mtime_ns) == (old.st_size, old.st_mtime_ns)
    read(project)
    assert opened == ["shop/m3.py"]


def test_what_was_just_written_is_read_again(project: Path, opened: list[str]) -> None:
    read(project)
    opened.clear()
    read(project)
    assert sorted(opened) == sorted(FILES)


@pytest.mark.usefixtures("settled")
def test_the_same_looks_without_a_summary(project: Path, home: Path, opened: list[str]) -> None:
    first = facts(read(project))
    (whole,) = home.glob("*.pickle")
    whole.unlink()
    opened.clear()
    assert facts(read(project)) == first
    assert sorted(opened) == sorted(FILES)


def test_a_change_is_kept_beside_the_rest(project: Path, home: Path, analysed: list[str]) -> None:
    read(project)
    (whole,) = home.glob("*.pickle")
    before = whole.stat().st_mtime_ns
    for number in (3, 4):
        (project / "shop" / f"m{number}.py").write_text("import requests\nrequests.get('y')\n")
        changed = facts(read(project))
    assert whole.stat().st_mtime_ns == before
    analysed.clear()
    assert facts(read(project)) == changed
    assert analysed == []


def test_many_changes_are_no_longer_kept_beside_the_rest(
    project: Path, home: Path, analysed: list[str]
) -> None:
    read(project)
    for number in range(10):
        (project / "shop" / f"m{number}.py").write_text("x = 1\n")
        read(project)
    assert len(list(home.glob("*.pickle"))) == 1
    analysed.clear()
    read(project)
    assert analysed == []


def test_a_file_that_moves_is_read_anew(project: Path, analysed: list[str]) -> None:
    read(project)
    analysed.clear()
    (project / "shop" / "m3.py").rename(project / "shop" / "moved.py")
    assert ("shop/moved.py", 2) in facts(read(project))
    assert analysed == ["shop/moved.py"]


def test_another_version_of_the_rules_reads_all(
    project: Path, analysed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read(project)
    analysed.clear()
    monkeypatch.setattr(cache, "version", lambda: b"another version.")
    assert len(facts(read(project))) == len(analysed) == len(FILES)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"cos\nsystem\n(S'exit 1'\ntR."])
def test_a_broken_cache_is_no_cache(project: Path, home: Path, content: bytes) -> None:
    first = facts(read(project))
    (project / "shop" / "m3.py").write_text("\n" + FILES["shop/m3.py"])
    changed = facts(read(project))
    assert changed != first
    for suffix in (".changes", ".pickle", ".stamps"):
        (file,) = home.glob(f"*{suffix}")
        file.write_bytes(file.read_bytes()[:16] + content)
        assert facts(read(project)) == changed


def test_it_may_be_deleted(project: Path, home: Path) -> None:
    first = facts(read(project))
    for file in home.iterdir():
        file.unlink()
    assert facts(read(project)) == first


def test_a_folder_that_cannot_be_written_costs_the_cache_alone(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(facts(read(project))) == len(FILES)


def test_a_folder_that_is_relative_is_ignored(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(project)
    read(project)
    assert not (project / "cache").exists()
    assert list((tmp_path / "home").rglob("*.pickle"))


def test_two_runs_at_once_leave_a_good_cache(
    project: Path, home: Path, analysed: list[str]
) -> None:
    found: list[list[tuple[str, int]]] = []
    runs = [threading.Thread(target=lambda: found.append(facts(read(project)))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert found[0] == found[1] == found[2] == found[3]
    analysed.clear()
    assert facts(read(project)) == found[0]
    assert analysed == []
    assert {file.suffix for file in home.iterdir()} <= {".pickle", ".stamps"}


def test_several_processes_find_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = facts(load.load(project, COLLECTORS, cached=False))
    monkeypatch.setattr(spread, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(spread, "cores", lambda: 3)
    assert facts(load.load(project, COLLECTORS, cached=False)) == alone
