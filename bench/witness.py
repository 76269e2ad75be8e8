"""What the witness costs: the time of a request, and of opening a file in it, with and without."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.machine import Options
from bench.report import Table
from bench.sites.witnessed_site import OPENED
from django_scaleready.drill.supervisor import bare_environment

NAME = "witness"
TITLE = "A request in process, and opening a file in it, with the witness off and on"

ROOT = Path(__file__).resolve().parents[1]
# Processes of each kind, rounds in each, requests of a page in a round.
WHOLE, QUICK = (6, 16, 40), (1, 2, 5)
SHARES = ("off", "0.01", "1")
PAGES = ("nothing", "read", "write")
ROWS = {
    "nothing": "request",
    "read": "open a file for reading",
    "write": "open a file for writing",
}
# A watched request against one that nobody watches; and a hundredth of them.
MOST_WATCHED, MOST_SAMPLED = 1.3, 1.1

# The seconds of each round, by page and share.
Times = dict[tuple[str, str], list[float]]


@contextlib.contextmanager
def site(share: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``sites/witnessed_site.py``; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sites.witnessed_site", share],
        cwd=ROOT,
        env=bare_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        yield process


def ask(process: subprocess.Popen[str], page: str, count: int) -> float:
    """Have a site answer a page so many times; return the seconds of one request."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{page} {count}\n")
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"{page}: the site ended, see its stderr above")
    return float(answer)


def measure(processes: int, rounds: int, count: int) -> Times:
    """Time all in turn, round after round, so that a slow second is slow for everybody.

    Two processes of the same code differ by some hundredths: each share has several.
    """
    times: Times = {(page, share): [] for page in PAGES for share in SHARES}
    for _ in range(processes):
        with contextlib.ExitStack() as stack:
            sites = {share: stack.enter_context(site(share)) for share in SHARES}
            for page, share in times:  # The first requests import, and find what is to be found.
                ask(sites[share], page, count)
            for number in range(rounds):
                # Nobody is always the first.
                for page, share in list(times) if number % 2 else reversed(times):
                    times[page, share].append(ask(sites[share], page, count))
    return times


def run(options: Options) -> Table:
    """Time requests and opened files."""
    size = QUICK if options.quick else WHOLE
    with options.alone("all in turn"):
        times = measure(*size)
    return tabulate(times, *size)


def tabulate(times: Times, processes: int, rounds: int, count: int) -> Table:
    """Write down medians, and ratios to the same without a witness."""
    columns = ["", "off", "1 in 100 watched", "x off", "all watched", "x off"]
    table = Table(NAME, TITLE, columns)
    for page, title in ROWS.items():
        each = {share: _each(times, page, share) for share in SHARES}
        medians = {share: statistics.median(values) for share, values in each.items()}
        ratios = {
            share: statistics.median(a / b for a, b in zip(values, each["off"], strict=True))
            for share, values in each.items()
        }
        cells = [f"{medians['off'] * 1e6:.1f} µs"]
        for share in SHARES[1:]:
            cells += [f"{medians[share] * 1e6:.1f} µs", f"{ratios[share]:.2f}"]
        table.rows.append([title, *cells])
        table.figures[title] = {"median": medians, "ratio": ratios}
    request = table.figures[ROWS["nothing"]]["ratio"]
    for share, most in (("1", MOST_WATCHED), ("0.01", MOST_SAMPLED)):
        what = f"a request, {share} of them watched, <= {most} x without a witness"
        table.promise(what, f"{request[share]:.3f}", request[share] <= most)
    table.notes.append(
        "Off, no hook is put in. The request passes five of Django's middleware and a view that"
        f" does nothing; {OPENED} files are opened and closed in one request, and what the request"
        " itself takes is left out. Each file that is opened for writing is looked at when"
        " the request is over, which is part of its row."
    )
    table.notes.append(
        f"Seconds of CPU; medians of {processes} processes of each kind with {rounds} rounds of"
        f" {count} requests each, in turn, garbage collection off. Each ratio is to the same"
        " without a witness in the same round."
    )
    return table


def _each(times: Times, page: str, share: str) -> list[float]:
    """Return the seconds of one request, or of one opened file, in each round."""
    if page == "nothing":
        return times[page, share]
    pairs = zip(times[page, share], times["nothing", share], strict=True)
    return [(took - bare) / OPENED for took, bare in pairs]
