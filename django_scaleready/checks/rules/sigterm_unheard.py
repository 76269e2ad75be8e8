"""A worker of the project's own ends in order on Ctrl+C, and not on SIGTERM.

A deployment stops a program with SIGTERM, and Python makes `KeyboardInterrupt` of SIGINT alone. As
the container's first process the worker does not hear of it, and is killed after the grace period;
as any other it ends at once. Either way that is in the middle of what it is doing, on every deploy:
what it does at its end is left out, and what it has taken is half done, or is done twice.

## Bad

```python title="shop/management/commands/consume_orders.py"
import boto3
from django.core.management.base import BaseCommand

from shop.orders import book


class Command(BaseCommand):
    def handle(self, **options):
        queue = boto3.resource("sqs").Queue("orders")
        try:
            while True:
                for message in queue.receive_messages(WaitTimeSeconds=10):
                    book(message.body)
                    message.delete()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
```

## Good

```python title="shop/management/commands/consume_orders.py"
import signal

import boto3
from django.core.management.base import BaseCommand

from shop.orders import book


class Command(BaseCommand):
    stopping = False

    def stop(self, signum, frame):
        self.stopping = True

    def handle(self, **options):
        signal.signal(signal.SIGTERM, self.stop)
        queue = boto3.resource("sqs").Queue("orders")
        while not self.stopping:
            for message in queue.receive_messages(WaitTimeSeconds=10):
                book(message.body)
                message.delete()
```

## Stays silent when

- the file, one that imports it, or one that these import sets a handler of SIGTERM;
- it is stopped by SIGINT: `STOPSIGNAL`, `stop_signal`, supervisord's `stopsignal`;
- nothing is done at its end, and the loop takes from no queue: it does by the clock what it does
  again the next time;
- it is no program that goes on running, or one that somebody runs by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.running.endless import ends_in_order, goes_on, takes
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.reaching.started import program_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Site
    from django_scaleready.checks.project import Project

SLUG = "sigterm-unheard"
INTERRUPT = "KeyboardInterrupt"
HANDLERS = ("signal", "add_signal_handler", "sigaction")
HEARD = "SIGTERM"
# What is noted of a file that sets a handler.
SETS = "sets"


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the loops without an end that Ctrl+C ends in order, and handlers of SIGTERM."""
    module = reading.module
    for site in module.calls(*HANDLERS):
        if _hears(module, site):
            yield module.fact(site, SETS)
    for loop, scope in module.repeats:
        if scope.kind != "function" or not goes_on(loop.test):
            continue
        for node in ast.walk(scope.node):
            if isinstance(node, ast.Try) and (handler := _interrupted(node)):
                around = any(inner is loop for inner in ast.walk(node))
                inside = around or any(inner is node for inner in ast.walk(loop))
                if inside and (takes(loop) or ends_in_order(scope.node, loop, node, handler)):
                    yield Fact(handler.lineno, scope.qualname, (loop.lineno,))


def _hears(module: Module, site: Site) -> bool:
    """Whether a handler is set, of SIGTERM or of what is not known."""
    first = module.resolve(site.call.args[0]) if site.call.args else ""
    return not first.startswith("signal.SIG") or first.endswith(HEARD)


def _interrupted(node: ast.Try) -> ast.ExceptHandler | None:
    """Return what is done on Ctrl+C, and on nothing that a handler elsewhere may raise."""
    for handler in node.handlers:
        if isinstance(handler.type, ast.Name) and handler.type.id == INTERRUPT:
            return handler
    return None


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them in a program that goes on running."""
    facts = list(project.code.facts(SLUG))
    heard = {source.path for source, fact in facts if fact.data == (SETS,)}
    stopped = _by_interrupt(project) if len(facts) > len(heard) else set()
    for source, fact in facts:
        users = {source.path, *project.code.importers.get(source.path, ())}
        if fact.data == (SETS,) or project.programs.isdisjoint(users):
            continue
        around = _around(project.code, source.path)
        told = any(project.code.importers.get(path, set()) & around for path in heard)
        if told or around & heard or around & stopped:
            continue
        yield Finding(
            message=(
                "Ctrl+C ends this loop in order, SIGTERM does not: on a deploy it is killed in the"
                " middle of what it is doing."
            ),
            hint="Set a handler: signal.signal(signal.SIGTERM, signal.default_int_handler).",
            location=Location(source.path, fact.line),
            severity=Severity.WARNING,
            related=(Location(source.path, fact.data[0]),),
        )


def _around(code: Codebase, path: str) -> set[str]:
    """Return a file and those that import it, be it through others."""
    found: set[str] = set()
    new = {path}
    while new:
        found |= new
        new = {by for each in new for by in code.importers.get(each, ())} - found
    return found


def sets_handler(code: Codebase, path: str) -> bool:
    """Whether a file, or one that it imports, be it through others, sets a handler of SIGTERM."""
    setting = {source.path for source, fact in code.facts(SLUG) if fact.data == (SETS,)}
    return any(path in _around(code, each) for each in setting)


def _by_interrupt(project: Project) -> set[str]:
    """Return the programs that are stopped as Ctrl+C stops them."""
    programs = {p.location: p for read in project.deploy.supervisors for p in read.programs}
    found = set()
    for process in project.deploy.processes:
        for command in process.commands:
            stops = [programs[place].stop for place in command.via if place in programs]
            if "INT" in [process.stop_signal.removeprefix("SIG"), *stops]:
                program = program_of(project.code, command)
                found |= {program.path} if program else set()
    return found


RULE = Rule("scaleready.W158", SLUG, find, Area.SOURCE, collect, leak=Leak.LIFECYCLE)
