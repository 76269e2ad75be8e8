"""The value of an expression in a settings module, where no optional variable is set."""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from pathlib import Path
from typing import Any

from django_scaleready.checks.static.reader.executed import LOOKS, look
from django_scaleready.checks.static.reader.holders import held_by
from django_scaleready.checks.static.reader.outside import of_django
from django_scaleready.checks.static.values import calls
from django_scaleready.checks.static.values.containers import Containers
from django_scaleready.checks.static.values.documents import OPENERS, is_document
from django_scaleready.checks.static.values.environ_path import EnvironPath
from django_scaleready.checks.static.values.operators import COMPARISONS, OPERATORS, WIDE, explodes
from django_scaleready.checks.static.values.options import option
from django_scaleready.checks.static.values.undecided import (
    UNDECIDED,
    Closure,
    Environment,
    Later,
    Namespace,
    Ref,
    Undecided,
    with_rest,
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
BUILTINS = calls.KNOWN | OPENERS | {"exec", "globals", "locals", "setattr", "vars"}
MODULES = Ref("sys.modules")
Call = Callable[[Closure, list[Any], dict[str, Any]], Any]
Settle = Callable[[dict[str, Any], str], Any]


def nothing(*_: object) -> Any:
    """Return what a call gives that nobody knows."""
    return UNDECIDED


class Expressions(Containers):
    """Evaluates expressions."""

    def __init__(self, call: Call, settle: Settle) -> None:
        """Take what runs a function of the settings module, and what reads an imported name."""
        self._call_closure = call
        self._settle = settle
        self.environment: Mapping[str, str | Undecided] = {}
        # The repository: what lies elsewhere is a deployment's, and is not looked for.
        self.root: Path | None = None
        # What calls and methods give that have to do with files, or with modules as a whole.
        self.beside: Callable[..., Any] = nothing
        self.method_beside: Callable[..., Any] = nothing
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
        return Ref(node.id) if node.id in BUILTINS else UNDECIDED

    def _attribute(self, node: ast.Attribute, names: dict[str, Any]) -> Any:
        inner = self.value(node.value, names)
        if isinstance(inner, Ref):
            if inner.origin is not None:
                own = self._settle({"": Later(inner.origin, node.attr)}, "")
                # What else is imported is known by its name.
                if node.attr.isupper() or isinstance(own, Closure):
                    return own
            dotted = f"{inner.dotted}.{node.attr}"
            return CONSTANTS.get(dotted) or of_django(dotted)
        if inner is UNDECIDED and (held := held_by(node.value, names)):
            return held.names[node.attr] if node.attr in held.definitions else UNDECIDED
        if isinstance(inner, Namespace):
            return inner if node.attr == "__dict__" else self._settle(inner.names, node.attr)
        return self._of_value(inner, node.attr)

    def _of_value(self, inner: Any, name: str) -> Any:
        if isinstance(inner, Path) and name in {"parent", "parents", "name", "stem", "suffix"}:
            return getattr(inner, name)
        if isinstance(inner, dict) and name in inner:
            return inner[name]
        found = getattr(inner, name, UNDECIDED) if isinstance(inner, tuple) else UNDECIDED
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
        if isinstance(inner, Namespace):
            return self._settle(inner.names, key)
        if inner == MODULES and key == names.get("__name__"):
            return Namespace(names)
        return calls.safely(operator.getitem, [inner, key], {})

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
                return with_rest(known)
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
            if isinstance(right, Namespace):
                right = (*right.names,)
            result = calls.safely(COMPARISONS[op.__class__], [left, right], {})
            if not result:
                return result
            left = right
        return True

    def _assigned(self, node: ast.NamedExpr, names: dict[str, Any]) -> Any:
        names[node.target.id] = self.value(node.value, names)
        return names[node.target.id]

    def _call(self, node: ast.Call, names: dict[str, Any]) -> Any:
        arguments = self._elements(node.args, names)
        options = self._options(node.keywords, names)
        function = node.func
        if isinstance(function, ast.Attribute):
            inner = self.value(function.value, names)
            if isinstance(inner, Namespace) or is_document(inner):
                found = self.method_beside(node, inner, function.attr, arguments, options)
                if found is not UNDECIDED or not isinstance(inner, Path):
                    return found
            if not isinstance(inner, Ref):
                return self._method(inner, function.attr, arguments, options)
        called = self.value(function, names)
        if isinstance(called, Closure):
            found = self._call_closure(called, arguments, options)
            return (
                self._option(called.node.name, arguments, options) if found is UNDECIDED else found
            )
        if isinstance(called, Environment):
            return calls.of_environment(called, "", arguments, options, self.environment)
        if not isinstance(called, Ref):
            if isinstance(called, EnvironPath):
                found = calls.safely(called, arguments, options)
            else:
                found = self._option(getattr(function, "id", ""), arguments, options)
            return found
        found = self._of_import(called.dotted, arguments, options)
        if found is UNDECIDED:
            found = self.beside(node, called.dotted, arguments, options, names)
        return self._option(called.dotted, arguments, options) if found is UNDECIDED else found

    def _of_import(self, dotted: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        given = self.environment.get(str(calls.asked(dotted, arguments, options)))
        if given is not None and dotted in calls.CONFIGS:
            return calls.known(dotted, [], {**options, "default": given})
        if given is not None:
            cast = options.get("cast")
            return calls.as_read(given, cast.dotted if isinstance(cast, Ref) else "")
        if dotted in LOOKS:
            return look(dotted, arguments, self.root)
        if dotted in calls.COPIES and arguments == [calls.ENVIRON] and not options:
            return calls.ENVIRON
        known = calls.builtin if dotted in calls.KNOWN else calls.known
        return known(dotted, arguments, options)

    def _option(self, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        return option(name, arguments, options, self.environment)

    def _method(self, inner: Any, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        if isinstance(inner, Environment):
            return calls.of_environment(inner, name, arguments, options, self.environment)
        if inner is UNDECIDED:
            return self._option(name, arguments, options)
        if isinstance(inner, Path) and name in calls.OF_PATHS:
            return inner if name in calls.SAME_PATH else look(name, [inner], self.root)
        method = getattr(inner, name, None) if name in calls.METHODS else None
        wide = name == "format" and isinstance(inner, str) and WIDE.search(inner)
        if method is None or wide:
            return UNDECIDED
        if name in {"append", "extend", "insert", "update", "setdefault", "add"}:
            if name == "update" and UNDECIDED in arguments and isinstance(inner, dict):
                # Whatever is put in may be put in the place of what is there.
                inner.update(dict.fromkeys(inner, UNDECIDED))
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
    ast.DictComp: Expressions._of_pairs,
    ast.Call: Expressions._call,
}
