"""Django's test runner with a witness: ``TEST_RUNNER = "django_scaleready.witness.runner.Runner"``.

``RunnerMixin`` does the same for a runner of one's own. With ``--parallel`` every process watches
and hands over what it saw.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from multiprocessing import util
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.test.runner import DiscoverRunner, ParallelTestSuite

from django_scaleready.checks.witnessed import Seen
from django_scaleready.witness import watch
from django_scaleready.witness.report import TITLE, Gathered, carried

# Where the processes of a parallel run leave what they saw; told by the environment, for they may
# be spawned.
_FOLDER = "SCALEREADY_WITNESS_FOLDER"


def init_worker(*args: Any, **kwargs: Any) -> None:
    """Do what Django's initializer does, then watch on behalf of this process alone."""
    ParallelTestSuite.init_worker(*args, **kwargs)
    file = Path(os.environ[_FOLDER]) / f"{os.getpid()}.json"

    def hand_over() -> None:
        file.write_text(carried(recorder), encoding="utf-8")

    def end() -> None:
        watch.stop()
        recorder.finish()
        hand_over()

    def heard(seen: Seen) -> None:
        # At once: after the first failure --failfast terminates the other processes.
        if seen.count == 1:
            hand_over()

    recorder = watch.recorder(heard)
    watch.start(recorder)
    # A process of a pool ends without atexit.
    util.Finalize(None, end, exitpriority=100)


class WitnessedParallelTestSuite(ParallelTestSuite):
    """Has each of its processes watch."""

    init_worker = init_worker


class RunnerMixin:
    """Watches requests and tasks while the tests run, and says at the end what stays behind."""

    parallel_test_suite: type[ParallelTestSuite] = WitnessedParallelTestSuite

    def __init__(
        self,
        *args: Any,
        scaleready_strict: bool = False,
        scaleready_output: Path | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.scaleready_strict = scaleready_strict
        self.scaleready_output = scaleready_output
        self._gathered: Gathered | None = None

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Add ``--scaleready-strict`` and ``--scaleready-output``."""
        super().add_arguments(parser)  # type: ignore[misc]  # of the runner that this is mixed into
        parser.add_argument(
            "--scaleready-strict",
            action="store_true",
            help="Fail if something was seen that would break with two replicas.",
        )
        parser.add_argument(
            "--scaleready-output",
            type=Path,
            metavar="FILE",
            help="Write what was seen there, for check --deploy-scale --witnessed FILE.",
        )

    def run_suite(self, suite: Any, **kwargs: Any) -> Any:
        """Run it under a witness."""
        recorder = watch.recorder()
        self._gathered = Gathered(recorder.frames.root)
        with tempfile.TemporaryDirectory(prefix="scaleready-witness-") as folder:
            os.environ[_FOLDER] = folder
            watch.start(recorder)
            try:
                return super().run_suite(suite, **kwargs)  # type: ignore[misc]  # as above
            finally:
                watch.stop()
                del os.environ[_FOLDER]
                self._gathered.take(recorder)
                for file in sorted(Path(folder).glob("*.json")):
                    self._gathered.add(file.read_text(encoding="utf-8"))
                self._tell(self._gathered)

    def suite_result(self, suite: Any, result: Any, **kwargs: Any) -> int:
        """Count what would break as failures, if that was asked for."""
        failed: int = super().suite_result(suite, result, **kwargs)  # type: ignore[misc]  # as above
        if self.scaleready_strict and self._gathered:
            failed += self._gathered.report().failing
        return failed

    def _tell(self, gathered: Gathered) -> None:
        self.log("\n".join([f"\n{TITLE}", *gathered.lines()]))  # type: ignore[attr-defined]  # as above
        if self.scaleready_output and (wrong := gathered.written(self.scaleready_output)):
            raise CommandError(wrong)


class Runner(RunnerMixin, DiscoverRunner):
    """Django's own, with a witness."""
