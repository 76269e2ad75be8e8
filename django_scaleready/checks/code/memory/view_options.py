"""What requests put into the first values of a form that the views of a process share."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import Change, all_changes
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of, written

INITIAL = "self.initial"
# Mixins of that name are also those of forms.
_MIXINS = ("generic.edit.FormMixin", "generic.edit.ModelFormMixin")
_VIEWS = ("FormView", "CreateView", "UpdateView", "DeleteView", *_MIXINS)


def filled_initials(module: Module) -> Iterator[Change]:
    """Yield where a view puts what a request is about into ``initial = {}`` of Django's FormMixin.

    ``get_initial()`` of that gives each request a copy; ``self.initial`` is the one of all views.
    """
    if "initial" not in module.mentions or INITIAL.encode() not in module.content:
        return
    for name, change in all_changes(module):
        scope = change.scope
        owner = scope.owner
        if owner is None or scope.parent is not owner or not _is_initial(name, scope):
            continue
        if _shares(module, owner) and any(_is_of_request(value, scope) for value in change.values):
            yield change


def _is_initial(name: str, scope: Scope) -> bool:
    """Whether it is that by its name, or by another one that the function has for it."""
    bound = scope.bindings.get(name, ())
    return name == INITIAL or (bool(bound) and all(written(value) == INITIAL for value in bound))


def _shares(module: Module, owner: Scope) -> bool:
    """Whether a class is a view with a form, and leaves it the dictionary that all have."""
    if (
        not any(base.endswith(_VIEWS) for base in module.bases(owner))
        or "initial" in owner.bindings
    ):
        return False
    methods = (scope for scope in module.scopes if scope.parent is owner)
    return not any(INITIAL in method.bindings for method in methods)


def _is_of_request(value: ast.expr, scope: Scope) -> bool:
    """Whether a value is made of what the view, or its function, has for itself."""
    own = scope.bindings.keys() | scope.parameters.keys()
    return any(isinstance(node, ast.Name) and node.id in own for node in nodes_of(value))
