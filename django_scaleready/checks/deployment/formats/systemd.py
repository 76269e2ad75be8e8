"""systemd units: the process that each starts."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats.docker_run import contained
from django_scaleready.checks.deployment.formats.ini_text import Entry, entries
from django_scaleready.checks.deployment.process import Given, Process

# systemd.service(5): what may stand before the path of an executable.
_PREFIXES = "@-:+!|"
_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "": 1, "m": 60, "min": 60, "h": 3600}
# systemd-system.conf(5), DefaultTimeoutStopSec.
_STOP = 90


def processes(file: DeployFile) -> list[Process]:
    """Return the process of a unit, and what runs before it; ValueError for another form.

    systemd sends SIGTERM to all processes of a unit.
    """
    found = [entry for entry in entries(file.text) if entry.section == "Service"]
    last = {entry.key: entry for entry in found}
    start = last.get("ExecStart")
    line = start.line if start else 0
    signal = last.get("KillSignal")
    process = Process(
        name=file.name.removesuffix(".service"),
        kind=Kind.SYSTEMD,
        location=Location(file.path, line),
        words=_words(start.value) if start else (),
        environment=dict(_environment(found)),
        grace=_grace(file, last.get("TimeoutStopSec"), line),
        once=last["Type"].value == "oneshot" if "Type" in last else False,
        signals_all=last["KillMode"].value == "control-group" if "KillMode" in last else True,
        stop_signal=signal.value if signal else "",
        signal_said_at=Location(file.path, signal.line) if signal else None,
        outputs=tuple(
            (entry.value.partition(":")[2], Location(file.path, entry.line))
            for entry in found
            if entry.key in {"StandardOutput", "StandardError"}
            if entry.value.startswith(("file:", "append:", "truncate:"))
        ),
        for_development=file.for_development,
    )
    before = (entry for entry in found if entry.key == "ExecStartPre")
    return [contained(process, file.text), *(_before(process, entry) for entry in before)]


def _before(process: Process, entry: Entry) -> Process:
    place = Location(process.location.path, entry.line)
    words = _words(entry.value)
    beside = not process.once
    return replace(process, location=place, words=words, outputs=(), grace=None, beside=beside)


def _words(command: str) -> tuple[str, ...]:
    command = command.lstrip(_PREFIXES)
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return tuple(command.split())


def _environment(found: list[Entry]) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for entry in found:
        if entry.key == "Environment":
            for word in _words(entry.value):
                name, _, value = word.partition("=")
                pairs.append((name, value))
    return pairs


def _grace(file: DeployFile, given: Entry | None, line: int) -> Given:
    if given is not None:
        parts = re.findall(r"(\d+)\s*(ms|sec|s|min|m|h|)", given.value)
        if parts:
            seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
            return Given(seconds, "TimeoutStopSec", Location(file.path, given.line))
    return Given(_STOP, "TimeoutStopSec", Location(file.path, line), said=False)
