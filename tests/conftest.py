"""What a test needs of the machine.

``@pytest.mark.needs("pgbouncer")``: it is skipped where that is missing, with the reason; under
``CI=true`` it fails instead, as every skipped test does, because a test that is never run proves
nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest

# Debian keeps servers in a directory that is on root's PATH alone.
SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
IN_CI = os.environ.get("CI", "").lower() == "true"


def missing(item: pytest.Item) -> list[str]:
    """The programs that a test declares and this machine lacks."""
    wanted = [str(name) for mark in item.iter_markers("needs") for name in mark.args]
    return [name for name in wanted if shutil.which(name, path=SEARCHED) is None]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if absent := missing(item):
        pytest.skip(f"not installed: {', '.join(absent)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true makes a failure: {report.longrepr}"
    return report
