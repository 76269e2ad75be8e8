"""What receivers of post_migrate do: who they are, and where a table is emptied."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import ATOMIC, Site
from django_scaleready.checks.code.tree.syntax import last_name

# What a fact says: a function by its dotted name is told, a model's table is emptied.
TOLD, EMPTIED = "told", "emptied"
# Of a command: it takes a lock that all replicas see. Of a task: what it is based on.
LOCKS, BASED = "locks", "based"
COMMANDS = "/management/commands/"
# A lock in PostgreSQL, in MySQL or in Redis, as written.
_LOCK = re.compile(
    rb"advisory_(xact_)?lock\b|\bpglock\.advisory\(|\bGET_LOCK\(|\b(cache|redis\w*)\.lock\("
)
_SIGNAL = "django.db.models.signals.post_migrate"
_RECEIVER = "django.dispatch.receiver"


def after_migrate(reading: Reading) -> Iterator[Fact]:
    """Note the receivers of post_migrate, and where all rows of a model are deleted.

    And the commands that take a lock, and the classes that tasks are based on.
    """
    module = reading.module
    if COMMANDS in f"/{module.path}" and _LOCK.search(module.content):
        yield Fact(0, "", (LOCKS,))
    if b"base=" in module.content:
        yield from _based(module)
    if b"post_migrate" in module.content:
        for scope in module.decorated:
            if any(_tells(module, decorator) for decorator in scope.decorators):
                yield Fact(scope.line, scope.qualname, (TOLD, f"{module.name}.{scope.qualname}"))
        for site in module.calls("connect"):
            if dotted := _connected(module, site):
                yield module.fact(site, TOLD, dotted)
    for site in module.calls_that_run("delete") if b".objects.all()" in module.content else ():
        if model := emptied_table(site):
            yield module.fact(site, EMPTIED, model)


def _based(module: Module) -> Iterator[Fact]:
    """Note the tasks that are based on another class: ``@app.task(base=Singleton)``."""
    for scope in module.decorated:
        for decorator in scope.decorators:
            for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
                if keyword.arg == "base":
                    base = module.qualified(keyword.value, module.top)
                    task = f"{module.name}.{scope.qualname}"
                    yield Fact(scope.line, scope.qualname, (BASED, task, base))


def emptied_table(site: Site) -> str:
    """Return the model of which a call deletes all rows for everybody to see, "" for none."""
    function = site.call.func
    rows = function.value if isinstance(function, ast.Attribute) else None
    if not isinstance(rows, ast.Call) or site.flags & ATOMIC:
        return ""
    manager = rows.func.value if isinstance(rows.func, ast.Attribute) else None
    if last_name(rows.func) != "all" or not isinstance(manager, ast.Attribute):
        return ""
    return last_name(manager.value) if manager.attr == "objects" else ""


def _tells(module: Module, decorator: ast.expr) -> bool:
    """Whether a decorator connects a function: ``@receiver(post_migrate)``."""
    if not isinstance(decorator, ast.Call) or module.resolve(decorator.func) != _RECEIVER:
        return False
    first = decorator.args[0] if decorator.args else None
    signals = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
    return any(module.resolve(signal) == _SIGNAL for signal in signals if signal)


def _connected(module: Module, site: Site) -> str:
    """Return the dotted name of what a call connects, "" if it is another signal's."""
    if module.resolve(site.call.func) != f"{_SIGNAL}.connect":
        return ""
    named = [keyword.value for keyword in site.call.keywords if keyword.arg == "receiver"]
    receivers = [*site.call.args[:1], *named]
    return module.qualified(receivers[0], site.scope) if receivers else ""
