"""Containers that outlive a request, and who changes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from django_scaleready.checks.code.memory.lasting import (
    is_shared,
    keeps_its_first,
    kept_defaults,
    lasting,
    made_by,
)
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, last_parts, nodes_of, written

MAKERS = frozenset(
    [
        *("collections.Counter", "collections.OrderedDict", "collections.defaultdict"),
        *("collections.deque", "dict", "list", "queue.Queue", "queue.SimpleQueue", "set"),
    ]
)
_LAST = frozenset(last_parts(*MAKERS))
_DISPLAYS = frozenset({ast.Dict, ast.List, ast.Set})
FILL = (
    *("add", "append", "appendleft", "extend", "insert", "put", "put_nowait", "setdefault"),
    "update",
)
# What says nothing by itself: jobs[request.GET["id"]] = {"state": "running"}.
MARKS = (ast.Constant, ast.Dict, ast.List, ast.Set, ast.Tuple)
# Methods whose first argument is a key, or what is asked for later.
KEYED = ("add", "setdefault")
GAUGE = "prometheus_client.Gauge"
# Whoever exports what it has just set says the same in every replica.
EXPORTERS = frozenset({"generate_latest", "push_to_gateway", "pushadd_to_gateway"})
CLEAR = ("clear", "discard", "pop", "popitem", "remove")
# Of pydantic, msgspec and the like, which copy a field's default for each object.
SCHEMAS = ("Model", "Schema", "Struct", "Settings")
DATACLASSES = ("dataclass", "define", "frozen", "attr.s")


class Container(NamedTuple):
    """A mutable container of a module or a class: its name, as methods write it, and where."""

    name: str
    line: int
    owner: Scope


class Change(NamedTuple):
    """A place inside a function that changes a container; no values where it only removes.

    ``keys`` are what the values are kept under.
    """

    node: ast.stmt | ast.expr
    scope: Scope
    values: tuple[ast.expr, ...]
    keys: tuple[ast.expr, ...] = ()


def containers(module: Module) -> Iterator[Container]:
    """Yield the containers of a module, and of its classes."""
    for owner in (module.top, *module.classes.values()):
        for name, values in owner.bindings.items():
            made = any(_is_container(module, value) for value in values)
            if made and "." not in name and not _is_default(module, name, owner):
                yield Container(name, values[0].lineno, owner)
    for owner in lasting(module):
        for name, values in made_by(module, owner):
            if any(_is_container(module, value) for value in values):
                yield Container(name, values[0].lineno, owner)
    for scope in module.scopes:
        if scope.kind == "function" and scope.parameters:
            yield from _of_function(module, scope)
    yield from _gauges(module)
    if "environ" in module.mentions and module.imports.get("os") == "os":
        yield Container("os.environ", module.import_lines.get("os", 1), module.top)


def _gauges(module: Module) -> Iterator[Container]:
    """Yield the gauges of Prometheus that are set in one replica, whichever is scraped."""
    if GAUGE not in module.imports.values() or not EXPORTERS.isdisjoint(module.known):
        return
    for name, values in module.top.bindings.items():
        for value in values:
            made = isinstance(value, ast.Call) and module.resolve(value.func) == GAUGE
            if made and "registry=" not in written(value):
                yield Container(name, value.lineno, module.top)


def _of_function(module: Module, scope: Scope) -> Iterator[Container]:
    """Yield what a decorator keeps for its function, and defaults that are made but once."""
    if keeps_its_first(scope):
        for name, values in scope.bindings.items():
            if "." not in name and any(_is_container(module, value) for value in values):
                yield Container(name, values[0].lineno, scope)
    for name, value in kept_defaults(scope):
        if _is_container(module, value):
            yield Container(name, value.lineno, scope)


def _is_default(module: Module, name: str, owner: Scope) -> bool:
    """Whether each object gets a container of its own: a field of a schema, annotated as such."""
    schema = any(base.endswith(SCHEMAS) for base in module.bases(owner))
    if not schema and not any(d.endswith(DATACLASSES) for d in module.decorators(owner)):
        return False
    statements = owner.node.body if isinstance(owner.node, ast.ClassDef) else ()
    fields = (s for s in statements if isinstance(s, ast.AnnAssign))
    return any(
        isinstance(field.target, ast.Name)
        and field.target.id == name
        and "ClassVar" not in written(field.annotation)
        for field in fields
    )


def is_made_anew(module: Module, container: Container, changes: list[Change]) -> bool:
    """Whether objects use a container of their class as their own: made for a request, or filled.

    Each puts its entries there, whatever stands there already, before it reads them: nothing is
    remembered from one to the next.
    """
    name = f"self.{container.name}"
    makers = (s for s in module.scopes if s.parent is container.owner and s.name == "__init__")
    of_request = any("request" in maker.parameters for maker in makers)
    if not of_request and not _is_given_out(module, container, changes):
        return False
    if not all(_puts(change, name) for change in changes if change.values):
        return False
    return not any(_asks_for(node, name) for node in nodes_of(container.owner.node))


def _is_given_out(module: Module, container: Container, changes: list[Change]) -> bool:
    """Whether each method that fills a container does so under fixed keys, and returns it."""
    return not is_shared(module, container.owner, container.name) and all(
        any(written(value) == f"self.{container.name}" for value in change.scope.returns)
        and all(isinstance(key, ast.Constant) for key in change.keys)
        for change in changes
    )


def _puts(change: Change, name: str) -> bool:
    """Whether a statement of a method, under no condition, is ``self.x[key] = value``."""
    node, function = change.node, change.scope.node
    always = node in getattr(function, "body", ())
    return (
        always
        and isinstance(node, ast.Assign)
        and all(isinstance(t, ast.Subscript) and _base(t) == name for t in node.targets)
    )


def _asks_for(node: ast.AST, name: str) -> bool:
    """Whether a container is asked if it has an entry: ``in self.x``, ``self.x.get(...)``."""
    if isinstance(node, ast.Compare):
        return any(written(other) == name for other in node.comparators)
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and written(called.value) == name


def _is_container(module: Module, value: ast.expr) -> bool:
    # Asked of all that classes and modules bind, fields of models for the most part.
    if value.__class__ is not ast.Call:
        return value.__class__ in _DISPLAYS
    last = last_name(value.func)
    return (last in _LAST or last in module.imports) and module.resolve(value.func) in MAKERS


def changes(module: Module, names: set[str]) -> dict[tuple[str, Scope], list[Change]]:
    """Return the changes of a module's containers by name and owner, those under DEBUG left out.

    ``names`` are those of the containers: most of what is changed in a file is something else.
    """
    found: dict[tuple[str, Scope], list[Change]] = {}
    for name, change in all_changes(module):
        last = name.rpartition(".")[2]
        if (last in names or name in names) and (owner := _owner(module, name, change.scope)):
            short = last if owner.kind == "class" else name
            found.setdefault((short, owner), []).append(change)
    return found


def all_changes(module: Module) -> Iterator[tuple[str, Change]]:
    for scope in module.scopes:
        if scope.kind == "function":
            for node, flags in scope.changes:
                if not Site(None, scope, flags).guarded:  # type: ignore[arg-type]  # only the flags are asked
                    yield from _statement(node, scope)
    for site in module.calls_that_run(*FILL, *CLEAR):
        function = site.call.func
        if isinstance(function, ast.Attribute) and (name := _base(function.value)):
            given = (*site.call.args, *(k.value for k in site.call.keywords))
            below = tuple(_keys(function.value))
            values = (*given, *below) if function.attr in FILL else ()
            keys = (*(given[:1] if function.attr in KEYED else ()), *below)
            yield name, Change(site.call, site.scope, values, keys)
    if GAUGE in module.imports.values():
        yield from _set(module)


def _set(module: Module) -> Iterator[tuple[str, Change]]:
    for site in module.calls_that_run("set"):
        function = site.call.func
        held = function.value if isinstance(function, ast.Attribute) else function
        # A gauge with labels has one for each of their values.
        if isinstance(held, ast.Call) and isinstance(held.func, ast.Attribute):
            held = held.func.value
        if site.call.args[:1] and (name := _base(held)):
            yield name, Change(site.call, site.scope, (site.call.args[0],))


def _statement(node: ast.stmt, scope: Scope) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Subscript) and (name := _base(target)):
                keys = tuple(_keys(target))
                # A count or a mark for each visitor: what is marked is from outside, and not the 1.
                marked = isinstance(node, ast.AugAssign) or isinstance(node.value, MARKS)
                counted = keys if marked else ()
                yield name, Change(node, scope, (node.value, *counted), keys)
    elif isinstance(node, ast.Delete):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and (name := _base(target)):
                yield name, Change(node, scope, ())


def _keys(node: ast.expr) -> Iterator[ast.expr]:
    while isinstance(node, ast.Subscript):
        yield node.slice
        node = node.value


def _base(node: ast.expr) -> str:
    """Return the name that a chain of subscripts begins with: X[a][b] -> X, self.x[a] -> self.x."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _owner(module: Module, name: str, scope: Scope) -> Scope | None:
    """Return the module or the class whose container a function changes; None for its own."""
    first, dot, rest = name.partition(".")
    if not dot or name == "os.environ":
        return _of_name(module, name, scope)
    owner = _task(module, scope) or scope.owner
    owner = owner if first in {"self", "cls"} else module.classes.get(first)
    if owner in lasting(module) and rest in dict(made_by(module, owner)):
        # A registry is filled as modules are imported, by whoever imports it.
        return None if scope.name.startswith("register") else owner
    if owner is None or rest not in owner.bindings:
        return None
    # self.x = {} in a method gives each instance its own.
    methods = [s for s in module.scopes if s.parent is owner]
    return None if any(f"self.{rest}" in method.bindings for method in methods) else owner


def _of_name(module: Module, name: str, scope: Scope) -> Scope | None:
    for outer in scope.outer:
        own = outer.kind == "function" and name not in outer.globals
        if own and (name in outer.bindings or name in outer.parameters):
            kept = outer is not scope and keeps_its_first(outer)
            return outer if kept or name in dict(kept_defaults(outer)) else None
    return module.top if name in module.top.bindings or name == "os.environ" else None


def _task(module: Module, scope: Scope) -> Scope | None:
    """Return the class of the task that a function is: ``@app.task(base=Base, bind=True)``."""
    bases = map(module.resolve, scope.told_decorators("base"))
    return next((module.classes[base] for base in bases if base in module.classes), None)
