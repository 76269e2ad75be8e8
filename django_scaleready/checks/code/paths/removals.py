"""Which paths a function, or an object at the end of its block, removes again."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import EXCEPT, LEAVES, Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

REMOVES = ("remove", "unlink", "rmtree", "removedirs", "cleanup", "rmdir")


def paths_removed(module: Module, scope: Scope, flags: int, after: int) -> set[str]:
    """Return, as written, the paths that a function removes on the way that a place is on.

    Only those below line ``after``: what is removed first and then written anew stays.
    """
    found = _removed_by_stack(module, scope)
    for site in module.calls(*REMOVES):
        other = site.flags & (EXCEPT | LEAVES) & ~flags
        here = site.scope is scope and not other and site.line > after
        if here and not _is_instead(scope, after, site.line):
            found |= {ast.unparse(argument) for argument in site.call.args[:1]}
            if isinstance(site.call.func, ast.Attribute) and not site.call.args:
                found.add(ast.unparse(site.call.func.value))
    return found


def is_removed_before(module: Module, scope: Scope, path: ast.expr, line: int) -> bool:
    """Whether a function has removed a path that it has a name for by the time of a line."""
    if not isinstance(path, ast.Name):
        return False
    made = max((value.lineno for value in scope.bindings.get(path.id, ())), default=0)
    return any(
        site.scope is scope
        and made < site.line < line
        and not site.flags & (EXCEPT | LEAVES)
        and any(isinstance(each, ast.Name) and each.id == path.id for each in site.call.args[:1])
        for site in module.calls(*REMOVES)
    )


def _is_instead(scope: Scope, line: int, later: int) -> bool:
    """Whether a later line runs only where the other does not: it is below ``else`` to that."""
    return any(
        _holds(node.body, line) and _holds(node.orelse, later)
        for node in nodes_of(scope.node)
        if isinstance(node, ast.If) and node.orelse
    )


def _holds(block: list[ast.stmt], line: int) -> bool:
    return block[0].lineno <= line <= (block[-1].end_lineno or 0)


def _removed_by_stack(module: Module, scope: Scope) -> set[str]:
    """Return the paths that an ExitStack removes: ``stack.callback(shutil.rmtree, path)``."""
    given = [s.call.args for s in module.calls("callback") if s.scope is scope and s.call.args]
    removing = [a for a in given if isinstance(a[0], ast.Attribute) and a[0].attr in REMOVES]
    # It takes the path, or is a method of that.
    return {
        ast.unparse(args[1] if len(args) > 1 else args[0].value)
        for args in removing
        if isinstance(args[0], ast.Attribute)
    }


def removed_at_exit(module: Module, owner: Scope) -> set[str]:
    """Return, as written, the paths that a class removes at the end of a ``with`` block."""
    names = (f"{owner.qualname}.{name}" for name in ("__exit__", "__aexit__"))
    exits = [module.functions[name] for name in names if name in module.functions]
    if not exits:
        return set()
    methods = {s.name: s for s in module.scopes if s.parent is owner}
    called = {module.resolve(call.func) for scope in exits for call, _ in scope.calls}
    exits += [method for name, method in methods.items() if f"self.{name}" in called]
    return set().union(*(paths_removed(module, scope, EXCEPT | LEAVES, 0) for scope in exits))
