"""What lives as long as its process, although it looks like an object's or a function's own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

# Each thread or context has a value of its own.
LOCALS = ("local", "Local", "ContextVar")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_KEPT = re.compile(r"_|\w*(cache|memo)")
_MAKERS = ("__init__", "__new__")
# Of Django, and of packages whose managers derive from its own.
MANAGERS = ("models.Manager", ".BaseUserManager", ".UserManager", ".CurrentSiteManager")
_SINGLETON = re.compile(r"Singleton(Meta|Type|Base|Class)?$")
_WRAPPED = frozenset(
    [
        *("f", "fn", "func", "function", "get_response", "method"),
        *("view", "view_func", "view_function", "wrapped"),
    ]
)


def lasting(module: Module) -> frozenset[Scope]:
    """Return the classes of which a process has one object: middleware, managers, singletons.

    And those of which the module makes one.
    """
    if module.lasting is None:
        module.lasting = frozenset(_lasting(module)) if module.classes else frozenset()
    return module.lasting


def _lasting(module: Module) -> Iterator[Scope]:
    values = (value for bound in module.top.bindings.values() for value in bound)
    made = {module.resolve(value.func) for value in values if isinstance(value, ast.Call)}
    for method in module.scopes:
        owner = method.parent
        if method.name not in _MAKERS or owner is None or owner.kind != "class":
            continue
        if any(base.endswith(LOCALS) for base in module.bases(owner)):
            continue
        one = method.name == "__new__" and any(n[:4] == "cls." for n in method.bindings)
        if one or "get_response" in method.parameters or owner.name in made:
            yield owner
    for owner in module.classes.values():
        if is_manager(module, owner) or _is_singleton(module, owner):
            yield owner


def is_manager(module: Module, owner: Scope) -> bool:
    """Whether a class is one of the managers of models, which live as long as these."""
    return any(base.endswith(MANAGERS) for base in module.bases(owner))


def _is_singleton(module: Module, owner: Scope) -> bool:
    """Whether a class says that there is but one object of it: by a metaclass or a decorator."""
    given = owner.node.keywords if isinstance(owner.node, ast.ClassDef) else ()
    named = [module.resolve(each.value) for each in given if each.arg == "metaclass"]
    named += [*module.bases(owner), *(name.title() for name in module.decorators(owner))]
    return any(_SINGLETON.search(name) for name in named)


def is_shared(module: Module, owner: Scope, name: str) -> bool:
    """Whether what a class holds is meant for all: it is asked itself, or has but one object."""
    written = (f"{each}.{name}".encode() for each in ("cls", owner.name))
    return owner in lasting(module) or any(each in module.content for each in written)


def made_by(module: Module, owner: Scope) -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield what an object is given as it is made: ``self.x = {}``, ``cls._instance.x = {}``."""
    for method in module.scopes:
        if method.parent is owner and method.name in _MAKERS:
            for name, values in method.bindings.items():
                if "." in name and values:
                    yield name.rpartition(".")[2], values
            # What an attribute of the class is given is no binding.
            for node in nodes_of(method.node) if method.name == "__new__" else ():
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                    yield node.targets[0].attr, [node.value]


def kept_defaults(scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """Yield the parameters that are no caller's: ``def f(pk, _cache={})``, with their defaults.

    Those of a function that another one has for itself are made anew each time.
    """
    for name, default in scope.parameters.items():
        if default is None:
            continue
        empty = _is_empty(default)
        kept = _KEPT.match(name) or (empty and _answers_from(scope, name))
        kept = kept or (empty and isinstance(default, ast.Dict) and _looks_up(scope, name))
        if kept and not _is_for_its_maker(scope):
            yield name, default


def _is_empty(value: ast.expr) -> bool:
    """Whether a default is ``[]`` or ``{}``."""
    return not getattr(value, "elts" if isinstance(value, ast.List) else "keys", (value,))


def _looks_up(scope: Scope, name: str) -> bool:
    """Whether a function asks a parameter for what it put there itself, in an earlier call.

    ``if key in rows: row = rows[key]``, and else ``rows[key] = row``.
    """
    if name in scope.bindings or _hands_to_itself(scope, name):
        return False
    nodes = nodes_of(scope.node)
    held = [node for node in nodes if isinstance(node, ast.Subscript) and _is(node.value, name)]
    stores = {ast.unparse(node.slice) for node in held if isinstance(node.ctx, ast.Store)}
    tests = [node for node in nodes if isinstance(node, ast.Compare) and _is_within(node, name)]
    loads = {ast.unparse(node.slice) for node in held if isinstance(node.ctx, ast.Load)}
    return bool(stores and loads & {ast.unparse(test.left) for test in tests})


def _is_within(test: ast.Compare, name: str) -> bool:
    return isinstance(test.ops[0], ast.In | ast.NotIn) and _is(test.comparators[0], name)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _hands_to_itself(scope: Scope, name: str) -> bool:
    calls = (call for call, _ in scope.calls if last_name(call.func) == scope.name)
    return any(_names(call, name) for call in calls)


def _answers_from(scope: Scope, name: str) -> bool:
    """Whether a function first looks into a parameter for what to return: ``if rows: return rows``.

    What it hands to itself is filled on its way down.
    """
    if name in scope.bindings or _hands_to_itself(scope, name):
        return False
    return any(
        isinstance(step, ast.If)
        and _names(step.test, name)
        and isinstance(step.body[-1], ast.Return)
        and isinstance(answer := step.body[-1].value, ast.Name | ast.Subscript)
        and getattr(getattr(answer, "value", answer), "id", "") == name
        for step in getattr(scope.node, "body", ())
    )


def _names(node: ast.AST, name: str) -> bool:
    return any(_is(each, name) for each in nodes_of(node))


def _is_for_its_maker(scope: Scope) -> bool:
    """Whether a function stands in another one, which does no more with it than call it."""
    maker = scope.parent
    if maker is None or maker.kind != "function" or scope.decorators:
        return False
    nodes = nodes_of(maker.node)
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    named = (node for node in nodes if isinstance(node, ast.Name) and node.id == scope.name)
    return all(id(node) in called for node in named)


def keeps_its_first(scope: Scope) -> bool:
    """Whether a function is a decorator: what it binds is kept with the function it is given.

    A middleware that is a function is one, too.
    """
    if next(iter(scope.parameters), "") not in _WRAPPED:
        return False
    returned = {value.id for value in scope.returns if isinstance(value, ast.Name)}
    inner = (n for n in getattr(scope.node, "body", ()) if isinstance(n, _FUNCTIONS))
    return any(function.name in returned for function in inner)
