"""``pytest --scaleready``: what requests, tasks and code under test leave behind.

pytest loads this in every run in whose environment the kit is installed, so it imports nothing and
hooks into nothing unless it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django_scaleready.witness.recorder import Recorder
    from django_scaleready.witness.report import Gathered

_SENT = "scaleready"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("django-scaleready")
    group.addoption(
        "--scaleready",
        action="store_const",
        const="report",
        help="Say at the end what requests and tasks left behind on this machine.",
    )
    # An option of its own: as a value of the other one, `--scaleready tests/` would be refused.
    group.addoption(
        "--scaleready=strict",
        dest="scaleready",
        action="store_const",
        const="strict",
        help="The same, and fail if one of it would break with two replicas.",
    )
    group.addoption(
        "--scaleready-output",
        type=Path,
        metavar="FILE",
        help="Write it there too, for check --deploy-scale --witnessed FILE.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch, if that is asked for."""
    mode, output = config.getoption("scaleready"), config.getoption("scaleready_output")
    if mode is None:
        if output is not None:
            raise pytest.UsageError("--scaleready-output needs --scaleready.")
        return
    config.pluginmanager.register(Witness(config, mode == "strict", output), "scaleready-witness")


class Witness:
    """The plugin of a run that asked for it; of the controller and of each worker of xdist."""

    def __init__(self, config: pytest.Config, strict: bool, output: Path | None) -> None:
        self.config, self.strict, self.output = config, strict, output
        self._recorder: Recorder | None = None
        self._gathered: Gathered | None = None
        self._refused = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Begin; the settings are in force now."""
        from django.conf import settings

        if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
            raise pytest.UsageError(
                "--scaleready watches a Django project, and no settings are in force: set"
                " DJANGO_SETTINGS_MODULE (pytest-django reads it from the ini file, too)."
            )
        from django_scaleready.witness import watch
        from django_scaleready.witness.report import Gathered

        self._recorder = watch.recorder()
        self._gathered = Gathered(self._recorder.frames.root)
        watch.start(self._recorder)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Have the test be what is going on. Not its fixtures: they make and clear its world."""
        from django_scaleready.checks.witnessed import Moment

        assert self._recorder is not None  # noqa: S101 - the session has begun
        window = self._recorder.begin(Moment.TEST, lambda: (item.nodeid, None))
        try:
            return (yield)
        finally:
            window.end()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of xdist has seen; one that crashed hands nothing over."""
        sent = getattr(node, "workeroutput", {}).get(_SENT)
        if sent and self._gathered:
            self._gathered.add(sent)

    # Before the wrappers around this hook end: xdist sends, and the terminal sums up.
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End; hand it to the controller, or judge it."""
        if self._recorder is None or self._gathered is None:
            return
        from django_scaleready.witness import report, watch

        watch.stop()
        self._gathered.take(self._recorder)
        if hasattr(self.config, "workeroutput"):
            # Text: xdist carries plain types alone.
            self.config.workeroutput[_SENT] = report.carried(self._recorder)
            return
        if self.output is not None:
            self._refused = self._gathered.written(self.output)
        if (self._fails or self._refused) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was seen."""
        if self._gathered is None:
            return
        from django_scaleready.witness.report import TITLE

        def paint(severity: str, text: str) -> str:
            colour = {"error": "red", "warning": "yellow"}.get(severity, "cyan")
            return str(terminalreporter._tw.markup(text, **{colour: True}))

        terminalreporter.section(TITLE)
        for line in self._gathered.lines(paint):
            terminalreporter.write_line(line)
        if self._refused:
            terminalreporter.write_line(self._refused, red=True)
        if self._fails:
            terminalreporter.write_line(
                f"--scaleready=strict: {self._fails} of these would break, so the run fails.",
                red=True,
            )

    @property
    def _fails(self) -> int:
        return self._gathered.report().failing if self.strict and self._gathered else 0
