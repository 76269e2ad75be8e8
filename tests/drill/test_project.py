"""A project's commands and what its processes say of themselves."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from django_scaleready.drill.processes import Process
from django_scaleready.drill.project import Project, leads, records, takes_tasks
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError, until

MANAGE = """
import os, sys
print(os.environ.get("REDIS_URL"), os.environ.get("SECRET"), *sys.argv[1:])
sys.exit(int(sys.argv[1]))
"""
TOOK = {"message": "beat: took the lock; this beat leads"}
LOST = {"message": "beat: lost the lock"}
STANDS_BY = {"message": "beat: another beat leads; standing by"}


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def project(supervisor: Supervisor, tmp_path: Path) -> Project:
    (tmp_path / "manage.py").write_text(MANAGE)
    return Project(supervisor, tmp_path, "site", {"REDIS_URL": "redis://here"})


def process(supervisor: Supervisor, lines: list[object]) -> Process:
    """One that prints these and stays."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    code = f"print({text!r}, flush=True); import time; time.sleep(600)"
    program = supervisor.process("program", [sys.executable, "-c", code])
    program.start()
    until(lambda: program.tail() == text, 10, "its output")
    return program


def test_a_command_gets_the_projects_variables_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of the shell")
    assert project.manage("0", "--all").stdout == "redis://here None 0 --all\n"


def test_a_command_that_fails_says_what_it_printed(project: Project) -> None:
    with pytest.raises(DrillError, match=r"manage\.py 3 in .* ended with 3:\nredis://here None 3"):
        project.manage("3")
    assert project.manage("3", accept=(0, 3)).returncode == 3


def test_what_is_no_json_object_is_no_record(supervisor: Supervisor) -> None:
    told = process(supervisor, ["Starting", {"level": "INFO"}, "[1, 2]", '{"cut": ', {"n": 2}])
    assert records(told) == [{"level": "INFO"}, {"n": 2}]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([STANDS_BY, TOOK], True),
        ([TOOK, LOST, STANDS_BY, TOOK], True),
        ([TOOK, LOST], False),
        ([TOOK, LOST, STANDS_BY], False),
        ([STANDS_BY], False),
        (["no record"], False),
    ],
)
def test_who_leads_says_so_last(supervisor: Supervisor, said: list[object], expected: bool) -> None:
    assert leads(process(supervisor, said)) is expected


def test_who_was_killed_leads_no_more(supervisor: Supervisor) -> None:
    beat = process(supervisor, [TOOK])
    beat.kill()
    assert not leads(beat)


def test_a_worker_that_is_ready_takes_tasks(supervisor: Supervisor) -> None:
    takes_tasks(process(supervisor, [{"message": "worker@host ready."}]))
