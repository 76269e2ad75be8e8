"""``manage.py scaleready drill``: break things around N replicas of this project; see what holds.

Starts replicas of the project as it is, each with files of its own, behind a load balancer on
loopback; sends requests all the while; restarts, kills and freezes replicas and services one after
the other; and says which promises held, what failed and what to change. Everything runs on this
machine and has gone when it ends. Nothing is sent to the project's own database, Redis or bucket:
PostgreSQL, Redis and S3 are started for the run, or (--services configured) databases of the
drill's own are made on the configured servers, if those are on loopback.

  manage.py scaleready drill --quick              the faults that tell most, in a minute or two
  manage.py scaleready drill --html drill.html    all of them, with a page to look at
  manage.py scaleready drill --scenario hop       one of them; --list shows their names
  manage.py scaleready drill --paths mix.toml     with these requests instead of discovered ones:

      [[step]]                # GET /shop/ three times as often as the POST
      path = "/shop/"
      weight = 3
      contains = "Basket"     # what must be in the answer; the status must be 200
      [[step]]
      path = "/shop/basket/"
      method = "POST"
      session = true          # as somebody who is signed in
      status = 302
      fields = {article = "1"}

Exit code: 0 all promises held, 1 one did not, 2 the drill could not run, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

HELP = "Break things around replicas of this project, and show what holds."

_GUNICORN = ("gthread", "sync", "gevent", "asgi", "uvicorn-worker")
SERVERS = (*_GUNICORN, "uvicorn", "granian", "uwsgi")
BALANCERS = ("haproxy", "nginx", "own", "kubernetes")
_COULD_NOT_RUN = 2
_EXTRA = 'The drill needs packages of its own: pip install "django-scaleready[drill]"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen; everything has a default."""
    _of_the_faults(parser)
    _of_the_stage(parser)
    _of_the_reports(parser)


def _of_the_faults(parser: argparse.ArgumentParser) -> None:
    faults = parser.add_argument_group("what goes wrong")
    faults.add_argument(
        "--scenario", action="append", default=[], metavar="NAME", help="only this one; repeatable"
    )
    faults.add_argument("--list", action="store_true", help="list the scenarios and do nothing")
    faults.add_argument(
        "--quick", action="store_true", help="fewer scenarios, shorter ones: a minute or two"
    )


def _of_the_stage(parser: argparse.ArgumentParser) -> None:
    stage = parser.add_argument_group("what runs")
    stage.add_argument(
        "--replicas", type=_whole(50), default=3, metavar="N", help="how many replicas (3)"
    )
    stage.add_argument(
        "--server",
        choices=SERVERS,
        default="gthread",
        metavar="NAME",
        help=f"gunicorn's worker class, or another server: {', '.join(SERVERS)} (gthread)",
    )
    stage.add_argument(
        "--config",
        choices=("kit", "plain"),
        metavar="NAME",
        help="the server as the kit configures it, or plain (kit where ProbeMiddleware is used)",
    )
    stage.add_argument(
        "--balancer",
        choices=BALANCERS,
        default="",
        metavar="NAME",
        help=f"{', '.join(BALANCERS)} (haproxy where it is installed, else own)",
    )
    stage.add_argument(
        "--pgbouncer", action="store_true", help="PgBouncer in transaction mode before PostgreSQL"
    )
    stage.add_argument(
        "--services",
        choices=("embedded", "configured"),
        default="embedded",
        help="started for the run, or databases of its own on the project's servers (embedded)",
    )
    stage.add_argument(
        "--allow-remote",
        action="store_true",
        help="with --services configured, use servers that are not on loopback, too",
    )
    stage.add_argument(
        "--requests-per-second",
        type=_whole(10_000),
        default=100,
        metavar="N",
        help="the load (100)",
    )
    stage.add_argument(
        "--paths", type=Path, metavar="FILE", help="a TOML file of requests; see above"
    )


def _of_the_reports(parser: argparse.ArgumentParser) -> None:
    reports = parser.add_argument_group("what comes of it")
    reports.add_argument(
        "--json", type=_writable, metavar="FILE", help='the figures as JSON; "-" for stdout'
    )
    reports.add_argument(
        "--html", type=_writable, metavar="FILE", help="one page with a time line, to look at"
    )
    reports.add_argument(
        "--keep", action="store_true", help="leave it running at the end, to look around"
    )


def main(arguments: list[str]) -> int:
    """Run it without the project's own manage.py; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m django_scaleready drill",
        description=(__doc__ or "").replace("``", "`"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument(
        "--settings",
        type=_module,
        metavar="MODULE",
        help="the settings module, by default manage.py's",
    )
    try:
        return _handle(vars(parser.parse_args(arguments)))
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return error.returncode


def handle(_command: BaseCommand, options: dict[str, Any]) -> int:
    """Run it and return the exit code; CommandError (2) without the extra."""
    return _handle(options)


def _handle(options: dict[str, Any]) -> int:
    try:
        from django_scaleready.drill import command
    except ModuleNotFoundError as error:
        # One of ours that is missing is a mistake of ours.
        if (error.name or "").startswith("django_scaleready"):
            raise
        raise CommandError(f"{_EXTRA} ({error})", returncode=_COULD_NOT_RUN) from error
    if options["allow_remote"] and options["services"] != "configured":
        raise CommandError(
            "--allow-remote needs --services configured; the others run here.",
            returncode=_COULD_NOT_RUN,
        )
    if options["list"]:
        return command.list_scenarios()
    return command.run(options, _directory(), os.environ["DJANGO_SETTINGS_MODULE"])


def _directory() -> Path:
    """Where manage.py lies, which is what the project is run from."""
    program = Path(sys.argv[0]).resolve()
    return program.parent if program.name == "manage.py" else Path.cwd()


def _whole(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"got {text!r}, accepts a whole number from 1 to {most:,}"
            )
        return int(text)

    return read


def _module(name: str) -> str:
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise argparse.ArgumentTypeError(f"got {name!r}, accepts a module that can be imported")
    return name


def _writable(text: str) -> Path:
    """Told now, and not after the minutes that it takes."""
    path = Path(text)
    folder = path.absolute().parent
    written_over = path if path.exists() else folder
    if text != "-" and (
        path.is_dir() or not folder.is_dir() or not os.access(written_over, os.W_OK)
    ):
        raise argparse.ArgumentTypeError(f"cannot write {text or repr(text)}")
    return path
