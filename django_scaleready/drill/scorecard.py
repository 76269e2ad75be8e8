"""What was promised, what was measured, whether it held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from django_scaleready.drill.waiting import DrillError


@dataclass(frozen=True)
class Line:
    """One promise; ``measured`` says with numbers what was seen."""

    what: str
    measured: str
    held: bool


@dataclass
class Scorecard:
    """Lines in the order in which they were decided; each is shown as it comes."""

    console: Console
    lines: list[Line] = field(default_factory=list)

    def add(self, what: str, measured: str, held: bool) -> None:
        """Add a line and show it."""
        line = Line(what, measured, held)
        self.lines.append(line)
        self.console.print(Text.assemble(_mark(line), " ", what, ": ", measured), soft_wrap=True)

    @contextmanager
    def judged(self, what: str) -> Iterator[None]:
        """Make an error inside the block a line that did not hold, and go on after it."""
        try:
            yield
        except (DrillError, httpx.HTTPError) as error:
            self.add(what, str(error) or type(error).__name__, held=False)

    @property
    def held(self) -> bool:
        """Whether there are lines and all of them held."""
        return bool(self.lines) and all(line.held for line in self.lines)

    @property
    def exit_code(self) -> int:
        """0 if all held, else 1."""
        return 0 if self.held else 1

    def show(self) -> None:
        """Print the table."""
        table = Table("", "What", "Measured", box=SIMPLE_HEAD)
        for line in self.lines:
            table.add_row(_mark(line), Text(line.what), Text(_first_line(line.measured)))
        self.console.print(table)


def _mark(line: Line) -> Text:
    return Text("held", "green") if line.held else Text("FAILED", "bold red")


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
