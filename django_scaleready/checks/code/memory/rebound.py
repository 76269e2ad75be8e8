"""Variables that outlive a request: of a module, of its classes, of an object that it makes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import MAKERS, Change, Container
from django_scaleready.checks.code.memory.lasting import LOCALS, lasting
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import nodes_of

SETTINGS = "django.conf.settings"
NAMESPACES = frozenset({"argparse.Namespace", "types.SimpleNamespace"})
DESCRIBED = frozenset({"aget_or_create", "aupdate_or_create", "get_or_create", "update_or_create"})
_PERHAPS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match, ast.ExceptHandler)
Place = tuple[str, Scope]


def rebound(module: Module) -> dict[Place, tuple[Container, list[Change]]]:
    """Return what functions assign to, by name and owner: ``global X``, ``Class.x``, ``OBJECT.x``.

    A change without values empties it, or sets it to None.
    """
    found: dict[Place, tuple[Container, list[Change]]] = {}
    for scope in module.scopes:
        if scope.kind != "function" or not (scope.globals or scope.binds_attributes):
            continue
        for name in _assigned(module, scope):
            place = _place(module, name, scope)
            if place:
                container = Container(place[0], _line(module, name, scope), place[1])
                changes = found.setdefault(place, (container, []))[1]
                changes += _changes(module, scope, name)
    return {place: held for place, held in found.items() if _stays(module, held[1])}


def _stays(module: Module, changes: list[Change]) -> bool:
    """Whether it is kept until the process ends, or until a signal comes that others do not get.

    What a function empties on demand may be told to all processes; what one signal leaves for the
    next is no memory.
    """
    fills = {change.scope for change in changes if change.values}
    emptied = {change.scope for change in changes if not change.values} - fills
    signals = {scope for scope in emptied | fills if module.moment(scope) is Moment.SIGNAL}
    return emptied <= signals and not (emptied and fills <= signals)


def _assigned(module: Module, scope: Scope) -> Iterator[str]:
    yield from (name for name in scope.globals if not _is_of_function(scope, name))
    for name in scope.bindings:
        if "." in name and (name[:5] != "self." or _is_remembered(module, scope, name)):
            yield name


def _is_of_function(scope: Scope, name: str) -> bool:
    """Whether it is no variable of the module: ``nonlocal x``."""
    others = (outer for outer in scope.outer if outer is not scope and outer.kind == "function")
    return any(name in outer.bindings or name in outer.parameters for outer in others)


def _is_remembered(module: Module, scope: Scope, name: str) -> bool:
    """Whether an object that lives as long as its process asks once: ``if self.x is None``."""
    if scope.owner not in lasting(module) or scope.parent is not scope.owner:
        return False
    if scope.name in {"__init__", "__new__"}:
        return False
    nodes = nodes_of(scope.node)
    tests = (node.test for node in nodes if isinstance(node, ast.If))
    parts = (part for test in tests for part in nodes_of(test) if isinstance(part, ast.Attribute))
    asked = [part.lineno for part in parts if ast.unparse(part) == name]
    if not asked:
        return False
    # What is assigned whatever happens, and asked afterwards, is what this call put there.
    perhaps = {id(node) for one in nodes if isinstance(one, _PERHAPS) for node in nodes_of(one)}
    always = (v.lineno for v in scope.bindings[name] if id(v) not in perhaps)
    return min(asked) <= min(always, default=sys.maxsize)


def _place(module: Module, name: str, scope: Scope) -> Place | None:
    first, dot, rest = name.partition(".")
    if not dot:
        return (name, module.top) if name in scope.bindings else None
    if first in {"cls", "self"}:
        is_own = scope.owner is not None and next(iter(scope.parameters), "") == first
        return (rest, scope.owner) if is_own and scope.owner else None
    own = (outer for outer in scope.outer if outer.kind == "function")
    if any(first in outer.bindings or first in outer.parameters for outer in own):
        return None
    if first in module.classes:
        return rest, module.classes[first]
    if module.imports.get(first) == SETTINGS:
        # Whatever of them is changed is one leak.
        return first, module.top
    shared = first in module.functions or _is_of_others(module, first)
    return (name, module.top) if shared or _is_object(module, first) else None


def _is_of_others(module: Module, name: str) -> bool:
    """Whether a name is a class of the project's that is imported."""
    return name in module.own_imports and name[0].isupper() and not name.isupper()


def _is_object(module: Module, name: str) -> bool:
    """Whether a name is an object of one of the module's classes that all threads share."""
    values = module.top.bindings.get(name, ())
    made = [module.resolve(value.func) for value in values if isinstance(value, ast.Call)]
    for maker in made:
        owner = module.classes.get(maker)
        bases = module.bases(owner) if owner else ()
        if maker in NAMESPACES or (owner and not any(b.endswith(LOCALS) for b in bases)):
            return True
    return False


def _line(module: Module, name: str, scope: Scope) -> int:
    first = name.partition(".")[0]
    held = module.top.bindings.get(first)
    if held:
        return held[0].lineno
    if first in module.import_lines:
        return module.import_lines[first]
    if first in module.functions:
        return module.functions[first].line
    if first in module.classes:
        return module.classes[first].line
    return scope.owner.line if first in {"cls", "self"} and scope.owner else scope.line


def _changes(module: Module, scope: Scope, name: str) -> Iterator[Change]:
    steps = {
        id(node.value): (node, flags)
        for node, flags in scope.changes
        if isinstance(node, ast.AugAssign)
    }
    for value in scope.bindings.get(name, ()):
        node: ast.stmt | ast.expr
        node, flags = steps.get(id(value), (value, 0))
        guarded = Site(None, scope, flags).guarded  # type: ignore[arg-type]  # only the flags are asked
        if not guarded and not _is_own_row(value, scope):
            yield Change(node, scope, () if _is_nothing(module, value) else (value,))


def _is_own_row(value: ast.expr, scope: Scope) -> bool:
    """Whether it is a primary key, which does not change, or a row that the code describes."""
    if isinstance(value, ast.Attribute) and value.attr in {"id", "pk"}:
        # Whoever asks is another one each time.
        return "request" not in ast.unparse(value)
    methods = (call.func.attr for call, _ in scope.calls if isinstance(call.func, ast.Attribute))
    return not DESCRIBED.isdisjoint(methods)


def _is_nothing(module: Module, value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=None) | ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(args=[], keywords=[]):
            return module.resolve(value.func) in MAKERS
    return False


def counts_events(module: Module, change: Change) -> bool:
    """Whether it counts requests, tasks or signals, and not what is made at import."""
    if not isinstance(change.node, ast.AugAssign):
        return False
    functions = [scope for scope in change.scope.outer if scope.kind == "function"]
    if any("request" in scope.parameters for scope in functions):
        return True
    return module.moment(change.scope) in {Moment.SIGNAL, Moment.TASK}
