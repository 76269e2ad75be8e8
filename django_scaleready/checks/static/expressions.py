"""The value of an expression in a settings module, where no optional variable is set."""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from pathlib import Path
from typing import Any

from django_scaleready.checks.static import calls
from django_scaleready.checks.static.operators import COMPARISONS, OPERATORS, WIDE, explodes
from django_scaleready.checks.static.options import option
from django_scaleready.checks.static.undecided import (
    UNDECIDED,
    Closure,
    Environment,
    Later,
    Ref,
    Undecided,
)

# A settings module that needs more steps computes something; it does not declare it.
STEPS = 60_000
DEPTH = 40
# What an interpreter has that serves a deployment.
CONSTANTS: dict[str, Any] = {
    "sys.argv": ["gunicorn"],
    "sys.version_info": tuple(sys.version_info),
    "sys.platform": "linux",
    "os.sep": "/",
    "os.name": "posix",
}
Call = Callable[[Closure, list[Any], dict[str, Any]], Any]
Settle = Callable[[dict[str, Any], str], Any]


class Expressions:
    """Evaluates expressions."""

    def __init__(self, call: Call, settle: Settle) -> None:
        """Take what runs a function of the settings module, and what reads an imported name."""
        self._call_closure = call
        self._settle = settle
        self.environment: Mapping[str, str] = {}
        self._steps = STEPS
        self._depth = 0

    def value(self, node: ast.expr | None, names: dict[str, Any]) -> Any:
        """Return an expression's value, UNDECIDED if it cannot be told."""
        self._steps -= 1
        handler = HANDLERS.get(node.__class__)
        if node is None or handler is None or self._steps < 0 or self._depth > DEPTH:
            return UNDECIDED
        self._depth += 1
        try:
            return handler(self, node, names)
        finally:
            self._depth -= 1

    def _constant(self, node: ast.Constant, _: dict[str, Any]) -> Any:
        return node.value

    def _name(self, node: ast.Name, names: dict[str, Any]) -> Any:
        if node.id in names:
            held = names[node.id]
            return self._settle(names, node.id) if held.__class__ is Later else held
        return Ref(node.id) if node.id in calls.KNOWN else UNDECIDED

    def _attribute(self, node: ast.Attribute, names: dict[str, Any]) -> Any:
        inner = self.value(node.value, names)
        if isinstance(inner, Ref):
            dotted = f"{inner.dotted}.{node.attr}"
            return CONSTANTS.get(dotted, Ref(dotted))
        if isinstance(inner, Path) and node.attr in {"parent", "parents", "name", "stem", "suffix"}:
            return getattr(inner, node.attr)
        if isinstance(inner, dict) and node.attr in inner:
            return inner[node.attr]
        found = getattr(inner, node.attr, UNDECIDED) if isinstance(inner, tuple) else UNDECIDED
        return UNDECIDED if callable(found) else found

    def _subscript(self, node: ast.Subscript, names: dict[str, Any]) -> Any:
        inner = self.value(node.value, names)
        if isinstance(node.slice, ast.Slice):
            parts = (node.slice.lower, node.slice.upper, node.slice.step)
            bounds = [self.value(p, names) if p else None for p in parts]
            return calls.safely(operator.getitem, [inner, slice(*bounds)], {})
        key = self.value(node.slice, names)
        if inner == calls.ENVIRON and isinstance(key, str):
            return self.environment.get(key, UNDECIDED)
        return calls.safely(operator.getitem, [inner, key], {})

    def _dict(self, node: ast.Dict, names: dict[str, Any]) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.value(value, names)
            if key is None:
                # What is undecided of an entry may be any key of it.
                found |= held if isinstance(held, dict) else {UNDECIDED: UNDECIDED}
            else:
                name = self.value(key, names)
                if isinstance(name, str | int | float | bool | None):
                    found[name] = held
        return found

    def _list(self, node: ast.List, names: dict[str, Any]) -> Any:
        return self._elements(node.elts, names)

    def _tuple(self, node: ast.Tuple, names: dict[str, Any]) -> Any:
        return tuple(self._elements(node.elts, names))

    def _set(self, node: ast.Set, names: dict[str, Any]) -> Any:
        return calls.safely(set, [self._elements(node.elts, names)], {})

    def _elements(self, nodes: list[ast.expr], names: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value, names)
                found += inner if isinstance(inner, list | tuple | set) else []
            else:
                found.append(self.value(node, names))
        return found

    def _text(self, node: ast.JoinedStr, names: dict[str, Any]) -> Any:
        parts = [
            self.value(part.value if isinstance(part, ast.FormattedValue) else part, names)
            for part in node.values
        ]
        # A URL with an unknown password still says which service it leads to.
        if parts and isinstance(parts[0], str) and "://" in parts[0]:
            return "".join("x" if isinstance(p, Undecided | Ref) else str(p) for p in parts)
        unknown = any(isinstance(part, Undecided | Ref) for part in parts)
        return UNDECIDED if unknown else "".join(map(str, parts))

    def _binary(self, node: ast.BinOp, names: dict[str, Any]) -> Any:
        left, right = self.value(node.left, names), self.value(node.right, names)
        function = OPERATORS.get(node.op.__class__)
        # A list with an undecided rest is at least what is known of it.
        if isinstance(node.op, ast.Add) and UNDECIDED in (left, right):
            known = left if right is UNDECIDED else right
            if isinstance(known, list | tuple):
                return known
        if isinstance(left, str) and "://" in left and right is UNDECIDED:
            return left
        if function is None or explodes(node.op, left, right):
            return UNDECIDED
        return calls.safely(function, [left, right], {})

    def _boolean(self, node: ast.BoolOp, names: dict[str, Any]) -> Any:
        wants = isinstance(node.op, ast.Or)
        value: Any = UNDECIDED
        undecided = False
        for part in node.values:
            value = self.value(part, names)
            if isinstance(value, Undecided | Ref):
                undecided = True
            elif bool(value) is wants:
                # x or "default" with an unknown x is undecided; x and False is False.
                return UNDECIDED if undecided and wants and value is not True else value
        return UNDECIDED if undecided else value

    def _unary(self, node: ast.UnaryOp, names: dict[str, Any]) -> Any:
        value = self.value(node.operand, names)
        if isinstance(value, Undecided | Ref):
            return UNDECIDED
        if isinstance(node.op, ast.Not):
            return not value
        return calls.safely(operator.neg, [value], {}) if isinstance(node.op, ast.USub) else value

    def _either(self, node: ast.IfExp, names: dict[str, Any]) -> Any:
        test = self.value(node.test, names)
        if isinstance(test, Undecided | Ref):
            return UNDECIDED
        return self.value(node.body if test else node.orelse, names)

    def _compare(self, node: ast.Compare, names: dict[str, Any]) -> Any:
        left = self.value(node.left, names)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, names)
            if right == calls.ENVIRON:
                right = (*self.environment,)
            result = calls.safely(COMPARISONS[op.__class__], [left, right], {})
            if not result:
                return result
            left = right
        return True

    def _assigned(self, node: ast.NamedExpr, names: dict[str, Any]) -> Any:
        names[node.target.id] = self.value(node.value, names)
        return names[node.target.id]

    def _comprehension(self, node: ast.ListComp, names: dict[str, Any]) -> Any:
        generator = node.generators[0]
        items = self.value(generator.iter, names)
        single = len(node.generators) == 1 and isinstance(generator.target, ast.Name)
        if not isinstance(items, list | tuple | set) or not single:
            return UNDECIDED
        found = []
        for item in items:
            inner = {**names, generator.target.id: item}  # type: ignore[attr-defined]  # a Name, see above
            tests = [self.value(test, inner) for test in generator.ifs]
            # An app that is perhaps left out is perhaps there.
            if all(test or test is UNDECIDED for test in tests):
                found.append(self.value(node.elt, inner))
        return found

    def _call(self, node: ast.Call, names: dict[str, Any]) -> Any:
        arguments = self._elements(node.args, names)
        options = {k.arg: self.value(k.value, names) for k in node.keywords if k.arg}
        function = node.func
        if isinstance(function, ast.Attribute):
            inner = self.value(function.value, names)
            if not isinstance(inner, Ref):
                return self._method(inner, function.attr, arguments, options)
        called = self.value(function, names)
        if isinstance(called, Closure):
            found = self._call_closure(called, arguments, options)
            return option(called.node.name, arguments, options) if found is UNDECIDED else found
        if isinstance(called, Environment):
            return calls.of_environment(called, "", arguments, options)
        if not isinstance(called, Ref):
            return option(getattr(function, "id", ""), arguments, options)
        if called.dotted in calls.GETTERS and arguments[:1] != [UNDECIDED]:
            given = self.environment.get(str(arguments[0])) if arguments else None
            if given is not None:
                return given
        known = calls.builtin if called.dotted in calls.KNOWN else calls.known
        found = known(called.dotted, arguments, options)
        return option(called.dotted, arguments, options) if found is UNDECIDED else found

    def _method(self, inner: Any, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        if isinstance(inner, Environment):
            return calls.of_environment(inner, name, arguments, options)
        if inner is UNDECIDED:
            return option(name, arguments, options)
        if isinstance(inner, Path) and name in calls.SAME_PATH:
            return inner
        method = getattr(inner, name, None) if name in calls.METHODS else None
        wide = name == "format" and isinstance(inner, str) and WIDE.search(inner)
        if method is None or wide:
            return UNDECIDED
        if name in {"append", "extend", "insert", "update", "setdefault", "add"}:
            # A list of middleware with an unknown entry is still that list.
            return _grow(method, arguments, options)
        found = calls.safely(method, arguments, options)
        # What is gone through is a list: a view of a dictionary changes with it.
        return list(found) if isinstance(found, ItemsView | KeysView | ValuesView) else found


def _grow(method: Callable[..., Any], arguments: list[Any], options: dict[str, Any]) -> Any:
    try:
        return method(*arguments, **options)
    except Exception:  # noqa: BLE001 - as in calls.safely
        return UNDECIDED


HANDLERS: dict[type, Callable[[Expressions, Any, dict[str, Any]], Any]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.Dict: Expressions._dict,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._tuple,
    ast.Set: Expressions._set,
    ast.JoinedStr: Expressions._text,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._boolean,
    ast.UnaryOp: Expressions._unary,
    ast.IfExp: Expressions._either,
    ast.Compare: Expressions._compare,
    ast.NamedExpr: Expressions._assigned,
    ast.ListComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Call: Expressions._call,
}
