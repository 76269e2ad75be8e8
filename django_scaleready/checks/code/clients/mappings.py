"""Whether the options that a call gets as ``**mapping`` bring a timeout."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator

from django_scaleready.checks.code.clients.kept_options import is_kept_plain
from django_scaleready.checks.code.tree.scopes import Function, Scope
from django_scaleready.checks.code.tree.syntax import blocks, last_name, nodes_of, written

# A name that is bound to another one's copy; one that is bound to itself leads nowhere.
DEPTH = 3
# What hands a mapping on as it is, with more in it.
_COPIES = frozenset({"copy", "deepcopy", "dict"})
_PROPERTIES = frozenset({"cached_property", "property"})


class Brings(enum.Enum):
    """What is known of a mapping, the weakest word first."""

    NOTHING = "no timeout: it is written out"
    CALLERS = "what the function was called with"
    UNREAD = "nobody knows: another function or object made it"
    TIMEOUT = "a timeout"


def brings(mapping: ast.expr, scope: Scope) -> Brings:
    """Return whether ``**mapping`` brings a timeout."""
    if has_timeout(mapping) or _names_timeout(mapping, scope):
        return Brings.TIMEOUT
    if _is_callers(mapping, scope):
        return Brings.CALLERS
    if is_kept_plain(mapping, scope):
        return Brings.NOTHING
    here = isinstance(mapping, ast.Call | ast.Dict)
    made = [mapping] if here else _made_here(mapping, scope)
    answers = {_of_value(value, scope) for value in made} or {_of_property(mapping, scope)}
    for strongest in (Brings.TIMEOUT, Brings.UNREAD):
        if strongest in answers:
            return strongest
    told = isinstance(mapping, ast.Name) and any(_given_later(mapping.id, scope))
    return Brings.CALLERS if told else Brings.NOTHING


def is_asked_for(scope: Scope, name: str, line: int) -> bool:
    """Whether a line is only come to with a parameter: ``if timeout: get(url, timeout=timeout)``.

    Who gives none comes to another line, which is judged by itself.
    """
    default = scope.parameters.get(name)
    shown = written(default) if default is not None else ""
    tests = {f"{name} is not {shown}", *([name] if shown == "None" else [])} if shown else ()
    return any(
        isinstance(statement, ast.If)
        and written(statement.test) in tests
        and statement.body[0].lineno <= line <= (statement.body[-1].end_lineno or 0)
        for block in blocks(scope.node)
        for statement in block
    )


def has_timeout(value: ast.expr) -> bool:
    """Whether a timeout is among the options that are written out."""
    if isinstance(value, ast.Dict):
        return any(map(_is_timeout, value.keys))
    return isinstance(value, ast.Call) and any(k.arg == "timeout" for k in value.keywords)


def _of_value(value: ast.expr, scope: Scope) -> Brings:
    if _is_written_out(value, scope):
        return Brings.NOTHING
    made_by = _function(value.func, scope) if isinstance(value, ast.Call) else None
    return _of_function(made_by) if made_by else Brings.UNREAD


def _of_property(mapping: ast.expr, scope: Scope) -> Brings:
    """Return what ``**self.options`` brings, where a property of the class makes it anew."""
    made = _function(mapping, scope) if isinstance(mapping, ast.Attribute) else None
    is_property = made is not None and any(
        last_name(decorator) in _PROPERTIES for decorator in made.decorator_list
    )
    return _of_function(made) if made and is_property else Brings.UNREAD


def _function(called: ast.expr, scope: Scope) -> Function | None:
    """Return the function of this file, or method of this class, that is called."""
    if isinstance(called, ast.Name):
        around: Scope | None = list(scope.outer)[-1]
        name = called.id
    elif isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in {"cls", "self"}:
        around, name = scope.owner, called.attr
    else:
        return None
    body = around.node.body if around and isinstance(around.node, ast.ClassDef | ast.Module) else ()
    made = (node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((node for node in made if node.name == name), None)


def _of_function(function: Function) -> Brings:
    """Return what the options bring that a function returns."""
    nodes = [*nodes_of(function)]
    if any(_is_timeout(node) or getattr(node, "arg", None) == "timeout" for node in nodes):
        return Brings.TIMEOUT
    returned = [node.value for node in nodes if isinstance(node, ast.Return)]
    plain = returned and all(_is_read(value, nodes) for value in returned)
    return Brings.NOTHING if plain else Brings.UNREAD


def _is_read(value: ast.expr | None, nodes: list[ast.AST]) -> bool:
    """Whether all keys of what is returned stand in the function."""
    if not isinstance(value, ast.Name):
        return _is_display(value)
    uses = sum(isinstance(node, ast.Name) and node.id == value.id for node in nodes)
    # Whoever else gets it may add to it.
    return uses == sum(_is_known_use(node, value.id) for node in nodes)


def _is_known_use(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return getattr(target, "id", "") == name and _is_display(node.value)
        case ast.Subscript(value=held, slice=ast.Constant()) | ast.Return(value=held):
            return getattr(held, "id", "") == name
    return False


def _is_display(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Dict) and None not in node.keys


def _is_callers(mapping: ast.expr, scope: Scope, depth: int = 0) -> bool:
    """Whether a mapping is made of one that a function got as an argument."""
    if depth > DEPTH:
        return False
    if not isinstance(mapping, ast.Name):
        return any(_is_callers(part, scope, depth + 1) for part in _parts(mapping))
    for outer in scope.outer:
        if mapping.id in outer.parameters or mapping.id == _rest(outer):
            return True
        if values := outer.bindings.get(mapping.id):
            made = (*values, *_added(mapping.id, outer))
            return any(_is_callers(value, outer, depth + 1) for value in made)
    return False


def _parts(mapping: ast.expr) -> Iterator[ast.expr]:
    """Yield the mappings that one is made of: dict(more), {**more}, f(**more), one | more."""
    match mapping:
        case ast.BoolOp(values=values):
            yield from values
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.Dict(keys=keys, values=values):
            yield from (v for key, v in zip(keys, values, strict=True) if key is None)
        case ast.Call(func=function, args=given):
            yield from _rests(mapping)
            if isinstance(function, ast.Attribute) and function.attr in _COPIES:
                yield from (function.value, *given)
            elif isinstance(function, ast.Name) and function.id in _COPIES:
                yield from given


def _added(name: str, scope: Scope) -> Iterator[ast.expr]:
    """Yield what is added to a mapping: ``options.update(more)``."""
    for call, _ in scope.calls:
        match call.func:
            case ast.Attribute(value=ast.Name(id=held), attr="update") if held == name:
                yield from (*call.args, *_rests(call))


def _rests(call: ast.Call) -> Iterator[ast.expr]:
    return (keyword.value for keyword in call.keywords if keyword.arg is None)


def _rest(scope: Scope) -> str:
    """Return the name of a function's ``**options``; "" if it has none."""
    arguments = getattr(scope.node, "args", None)
    taken = arguments.kwarg if isinstance(arguments, ast.arguments) else None
    return taken.arg if taken else ""


