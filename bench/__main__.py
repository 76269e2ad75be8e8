"""``python -m bench``: measure, print, and write down what the documentation cites."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from types import ModuleType

from rich.console import Console

from bench import (
    drill_projects,
    hung_database,
    kubernetes,
    machine,
    nginx,
    peers,
    probe_cost,
    probe_flood,
    rolling,
    scan,
    witness,
)
from bench.machine import Options, Turns
from bench.report import RESULTS

WIDTH = 150

# Each has NAME, TITLE and run(options).
TABLES: tuple[ModuleType, ...] = (
    probe_cost,
    peers,
    hung_database,
    probe_flood,
    rolling,
    kubernetes,
    nginx,
    drill_projects,
    scan,
    witness,
)


def parse() -> argparse.Namespace:
    """The command line; it ends the program for an unknown table."""
    by_name = {table.NAME: table for table in TABLES}
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure this package beside what a project would use without it.",
        epilog="Tables:\n" + "\n".join(f"  {name:15} {t.TITLE}" for name, t in by_name.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "tables", nargs="*", metavar="table", choices=[*by_name, []], help="by default all of them"
    )
    parser.add_argument("--rows", default="", help="these rows alone: a,b; not written by default")
    parser.add_argument("--quick", action="store_true", help="tiny, ours alone, to try it out")
    parser.add_argument("--output", type=Path, help="where results go (bench/results)")
    parser.add_argument("--lock", type=Path, help="locked while measuring, to take turns")
    options = parser.parse_args()
    options.chosen = [by_name[name] for name in options.tables or by_name]
    return options


def main() -> int:
    """Return 0 if every promise held, else 1."""
    arguments = parse()
    rows = tuple(arguments.rows.split(",")) if arguments.rows else ()
    options = Options(arguments.quick, rows, Turns(arguments.lock) if arguments.lock else None)
    # Into a file or a pipe: 80 columns, rich's guess, would break every cell.
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    held = True
    for module in arguments.chosen:
        console.print(f"{module.NAME} ...", style="bold")
        began = time.monotonic()
        table = module.run(options)
        if options.turns is not None:
            options.turns.give_up()
        table.ran_on = machine.described()
        table.show(console)
        console.print(f"{time.monotonic() - began:.0f} s\n")
        # By default a part of a table does not replace the whole.
        if folder := arguments.output or (None if rows or options.quick else RESULTS):
            table.write(folder)
        held = held and table.held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
