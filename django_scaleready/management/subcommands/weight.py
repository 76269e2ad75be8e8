"""``manage.py scaleready weight``: what the unused parts of Django cost in this project.

Starts the project a few times, with and without each part that nothing seems to use, and compares
the memory of the process and the CPU of a request for an empty page. Nothing is changed.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_scaleready.checks.project import Project
from django_scaleready.checks.weight.measure import (
    Difference,
    Sample,
    WeighingError,
    Weight,
    weigh,
)
from django_scaleready.checks.weight.parts import PARTS, unused

HELP = "Measure what the parts of Django that nothing uses cost here."
_MEGABYTE = 1e6
_MICROSECOND = 1e-6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to weigh and how thoroughly."""
    parser.add_argument(
        "--all", action="store_true", help="Weigh what is used, too, if the project starts without."
    )
    parser.add_argument("--rounds", type=_count, default=3, help="Starts of each (default: 3).")
    parser.add_argument(
        "--requests", type=_count, default=2000, help="Requests in each start (default: 2000)."
    )
    parser.add_argument("--json", action="store_true", help="For a program: bytes and seconds.")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}, accepts a whole number of at least 1")
    return int(text)


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    """Measure and write a table; CommandError if the project cannot be started."""
    project = Project()
    idle = [part for part, _ in unused(project)]
    if project.pages is None:
        reasons = [each.reason for each in project.unknown if each.subject == "ROOT_URLCONF"]
        raise CommandError(f"ROOT_URLCONF: {reasons[0]}")
    chosen = [part for part in PARTS if options["all"] and part.place(project)] or idle
    if not chosen:
        command.stdout.write("Nothing of Django's that can be left out seems to be unused.")
        return
    try:
        whole, weights = weigh(chosen, rounds=options["rounds"], requests=options["requests"])
    except WeighingError as error:
        raise CommandError(f"The project does not start by itself: {error}") from error
    used = {part.name for part in chosen} - {part.name for part in idle}
    if options["json"]:
        command.stdout.write(json.dumps(_document(whole, weights, used), indent=2))
    else:
        command.stdout.write("\n".join(_table(whole, weights, used)))


def _table(whole: Sample, weights: list[Weight], used: set[str]) -> list[str]:
    lines = [f"{'':26}{'memory of a process':>24}{'CPU of a request':>22}"]
    request = whole.problem or f"{_number(whole.seconds or 0, _MICROSECOND)} µs"
    memory = f"{_number(whole.memory, _MEGABYTE)} MB"
    lines.append(f"{'the project as it is':26}{memory:>24}{request:>22}")
    for weight in weights:
        name = f"{weight.part.name}{' (used)' if weight.part.name in used else ''}"
        if weight.problem:
            lines.append(f"{name:26}  does not start without: {weight.problem}")
            continue
        memory = _shown(weight.memory, _MEGABYTE, "MB")
        lines.append(f"{name:26}{memory:>24}{_shown(weight.seconds, _MICROSECOND, 'µs'):>22}")
    return lines


def _shown(difference: Difference | None, unit: float, name: str) -> str:
    if difference is None:
        return "-"
    if difference.median <= difference.spread:
        return f"below {_number(max(difference.spread, unit / 10), unit)} {name}"
    return f"{_number(difference.median, unit)} ± {_number(difference.spread, unit)} {name}"


def _number(value: float, unit: float) -> str:
    return f"{value / unit:.1f}"


def _document(whole: Sample, weights: list[Weight], used: set[str]) -> dict[str, Any]:
    return {
        "project": {"bytes": whole.memory, "seconds": whole.seconds, "problem": whole.problem},
        "parts": [
            {
                "name": weight.part.name,
                "used": weight.part.name in used,
                "bytes": _values(weight.memory),
                "seconds": _values(weight.seconds),
                "problem": weight.problem,
            }
            for weight in weights
        ],
    }


def _values(difference: Difference | None) -> dict[str, float] | None:
    if difference is None:
        return None
    return {"median": difference.median, "spread": difference.spread}
