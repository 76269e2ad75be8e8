"""What a test needs of the machine: ``@pytest.mark.needs("pgbouncer")``.

It is skipped where that is missing, with the reason; under ``CI=true`` it fails instead, because a
test that is never run proves nothing.
"""

from __future__ import annotations

import os
import shutil

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
        reason = f"not installed: {', '.join(absent)}"
        if IN_CI:
            pytest.fail(f"{reason}; with CI=true that is a failure", pytrace=False)
        pytest.skip(reason)
