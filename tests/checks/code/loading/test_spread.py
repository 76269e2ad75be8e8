"""A file that takes too long, or ends the process that reads it, is one unknown and no more."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import clock, load, spread
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading

FILES = {f"shop/m{n}.py": f"x = {n}\n" for n in range(20)}


def note(reading: Reading) -> Iterator[Fact]:
    yield Fact(1, "")


def die(reading: Reading) -> Iterator[Fact]:
    if reading.module.path == "shop/m7.py":
        os._exit(1)
    yield Fact(1, "")


def hang(reading: Reading) -> Iterator[Fact]:
    for _ in itertools.count() if reading.module.path == "shop/m7.py" else ():
        pass
    yield Fact(1, "")


def fail(reading: Reading) -> Iterator[Fact]:
    yield Fact(1, "")
    if reading.module.path == "shop/m7.py":
        raise KeyError("nobody thought of it")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(spread, "cores", lambda: 2)
    # Other tests may have left a thread, beside which nothing is forked: this very process would
    # read the files, and end.
    monkeypatch.setattr(spread, "_context", lambda: multiprocessing.get_context("fork"))


def noted(code: Codebase) -> list[str]:
    return sorted(source.path for source, _ in code.facts("note"))


def others() -> list[str]:
    return sorted(set(FILES) - {"shop/m7.py"})


@pytest.mark.usefixtures("two_processes")
def test_a_file_that_ends_its_process(project: Path) -> None:
    code = load.load(project, [("note", die)], cached=False)
    assert noted(code) == others()
    (unknown,) = code.unknown
    assert unknown.subject == "shop/m7.py"
    assert "ended" in unknown.reason


@pytest.mark.usefixtures("two_processes")
def test_what_ended_its_process_is_tried_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    assert len(load.load(project, [("note", die)]).unknown) == 1
    assert load.load(project, [("note", note)]).unknown == []


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_takes_too_long(
    project: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, processes: int
) -> None:
    if processes > 1:
        request.getfixturevalue("two_processes")
    monkeypatch.setattr(clock, "SECONDS", 0.3)
    code = load.load(project, [("note", hang)], cached=False)
    assert noted(code) == others()
    (unknown,) = code.unknown
    assert (unknown.subject, unknown.reason) == (
        "shop/m7.py",
        "the file was given up: reading it took more than 0.3 s",
    )


def test_a_rule_that_raises_is_named_and_the_others_go_on(project: Path) -> None:
    code = load.load(project, [("bad", fail), ("note", note)], cached=False)
    assert noted(code) == sorted(FILES)
    (unknown,) = code.unknown
    assert unknown.subject == "shop/m7.py"
    assert unknown.reason == "bad failed on this file: KeyError: 'nobody thought of it'"


def test_no_processes_at_all(
    project: Path, monkeypatch: pytest.MonkeyPatch, two_processes: None
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("concurrent.futures.process.ProcessPoolExecutor._launch_processes", refuse)
    code = load.load(project, [("note", note)], cached=False)
    assert noted(code) == sorted(FILES)
