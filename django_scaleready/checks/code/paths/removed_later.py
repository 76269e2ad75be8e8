"""Files that one function writes, and whoever has called it removes in its ``finally``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.paths.removals import REMOVES, paths_removed
from django_scaleready.checks.code.paths.writers import LIKELY, METHOD, SURE
from django_scaleready.checks.code.paths.writes import CALLS, uses_of
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import EXCEPT, LEAVES, Scope
from django_scaleready.checks.code.tree.syntax import nodes_of, written

NOTED = "files-removed-later"


def removed_later(reading: Reading) -> Iterator[Fact]:
    """Note the writes of such files: (the functions of this file that remove what it returns,)."""
    module = reading.module
    if b"finally:" not in module.content or module.mentions.isdisjoint(REMOVES):
        return
    takers: dict[str, list[str]] = {}
    for scope in module.functions.values():
        for maker in _made_and_removed(module, scope):
            takers.setdefault(maker, []).append(scope.function)
    if not takers:
        return
    for site in module.calls_that_run(*CALLS):
        by = takers.get(site.scope.function, [])
        for kind, path in uses_of(reading, site) if by else ():
            given = {written(value) for value in site.scope.returns}
            if kind in {LIKELY, METHOD, SURE} and given & _said(site.scope, path):
                yield module.fact(site, *sorted(by))


def _made_and_removed(module: Module, scope: Scope) -> Iterator[str]:
    """Yield the functions of the file whose results a function removes, whatever happens."""
    for name in _handed_back(module, scope):
        made = [value for value in scope.bindings.get(name, ()) if not _is_nothing(value)]
        if len(made) == 1 and isinstance(made[0], ast.Call):
            maker = getattr(made[0].func, "id", "")
            if maker in module.functions:
                yield maker


def _handed_back(module: Module, scope: Scope) -> Iterator[str]:
    """Yield the names that a ``finally`` gives to a function of the file that removes them."""
    for node in nodes_of(scope.node):
        last = node.finalbody if isinstance(node, ast.Try) else []
        for call in (part for each in last for part in nodes_of(each)):
            if isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords:
                remover = module.functions.get(getattr(call.func, "id", ""))
                if remover and _removes_its_own(module, remover):
                    yield getattr(call.args[0], "id", "")


def _removes_its_own(module: Module, scope: Scope) -> bool:
    """Whether a function removes the path that it is given, or one in a folder."""
    removed = paths_removed(module, scope, EXCEPT | LEAVES, 0)
    said = (_said(scope, ast.Name(name, ast.Load())) for name in removed)
    return any(not names.isdisjoint(scope.parameters) for names in said)


def _said(scope: Scope, path: ast.expr) -> set[str]:
    """Return, as written, a path and the names that it is put together of."""
    parts = [path, *(value for value in scope.bindings.get(getattr(path, "id", ""), ()))]
    names = {node.id for part in parts for node in nodes_of(part) if isinstance(node, ast.Name)}
    return {*map(written, parts), *names}


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
