"""What an object collects, and hands on only once there is enough of it, or some time is over."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import MAKERS, Change, all_changes
from django_scaleready.checks.code.memory.lasting import lasting
from django_scaleready.checks.code.memory.outside import SENT
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of, written

BUFFER, MADE = "buffer", "made"


def buffers(reading: Reading) -> Iterator[Fact]:
    """Yield the objects that a module makes, and the containers that are handed on later.

    MADE, the class. BUFFER, class, attribute, its line, whether there is but one object of it, the
    method that hands it on, the functions that are called with it, whether others are asked there,
    the line.
    """
    module = reading.module
    yield from _made(module)
    found = [*_handed_on(module)]
    changed = [*all_changes(module)] if found else []
    for owner, name, line, method in found:
        held = f"self.{name}"
        fills = [
            change
            for base, change in changed
            if base == held and change.scope.parent is owner and _is_given(change)
        ]
        by = [fill for fill in fills if _hands_on_sometimes(fill.scope, method, held)]
        by.sort(key=lambda fill: fill.node.lineno)
        if not by or not _is_only_way(module, owner, method, {fill.scope for fill in by}):
            continue
        calls = [call for call, _ in method.calls]
        asks = any(
            reading.asks_outside(call) or getattr(call.func, "attr", "") in SENT for call in calls
        )
        called = tuple(sorted({module.qualified(call.func, method) for call in calls}))
        one = owner in lasting(module)
        data = (BUFFER, owner.qualname, name, line, one, method.name, called, asks, method.line)
        yield from (Fact(fill.node.lineno, fill.scope.qualname, data) for fill in by)


def _made(module: Module) -> Iterator[Fact]:
    for name, values in module.top.bindings.items():
        for value in values if "." not in name else ():
            if isinstance(value, ast.Call) and not value.args:
                dotted = module.resolve(value.func)
                if dotted in module.classes:
                    dotted = f"{module.name}.{dotted}"
                elif dotted not in module.own_imports.values():
                    continue
                if dotted.rpartition(".")[2][:1].isupper():
                    yield Fact(value.lineno, "", (MADE, dotted, name))


def _handed_on(module: Module) -> Iterator[tuple[Scope, str, int, Scope]]:
    """Yield each class with a container that one method alone hands on and empties."""
    for maker in module.scopes:
        owner = maker.parent
        if maker.name != "__init__" or owner is None or owner.kind != "class":
            continue
        for held, values in maker.bindings.items():
            if held[:5] != "self." or not any(_is_empty(module, value) for value in values):
                continue
            emptying = [
                method
                for method in module.scopes
                if method.parent is owner and method is not maker and _empties(module, method, held)
            ]
            if len(emptying) == 1 and _passes(emptying[0], held):
                yield owner, held[5:], values[0].lineno, emptying[0]


def _is_empty(module: Module, value: ast.expr) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(keywords=[]):
            return module.resolve(value.func) in MAKERS
    return False


def _empties(module: Module, method: Scope, held: str) -> bool:
    if any(_is_empty(module, value) for value in method.bindings.get(held, ())):
        return True
    functions = (call.func for call, _ in method.calls)
    return any(
        isinstance(function, ast.Attribute)
        and function.attr == "clear"
        and written(function.value) == held
        for function in functions
    )


def _passes(method: Scope, held: str) -> bool:
    """Whether a method goes through what is held and calls something, or gives it to a call."""
    names = {held} | {
        name
        for name, values in method.bindings.items()
        if any(_says(value, {held}) for value in values)
    }
    for node in nodes_of(method.node):
        match node:
            case ast.For() | ast.AsyncFor() if _says(node.iter, names):
                if any(_is_done(part) for step in node.body for part in nodes_of(step)):
                    return True
            case ast.Expr(value=ast.Call(args=given, keywords=named)) if _is_done(node):
                if any(_says(each, names) for each in (*given, *(k.value for k in named))):
                    return True
    return False


def _is_done(node: ast.AST) -> bool:
    """Whether a statement is a call of something for what it does."""
    called = node.value if isinstance(node, ast.Expr) else None
    called = called.value if isinstance(called, ast.Await) else called
    return isinstance(called, ast.Call)


def _says(node: ast.AST, names: set[str]) -> bool:
    parts = (part for part in nodes_of(node) if isinstance(part, ast.Attribute | ast.Name))
    return any(written(part) in names for part in parts)


def _is_given(change: Change) -> bool:
    """Whether it keeps, or counts, what a method is told."""
    told = change.scope.parameters.keys() - {"self"}
    names = {
        name
        for name, values in change.scope.bindings.items()
        if any(_reads(v, told) for v in values)
    }
    return any(_reads(value, told | names) for value in (*change.values, *change.keys))


def _reads(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in nodes_of(node))


def _hands_on_sometimes(filler: Scope, method: Scope, held: str) -> bool:
    """Whether who fills it hands it on, and only if there is enough or it is time."""
    for branch in nodes_of(filler.node):
        if isinstance(branch, ast.If) and _compares_size(branch.test):
            inside = [part for step in branch.body for part in nodes_of(step)]
            if filler is method:
                return any(written(part) == held for part in inside)
            if any(_calls_own(part, method.name) for part in inside):
                return True
    return False


def _compares_size(test: ast.expr) -> bool:
    """Whether more or less is asked for, in one part of a test at least."""
    bounds = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
    compares = (part for part in nodes_of(test) if isinstance(part, ast.Compare))
    return any(isinstance(part.ops[0], bounds) for part in compares)


def _calls_own(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and written(node.func) == f"self.{name}"


def _is_only_way(module: Module, owner: Scope, method: Scope, fillers: set[Scope]) -> bool:
    """Whether no other code of the file names the method: at exit, or when a request is over."""
    own = {id(node) for filler in fillers for node in nodes_of(filler.node)}
    # Of another class, ``self.flush`` is its own.
    for other in module.classes.values():
        if other is not owner:
            own |= {
                id(n)
                for n in nodes_of(other.node)
                if isinstance(n, ast.Attribute) and written(n) == f"self.{method.name}"
            }
    named = (n for n in nodes_of(module.top.node) if isinstance(n, ast.Attribute))
    return all(id(node) in own for node in named if node.attr == method.name)
