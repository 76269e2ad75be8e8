"""What a function writes back to a shared cache, changed, after it read it there.

The function is followed statement by statement, every branch, with what each name may hold: a value
of the cache, changed since or not. What is unknown counts as new.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Function, Scope
from django_scaleready.checks.code.tree.syntax import written

CACHES = "django.core.cache."
READS, WRITES = frozenset({"aget", "get"}), frozenset({"aset", "set"})
MANY = frozenset({"aset_many", "set_many"})
CHANGES = frozenset(
    [
        *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop"),
        *("popitem", "popleft", "remove", "setdefault", "update"),
    ]
)
# What comes out of them is what went in.
SAME = frozenset(
    [
        *("copy", "decode", "deepcopy", "deque", "dict", "dumps", "encode", "float", "get", "int"),
        *("items", "keys", "list", "loads", "max", "min", "round", "set", "sorted", "str"),
        *("tuple", "values"),
    ]
)
JOINS = frozenset({"difference", "intersection", "symmetric_difference", "union"})
PASSED_ON = (ast.Await, ast.BoolOp, ast.Compare, ast.IfExp, ast.Starred, ast.Tuple, ast.UnaryOp)
LOCKS = re.compile(r"lock|mutex|semaphore|exclusive|singleton", re.IGNORECASE)


class Read(NamedTuple):
    """A value of a cache: which cache, as written, under which key, and was it changed since."""

    cache: str
    key: str
    changed: bool = False


Reads = frozenset[Read]
State = dict[str, Reads]
NOTHING: Reads = frozenset()


def updates(module: Module, scope: Scope) -> Iterator[tuple[ast.Call, str, ast.expr]]:
    """Yield the calls of a function that write a changed value back: (call, cache, key)."""
    if isinstance(scope.node, Function):
        following = _Following(module, scope)
        following.block(scope.node.body, {})
        yield from following.found.values()


class _Following:
    """One function, followed."""

    def __init__(self, module: Module, scope: Scope) -> None:
        self._module = module
        self._scope = scope
        self.found: dict[int, tuple[ast.Call, str, ast.expr]] = {}

    def block(self, body: Iterable[ast.stmt], state: State) -> State | None:
        """Follow statements; return what holds after them, None if nothing comes after them."""
        current: State | None = dict(state)
        for statement in body:
            if current is None:
                break
            current = self._statement(statement, current)
        return current

    def _statement(self, node: ast.stmt, state: State) -> State | None:
        if isinstance(node, ast.If):
            return self._if(node, state)
        if isinstance(node, ast.Try):
            return self._try(node, state)
        if isinstance(node, ast.With | ast.AsyncWith):
            # What is done under a lock is nobody else's affair.
            locked = any(LOCKS.search(written(item.context_expr)) for item in node.items)
            return state if locked else self.block(node.body, state)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            return self.block(node.orelse, _either(state, self.block(node.body, state)))
        if isinstance(node, ast.Match):
            return _merged([state, *(self.block(case.body, state) for case in node.cases)])
        self._simple(node, state)
        leaves = isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)
        return None if leaves else state

    def _if(self, node: ast.If, state: State) -> State | None:
        self._value(node.test, state)
        names, absent = _asked(node.test)
        if filled := _filled(node):
            names, absent = {filled}, True
        without = {name: held for name, held in state.items() if name not in names}
        body = self.block(node.body, without if absent else state)
        orelse = self.block(node.orelse, without if names and not absent else state)
        return _merged([body, orelse])

    def _try(self, node: ast.Try, state: State) -> State | None:
        body = self.block(node.body, state)
        failed = _either(state, body)
        done = None if body is None else self.block(node.orelse, body)
        handled = [self.block(handler.body, failed) for handler in node.handlers]
        after = _merged([done, *handled])
        final = self.block(node.finalbody, failed if after is None else after)
        return None if after is None else final

    def _simple(self, node: ast.stmt, state: State) -> None:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            held = self._value(node.value, state)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                self._assign(target, held, state)
        elif isinstance(node, ast.AugAssign):
            held = _changed(self._value(node.target, state) | self._value(node.value, state))
            self._assign(node.target, held, state)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    self._assign(target, NOTHING, state)
        elif isinstance(node, ast.Expr | ast.Return) and node.value is not None:
            self._value(node.value, state)

    def _assign(self, target: ast.expr, held: Reads, state: State) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._assign(each, held, state)
        elif isinstance(target, ast.Subscript):
            _change(self._value(target.value, state), state)
        elif isinstance(target, ast.Name | ast.Attribute):
            name = written(target)
            # Under a key of that name there is something else from here on.
            word = re.compile(rf"(?<![\w.]){re.escape(name)}\b")
            for other, reads in state.items():
                state[other] = frozenset(read for read in reads if not word.search(read.key))
            state[name] = held

    # Expressions.

    def _value(self, node: ast.expr, state: State) -> Reads:
        """Return what of a cache an expression may hold, and follow what it does."""
        if isinstance(node, ast.Name | ast.Attribute):
            return state.get(written(node), NOTHING)
        if isinstance(node, ast.Call):
            return self._call(node, state)
        if isinstance(node, ast.NamedExpr):
            held = self._value(node.value, state)
            self._assign(node.target, held, state)
            return held
        if isinstance(node, ast.BinOp):
            return _changed(self._value(node.left, state) | self._value(node.right, state))
        if isinstance(node, ast.Dict | ast.List | ast.Set):
            return self._display(node, state)
        held = self._all(_parts(node), state)
        return NOTHING if isinstance(node, ast.Compare | ast.UnaryOp) else held

    def _all(self, nodes: Iterable[ast.AST], state: State) -> Reads:
        values = [self._value(node, state) for node in nodes if isinstance(node, ast.expr)]
        return frozenset().union(*values)

    def _display(self, node: ast.Dict | ast.List | ast.Set, state: State) -> Reads:
        """Return what is in a display; one that unpacks a value adds to it."""
        parts = node.values if isinstance(node, ast.Dict) else node.elts
        keys = node.keys if isinstance(node, ast.Dict) else parts
        held = self._all(parts, state)
        unpacks = any(key is None or isinstance(key, ast.Starred) for key in keys)
        return _changed(held) if unpacks and len(parts) > 1 else held

    def _call(self, node: ast.Call, state: State) -> Reads:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        given = self._all(values, state)
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        if not isinstance(function, ast.Attribute):
            return given if name in SAME else NOTHING
        if name in READS | WRITES | MANY and (cache := self._cache(function.value)):
            if name in READS:
                return frozenset({Read(cache, written(values[0]))}) if values else NOTHING
            self._write(node, name, cache, state)
            return NOTHING
        held = self._value(function.value, state)
        if name in CHANGES:
            _change(held, state)
        if name in JOINS:
            return _changed(held | given)
        # json.dumps(v) as well as v.copy().
        return held | given if name in SAME else held if name in CHANGES else NOTHING

    def _write(self, node: ast.Call, name: str, cache: str, state: State) -> None:
        for key, value in _written(node, name):
            if Read(cache, written(key), changed=True) in self._value(value, state):
                self.found.setdefault(node.lineno, (node, cache, key))

    def _cache(self, node: ast.expr) -> str:
        """Return a cache as it is written, "" for what is none of Django's."""
        resolve, found = self._module.resolve, [node]
        if isinstance(node, ast.Name):
            name = node.id
            found += [v for scope in self._scope.outer for v in scope.bindings.get(name, ())]
        made = any(
            resolve(each.value) == f"{CACHES}caches"
            for each in found
            if isinstance(each, ast.Subscript)
        )
        return written(node) if made or resolve(node) == f"{CACHES}cache" else ""


