"""Containers in which one request finds what another one has put there: jobs and their states."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.memory.containers import Change, Container
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of


def is_looked_up(module: Module, container: Container, use: Change) -> bool:
    """Whether a view asks by its URL for what another one keeps under a key of its own.

    ``JOBS[uuid4().hex] = {"state": "running"}``, and ``def state(request, job): JOBS[job]``.
    """
    if container.owner is not module.top or "request" not in use.scope.parameters:
        # Whoever registers something takes no request.
        return False
    if not any(isinstance(key, ast.Name) for key in use.keys):
        return False
    return any(
        scope is not use.scope and _asks(scope, container.name)
        for scope in module.scopes
        if scope.kind == "function" and "request" in scope.parameters
    )


def _asks(scope: Scope, name: str) -> bool:
    if name not in scope.names or name in scope.bindings:
        return False
    given = scope.parameters.keys() - {"request"}
    for node in nodes_of(scope.node) if given else ():
        match node:
            case ast.Subscript(value=ast.Name(id=held), slice=ast.Name(id=key)):
                found = (held, key)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=held), attr="get"), args=[ast.Name(id=key), *_]
            ):
                found = (held, key)
            case _:
                continue
        if found[0] == name and found[1] in given:
            return True
    return False
