"""Twins of the settings: which values are not the same in two processes, and what they follow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.twins.difference import Difference, Follows, Path
from django_scaleready.checks.twins.load import HOST, MARK, SHIFT
from django_scaleready.service_urls import redacted

_SECONDS = 30
_DAY = 86_400 + 3_600 + 60 + 1  # another second, minute, hour and day
_SUBJECT = "settings in two processes"


@dataclass(frozen=True, slots=True)
class _Circumstances:
    host: str
    folder: str
    seed: str
    ahead: str = ""


class _TwinError(Exception):
    """A twin did not get to the end; the message is the last line it said."""


Values = Mapping[Path, tuple[str, str]]


def differences(module: str, file: str) -> list[Difference] | Unknown:
    """Load the settings as replicas would, and return what differs; Unknown if that fails."""
    with tempfile.TemporaryDirectory() as elsewhere:
        one = _Circumstances("replica-a", str(FilePath.cwd()), "1")
        two = _Circumstances("replica-b", elsewhere, "2", str(_DAY))
        try:
            try:
                first, *others = _together(module, file, one, two)
            except _TwinError:
                # Settings that read a file beside manage.py; an image has one working directory.
                two = replace(two, folder=one.folder)
                first, *others = _together(module, file, one, two)
            paths = dict.fromkeys(path for values in (first, *others) for path in values)
            differing = [
                path for path in paths if any(first.get(path) != o.get(path) for o in others)
            ]
            causes = _causes(module, file, one, two) if differing else {}
        except _TwinError as error:
            return Unknown(_SUBJECT, str(error))
    return [
        Difference(path, _cause(path, first, causes), order=_same_but_order(path, [first, *others]))
        for path in differing
    ]


def _causes(
    module: str, file: str, one: _Circumstances, two: _Circumstances
) -> dict[Follows, Values]:
    """Load the settings again, changing one circumstance at a time."""
    changed = {
        Follows.START: replace(one, ahead=two.ahead),
        Follows.HOST: replace(one, host=two.host),
        Follows.FOLDER: replace(one, folder=two.folder),
    }
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        values = pool.map(partial(_values, module, file), changed.values())
        return dict(zip(changed, values, strict=True))


def _cause(path: Path, first: Values, causes: Mapping[Follows, Values]) -> Follows:
    changed = (cause for cause, values in causes.items() if values.get(path) != first.get(path))
    return next(changed, Follows.HASH)


def _same_but_order(path: Path, loads: Sequence[Values]) -> bool:
    return len({values.get(path, ("", ""))[1] for values in loads}) == 1


def _together(
    module: str, file: str, one: _Circumstances, two: _Circumstances
) -> tuple[Values, ...]:
    # The third because two seeds give a small set the same order too often.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return tuple(pool.map(partial(_values, module, file), (one, two, replace(one, seed="3"))))


def _values(module: str, file: str, circumstances: _Circumstances) -> Values:
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and a module of ours
            [sys.executable, "-m", "django_scaleready.checks.twins.load", module, file],
            cwd=circumstances.folder,
            env={
                **os.environ,
                "PYTHONHASHSEED": circumstances.seed,
                # The path of this process: manage.py and --pythonpath have added to it.
                "PYTHONPATH": os.pathsep.join(path or str(FilePath.cwd()) for path in sys.path),
                HOST: circumstances.host,
                SHIFT: circumstances.ahead,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _TwinError(f"loading them took longer than {_SECONDS} s") from None
    for line in reversed(done.stdout.splitlines()):
        if line.startswith(MARK):
            return {tuple(path): (a, b) for path, a, b in _parsed(line)}
    said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    raise _TwinError(f"they could not be loaded a second time: {redacted(said[-1])}")


def _parsed(line: str) -> list[Any]:
    found: list[Any] = json.loads(line.removeprefix(MARK))
    return found
