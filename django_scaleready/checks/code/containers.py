"""Containers that outlive a request: who changes them, and whether what goes in is from outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from django_scaleready.checks.code.database import is_queryset
from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.reading import Reading
from django_scaleready.checks.code.scopes import Scope, Site

MAKERS = frozenset(
    [
        *("collections.Counter", "collections.OrderedDict", "collections.defaultdict"),
        *("collections.deque", "dict", "list", "queue.Queue", "queue.SimpleQueue", "set"),
    ]
)
FILL = (
    *("add", "append", "appendleft", "extend", "insert", "put", "put_nowait", "setdefault"),
    "update",
)
# Methods whose first argument is a key, or what is asked for later.
KEYED = ("add", "setdefault")
CLEAR = ("clear", "discard", "pop", "popitem", "remove")
REQUEST = ("request", "self.request")
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
            made = "." not in name and any(_is_container(module, value) for value in values)
            if made and not _is_default(module, name, owner):
                yield Container(name, values[0].lineno, owner)


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
        and "ClassVar" not in ast.unparse(field.annotation)
        for field in fields
    )


def renews(container: Container, change: Change) -> bool:
    """Whether the function that fills a container empties it first if it is out of date."""
    names = {container.name, f"cls.{container.name}", f"{container.owner.name}.{container.name}"}
    for branch in ast.walk(change.scope.node):
        if isinstance(branch, ast.If) and _compares(branch.test):
            for node in branch.body:
                targets = node.targets if isinstance(node, ast.Assign) else ()
                if names & {ast.unparse(target) for target in targets}:
                    return True
                if names & {f.removesuffix(".clear()") for f in [ast.unparse(node)]}:
                    return True
    return False


def is_made_anew(module: Module, container: Container, changes: list[Change]) -> bool:
    """Whether objects that are made for a request use a container of their class as their own.

    Each puts its entries there, whatever stands there already, before it reads them: nothing is
    remembered from one to the next.
    """
    name = f"self.{container.name}"
    makers = (s for s in module.scopes if s.parent is container.owner and s.name == "__init__")
    if not any("request" in maker.parameters for maker in makers):
        return False
    if not all(_puts(change, name) for change in changes if change.values):
        return False
    return not any(_asks_for(node, name) for node in ast.walk(container.owner.node))


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
        return any(ast.unparse(other) == name for other in node.comparators)
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and ast.unparse(called.value) == name


def _compares(test: ast.expr) -> bool:
    """Whether two values are compared, and not one with None, or its presence asked for."""
    return isinstance(test, ast.Compare) and isinstance(
        test.ops[0], ast.NotEq | ast.Lt | ast.Gt | ast.LtE | ast.GtE
    )


def _is_container(module: Module, value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return module.resolve(value.func) in MAKERS
    return isinstance(value, ast.Dict | ast.List | ast.Set)


def changes(module: Module, names: set[str]) -> dict[tuple[str, Scope], list[Change]]:
    """Return the changes of a module's containers by name and owner, those under DEBUG left out.

    ``names`` are those of the containers: most of what is changed in a file is something else.
    """
    found: dict[tuple[str, Scope], list[Change]] = {}
    for name, change in _all(module):
        last = name.rpartition(".")[2]
        if last in names and (owner := _owner(module, name, change.scope)):
            short = last if owner.kind == "class" else name
            found.setdefault((short, owner), []).append(change)
    return found


def _all(module: Module) -> Iterator[tuple[str, Change]]:
    for scope in module.scopes:
        if scope.kind == "function":
            for node, flags in scope.changes:
                if not Site(None, scope, flags).guarded:  # type: ignore[arg-type]  # only the flags are asked
                    yield from _statement(node, scope)
    for site in module.calls_that_run(*FILL, *CLEAR):
        function = site.call.func
        if isinstance(function, ast.Attribute) and (name := _base(function.value)):
            given = (*site.call.args, *(k.value for k in site.call.keywords))
            values = given if function.attr in FILL else ()
            keys = given[:1] if function.attr in KEYED else ()
            yield name, Change(site.call, site.scope, values, keys)


def _statement(node: ast.stmt, scope: Scope) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Subscript) and (name := _base(target)):
                keys = tuple(_keys(target))
                # A count for each visitor: what is counted is from outside, and not the 1.
                counted = keys if isinstance(node, ast.AugAssign) else ()
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
    if not dot:
        for outer in scope.outer:
            own = outer.kind == "function" and name not in outer.globals
            if own and (name in outer.bindings or name in outer.parameters):
                return None
        return module.top if name in module.top.bindings else None
    owner = scope.owner if first in {"self", "cls"} else module.classes.get(first)
    if owner is None or rest not in owner.bindings:
        return None
    # self.x = {} in a method gives each instance its own.
    methods = [s for s in module.scopes if s.parent is owner]
    return None if any(f"self.{rest}" in method.bindings for method in methods) else owner


class Outside:
    """Whether values come from the database, a request or another host, by local data flow."""

    def __init__(self, reading: Reading, *, hosts: bool = True) -> None:
        """Take the file. Without ``hosts`` only the database and requests count."""
        self._reading = reading
        self._left = set() if hosts else {id(made.site.call) for made in reading.http}
        self._tainted: dict[Scope, set[str]] = {}

    def asks(self, change: Change) -> tuple[bool, tuple[str, ...]]:
        """Return whether a value surely does, and the project's functions that it may come from."""
        scope = change.scope
        tainted, sources = self._names(scope), set()
        sure = False
        for value in change.values:
            for node in ast.walk(value):
                if self._is_outside(node, tainted):
                    sure = True
                elif isinstance(node, ast.Call):
                    sources.add(self._reading.module.qualified(node.func, scope))
                elif isinstance(node, ast.Name):
                    sources |= self._made_by(node.id, scope)
        return sure, tuple(sorted(name for name in sources if "." in name))

    def _made_by(self, name: str, scope: Scope) -> set[str]:
        bound = scope.bindings.get(name, ())
        qualified = self._reading.module.qualified
        return {qualified(v.func, scope) for v in bound if isinstance(v, ast.Call)}

    def _names(self, scope: Scope) -> set[str]:
        if scope in self._tainted:
            return self._tainted[scope]
        tainted = {"request"} & {*scope.parameters}
        before = -1
        while len(tainted) > before:
            before = len(tainted)
            for name, values in scope.bindings.items():
                nodes = (node for value in values for node in ast.walk(value))
                if name not in tainted and any(self._is_outside(n, tainted) for n in nodes):
                    tainted.add(name)
        self._tainted[scope] = tainted
        return tainted

    def _is_outside(self, node: ast.AST, tainted: set[str]) -> bool:
        if isinstance(node, ast.Name):
            return node.id in tainted
        if isinstance(node, ast.Attribute):
            return ast.unparse(node) == "self.request"
        if not isinstance(node, ast.Call):
            return False
        asks = self._reading.asks_outside(node) and id(node) not in self._left
        return asks or is_queryset(node)
