"""A task is told the path of a file on the disk of the replica that enqueued it.

The worker that takes the task runs elsewhere as often as not, and finds no such file.

## Bad

```python title="shop/views.py"
import tempfile

from shop.tasks import read_orders


def upload(request):
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(request.FILES["orders"].read())
    read_orders.delay(file.name)
```

## Good

```python title="shop/views.py"
from django.core.files.storage import default_storage

from shop.tasks import read_orders


def upload(request):
    name = default_storage.save("orders.csv", request.FILES["orders"])
    read_orders.delay(name)
```

## Stays silent when

- a call tells of another path as well, or the same function tells another task of the same one:
  that is named with the first;
- the function has removed it by then: the task makes another;
- the argument is a primary key, a storage's name or the content itself;
- it comes from a setting below which the project writes nothing;
- [file-write](#file-write) names the line of the same function that writes the file;
- the code is a management command or a script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.handed_on import TOLD, HandedOn
from django_scaleready.checks.code.paths.removals import is_removed_before
from django_scaleready.checks.code.paths.writers import LIKELY, SURE
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.rules import file_write

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "task-local-path"
SENDERS = ("apply_async", "async_task", "defer", "delay", "enqueue", "s", "send_task", "si")


@only_with(*SENDERS, "partial")
def collect(reading: Reading) -> Iterator[Fact]:
    """Note the arguments of tasks that may be paths: (as written, term)."""
    module = reading.module
    for site, told in _sent(module):
        for argument in _arguments(site, told):
            term = reading.term(argument, site.scope)
            if term[0] in TOLD and not is_removed_before(module, site.scope, argument, site.line):
                yield module.fact(site, ast.unparse(argument)[:80], term, _line(site, argument))


def _line(site: Site, argument: ast.expr) -> int:
    """Return where an argument is made, that of the call for what is written in it."""
    inside = site.call.lineno <= argument.lineno <= (site.call.end_lineno or 0)
    return site.line if inside else argument.lineno


def _sent(module: Module) -> Iterator[tuple[Site, list[ast.expr]]]:
    """Yield where a task is enqueued, at once or on commit, and what it is told."""
    for site in module.calls_that_run(*SENDERS):
        yield site, _given(site.call)
    for site in module.calls_that_run("partial"):
        # As on_commit() takes it: partial(task.delay, path).
        if site.call.args and getattr(site.call.args[0], "attr", "") in SENDERS:
            yield site, _given(site.call)[1:]


def _arguments(site: Site, told: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield what a task is told, and what lists and objects among that are made of."""
    for given in told:
        name = given.id if isinstance(given, ast.Name) else ""
        bound = site.scope.bindings.get(name, ())
        for argument in (given, *(part for made in (given, *bound) for part in _parts(made))):
            yield argument
            name = argument.id if isinstance(argument, ast.Name) else ""
            for made in (argument, *site.scope.bindings.get(name, ())):
                # Message(path): a dataclass of the project's, by its capital letter.
                if isinstance(made, ast.Call) and _is_class(made):
                    yield from _given(made)


def _parts(argument: ast.expr) -> list[ast.expr]:
    if isinstance(argument, ast.List | ast.Tuple):
        return argument.elts
    return argument.values if isinstance(argument, ast.Dict) else []


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_class(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
    return str(name)[:1].isupper() and name not in {"Path", "File"}


def find(project: Project) -> Iterator[Finding]:
    """Yield each path that a function tells to tasks, with all of these."""
    handed_on = HandedOn(project)
    written = _Written(project)
    seen = set()
    told: dict[tuple[str, str, str], list[tuple[Location, Location]]] = {}
    for source, fact, place in project.noted(SLUG):
        shown, term, line = fact.data
        if not handed_on.is_local_path(term) or written.is_told(source, fact) or place in seen:
            continue
        seen.add(place)
        there = (place, Location(source.path, line))
        told.setdefault((source.path, fact.function, shown), []).append(there)
    for (_, _, shown), each in told.items():
        first = min(place for place, _ in each)
        places = {place for both in each for place in both}
        yield Finding(
            message=f"{shown} is a path on this replica's disk: the worker that takes the"
            " task may be on another.",
            hint="Store the file with default_storage, and pass its name.",
            location=first,
            severity=Severity.ERROR,
            related=tuple(sorted(places - {first})),
        )


class _Written:
    """The files that the project writes, as far as another finding speaks of them."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def is_told(self, source: Summary, fact: Fact) -> bool:
        """Whether the line that writes a file is named, in the function that hands on its path."""
        writing = (
            Location(source.path, each.line)
            for each in source.facts.get(file_write.SLUG, ())
            if each.function == fact.function
            and each.data[0] in {SURE, LIKELY}
            and each.data[1] == fact.data[0]
        )
        return any(place in self._told for place in writing)

    @cached_property
    def _told(self) -> set[Location]:
        found = (f for f in file_write.find(self._project) if f.severity is Severity.ERROR)
        return {place for each in found for place in (each.location, *each.related)}


RULE = Rule("scaleready.E055", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
