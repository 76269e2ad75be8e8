"""How a report is asked for on the command line, by every command that makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django_scaleready.checks.base import Rule
from django_scaleready.checks.baseline import Baseline, BaselineError, Looked, Mark, write
from django_scaleready.checks.registry import RULES
from django_scaleready.checks.reports.build import render
from django_scaleready.checks.reports.output import UnwrittenError, Writer, put, width
from django_scaleready.checks.reports.report import Report


class OptionsError(Exception):
    """What was asked for cannot be done; the message names the option."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What was asked for."""

    form: str = "text"
    output: Path | None = None
    baseline: Path | None = None
    update: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ReportOptions:
        """Take parsed arguments; OptionsError if they contradict each other."""
        if options["update_baseline"] and not options["baseline"]:
            raise OptionsError("--update-baseline needs --baseline FILE, the file to write.")
        if options["output"] and options["baseline"] and _same(**options):
            raise OptionsError("--output and --baseline: got one file for both, accepts two.")
        return cls(
            options["format"] or "text",
            options["output"],
            options["baseline"],
            options["update_baseline"],
        )

    def known(self, marks: Sequence[Mark], looked: Looked) -> Baseline | None:
        """Return the baseline, first written if that was asked for; None without one.

        OptionsError if the file cannot be read or written.
        """
        if self.baseline is None:
            return None
        try:
            if self.update:
                write(self.baseline, marks, looked)
            return Baseline.read(self.baseline)
        except BaselineError as error:
            raise OptionsError(str(error)) from error

    def show(
        self, report: Report, stdout: Writer, stderr: Writer, paint: Callable[[str, str], str]
    ) -> None:
        """Write the report where it belongs, coloured only if that is ``stdout`` and text.

        Beside a file, ``stderr`` gets the verdict. OptionsError if it cannot be written.
        """
        if self.output is None:
            try:
                put(render(report, self.form, paint, width(stdout)), stdout)
            except UnwrittenError as error:
                raise OptionsError(f"The report could not be written: {error}.") from error
            return
        try:
            # A name of a file need not be UTF-8.
            text = render(report, self.form)
            self.output.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise OptionsError(f"--output {self.output}: {error.strerror}.") from error
        finally:
            stderr.write(f"{report.verdict()}\n")


def _same(*, output: Path, baseline: Path, **_others: Any) -> bool:
    try:
        return output.resolve() == baseline.resolve()
    except (OSError, RuntimeError):
        # A loop of links, which is an error of its own when it is opened.
        return False


def looked_for(ran: Iterable[Rule], *, everything: bool = True) -> Looked:
    """Return the test of an id of a run of these rules.

    ``everything``: all that is no rule's was looked for, too.
    """
    codes = {rule.code for rule in ran}
    rules = {rule.code for rule in RULES}
    return lambda code: code in codes or (everything and code not in rules)
