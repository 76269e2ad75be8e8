"""``pytest --scaleready``: what requests, tasks and code under test leave behind.

pytest loads this in every run in whose environment the kit is installed, so it imports nothing and
hooks into nothing unless it is asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django_scaleready.checks.witnessed import Seen

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
        self.seen: list[Seen] = []
        self.watched: Counter[str] = Counter()
        self.errors: dict[str, None] = {}
        self._recorder: Any = None
        self._failing = 0

    @property
    def _is_worker(self) -> bool:
        return hasattr(self.config, "workeroutput")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Begin; the settings are in force now."""
        from django.conf import settings

        if not settings.configured and not _has_settings():
            raise pytest.UsageError(
                "--scaleready watches a Django project, and no settings are in force: set"
                " DJANGO_SETTINGS_MODULE (pytest-django reads it from the ini file, too)."
            )
        from django_scaleready.witness import watch

        self._recorder = watch.recorder()
        watch.start(self._recorder)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Have the test be what is going on. Not its fixtures: they make and clear its world."""
        from django_scaleready.checks.witnessed import Moment

        window = self._recorder.begin(Moment.TEST, lambda: (item.nodeid, None))
        try:
            return (yield)
        finally:
            window.end()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of xdist has seen."""
        sent = getattr(node, "workeroutput", {}).get(_SENT)
        if sent:
            from django_scaleready.checks.witnessed import from_data

            told = json.loads(sent)
            self.seen += [from_data(data) for data in told["seen"]]
            self.watched.update(told["watched"])
            self.errors.update(dict.fromkeys(told["errors"]))

    # Before the wrappers around this hook end: xdist sends, and the terminal sums up.
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End; send it to the controller, or judge it."""
        if self._recorder is None:
            return
        from django_scaleready.checks.witnessed import merged, write
        from django_scaleready.witness import report, watch

        watch.stop()
        self._recorder.finish()
        self.seen = list(merged([*self.seen, *self._recorder.seen.values()]))
        self.watched.update(self._recorder.watched)
        self.errors.update(self._recorder.errors)
        if self._is_worker:
            self._send()
            return
        if self.output is not None:
            write(self.output, self.seen)
        self._failing = report.reported(self.seen, self._root).failing
        if self.strict and self._failing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was seen."""
        if self._recorder is None:
            return
        from django_scaleready.witness import report

        def paint(severity: str, text: str) -> str:
            colour = {"error": "red", "warning": "yellow"}.get(severity, "cyan")
            return str(terminalreporter._tw.markup(text, **{colour: True}))

        terminalreporter.section("scaleready: what would stay behind on one replica")
        for line in report.told(self.seen, self._root, self.watched, self.errors, paint):
            terminalreporter.write_line(line)
        if self.strict and self._failing:
            terminalreporter.write_line(
                f"--scaleready=strict: the run fails for what would break ({self._failing}).",
                red=True,
            )

    @property
    def _root(self) -> Path:
        root: Path = self._recorder.frames.root
        return root

    def _send(self) -> None:
        from django_scaleready.checks.witnessed import as_data

        sent = {
            "seen": [as_data(seen) for seen in self.seen],
            "watched": self.watched,
            "errors": list(self.errors),
        }
        # Text: xdist carries plain types alone.
        self.config.workeroutput[_SENT] = json.dumps(sent)  # type: ignore[attr-defined]  # xdist's


def _has_settings() -> bool:
    import os

    return bool(os.environ.get("DJANGO_SETTINGS_MODULE"))
