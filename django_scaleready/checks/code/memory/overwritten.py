"""Containers whose entries are written anew, whatever stands there, before anybody reads them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from django_scaleready.checks.code.memory.containers import Change, Container
from django_scaleready.checks.code.memory.lasting import is_shared
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

# What makes an object, and what Django's views call before they do anything with the row.
_FIRST = frozenset({"__init__", "get_object"})
_META = "_meta"
# Classes whose attributes Django, or a framework, reads by itself.
_FRAMEWORK = re.compile(r"(Admin|Form|FormSet|Mixin|Serializer|View|ViewSet)$").search


def is_overwritten(module: Module, container: Container, changes: list[Change]) -> bool:
    """Whether a container serves nothing that was put there for an earlier request."""
    fills = {change.node for change in changes if change.values}
    (function, *others) = {change.scope for change in changes}
    if others:
        return False
    if function.name in _FIRST and function.parent is container.owner:
        return _is_filled_by_maker(module, container, function, fills)
    return _is_written_either_way(module, container.name, function, fills)


def _is_filled_by_maker(
    module: Module, container: Container, maker: Scope, fills: set[ast.stmt | ast.expr]
) -> bool:
    """Whether each object goes through all rows when it is made, and looks up no other ones.

    ``for row in rows: self.X[row.pk] = row``, under no condition, and then ``self.X[key]``.
    """
    owner, name = container.owner, container.name
    if is_shared(module, owner, name):
        return False
    own = {*nodes_of(maker.node)}
    other = [node for node in nodes_of(owner.node) if node not in own]
    looked_up = {id(node.value) for node in other if isinstance(node, ast.Subscript)}
    asked = [n for n in other if isinstance(n, ast.Attribute) and n.attr == name]
    if any(id(node) not in looked_up for node in asked):
        # Rows that are gone would still be there.
        return False
    first = next((s for s in _body(maker) if _uses(s, name) or _returns(s)), None)
    if not isinstance(first, ast.For) or not fills.issubset(first.body):
        return False
    if any(_uses(first.iter, given) for given in maker.parameters) and not _uses(first.iter, _META):
        # Of one user: the next one would find them, too. The fields of a model are always the same.
        return False
    return _uses(first, name) == len(fills)


def _is_written_either_way(
    module: Module, name: str, function: Scope, fills: set[ast.stmt | ast.expr]
) -> bool:
    """Whether a function puts something else there whichever way it goes, and only it reads that.

    ``if X[key] is None: X[key] = made() else: X[key] = {}``: the second call finds nothing, too.
    """
    for other in module.scopes:
        said = name in other.attributes or name in other.names
        if said and other.kind == "function" and function not in other.outer:
            return False
    branch = next((s for s in _body(function) if _uses(s, name)), None)
    if not isinstance(branch, ast.If):
        return False
    entry = _written_first(branch.body, name)
    if not entry or entry != _written_first(branch.orelse, name):
        return False
    if any(shown != entry for shown in _asked(function.node, name)):
        return False
    inside = {*nodes_of(branch)}
    return all(node in inside and ast.unparse(node).startswith(entry) for node in fills)


def _written_first(statements: Sequence[ast.stmt], name: str) -> str:
    """Return the entry that is written before the container is asked, as written; "" if none."""
    match next((s for s in statements if _uses(s, name)), None):
        case ast.Assign(targets=[ast.Subscript() as target], value=value):
            return "" if _uses(value, name) else ast.unparse(target)
    return ""


def _asked(node: ast.AST, name: str) -> Iterator[str]:
    """Yield, as written, the entries and the methods of a container that are used."""
    for inner in nodes_of(node):
        held = inner.value if isinstance(inner, ast.Subscript | ast.Attribute) else None
        if held is not None and getattr(held, "attr", getattr(held, "id", "")) == name:
            yield ast.unparse(inner)


def _body(function: Scope) -> Sequence[ast.stmt]:
    return getattr(function.node, "body", ())


def _uses(node: ast.AST, name: str) -> int:
    """Return how often a container is named."""
    return sum(getattr(n, "attr", getattr(n, "id", "")) == name for n in nodes_of(node))


def _returns(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Return) for inner in nodes_of(node))


def is_scratch(module: Module, container: Container, changes: list[Change]) -> bool:
    """Whether whoever reads a variable, or an entry of a container, has written it just before.

    ``X[key] = []``, a call of what fills it, and ``return X[key]``: other functions only write. Of
    what another file reads nothing is known here.
    """
    if _is_set_first(module, container, changes):
        return True
    if container.owner is not module.top or container.name not in module.top.bindings:
        return False
    inner = (scope for scope in module.scopes if scope.parent is module.top)
    users = [scope for scope in inner if _uses(scope.node, container.name)]
    read = [scope for scope in users if not _only_writes(scope.node, container.name)]
    return bool(read) and all(_writes_before(scope, container.name) for scope in read)


def _is_set_first(module: Module, variable: Container, changes: list[Change]) -> bool:
    """Whether one function alone reads a variable of its file, and has always just set it."""
    name = variable.name
    functions = {change.scope for change in changes}
    if len(functions) != 1 or "." in name or any(map(_FRAMEWORK, module.bases(variable.owner))):
        return False
    (function,) = functions
    first = next((s for s in _body(function) if _uses(s, name)), None)
    match first:
        case ast.Assign(targets=[target], value=value) if last_name(target) == name:
            if _uses(value, name) or _uses(function.node, name) == 1:
                return False
        case _:
            return False
    nodes = nodes_of(module.top.node)
    own = {id(node) for node in nodes_of(function.node)}
    # cls.solver.level = 2 changes what is there, and gives nobody anything.
    own |= {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    return not any(_reads(module, node, variable) for node in nodes if id(node) not in own)


def _reads(module: Module, node: ast.AST, variable: Container) -> bool:
    name, owner = variable.name, variable.owner
    match node:
        case ast.Name(ctx=ast.Load()):
            return node.id == name and owner.kind != "class"
        case ast.Attribute(ctx=ast.Load(), attr=attr, value=held):
            # Another module's function of that name is none of it.
            return attr == name and owner.kind == "class" and written(held) not in module.imports
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=text), *_]):
            return text == name
    return False


def _only_writes(node: ast.AST, name: str) -> bool:
    nodes = nodes_of(node)
    targets = [t for n in nodes if isinstance(n, ast.Assign) for t in n.targets]
    written = [t for t in targets if isinstance(t, ast.Subscript) and _is(t.value, name)]
    return _uses(node, name) == len(written)


def _writes_before(function: Scope, name: str) -> bool:
    """Whether a function writes one entry, whatever it does, and asks for no other one."""
    entry = _written_first(_body(function), name)
    nodes = nodes_of(function.node)
    asked = [ast.unparse(n) for n in nodes if isinstance(n, ast.Subscript) and _is(n.value, name)]
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=held, attr="get" | "pop"), args=[key, *_]):
                if _is(held, name):
                    asked.append(f"{ast.unparse(held)}[{ast.unparse(key)}]")
    return {*asked} == {entry} and len(asked) == _uses(function.node, name)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
