"""A table of measurements: for the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from django_scaleready.drill.waiting import DrillError

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Promise:
    """What must hold; ``measured`` says with numbers what was seen."""

    what: str
    measured: str
    held: bool


@dataclass
class Table:
    """Rows of text for people, ``figures`` for programs, and what was promised of them.

    ``name`` is the table's name on the command line and of its files; ``figures`` is JSON's, in
    seconds, bytes and counts.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    ran_on: str = ""

    def promise(self, what: str, measured: str, held: bool) -> None:
        """Add a promise and whether it held."""
        self.promises.append(Promise(what, measured, held))

    @contextmanager
    def surviving(self, row: str) -> Iterator[None]:
        """Make an error of the drill inside the block a row's result, and go on with the next.

        An hour's table is not thrown away for one server that did not start.
        """
        try:
            yield
        except DrillError as error:
            self.promise(f"{row} could be measured", str(error).partition("\n")[0], held=False)

    @property
    def held(self) -> bool:
        """Whether there are rows and every promise held."""
        return bool(self.rows) and all(promise.held for promise in self.promises)

    def show(self, console: Console) -> None:
        """Print it."""
        table = RichTable(box=SIMPLE_HEAD, title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
        for promise in self.promises:
            console.print(Text.assemble(_mark(promise), f" {promise.what}: {promise.measured}"))
        for note in [*self.notes, self.ran_on]:
            console.print(Text(note, "dim"))

    def markdown(self) -> str:
        """The table, its promises and notes, for a page."""
        lines = [_line(self.columns), _line(["---", *["---:"] * (len(self.columns) - 1)])]
        lines += [_line(row) for row in self.rows]
        if self.promises:
            lines += ["", _line(["must hold", "measured", ""]), _line(["---"] * 3)]
            lines += [_line([p.what, p.measured, _mark(p).plain]) for p in self.promises]
        for note in [*self.notes, self.ran_on]:
            lines += ["", note]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write ``<name>.json`` and ``<name>.md``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.md").write_text(self.markdown(), encoding="utf-8")
        document = {**asdict(self), "held": self.held}
        text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")


def _mark(promise: Promise) -> Text:
    return Text("held", "green") if promise.held else Text("FAILED", "bold red")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
