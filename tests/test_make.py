"""What make says on a machine that lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.needs("make")


def make(
    folder: Path, *arguments: str, path: str = os.environ["PATH"]
) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / ".ci", folder / ".ci", dirs_exist_ok=True)
    (folder / "pyproject.toml").touch()
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_it_lists_what_it_can_do(tmp_path: Path) -> None:
    done = make(tmp_path)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert {"demo", "test", "lint", "docs", "clean"} <= set(listed)


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = program(tmp_path, "old", '[ "$1" = -V ] && echo "Python 3.9.2"; exit 1')
    done = make(tmp_path, "demo", f"PYTHON={old}")
    assert done.returncode != 0
    assert f"Python 3.11 or later is needed; {old} is Python 3.9.2." in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_no_python_at_all_is_said(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "make", "awk"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    done = make(tmp_path, "demo", path=str(tools))
    assert done.returncode != 0
    assert "Python 3.11 or later is needed; python3 is" in done.stderr


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    script = f'case "$*" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    partial = program(tmp_path, "partial", script)
    done = make(tmp_path, "test", f"PYTHON={partial}")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr


def test_missing_services_are_named_where_apt_is_not(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "bash", "env", "make"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    done = make(tmp_path, "services", "SERVICES=sh no-such-server", path=str(tools))
    assert done.returncode == 0, done.stderr
    assert "Not installed, and not installable from here: no-such-server." in done.stdout
