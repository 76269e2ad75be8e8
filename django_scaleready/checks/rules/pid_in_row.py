"""A row keeps the number of a process, and another replica looks for it.

The number means something on one machine, in one container alone. Another replica asks its own
processes for it: it finds none and takes a job for dead that is running, or finds another process
of that number, which it waits for, or ends. In containers the numbers are small, and mostly alike.

## Bad

```python title="shop/models.py"
import os

import psutil
from django.db import models


class Export(models.Model):
    pid = models.IntegerField(null=True)

    def begin(self):
        self.pid = os.getpid()
        self.save()

    def is_dead(self):
        return not psutil.pid_exists(self.pid)
```

## Good

```python title="shop/models.py"
from datetime import timedelta

from django.db import models
from django.utils import timezone


class Export(models.Model):
    beat_at = models.DateTimeField(null=True)

    def beat(self):
        self.beat_at = timezone.now()
        self.save()

    def is_dead(self):
        return self.beat_at < timezone.now() - timedelta(minutes=5)
```

## Stays silent when

- the model has a field for the machine, too (`host`, `node`, `worker`);
- the number is only shown, or what is looked for is in no field of a model: in a file that starts
  processes (subprocess, multiprocessing) the field is the class's own, or a query's;
- it is not the process itself that is stored (`os.getpid()`), nor one that it started, in a file
  that imports subprocess (`task.pid = process.pid`);
- the code that looks is a management command or a script.

Where no replica comes, as far as names tell, it is information.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.queries.database import is_queryset
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_parts, nodes_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "pid-in-row"
FIELD, STORED, ASKED = "field", "stored", "asked"
# They take the number of a process of this machine.
ASKS = frozenset({"os.getpgid", "os.kill", "os.killpg", "psutil.Process", "psutil.pid_exists"})
OWN = "os.getpid"
# Their objects have such a number, too.
STARTS = frozenset({"asyncio", "billiard", "multiprocessing", "subprocess"})
_LOOKS = last_parts(*ASKS)
_NUMBER = re.compile(r"(^|_)p?pid(_|$)|process_?id")
# What tells one machine from another.
_MACHINE = re.compile(
    r"host|node|machine|server|container|pod(_|$)|instance|replica|worker|runner|agent|(^|_)ip(_|$)"
)
_MODELS = ("django.db.models.", "django.contrib.gis.db.models.")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the fields for such numbers, what is stored there and who looks: (kind, name)."""
    module = reading.module
    if b"pid" not in module.content and b"process" not in module.content:
        return
    yield from _fields(module)
    if module.roots.isdisjoint({"os", "psutil", "subprocess"}):
        return
    for scope in module.scopes:
        yield from _stored(module, scope)
    for site in module.calls_that_run(*_LOOKS):
        if module.resolve(site.call.func) in ASKS:
            name = next((_attribute(module, each, site.scope) for each in site.call.args[:1]), "")
            if _NUMBER.search(name):
                yield module.fact(site, ASKED, name)


def _fields(module: Module) -> Iterator[Fact]:
    """Note the columns for such a number of models that have none for the machine."""
    for owner in module.classes.values():
        made = {
            name: value
            for name, values in owner.bindings.items()
            for value in values[-1:]
            if isinstance(value, ast.Call) and module.resolve(value.func).startswith(_MODELS)
        }
        if any(map(_MACHINE.search, made)):
            continue
        for name in filter(_NUMBER.search, made):
            yield Fact(made[name].lineno, "", (FIELD, name))


def _stored(module: Module, scope: Scope) -> Iterator[Fact]:
    """Note where an object or a row is given the number: ``job.pid = os.getpid()``."""
    for name, values in scope.bindings.items() if scope.binds_attributes else ():
        attribute = name.rpartition(".")[2]
        if "." in name and _NUMBER.search(attribute):
            for value in values:
                if _is_number(module, value, scope):
                    yield Fact(value.lineno, scope.function, (STORED, attribute))
    for call, _ in scope.calls:
        for keyword in call.keywords:
            name = keyword.arg or ""
            if _NUMBER.search(name) and _is_number(module, keyword.value, scope):
                yield Fact(keyword.value.lineno, scope.function, (STORED, name))


def _is_number(module: Module, value: ast.expr, scope: Scope) -> bool:
    """Whether a value is the number of this process, or of one that it started."""
    bound = scope.bindings.get(value.id, ()) if isinstance(value, ast.Name) else ()
    for each in (value, *bound):
        if isinstance(each, ast.Call) and module.resolve(each.func) == OWN:
            return True
        if isinstance(each, ast.Attribute) and each.attr == "pid" and "subprocess" in module.roots:
            return True
    return False


def _attribute(module: Module, given: ast.expr, scope: Scope) -> str:
    """Return what a call is given of a row, as it is or by a local name; "" for anything else."""
    bound = scope.bindings.get(given.id, ()) if isinstance(given, ast.Name) else ()
    for each in (given, *bound):
        if isinstance(each, ast.Attribute) and _may_be_row(module, each, scope):
            return each.attr
    return ""


def _may_be_row(module: Module, read: ast.Attribute, scope: Scope) -> bool:
    """Whether an attribute may be a column, and not the number that a process object has."""
    held = read.value
    name = held.id if isinstance(held, ast.Name) else ""
    if name == "self":
        return scope.owner is not None and read.attr in scope.owner.bindings
    made = [v for outer in scope.outer for v in outer.bindings.get(name, ())] if name else [held]
    if any(is_queryset(node) for value in made for node in nodes_of(value)):
        return True
    return module.roots.isdisjoint(STARTS)


def find(project: Project) -> Iterator[Finding]:
    """Yield the columns of each file whose numbers one replica stores and another looks for."""
    noted: dict[str, dict[str, list[Location]]] = {FIELD: {}, STORED: {}, ASKED: {}}
    for source, fact in project.code.facts(SLUG):
        kind, name = fact.data
        if kind != ASKED:
            noted[kind].setdefault(name, []).append(Location(source.path, fact.line))
    for _, fact, place in project.noted(SLUG):
        kind, name = fact.data
        if kind == ASKED and name in noted[FIELD] and name in noted[STORED]:
            noted[ASKED].setdefault(noted[FIELD][name][0].path, []).append(place)
    for path, asked in noted[ASKED].items():
        first, *others = sorted(asked, key=lambda at: (at.path, at.line))
        names = [name for name, fields in noted[FIELD].items() if fields[0].path == path]
        kept = [at for kind in (FIELD, STORED) for n in names for at in noted[kind].get(n, ())]
        yield Finding(
            message=(
                "A row keeps the number of a process, which is looked for here: on another replica"
                " it is another one, or none."
            ),
            hint="Keep when the process was last heard of, or its host with the number.",
            location=first,
            severity=Severity.WARNING,
            related=(*others, *kept),
        )


RULE = Rule("scaleready.W159", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
