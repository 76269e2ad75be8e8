"""Programs that answer and end, in a time that they may take."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from django_scaleready.drill.supervisor import bare_environment
from django_scaleready.drill.waiting import DrillError

# Of what a program that did not end had said.
_LINES = 10


def finished(
    argv: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    *,
    seconds: float,
    what: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; its exit code may be any.

    Raises DrillError, naming ``what`` and with its last lines on stderr, if it is not there after
    ``seconds``; then it is killed.
    """
    try:
        return subprocess.run(
            argv,
            cwd=directory,
            env={**bare_environment(), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        # Bytes, whatever was asked for.
        said = (error.stderr or b"").decode(errors="replace").splitlines()[-_LINES:]
        raise DrillError(
            "\n".join([f"{what} had not ended after {seconds:g} s. Its last lines:", *said])
        ) from None
