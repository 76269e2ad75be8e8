"""A test that needs what is missing is skipped here, and fails in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.mark.needs("sh")
def test_here(): pass

@pytest.mark.needs("sh", "no-such-program")
def test_missing(): pass

@pytest.mark.skip(reason="lazy")
def test_skipped(): pass

@pytest.mark.xfail(reason="known", strict=True)
def test_known(): assert False
"""


def run(folder: Path, ci: str) -> str:
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_it.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = needs\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfEs"],
        cwd=folder,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
            # Django's, hypothesis' and others have nothing to do with it.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "CI": ci,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def test_skipped_with_the_reason(tmp_path: Path) -> None:
    said = run(tmp_path, "")
    assert "1 passed, 2 skipped, 1 xfailed" in said
    assert "not installed: no-such-program" in said


def test_a_failure_in_ci(tmp_path: Path) -> None:
    said = run(tmp_path, "true")
    assert "1 passed, 1 xfailed, 2 errors" in said
    assert "which CI=true makes a failure" in said
    assert "not installed: no-such-program" in said


@pytest.mark.parametrize("ci", ["1", "false"])
def test_ci_is_spelt_true(tmp_path: Path, ci: str) -> None:
    assert "2 skipped" in run(tmp_path, ci)
