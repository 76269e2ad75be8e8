"""``manage.py scaleready`` as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from support.projects import run_manage

from django_scaleready.checks.registry import RULES
from django_scaleready.management.commands.scaleready import SUBCOMMANDS

SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django_scaleready"]
ROOT_URLCONF = "no.such.module"
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


def output(*arguments: str) -> str:
    stdout = StringIO()
    call_command("scaleready", *arguments, stdout=stdout)
    return stdout.getvalue()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose own checks fail."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "mysite").mkdir()
    (folder / "mysite" / "settings.py").write_text(SETTINGS)
    (folder / "manage.py").write_text(MANAGE)
    return folder


def test_help_lists_each_subcommand(broken: Path) -> None:
    done = run_manage(broken, "scaleready", "--help")
    assert done.returncode == 0
    assert all(f"    {name} " in done.stdout for name in SUBCOMMANDS)


def test_it_works_in_a_project_whose_checks_fail(broken: Path) -> None:
    assert run_manage(broken, "scaleready", "rules").returncode == 0
    assert run_manage(broken, "check").returncode != 0


def test_without_a_subcommand_it_says_what_it_takes(broken: Path) -> None:
    done = run_manage(broken, "scaleready")
    assert done.returncode == 2
    assert "SUBCOMMAND" in done.stderr


def test_a_reader_that_has_left_is_no_error(broken: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "manage.py", "scaleready", "rules"],
        cwd=broken,
        env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_rules_lists_every_rule_once() -> None:
    lines = output("rules").splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.code, rule.slug] for rule in RULES]


@pytest.mark.parametrize("name", ["E001", "e001", "scaleready.E001", "W001", "1", "db-sqlite"])
def test_explain_takes_ids_and_slugs(name: str) -> None:
    text = output("explain", name)
    assert text.startswith("scaleready.E001 db-sqlite\n\nSQLite keeps the database")
    assert "## Good" in text


def test_explain_takes_several() -> None:
    text = output("explain", "db-sqlite", "debug")
    assert text.index("db-sqlite") < text.index(" debug\n")


def test_explain_refuses_an_unknown_name_and_shows_nothing() -> None:
    stdout = StringIO()
    with pytest.raises(
        CommandError, match=r"db-sqlit: no such rule.*Did you mean db-sqlite"
    ) as refused:
        call_command("scaleready", "explain", "debug", "db-sqlit", stdout=stdout)
    assert refused.value.returncode == 2
    assert stdout.getvalue() == ""


@pytest.mark.parametrize("number", ["x", "0", "-5", "1.5", "", "9" * 20])
def test_drain_refuses_what_is_no_process(number: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"got '{number}', accepts the number of a process"):
        call_command("scaleready", "drain", f"--pid={number}")
    file = tmp_path / "pid"
    file.write_text(number)
    with pytest.raises(CommandError, match="there is no process number in it") as refused:
        call_command("scaleready", "drain", f"--pidfile={file}")
    assert refused.value.returncode == 2


def test_help_is_plain_text(broken: Path) -> None:
    assert "``" not in run_manage(broken, "scaleready", "drain", "--help").stdout


def test_explain_says_what_an_id_is_that_is_no_rules() -> None:
    with pytest.raises(CommandError, match="W000 is the id of no rule, but of what could not be"):
        call_command("scaleready", "explain", "W000")


def test_explain_says_that_a_rule_was_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "django_scaleready.management.subcommands.explain.RETIRED", {"scaleready.W998"}
    )
    with pytest.raises(CommandError, match="retired"):
        call_command("scaleready", "explain", "w998")


def test_explain_needs_no_docstrings(broken: Path) -> None:
    done = run_manage(broken, "scaleready", "explain", "E001", PYTHONOPTIMIZE="2")
    assert done.stdout == output("explain", "E001")
