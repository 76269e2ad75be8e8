from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from django_scaleready import probe_paths
from django_scaleready.env import EnvError
from django_scaleready.probe_paths import BY_PATH, DEFAULTS, Probe, is_path, use


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = dict(BY_PATH)
    yield
    BY_PATH.clear()
    BY_PATH.update(before)


def start_up(**environment: str) -> list[str]:
    """The paths as start-up code sees them, in a process of its own."""
    code = "from django_scaleready.probe_paths import BY_PATH; print(*sorted(BY_PATH))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_paths_before_there_are_settings() -> None:
    paths = ["/healthz", "/livez", "/readyz", "/startupz"]
    assert start_up() == sorted([*paths, *(f"{path}/" for path in paths)])


def test_the_prefix_is_known_before_there_are_settings() -> None:
    assert "/internal/livez/" in start_up(SCALEREADY_PROBE_PREFIX="/internal")
    assert "/livez" not in start_up(SCALEREADY_PROBE_PREFIX="/internal")


@pytest.mark.parametrize("value", ["internal", "/internal/", "/", "/a b", "/a?b", "//a", "/<x>"])
def test_a_bad_prefix_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SCALEREADY_PROBE_PREFIX", value)
    with pytest.raises(EnvError, match="SCALEREADY_PROBE_PREFIX: got"):
        probe_paths.prefix_of_environment()


@pytest.mark.parametrize("path", ["/livez", "/a/b", "/-/health", "/.well-known/x", "/~ops"])
def test_what_may_be_a_path(path: str) -> None:
    assert is_path(path)


def test_each_answers_with_and_without_a_slash() -> None:
    use("/ops", DEFAULTS)
    assert len(BY_PATH) == 2 * len(Probe)
    for probe, path in DEFAULTS.items():
        assert BY_PATH[f"/ops{path}"] is BY_PATH[f"/ops{path}/"] is probe


def test_what_was_answered_before_is_the_project_s_again() -> None:
    use("", {**DEFAULTS, Probe.HEALTH: None, Probe.LIVENESS: "/alive"})
    assert BY_PATH.keys() & {"/healthz", "/livez"} == set()
    assert BY_PATH["/alive"] is Probe.LIVENESS
