"""Storages that keep a file no longer than a function needs it: saved, read and removed again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.paths.removals import paths_removed
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.scopes import EXCEPT, LEAVES, Scope, Site
from django_scaleready.checks.code.tree.syntax import nodes_of, written

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading

NOTED = "passing-storages"
# What a function may do with a storage that it leaves as it found it.
_USES = frozenset({"delete", "exists", "get_available_name", "open", "path", "save", "size"})
_WORD = re.compile(r"[\w.]+")
# What is imported and saves is a row, mostly.
_CALLED = re.compile(r"storage|(^|_)fs(_|$)", re.IGNORECASE)


def passing_storages(reading: Reading) -> Iterator[Fact]:
    """Note the storages at the top of files that functions here use so: (dotted name, is used)."""
    module = reading.module
    bound = module.top.bindings if b"Storage" in module.content else {}
    own = {name for name, values in bound.items() if any(map(_is_made, values))}
    saved = (getattr(site.call.func, "value", None) for site in module.calls("save"))
    names = {n.id for n in saved if isinstance(n, ast.Name) and _CALLED.search(n.id)}
    for name in own | (names & module.own_imports.keys()):
        users = [scope for scope in module.scopes if name in scope.names]
        if all(scope.kind == "function" and removes_all(module, {name}, scope) for scope in users):
            dotted = f"{module.name}.{name}" if name in own else module.own_imports[name]
            yield Fact(0, "", (dotted, bool(users)))


def _is_made(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and written(value.func).endswith("Storage")


def removes_all(module: Module, names: set[str], scope: Scope) -> bool:
    """Whether a function saves files in a storage of one of these names, and removes each again."""
    nodes = nodes_of(scope.node)
    asked = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    uses = {
        asked.get(id(node), "")
        for node in nodes
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    }
    if "save" not in uses or not uses <= _USES:
        return False
    saves = [site for site in module.calls("save") if _is_of(site, names, scope)]
    return bool(saves) and all(_is_removed(module, names, site) for site in saves)


def _is_of(site: Site, names: set[str], scope: Scope) -> bool:
    called = site.call.func
    return (
        site.scope is scope and isinstance(called, ast.Attribute) and written(called.value) in names
    )


def _is_removed(module: Module, names: set[str], site: Site) -> bool:
    """Whether what is saved is removed below, by its name or by a path that is made of that."""
    kept = site.names or {written(argument) for argument in site.call.args[:1]}
    for name, values in site.scope.bindings.items():
        if any(kept & {*_WORD.findall(written(value))} for value in values):
            kept = kept | {name}
    gone = paths_removed(module, site.scope, site.flags, site.line)
    gone |= {
        written(other.call.args[0])
        for other in module.calls("delete")
        if _is_of(other, names, site.scope) and other.call.args and other.line > site.line
        if not other.flags & (EXCEPT | LEAVES) & ~site.flags
    }
    return any(path in kept or kept & {*_WORD.findall(path)} for path in gone)


def is_passing(code: Codebase, source: Summary, dotted: str) -> bool:
    """Whether all that use a storage by its name at the top of a file use it so, and some do."""
    noted = {s.path: fact.data[1] for s, fact in code.facts(NOTED) if fact.data[0] == dotted}
    if not any(noted.values()):
        return False
    word = re.compile(rf"[ .]{re.escape(dotted.rpartition('.')[2])} ")
    importers = (file for file in code if file.path in code.importers.get(source.path, ()))
    using = {file.path for file in importers if any(map(word.search, file.said.values()))}
    return using | {source.path} <= noted.keys()
