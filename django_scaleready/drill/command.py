"""``manage.py scaleready drill``, once its arguments are read: progress, reports, exit code."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from django_scaleready.drill.judge import Verdict
from django_scaleready.drill.load.plan import from_toml
from django_scaleready.drill.perform import perform
from django_scaleready.drill.report import COULD_NOT_RUN, INTERRUPTED, Report
from django_scaleready.drill.reports import document, page, terminal
from django_scaleready.drill.scenarios import SCENARIOS, chosen
from django_scaleready.drill.stage import Options, Stage, stage
from django_scaleready.drill.target import Target
from django_scaleready.drill.waiting import DrillError

STDOUT = Path("-")
# Of a log, which no terminal's edge cuts.
_FILE_WIDTH = 110
# Told again by the drill to each process, with a value of its own.
_NOT_PASSED_ON = frozenset({"DJANGO_SETTINGS_MODULE"})


def list_scenarios() -> int:
    """Print a line for each scenario."""
    terminal.list_scenarios(Console(), SCENARIOS)
    return 0


def run(options: Mapping[str, Any], directory: Path, settings: str) -> int:
    """Run a drill of the project in ``directory``; return the exit code.

    ``options`` are those of the command, by the names of its arguments.
    """
    # stdout is the document's, if it is asked for there.
    console = Console(stderr=options["json"] == STDOUT, highlight=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    # The project's LOGGING, in force in this process, would have it tell of each of its requests.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return _run(options, directory, settings, console)
    except DrillError as error:
        console.print(
            f"The drill could not run: {error}", style="red", markup=False, soft_wrap=True
        )
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        console.print("Interrupted; nothing is left running.")
        return INTERRUPTED


def _run(options: Mapping[str, Any], directory: Path, settings: str, console: Console) -> int:
    scenarios = chosen(options["scenario"], quick=options["quick"])
    environment = {k: v for k, v in os.environ.items() if k not in _NOT_PASSED_ON}
    project = Target(directory, settings, environment)
    progress = _Progress(console, len(scenarios) + 1)
    began = time.monotonic()
    with progress.shown(), stage(project, _options(options), progress.say) as set_up:
        report = perform(set_up, scenarios, announce=progress.announce, judged=progress.judged)
        progress.stop()
        _show(report, options, console)
        if options["keep"] and not report.interrupted:
            _linger(set_up, console)
    took = time.monotonic() - began
    console.print(f"{report.headline}; {took:.0f} s, nothing is left running.", markup=False)
    return report.exit_code


def _options(options: Mapping[str, Any]) -> Options:
    return Options(
        replicas=options["replicas"],
        server=options["server"],
        kit=None if options["config"] is None else options["config"] == "kit",
        balancer=options["balancer"],
        rate=float(options["requests_per_second"]),
        quick=options["quick"],
        steps=None if options["paths"] is None else from_toml(options["paths"]),
        configured=options["services"] == "configured",
        allow_remote=options["allow_remote"],
        # Asked for by name it is worth nothing without one.
        pgbouncer=options["pgbouncer"] or "pgbouncer-restarted" in options["scenario"],
    )


def _show(report: Report, options: Mapping[str, Any], console: Console) -> None:
    terminal.show(console, report)
    for name, render in (("json", document.render), ("html", page.render)):
        file: Path | None = options[name]
        if file == STDOUT:
            sys.stdout.write(render(report))
        elif file is not None:
            file.write_text(render(report), encoding="utf-8")
            console.print(f"Written: {file}", markup=False)


def _linger(set_up: Stage, console: Console) -> None:
    """Leave it running until somebody has seen enough."""
    console.print(f"The balancer: {set_up.balancer.url}/", markup=False)
    for replica in set_up.replicas:
        console.print(f"{replica.name}: {replica.url}/  log: {replica.process.log}", markup=False)
    console.print("Ctrl-C ends it all.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


class _Progress:
    """A line for each step; on a terminal what is being done is shown by a line that moves."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._number = 0
        self._status = console.status("") if console.is_terminal else None

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Show it, and have it gone at the end, however that comes."""
        if self._status is not None:
            self._status.start()
        try:
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        """Make room for the report."""
        if self._status is not None:
            self._status.stop()

    def say(self, text: str) -> None:
        """Something is being done."""
        if self._status is not None:
            self._status.update(f"{text} ...")
        else:
            self._console.print(f"{text} ...", markup=False)

    def announce(self, title: str) -> None:
        """The next fault."""
        self._number += 1
        self.say(f"{self._number}/{self._total} {title}")

    def judged(self, verdict: Verdict) -> None:
        """What came of it."""
        self._console.print(terminal.line(verdict), soft_wrap=True)
