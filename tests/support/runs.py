"""A program that starts many others: run, watched, and asked what it left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil


class Run:
    """Runs with a TMPDIR of its own, by which everything that it starts can be told."""

    def __init__(
        self,
        directory: Path,
        argv: Sequence[str],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.output = directory / "output"
        # The tests' own settings are none of a program's.
        passed_on = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen(
                argv,
                cwd=folder,
                env={
                    **passed_on,
                    "TMPDIR": str(directory),
                    "COLUMNS": "200",
                    **(environment or {}),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        """What it has said."""
        return self.output.read_text()

    def family(self) -> list[psutil.Process]:
        """Every process but this one that names the directory, below the program or not."""
        found = []
        for process in psutil.process_iter():
            try:
                told = [*process.cmdline(), *process.environ().values(), process.cwd()]
            except psutil.Error:
                continue
            if any(str(self.directory) in word for word in told):
                found.append(process)
        return found

    def left(self) -> list[object]:
        """Processes and files that it should have taken with it."""
        runs = [path for path in self.directory.iterdir() if path.name.startswith("scaleready-")]
        return [*self.family(), *runs]


@contextlib.contextmanager
def run(
    argv: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Run]:
    """Start a program in ``folder``; all that it started is killed when the block ends."""
    # Not tmp_path: that is closed to the user as which root starts PostgreSQL.
    directory = Path(tempfile.mkdtemp(prefix="run-test-"))
    directory.chmod(0o755)
    started = Run(directory, argv, folder=folder, environment=environment)
    try:
        yield started
    finally:
        for process in [*started.family(), started.popen]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        started.popen.wait()
        shutil.rmtree(directory)
