"""What a test needs of the machine.

``@pytest.mark.needs("pgbouncer")``: it is skipped where that is missing, with the reason; under
``CI=true`` it fails instead, as every skipped test does, because a test that is never run proves
nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator

import pytest

from django_scaleready.drill import programs

IN_CI = os.environ.get("CI", "").lower() == "true"


def pytest_configure() -> None:
    """Make a run in the background (``make test &``) the same as one in the foreground.

    A shell without job control has it ignore SIGINT, every process that a test starts inherits
    that, and Ctrl-C would find them deaf.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def missing(item: pytest.Item) -> list[str]:
    """The programs that a test declares and this machine lacks."""
    wanted = [str(name) for mark in item.iter_markers("needs") for name in mark.args]
    return [name for name in wanted if programs.find(name) is None]


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
