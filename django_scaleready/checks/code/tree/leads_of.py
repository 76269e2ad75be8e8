"""Where what a file names, sets and returns leads, for those that ask from other files."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.paths.pathlike import bound_pathlike, pathlike
from django_scaleready.checks.code.summary import Term
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.values import UNKNOWN


def returned_by(reading: Reading, scope: Scope) -> Term | None:
    """Return where the last return leads, as written: those before it are mostly ways out."""
    returns = scope.returns
    if len(returns) > 1:
        returns = sorted(returns, key=_line, reverse=True)
    for value in returns:
        if term := path_term(reading, _parts(reading.module, value), scope):
            return term
    return None


def _parts(module: Module, value: ast.expr) -> ast.expr:
    """Return what a named tuple of the file holds as a mere tuple, anything else as it is."""
    name = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    if not isinstance(value, ast.Call) or not name or not _is_tuple(module, name):
        return value
    parts = [*value.args, *(keyword.value for keyword in value.keywords)]
    return ast.copy_location(ast.Tuple(elts=parts, ctx=ast.Load()), value)


def _is_tuple(module: Module, name: str) -> bool:
    if made := module.classes.get(name):
        return "typing.NamedTuple" in module.bases(made)
    values = module.top.bindings.get(name, [])
    return any(
        isinstance(each, ast.Call) and module.resolve(each.func) == "collections.namedtuple"
        for each in values
    )


def _kept(reading: Reading, values: list[ast.expr], scope: Scope) -> Term | None:
    """Return where what an attribute is set to leads: to a setting, if one of its values does."""
    terms = [term for value in reversed(values) if (term := path_term(reading, value, scope))]
    return next((term for term in terms if term[0] == "setting"), terms[0] if terms else None)


def _line(node: ast.expr) -> int:
    return node.lineno


def path_term(reading: Reading, node: ast.expr, scope: Scope) -> Term | None:
    """Return where what may be a path leads, None for anything else."""
    if not (pathlike(node) or bound_pathlike(node, scope) or _is_own(reading, node, scope)):
        return None
    term = reading.term(node, scope)
    return None if term == UNKNOWN else term


def _is_own(reading: Reading, node: ast.expr, scope: Scope) -> bool:
    """Whether it is an attribute of the own object that holds what may be a path: self.log."""
    if not isinstance(node, ast.Attribute) or getattr(node.value, "id", "") != "self":
        return False
    owner = scope.owner
    return owner is not None and (owner.qualname, node.attr) in reading.once(_own_paths)


def _own_paths(module: Module) -> frozenset[tuple[str, str]]:
    """Return the attributes that methods set to what may be a path, with their classes."""
    return frozenset(
        (scope.owner.qualname, name.removeprefix("self."))
        for scope in module.functions.values()
        if scope.binds_attributes and scope.owner
        for name, values in scope.bindings.items()
        if name.startswith("self.") and any(map(pathlike, values))
    )


def values_of(reading: Reading) -> dict[str, Term]:
    """Return where the names of the module and of its classes lead, and attributes of objects."""
    module = reading.module
    found: dict[str, Term] = {}
    for scope in (module.top, *module.classes.values()):
        for name, values in scope.bindings.items():
            if term := path_term(reading, values[-1], scope):
                found[f"{scope.qualname}.{name}".lstrip(".")] = term
    for scope in module.functions.values():
        for name, values in scope.bindings.items() if scope.binds_attributes else ():
            root, dot, attribute = name.partition(".")
            if dot and (term := _kept(reading, values, scope)):
                # Where an object keeps a path that is its own: self.folder, order.folder.
                owner = scope.owner.qualname if root == "self" and scope.owner else scope.qualname
                found.setdefault(f"{owner}.{attribute}", term)
    return found
