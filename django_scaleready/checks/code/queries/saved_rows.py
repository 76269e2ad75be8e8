"""Where rows are saved, by a function itself or by the admin, and whose keys are handed on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import DEFERRED, EXCEPT, LEAVES, Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

KEYS = frozenset({"external_id", "guid", "id", "pk", "uid", "uuid"})
MADE = frozenset({"create", "get_or_create", "save", "update_or_create"})
# Methods that an admin calls in its transaction, the parameter that has the row, and where in it.
_OF_ADMIN = {
    "response_add": (2, ""),
    "response_change": (2, ""),
    "save_form": (2, ".instance"),
    "save_formset": (2, ".instance"),
    "save_model": (2, ""),
    "save_related": (2, ".instance"),
}
OF_ADMIN = frozenset(_OF_ADMIN)
# How rows are changed, and what the methods of that name which are no dictionary's stand behind.
WRITES = MADE | {"bulk_create", "bulk_update", "delete", "update"}
_MANAGER = re.compile(r"\bobjects\b|_set\b|\.(?:all|exclude|filter)\(")
_MADE_OR_SAVED = MADE | OF_ADMIN | {"form_valid", "update"}
_SAVING = OF_ADMIN | {"form_valid", "save"}
# Methods of a base class that change rows, whatever class it is.
OF_VIEWS = frozenset({"perform_create", "perform_destroy", "perform_update"})
_OF_BASE = OF_ADMIN | WRITES | OF_VIEWS | {"form_valid"}
_ASIDE = DEFERRED | EXCEPT | LEAVES


def class_name(node: ast.expr) -> str:
    """Return the name of a class, however it is written; "" for any other expression."""
    if isinstance(node, ast.Constant):
        return str(node.value).rpartition(".")[2]
    return last_name(node)


def registered(module: Module) -> Iterator[str]:
    """Yield the names of the models that an admin of this file saves."""
    if "admin" not in module.path and "admin" not in module.imports:
        return
    for site in module.calls("register"):
        for argument in site.call.args[:1]:
            models = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
            yield from map(class_name, models)
    for scope in module.classes.values():
        for decorator in scope.decorators:
            if isinstance(decorator, ast.Call) and last_name(decorator.func) == "register":
                yield from map(class_name, decorator.args)
        if any("Inline" in base for base in module.bases(scope)):
            yield from map(class_name, scope.bindings.get("model", ()))


def made_model(site: Site) -> str:
    """Return the model whose manager a call is of: ``Order.objects``, ``cls.objects``; "" for none.

    Django begins a transaction of its own in ``get_or_create()`` and ``update_or_create()``.
    """
    method = site.call.func
    manager = method.value if isinstance(method, ast.Attribute) else method
    name = last_name(manager.value) if isinstance(manager, ast.Attribute) else ""
    if name == "cls":
        return site.scope.owner.name if site.scope.owner else ""
    return name if name[:1].isupper() else ""


def saved_model(scope: Scope, keys: set[str], before: int) -> str | None:
    """Return the model whose row a function saves for the admin, if ``keys`` hold that row.

    "" if it is not said which one, None where no row is saved above the line ``before``.
    """
    owner = scope.owner
    parameters = list(scope.parameters)
    if owner is None or scope.parent is not owner or not parameters:
        return None
    if scope.name == "save" and parameters[0] in keys:
        return owner.name if _saves(scope, before) else None
    if scope.name not in _OF_ADMIN or not is_of_admin(scope):
        return None
    held = keys | {written(value) for key in keys for value in scope.bindings.get(key, ())}
    return "" if admins_row(scope) in held else None


def is_of_admin(scope: Scope) -> bool:
    """Whether an admin calls a method of its own in the transaction that it saves in."""
    owner = scope.owner
    return (
        scope.name in _OF_ADMIN
        and owner is not None
        and scope.parent is owner
        and "Admin" in _bases(owner)
    )


def admins_row(scope: Scope) -> str:
    """Return the row, as written, that a method of an admin is about; "" if it takes none."""
    place, inside = _OF_ADMIN[scope.name]
    parameters = list(scope.parameters)
    return f"{parameters[place]}{inside}" if len(parameters) > place else ""


def _saves(scope: Scope, before: int) -> bool:
    above = (call.func for call, _ in scope.calls if call.lineno < before)
    return any(
        isinstance(function, ast.Attribute)
        and function.attr == "save"
        and written(function.value).startswith("super(")
        for function in above
    )


def _bases(owner: Scope) -> str:
    node = owner.node
    return " ".join(map(written, node.bases)) if isinstance(node, ast.ClassDef) else ""


def keys_in(call: ast.Call, scope: Scope) -> set[str]:
    """Return the rows whose keys a call is given, as written; of a signal's row, "instance"."""
    held = [value for node in _given(call, scope) if (value := _row_of(node)) is not None]
    names = {value.id for value in held if isinstance(value, ast.Name)}
    dotted = {written(value) for value in held if isinstance(value, ast.Attribute)}
    held += [value for name in names for value in scope.bindings.get(name, ())]
    return names | dotted | {"instance" for value in held if _is_instance(value)}


