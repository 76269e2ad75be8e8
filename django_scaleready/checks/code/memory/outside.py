"""Whether what is kept comes from outside: the database, a request or another host."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import Change
from django_scaleready.checks.code.memory.lasting import is_manager
from django_scaleready.checks.code.queries.database import is_queryset
from django_scaleready.checks.code.queries.rows import query_in, rows_of
from django_scaleready.checks.code.summary import Moment, Rows
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

VISITOR = frozenset({"request", "user"})
# Of a view, and of a consumer of websockets: its connection has a name.
OF_OBJECTS = frozenset({"self.channel_name", "self.request", "self.scope"})
OBJECTS = frozenset({"self", "cls", "args", "kwargs"})
SENT = frozenset({"apply_async", "delay", "send_task"})
# Django itself keeps what it answers, in each process.
SITE = "django.contrib.sites.models.Site.objects.get_current"
# What it makes serves all, whatever it asks for as it is made.
CLIENT = re.compile(r"(client|connection|session)$", re.IGNORECASE)
# Whose methods are called for a request, with what it is about.
_SERVE = re.compile(r"(View|ViewSet|Serializer|Consumer|Throttle)$")


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
            for node in nodes_of(value):
                if self._is_outside(node, tainted) or self._is_of_manager(node, scope):
                    sure = True
                elif isinstance(node, ast.Call):
                    sources.add(self._reading.module.qualified(node.func, scope))
                elif isinstance(node, ast.Name):
                    sources |= self._made_by(node.id, scope)
        return sure, tuple(sorted(n for n in sources if "." in n and not CLIENT.search(n)))

    def _is_of_manager(self, node: ast.AST, scope: Scope) -> bool:
        """Whether a manager asks for its own rows: ``for row in self.open()``, in a value.

        What it calls ``self`` for gives rows, mostly, and they are asked for as it keeps them.
        """
        owner, module = scope.owner, self._reading.module
        if not isinstance(node, ast.comprehension) or not owner or not is_manager(module, owner):
            return False
        items = node.iter
        made = scope.bindings.get(items.id, ()) if isinstance(items, ast.Name) else (items,)
        return any(_is_of_self(value) for value in made)

    def rows(self, change: Change) -> tuple[Rows, ...]:
        """Return the rows that a value is made of, none if it is made of anything else, too."""
        scope, module = change.scope, self._reading.module
        found: set[Rows] = set()
        seen: set[str] = set()
        pending = [*change.values]
        while pending:
            for node in nodes_of(pending.pop()):
                if query := query_in(node):
                    found.add(rows_of(module, query, scope))
                elif isinstance(node, ast.Name) and node.id not in seen:
                    seen.add(node.id)
                    bound = scope.bindings.get(node.id, [])
                    if not bound and node.id in self._names(scope):
                        return ()
                    pending += bound
                elif self._is_outside(node, set()):
                    return ()
        return tuple(found)

    def _made_by(self, name: str, scope: Scope) -> set[str]:
        """Return the functions that made what a name holds, or that is a part of."""
        qualified = self._reading.module.qualified
        made, seen, pending = set(), {name}, [name]
        for each in pending:
            for value in scope.bindings.get(each, ()):
                whole = _whole(value)
                if isinstance(whole, ast.Call):
                    made.add(qualified(whole.func, scope))
                elif isinstance(whole, ast.Name) and whole is not value and whole.id not in seen:
                    pending.append(whole.id)
                    seen.add(whole.id)
        return made

    def _names(self, scope: Scope) -> set[str]:
        if scope in self._tainted:
            return self._tainted[scope]
        tainted = set(_given(self._reading.module, scope))
        before = -1
        while len(tainted) > before:
            before = len(tainted)
            for name, values in scope.bindings.items():
                nodes = (node for value in values for node in nodes_of(value))
                if name not in tainted and any(self._is_outside(n, tainted) for n in nodes):
                    tainted.add(name)
        self._tainted[scope] = tainted
        return tainted

    def _is_outside(self, node: ast.AST, tainted: set[str]) -> bool:
        if isinstance(node, ast.Name):
            return node.id in tainted
        if isinstance(node, ast.Attribute):
            return ast.unparse(node) in OF_OBJECTS
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute) and node.func.attr in SENT:
            # A task that was sent: who asks another replica for it gets none.
            return True
        asks = self._reading.asks_outside(node) and id(node) not in self._left
        return (asks or is_queryset(node)) and self._reading.module.resolve(node.func) != SITE


def _whole(value: ast.expr) -> ast.expr:
    """Return what a value is a part of: of ``found["order"].pk`` it is ``found``."""
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return value


def _is_of_self(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    while isinstance(called, ast.Attribute):
        called = called.value.func if isinstance(called.value, ast.Call) else called.value
    return isinstance(called, ast.Name) and called.id == "self"


def _given(module: Module, scope: Scope) -> Iterator[str]:
    """Yield the parameters of a function that hold what a request, or a row, is about."""
    for function in scope.outer:
        if function.kind != "function":
            return
        owner = function.owner if function.parent is function.owner else None
        served = owner is not None and any(_SERVE.search(base) for base in module.bases(owner))
        signal = module.moment(function) is Moment.SIGNAL
        told = {*VISITOR, "instance"} if signal else VISITOR
        # What a class is told is told by whoever imports it.
        of_object = next(iter(function.parameters), "") == "self"
        all_of_it = served and of_object and not function.name.startswith(("__", "register"))
        for name in function.parameters:
            if name in told or (all_of_it and name not in OBJECTS):
                yield name
