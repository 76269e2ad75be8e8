"""``make demo``: Castaway on three replicas, and what becomes of it when things are killed.

Needs nothing but the package with its extra ``drill``: PostgreSQL, Valkey and an S3 server come
from wheels and run on loopback, in a directory that goes with the run. Exit code 0 only if every
promise held.
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import sys
import threading
import time

from acts import HERE, REPORT_SECONDS, USER, Demo, find_leaks, play
from rich.console import Console

from django_scaleready.drill.project import Project
from django_scaleready.drill.scorecard import Scorecard
from django_scaleready.drill.stack import Stack
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError


def environment(stack: Stack, supervisor: Supervisor) -> dict[str, str]:
    """What a replica of after/ is told, and its commands too."""
    return {
        **stack.environment("castaway"),
        "CELERY_WORKER_CONCURRENCY": "2",
        "DEMO_ROUTES": "1",
        "REPORT_INTERVAL": str(REPORT_SECONDS),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "STATIC_ROOT": str(supervisor.folder("static")),
        "WEB_CONCURRENCY": "1",
    }


def run(card: Scorecard, console: Console, keep: bool) -> None:
    """The whole demo; everything it started has ended when it returns or raises."""
    with Supervisor() as services, Supervisor() as processes:
        console.print("Starting PostgreSQL, Valkey and an S3 server ...")
        stack = Stack.start(services)
        project = Project(processes, HERE / "after", "castaway", environment(stack, processes))
        demo = Demo(project, stack, card, "castaway")
        console.print("Checking before/, migrating after/ ...")
        find_leaks(processes, card)
        demo.prepare()
        console.print("Starting three replicas, a worker and two beats ...")
        play(demo)
        card.show()
        if keep:
            show_around(demo, console)


def show_around(demo: Demo, console: Console) -> None:
    """Leave it running until somebody has seen enough."""
    for replica in demo.replicas:
        if replica.process.running:
            console.print(f"{replica.name}: {replica.url}/  log: {replica.process.log}")
    console.print(f"Sign in as {USER}, password {demo.password}. Ctrl-C ends it all.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def main() -> int:
    """Return the exit code: 0 if all held, 1 if not, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keep", action="store_true", help="leave it running, to look around")
    options = parser.parse_args()
    console = Console()
    card = Scorecard(console)
    began = time.monotonic()
    try:
        run(card, console, options.keep)
    except DrillError as error:
        console.print(f"The demo could not go on: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; nothing is left running.")
        return 130
    words = "All of it held" if card.held else "Not all of it held"
    console.print(f"{words}; {time.monotonic() - began:.0f} s, nothing is left running.")
    return card.exit_code


if __name__ == "__main__":
    sys.exit(main())