def _given(call: ast.Call, scope: Scope) -> Iterator[ast.AST]:
    """Yield the parts of a call, and of what is put together for it in a list or dictionary."""
    for node in nodes_of(call):
        yield node
        for value in scope.bindings.get(node.id, ()) if isinstance(node, ast.Name) else ():
            if isinstance(value, ast.Dict | ast.List | ast.Tuple):
                yield from nodes_of(value)
                yield from _appended(node, scope)


def _appended(node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """Yield the parts of what a function puts into a list before it hands that on."""
    put = f"{last_name(node)}.append"
    for call, _ in scope.calls if "append" in scope.attributes else ():
        if isinstance(call.func, ast.Attribute) and written(call.func) == put:
            yield from nodes_of(call)


def _row_of(node: ast.AST) -> ast.expr | None:
    return node.value if isinstance(node, ast.Attribute) and node.attr in KEYS else None


def _is_instance(value: ast.expr) -> bool:
    """Whether an expression is ``kwargs["instance"]``, or ``kwargs.get("instance")``."""
    if isinstance(value, ast.Subscript):
        return getattr(value.slice, "value", None) == "instance"
    got = value.args[:1] if isinstance(value, ast.Call) else []
    return any(getattr(name, "value", None) == "instance" for name in got)


def saved_above(scope: Scope, before: int) -> set[str]:
    """Return the rows, as written, that a function saves above a line."""
    return {row for row, line in saved_rows(scope) if line < before}


def saved_rows(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the rows, as written, that a function saves, and the lines of that."""
    if scope.attributes.isdisjoint(_MADE_OR_SAVED):
        return
    for name, values in scope.bindings.items():
        for value in values:
            if isinstance(value, ast.Call) and _makes_row(value.func):
                yield name, value.lineno
    for call, _ in scope.calls:
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in _SAVING:
            yield from ((row, call.lineno) for row in _saved_by(function, call, scope))


def _saved_by(method: ast.Attribute, call: ast.Call, scope: Scope) -> Iterator[str]:
    """Yield the rows, as written, that the call of a method saves."""
    of = written(method.value)
    is_super = of.startswith("super(")
    if method.attr == "save":
        # A form's, and a serializer's, row is its instance; super() is this very object.
        yield from ["self"] if is_super else [of, f"{of}.instance"]
        yield from _filled_in(method.value, scope)
    elif is_super and method.attr == "form_valid":
        # A view that makes or changes a row saves its form.
        yield from ["self.object", *(f"{written(form)}.instance" for form in call.args[:1])]
    elif is_super and method.attr == scope.name and is_of_admin(scope):
        yield admins_row(scope)


def _filled_in(saved: ast.expr, scope: Scope) -> Iterator[str]:
    """Yield the rows that a form or a serializer was made for: ``Form(data, instance=order)``."""
    made = scope.bindings.get(saved.id, ()) if isinstance(saved, ast.Name) else ()
    for value in made:
        if not isinstance(value, ast.Call):
            continue
        rows = [keyword.value for keyword in value.keywords if keyword.arg == "instance"]
        if last_name(value.func).lower().endswith("serializer"):
            rows += value.args[:1]
        yield from (written(row) for row in rows if isinstance(row, ast.Attribute | ast.Name))


def _makes_row(function: ast.expr) -> bool:
    name = getattr(function, "attr", "")
    return name in MADE or (name == "update" and written(function).startswith("super("))


def changes(scope: Scope) -> list[tuple[int, int]]:
    """Return the lines on which a function changes the database, and what is known of each."""
    if scope.attributes.isdisjoint(_OF_BASE):
        return []
    return [(call.lineno, at) for call, at in scope.calls if _writes(call)]


def takes_part(at: int, flags: int) -> bool:
    """Whether what happens at one place is on the way to another.

    What ends an early way out of the function comes to no place outside of that.
    """
    return not at & _ASIDE & ~flags


def _writes(call: ast.Call) -> bool:
    """Whether a call changes rows, by a row, a form or a manager."""
    method = call.func
    if not isinstance(method, ast.Attribute) or method.attr not in _OF_BASE:
        return False
    of = method.value
    of_base = isinstance(of, ast.Call) and last_name(of.func) == "super"
    of_base = of_base or (method.attr in OF_VIEWS and last_name(of) == "self")
    if of_base or method.attr == "save":
        kept = any(k.arg == "commit" and not getattr(k.value, "value", 1) for k in call.keywords)
        return not kept and (of_base or not call.args)
    if method.attr not in WRITES or (call.args and not method.attr.startswith("bulk_")):
        return False
    if method.attr == "delete":
        return not call.keywords
    return method.attr.startswith("bulk_") or _MANAGER.search(written(of)) is not None


def handed_rows(scope: Scope, keys: set[str]) -> Iterator[tuple[str, bool]]:
    """Yield the parameters that a function has rows from, and whether they are the rows."""
    for key in sorted(keys):
        root, _, rest = key.partition(".")
        if root in scope.parameters:
            yield root, not rest
            continue
        for value in scope.bindings.get(root, ()):
            name = written(value).partition(".")[0] if isinstance(value, ast.Attribute) else ""
            if name in scope.parameters:
                yield name, False