def _is_written_out(value: ast.expr, scope: Scope) -> bool:
    """Whether all keys of a dictionary are to be read here, and a timeout is none of them."""
    if isinstance(value, ast.Name):
        # A constant of the module that nothing in it changes.
        top = list(scope.outer)[-1]
        made = top.bindings.get(value.id, ()) if value.id.isupper() else ()
        return bool(made) and all(
            isinstance(v, ast.Dict) and None not in v.keys and not has_timeout(v) for v in made
        )
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "dict":
        names = {keyword.arg for keyword in value.keywords}
        return names.isdisjoint({None, "timeout"}) and all(
            _is_written_out(argument, scope) for argument in value.args
        )
    return isinstance(value, ast.Dict) and None not in value.keys


def _made_here(mapping: ast.expr, scope: Scope) -> list[ast.expr]:
    """Return the values of a local name that nothing else may add to."""
    name = mapping.id if isinstance(mapping, ast.Name) else ""
    added = any(_may_add(call, name, scope) for call, _ in scope.calls)
    if not name or name in scope.parameters or added:
        return []
    targets = [n.targets[0] for n, _ in scope.changes if isinstance(n, ast.Assign)]
    computed = any(
        isinstance(t, ast.Subscript)
        and getattr(t.value, "id", "") == name
        and not isinstance(t.slice, ast.Constant)
        for t in targets
    )
    return [] if computed else scope.bindings.get(name, [])


def _may_add(call: ast.Call, name: str, scope: Scope) -> bool:
    """Whether a call may put into a mapping what is not to be read here."""
    held = call.func.value if isinstance(call.func, ast.Attribute) else None
    if getattr(held, "id", "") == name and getattr(call.func, "attr", "") == "update":
        named = {keyword.arg for keyword in call.keywords}.isdisjoint({None, "timeout"})
        known = (_is_written_out(v, scope) and not has_timeout(v) for v in call.args)
        return not (named and all(known))
    return any(getattr(node, "id", "") == name for node in (held, *call.args))


def _names_timeout(mapping: ast.expr, scope: Scope) -> bool:
    """Whether options get a timeout here: ``kwargs.setdefault("timeout", 5)``."""
    if isinstance(mapping, ast.Attribute):
        return _keeps_timeout(ast.unparse(mapping), scope)
    name = mapping.id if isinstance(mapping, ast.Name) else ""
    for outer in scope.outer:
        if any(has_timeout(value) for value in outer.bindings.get(name, ())):
            return True
    if not all(_given_later(name, scope)):
        return True
    given = [
        (call.func.value, call.args[0])
        for call, _ in scope.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "setdefault" and call.args
    ]
    return any(getattr(m, "id", None) == name and _is_timeout(key) for m, key in given)


def _given_later(name: str, scope: Scope) -> Iterator[bool]:
    """Yield for each ``options["timeout"] = timeout`` if only who gives that comes there."""
    for node, _ in scope.changes:
        match node:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=held), slice=key), *_]):
                if held == name and _is_timeout(key):
                    value = getattr(node.value, "id", "")
                    own = value in scope.parameters and value not in scope.bindings
                    yield own and is_asked_for(scope, value, node.lineno)


def _keeps_timeout(name: str, scope: Scope) -> bool:
    """Whether an object was made with a timeout among its options."""
    owner = scope.owner
    nodes = nodes_of(owner.node) if owner and name.startswith("self.") else ()
    kept = (n for n in nodes if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == name)
    return any(has_timeout(node.value) for node in kept)


def _is_timeout(key: ast.AST | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == "timeout"
