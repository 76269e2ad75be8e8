"""The counter of out-of-memory kills, as both versions of control groups write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.arbiter import oom

EVENTS = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 9\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the files are; ``own`` is /proc/self/cgroup."""
    monkeypatch.setattr(oom, "_CGROUPS", tmp_path)
    monkeypatch.setattr(oom, "_OWN", tmp_path / "own")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("folder", ["", "system.slice/web.service"])
def test_version_2(groups: Path, folder: str) -> None:
    write(groups / "own", f"0::/{folder}\n")
    write(groups / folder / "memory.events", EVENTS)
    write(groups / folder / "memory.max", f"{512 * 2**20}\n")
    assert (oom.kills(), oom.limit()) == (2, 512 * 2**20)


@pytest.mark.parametrize("folder", ["", "docker/abc"])
def test_version_1(groups: Path, folder: str) -> None:
    write(groups / "own", f"9:name=systemd:/x\n4:memory:/{folder}\n0::/\n")
    write(groups / "memory" / folder / "memory.oom_control", CONTROL)
    write(groups / "memory" / folder / "memory.limit_in_bytes", "1000\n")
    assert (oom.kills(), oom.limit()) == (5, 1000)


def test_in_a_container_the_path_may_be_the_host_s(groups: Path) -> None:
    write(groups / "own", "4:memory:/docker/abc\n")
    write(groups / "memory" / "memory.oom_control", CONTROL)
    assert oom.kills() == 5


@pytest.mark.parametrize("text", ["max\n", f"{(1 << 63) - 4096}\n"])
def test_no_limit(groups: Path, text: str) -> None:
    write(groups / "own", "0::/\n")
    write(groups / "memory.max", text)
    assert oom.limit() is None


def test_where_nothing_counts(groups: Path) -> None:
    assert (oom.kills(), oom.limit()) == (None, None)
    write(groups / "own", "0::/\n")
    write(groups / "memory.events", "low 0\n")
    assert (oom.kills(), oom.limit()) == (None, None)
