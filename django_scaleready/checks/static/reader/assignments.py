"""The assignments of a settings module: what a name holds after them, and where it got that."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from django_scaleready.checks.static.reader.definitions import Definition, Names, Settings
from django_scaleready.checks.static.reader.holders import held_by, key
from django_scaleready.checks.static.values.calls import ENVIRON
from django_scaleready.checks.static.values.expressions import Call, Expressions, Settle
from django_scaleready.checks.static.values.operators import LONGEST
from django_scaleready.checks.static.values.undecided import UNDECIDED, Namespace, with_rest

# Whether this is somebody's own machine.
SWITCHES = frozenset(
    ["DEBUG", "DEV", "DEVELOPMENT", "DEVELOPMENT_MODE", "DEV_MODE", "IS_DEV", "IS_DEVELOPMENT"]
)


class Assignments:
    """Runs the statements that give a name a value, or change what it holds."""

    def __init__(self, call: Call, settle: Settle) -> None:
        """Take what runs a function of the settings module, and what reads an imported name."""
        self._expressions = Expressions(call, settle)
        self.settings = Settings()

    def _assign(self, node: ast.Assign, names: Names, path: Path) -> None:
        value = self._expressions.value(node.value, names)
        before = _lists(node.value, names) if value is UNDECIDED else {}
        for target in node.targets:
            self._bind(target, value, node.value, names, path)
        # INSTALLED_APPS = with_plugins(INSTALLED_APPS) is at least what it was.
        for name, held in before.items():
            if names[name] is UNDECIDED:
                names[name] = with_rest(held)

    def _annotated(self, node: ast.AnnAssign, names: Names, path: Path) -> None:
        if node.value is not None:
            value = self._expressions.value(node.value, names)
            self._bind(node.target, value, node.value, names, path)

    def _added(self, node: ast.AugAssign, names: Names, path: Path) -> None:
        operation = ast.BinOp(node.target, node.op, node.value)
        value = self._expressions.value(operation, names)
        if value is UNDECIDED and isinstance(node.op, ast.Add):
            held = self._expressions.value(node.target, names)
            value = _lengthened(held, self._expressions.value(node.value, names))
        self._bind(node.target, value, node.value, names, path)

    def _bind(
        self, target: ast.expr, value: Any, node: ast.expr | None, names: Names, path: Path
    ) -> None:
        if isinstance(target, ast.Name):
            if target.id in SWITCHES and not isinstance(node, ast.Constant):
                # The environment decides, and a deployment has it off.
                value = False
            names[target.id] = value
            made = held_by(node, names) if node is not None and value is UNDECIDED else None
            if made or key(target.id) in names:
                names[key(target.id)] = made
            self._define(target.id, target.lineno, node, path)
        elif isinstance(target, ast.Tuple | ast.List):
            known = isinstance(value, list | tuple) and len(value) == len(target.elts)
            for index, element in enumerate(target.elts):
                self._bind(element, value[index] if known else UNDECIDED, None, names, path)
        elif isinstance(target, ast.Subscript):
            self._set_entry(target, value, node, names, path)

    def _set_variable(self, name: Any, value: Any, line: ast.expr, *, anew: bool) -> None:
        """Give a variable of the environment a text, where the module as a whole does.

        ``os.environ.setdefault("SHOP_LOG", "stdout")`` stands above the settings that ask for it.
        """
        given = self._expressions.environment
        if isinstance(name, str) and isinstance(value, str) and not line.col_offset:
            held = value if anew else given.get(name, value)
            self._expressions.environment = {**given, name: held}

    def _set_entry(
        self, target: ast.Subscript, value: Any, node: ast.expr | None, names: Names, path: Path
    ) -> None:
        holder = self._expressions.value(target.value, names)
        entry = self._expressions.value(target.slice, names)
        if isinstance(holder, Namespace) and isinstance(entry, str):
            # An entry of vars() is a name.
            name = ast.Name(entry, lineno=target.lineno, col_offset=0)
            self._bind(name, value, node, holder.names, path)
        elif holder == ENVIRON:
            self._set_variable(entry, value, target, anew=True)
        elif isinstance(holder, dict) and isinstance(entry, str | int):
            holder[entry] = value
        shown = node
        inner: ast.expr = target
        while isinstance(inner, ast.Subscript):
            # CACHES["default"] = {...} reads like CACHES = {"default": {...}}.
            shown = shown and ast.Dict(keys=[inner.slice], values=[shown])
            inner = inner.value
        if isinstance(inner, ast.Name):
            self._define(inner.id, target.lineno, shown, path)

    def _define(self, name: str, line: int, node: ast.expr | None, path: Path) -> None:
        found = self.settings.definitions.setdefault(name, [])
        found.append(Definition(name, path, line, node))

    def _expression(self, node: ast.Expr, names: Names, path: Path) -> None:
        self._expressions.value(node.value, names)
        call = node.value if isinstance(node.value, ast.Call) else None
        called = call.func if call else None
        if call and isinstance(called, ast.Attribute) and called.attr == "setdefault":
            given = [self._expressions.value(each, names) for each in call.args[:2]]
            if len(given) > 1 and self._expressions.value(called.value, names) == ENVIRON:
                self._set_variable(given[0], given[1], call, anew=False)
        target = called.value if isinstance(called, ast.Attribute) else None
        if isinstance(target, ast.Name) and target.id.isupper():
            self._define(target.id, node.lineno, None, path)


def _lengthened(held: Any, added: Any) -> Any:
    """Return what ``+=`` makes of a list: it takes whatever can be gone through."""
    known = isinstance(held, list) and isinstance(added, tuple | set | dict)
    return [*held, *added] if known and len(held) + len(added) <= LONGEST else UNDECIDED


def _lists(node: ast.expr, names: Names) -> Names:
    """Return the lists that an expression is made of, by name."""
    used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return {name: names[name] for name in used if isinstance(names.get(name), list | tuple)}
