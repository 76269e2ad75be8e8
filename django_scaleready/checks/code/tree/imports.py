"""What a file imports, and under which names."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree import scopes as flag
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import absolute


def imported(module: Module, node: ast.Import) -> None:
    """Note an ``import``."""
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        module.imports[bound] = alias.name if alias.asname else bound
        module.import_lines[bound] = node.lineno
        # import shop.feeds loads shop.feeds, though the name that it binds is shop.
        module.imports.setdefault(alias.name, alias.name)


def imported_from(module: Module, node: ast.ImportFrom, scope: Scope, flags: int) -> None:
    """Note a ``from ... import``."""
    source = absolute(module.name, module.is_package, node)
    for alias in node.names:
        bound = alias.asname or (f"{source}.*" if alias.name == "*" else alias.name)
        if alias.asname:
            # What is called by its other name from now on.
            told = module.developed if flags & flag.DEBUG else scope
            told.names.add(alias.name)
        # What lies beside it in the root has no longer name.
        module.imports[bound] = f"{source}.{alias.name}" if source else alias.name
        dotted = module.imports[bound]
        if flags & flag.DEBUG:
            module.under_debug.add(dotted)
        module.late[dotted] = scope.kind == "function" and module.late.get(dotted, True)
        module.import_lines[bound] = node.lineno