def _parts(node: ast.expr) -> Iterable[ast.AST]:
    """Return the parts of an expression that it may be, or be made of."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return [node.generators[0].iter]
    if isinstance(node, ast.Subscript):
        return [node.value]
    if isinstance(node, PASSED_ON):
        return ast.iter_child_nodes(node)
    return ()


def _written(node: ast.Call, name: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the keys that a call writes, with their values."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    given |= dict(zip(("key", "value"), node.args, strict=False))
    if name in WRITES and "key" in given and "value" in given:
        yield given["key"], given["value"]
    many = node.args[0] if name in MANY and node.args else None
    if isinstance(many, ast.Dict):
        yield from ((k, v) for k, v in zip(many.keys, many.values, strict=True) if k is not None)


def _asked(test: ast.expr) -> tuple[set[str], bool]:
    """Return the names that a test asks for a value, and whether it holds if there is none."""
    absent = False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, absent = test.operand, not absent
    if isinstance(test, ast.Compare) and isinstance(
        test.ops[0], ast.Is | ast.Eq | ast.IsNot | ast.NotEq
    ):
        absent ^= isinstance(test.ops[0], ast.Is | ast.Eq)
        test = test.left
    if isinstance(test, ast.NamedExpr):
        test = test.target
    named = isinstance(test, ast.Name | ast.Attribute)
    return ({written(test)} if named else set()), absent


def _filled(node: ast.If) -> str:
    """Return a mapping that gets an entry which it lacks: who loses that makes it anew."""
    match node.test:
        case ast.Compare(left=key, ops=[ast.NotIn()], comparators=[held]):
            entry = f"{written(held)}[{written(key)}]"
            assigned = (part for part in node.body if isinstance(part, ast.Assign))
            if any(written(target) == entry for each in assigned for target in each.targets):
                return written(held)
    return ""


def _changed(reads: Reads) -> Reads:
    return frozenset(read._replace(changed=True) for read in reads)


def _change(reads: Reads, state: State) -> None:
    """Note that a value was changed in place, by whatever name it goes."""
    if plain := {read._replace(changed=False) for read in reads}:
        for name, held in state.items():
            state[name] = frozenset(
                read._replace(changed=True) if read._replace(changed=False) in plain else read
                for read in held
            )


def _either(one: State, other: State | None) -> State:
    return _merged([one, other]) or {}


def _merged(states: Iterable[State | None]) -> State | None:
    known = [state for state in states if state is not None]
    names = {name for state in known for name in state}
    if not known:
        return None
    return {name: frozenset().union(*(s.get(name, NOTHING) for s in known)) for name in names}
