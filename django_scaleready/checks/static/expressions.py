"""The value of an expression in a settings module, where no optional variable is set."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django_scaleready.checks.static import calls
from django_scaleready.checks.static.undecided import (
    UNDECIDED,
    Closure,
    Environment,
    Ref,
    Undecided,
)

# A settings module that needs more steps computes something; it does not declare it.
STEPS = 60_000
DEPTH = 40
LONGEST = 100_000
BITS = 256
# A width of five digits in a template.
WIDE = re.compile(r"\d{5}")
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b or (a is None and b is None),
    ast.IsNot: lambda a, b: a is not b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
# What an interpreter has that serves a deployment.
CONSTANTS: dict[str, Any] = {"sys.argv": [], "os.environ": {}, "os.sep": "/", "os.name": "posix"}
Call = Callable[[Closure, list[Any], dict[str, Any]], Any]


class Expressions:
    """Evaluates expressions; functions of the project are run by ``call``."""

    def __init__(self, call: Call) -> None:
        """Take what runs a function of the settings module."""
        self._call_closure = call
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
            return names[node.id]
        return Ref(node.id) if node.id in calls.BUILTINS else UNDECIDED

    def _attribute(self, node: ast.Attribute, names: dict[str, Any]) -> Any:
        inner = self.value(node.value, names)
        if isinstance(inner, Ref):
            dotted = f"{inner.dotted}.{node.attr}"
            return CONSTANTS.get(dotted, Ref(dotted)) if dotted != "os.environ" else Ref(dotted)
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
        return calls.safely(operator.getitem, [inner, self.value(node.slice, names)], {})

    def _dict(self, node: ast.Dict, names: dict[str, Any]) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.value(value, names)
            if key is None:
                found |= held if isinstance(held, dict) else {}
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
        if isinstance(node.op, ast.Add) and isinstance(left, list | tuple) and right is UNDECIDED:
            return left
        if isinstance(left, str) and "://" in left and right is UNDECIDED:
            return left
        if function is None or _explodes(node.op, left, right):
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
            if all(tests):
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
            return self._call_closure(called, arguments, options)
        if isinstance(called, Environment):
            return calls.of_environment(called, "", arguments, options)
        if not isinstance(called, Ref):
            return UNDECIDED
        if called.dotted in calls.BUILTINS:
            return calls.safely(calls.BUILTINS[called.dotted], arguments, options)
        return calls.known(called.dotted, arguments, options)

    def _method(self, inner: Any, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        if isinstance(inner, Environment):
            return calls.of_environment(inner, name, arguments, options)
        if isinstance(inner, Path) and name in calls.SAME_PATH:
            return inner
        if name not in calls.METHODS or inner is UNDECIDED:
            return UNDECIDED
        if name in {"append", "extend", "insert", "update", "setdefault", "add"}:
            # A list of middleware with an unknown entry is still that list.
            return _grow(inner, name, arguments, options)
        if name == "format" and isinstance(inner, str) and WIDE.search(inner):
            return UNDECIDED
        method = getattr(inner, name, None)
        return UNDECIDED if method is None else calls.safely(method, arguments, options)


def _grow(inner: Any, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    try:
        return getattr(inner, name)(*arguments, **options)
    except Exception:  # noqa: BLE001 - as in calls.safely
        return UNDECIDED


def _explodes(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether an operation may make something huge of something small."""
    if isinstance(op, ast.Mod):
        return isinstance(left, str) and WIDE.search(left) is not None
    sized = [len(v) for v in (left, right) if isinstance(v, str | bytes | list | tuple)]
    if isinstance(op, ast.Add):
        return sum(sized) > LONGEST
    if not isinstance(op, ast.Mult):
        return False
    counts = [abs(v) for v in (left, right) if isinstance(v, int)]
    if len(counts) > 1:
        return any(count.bit_length() > BITS for count in counts)
    return bool(sized and counts and sized[0] * counts[0] > LONGEST)


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
