"""What one machine writes no other one reads, and the original stays as it was."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from django_scaleready.drill import isolation
from django_scaleready.drill.isolation import Machine, python_needs, unshare
from django_scaleready.drill.waiting import DrillError

with_mounts = pytest.mark.skipif(not unshare(), reason="unshare --mount is not allowed here")


@pytest.fixture
def base() -> Iterator[Path]:
    """Below a temporary directory, as a drill's is, and so below what is hidden."""
    folder = Path(tempfile.mkdtemp(prefix="isolation-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def project(base: Path) -> Path:
    project = base / "project"
    (project / "media").mkdir(parents=True)
    (project / "media" / "old").write_text("old")
    (project / ".venv").mkdir()
    (project / ".venv" / "pyvenv.cfg").touch()
    (project / "node_modules").mkdir()
    (project / "node_modules" / "large").touch()
    return project


def machine(base: Path, project: Path, *outside: Path, mounts: bool = True) -> Machine:
    ways = unshare() if mounts else ()
    made = Machine(base / "run" / "release", project, outside, [base / "run"], ways)
    made.create()
    return made


def sh(machine: Machine, script: str) -> str:
    argv = machine.wrap(["sh", "-c", script])
    done = subprocess.run(
        argv, cwd=machine.directory, capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mounts", [pytest.param(True, marks=with_mounts), False])
def test_what_is_written_into_the_project_is_written_into_the_copy(
    base: Path, project: Path, mounts: bool
) -> None:
    release = machine(base, project, mounts=mounts)
    sh(release, "cat media/old && echo new > media/new")
    assert (release.files / "media" / "new").read_text() == "new\n"
    assert not (project / "media" / "new").exists()


@pytest.mark.parametrize("mounts", [pytest.param(True, marks=with_mounts), False])
def test_a_clone_begins_with_what_was_written_and_goes_its_own_way(
    base: Path, project: Path, mounts: bool
) -> None:
    release = machine(base, project, mounts=mounts)
    sh(release, "echo release > media/new")
    clone = release.clone(base / "run" / "clone")
    assert sh(clone, "cat media/new; echo clone > media/new; cat media/new") == "release\nclone\n"
    assert sh(release, "cat media/new") == "release\n"


@pytest.mark.parametrize("mounts", [pytest.param(True, marks=with_mounts), False])
def test_what_is_large_and_never_written_is_there_and_not_copied(
    base: Path, project: Path, mounts: bool
) -> None:
    release = machine(base, project, mounts=mounts)
    assert sh(release, "ls .venv node_modules") == ".venv:\npyvenv.cfg\n\nnode_modules:\nlarge\n"
    assert not (release.files / "node_modules" / "large").exists() or not mounts
    assert (release.files / "node_modules").is_symlink() is not mounts


@with_mounts
def test_an_absolute_path_into_the_project_leads_to_the_copy(base: Path, project: Path) -> None:
    release = machine(base, project)
    assert sh(release, f"echo new > {project}/media/new; pwd") == f"{project}\n"
    assert (release.files / "media" / "new").exists()
    assert not (project / "media" / "new").exists()


@with_mounts
def test_a_directory_that_settings_name_is_empty_and_its_own(base: Path, project: Path) -> None:
    uploads = base / "uploads"
    uploads.mkdir()
    (uploads / "of-the-real-one").touch()
    release = machine(base, project, uploads)
    assert sh(release, f"ls {uploads}; touch {uploads}/new") == ""
    assert [path.name for path in uploads.iterdir()] == ["of-the-real-one"]
    assert sh(release.clone(base / "run" / "clone"), f"ls {uploads}") == "new\n"
    assert release.limitations() == []


@with_mounts
def test_temporary_files_are_its_own_although_the_drill_lies_among_them(
    base: Path, project: Path
) -> None:
    release = machine(base, project)
    leak = Path("/tmp") / f"{base.name}-leak"
    sh(release, f"touch {leak}; test -d {base}/run/release; echo told > {base}/run/told")
    assert not leak.exists()
    assert (base / "run" / "told").read_text() == "told\n"


@with_mounts
def test_the_pid_is_the_programs_own_and_its_exit_code_too(base: Path, project: Path) -> None:
    release = machine(base, project)
    # No Python: where this one lies in /tmp, the machine does not see it.
    popen = subprocess.Popen(
        release.wrap(["sh", "-c", "echo $$; exit 7"]), stdout=subprocess.PIPE, text=True
    )
    assert popen.communicate(timeout=20)[0] == f"{popen.pid}\n"
    assert popen.returncode == 7


@pytest.mark.parametrize("mounts", [pytest.param(True, marks=with_mounts), False])
def test_what_cannot_be_its_own_is_said(base: Path, project: Path, mounts: bool) -> None:
    missing = base / "not-there"
    release = machine(base, project, Path("/usr"), missing, project / "media", mounts=mounts)
    said = "\n".join(release.limitations())
    assert "/usr" in said
    assert str(missing) in said
    assert "media" not in said


def test_a_socket_in_the_project_is_left_out(base: Path, project: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(project / "s"))
        release = machine(base, project)
    assert not (release.files / "s").exists()


def test_a_project_that_cannot_be_copied_is_named(base: Path) -> None:
    with pytest.raises(DrillError, match="nowhere cannot be copied"):
        machine(base, base / "nowhere")


def test_without_unshare_there_are_no_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    isolation.unshare.cache_clear()
    try:
        assert unshare() == ()
    finally:
        isolation.unshare.cache_clear()


def test_python_needs_itself_and_what_it_imports_but_not_the_project(base: Path) -> None:
    code = base / "library"
    code.mkdir()
    needs = python_needs(
        sys.executable, [str(code), str(base / "project" / "src")], base / "project"
    )
    assert code in needs
    assert Path(sys.prefix) in needs
    assert not any(path.is_relative_to(base / "project") for path in needs)
