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
    """Make a run in the background (``make test &``, ``nohup``) the same as one in the foreground.

    The one has it ignore SIGINT, the other SIGHUP; every process that a test starts inherits that,
    and would be deaf to what it is sent.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


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
