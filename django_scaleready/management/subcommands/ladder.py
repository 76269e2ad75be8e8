"""``manage.py scaleready ladder``: the time-outs that must stand in order, and whether they do.

Declare what you know in SCALEREADY or in the environment (SCALEREADY_GRACE_PERIOD=60, ...); the
others follow. Exit code 1 if two declared figures contradict each other.
"""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_scaleready import manifests
from django_scaleready.budget import Ladder, Problem
from django_scaleready.checks.project import Project
from django_scaleready.conf import conf
from django_scaleready.figures import BY_NAME, FIGURES, strongest

HELP = "Draw the ladder of time-outs, or write it for Kubernetes, HAProxy, nginx, PostgreSQL."

FRAGMENTS = ("kubernetes", "haproxy", "nginx", "postgresql")
WIDTH = 50
MOST_COLUMNS = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take one form of output at most."""
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="the same for a program")
    for name in FRAGMENTS:
        forms.add_argument(f"--{name}", action="store_true", help=f"a fragment for {name}")


def handle(command: BaseCommand, options: dict[str, Any]) -> int:
    """Write the ladder in the form that was asked for; 1 if it has an error."""
    held = Project().ladder_declarations
    ladder = Ladder.of(held)
    sources = {name: one.source for name, one in strongest(held).items()}
    problems = ladder.problems()
    if form := next((name for name in FRAGMENTS if options[name]), None):
        command.stdout.write(_fragment(form, ladder), ending="")
        # Not into the file that it is written to.
        for problem in problems:
            command.stderr.write(_told(problem))
    elif options["json"]:
        command.stdout.write(json.dumps(_document(ladder, sources, problems), indent=2))
    else:
        _draw(command, ladder, sources, problems)
    return int(any(problem.certain for problem in problems))


def _fragment(form: str, ladder: Ladder) -> str:
    if form in {"nginx", "postgresql"}:
        return str(getattr(manifests, form)(ladder))
    paths = {
        probe.value: f"{conf.probe_prefix}{path}"
        for probe, path in conf.probe_paths.items()
        if path is not None
    }
    if form == "haproxy" and "readiness" not in paths:
        raise CommandError(
            "SCALEREADY['PROBE_PATHS']['readiness']: got None, but HAProxy has to ask it."
        )
    return str(getattr(manifests, form)(ladder, paths))


def _document(
    ladder: Ladder, sources: Mapping[str, str], problems: list[Problem]
) -> dict[str, Any]:
    reasons = ladder.reasons
    return {
        "figures": [
            {
                "name": figure.name,
                "option": figure.option,
                "value": getattr(ladder, figure.name),
                "source": sources.get(figure.name),
                "reason": reasons[figure.name],
            }
            for figure in FIGURES
        ],
        "detection": ladder.detection,
        "stop": ladder.stop,
        "problems": [
            {
                "figures": problem.figures,
                "severity": _severity(problem).lower(),
                "what": problem.what,
                "change": problem.change,
            }
            for problem in problems
        ],
    }


def _draw(
    command: BaseCommand, ladder: Ladder, sources: Mapping[str, str], problems: list[Problem]
) -> None:
    columns = min(MOST_COLUMNS, shutil.get_terminal_size().columns)
    wrong = {figure for problem in problems for figure in problem.figures}
    for name, reason in ladder.reasons.items():
        value = f"{getattr(ladder, name):g}" + ("" if name == "probe_failures" else " s")
        line = f"{name:22} {value:>8}  {sources.get(name) or _undeclared(name)}"
        command.stdout.write(command.style.ERROR(f"! {line}") if name in wrong else f"  {line}")
        indent = " " * 6
        command.stdout.write(
            textwrap.fill(reason, columns, initial_indent=indent, subsequent_indent=indent)
        )
    command.stdout.write("")
    for line in _time_line(ladder):
        command.stdout.write(line)
    command.stdout.write("")
    for problem in problems:
        style = command.style.ERROR if problem.certain else command.style.WARNING
        command.stdout.write(style(textwrap.fill(_told(problem), columns)))
    if not problems:
        command.stdout.write("The figures fit together.")


def _time_line(ladder: Ladder) -> list[str]:
    """From SIGTERM, at 0, to SIGKILL: when each thing may begin and has to be over."""
    served = ladder.drain
    spans = {
        "balancer notices": (0, ladder.detection),
        "drain": (0, served),
        "last request": (served, served + ladder.request_timeout),
        "graceful_timeout": (served, served + ladder.graceful_timeout),
        "margin": (served + ladder.graceful_timeout, ladder.stop),
        "grace_period": (0, ladder.grace_period),
    }
    scale = WIDTH / max(ladder.stop, ladder.grace_period, served + ladder.request_timeout)
    killed = round(ladder.grace_period * scale)
    lines = [f"{'':20}{'SIGTERM':{max(8, killed - 7)}}SIGKILL"]
    for name, (begin, end) in spans.items():
        first, last = round(begin * scale), round(end * scale)
        bar = " " * first + "=" * max(1, last - first)
        late = "  after SIGKILL" if end > ladder.grace_period else ""
        lines.append(f"  {name:18}{bar:{WIDTH}}  {begin:g}-{end:g} s{late}")
    return lines


def _undeclared(name: str) -> str:
    return "assumed" if BY_NAME[name].outside and name != "request_timeout" else "derived"


def _severity(problem: Problem) -> str:
    return "Error" if problem.certain else "Warning"


def _told(problem: Problem) -> str:
    return f"{_severity(problem)}: {problem.what} {problem.change}"
