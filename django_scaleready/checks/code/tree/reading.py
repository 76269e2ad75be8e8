"""What a rule's collector may ask about one file."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar, cast

from django_scaleready.checks.code.clients.http import HttpCall
from django_scaleready.checks.code.summary import Moment, Term
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import nodes_of
from django_scaleready.checks.code.tree.values import Values

T = TypeVar("T")


class Reading:
    """One file, and what was found in it once for all rules."""

    def __init__(self, module: Module, http: list[HttpCall], queries: list[Site]) -> None:
        """Take the file, walked."""
        self.module = module
        self.http = http
        self.queries = queries
        self._made: dict[object, object] = {}
        self._outside = {id(made.site.call) for made in http} | {id(site.call) for site in queries}

    def once(self, make: Callable[[Module], T]) -> T:
        """Return what is made of the file, made once for all collectors that ask for it."""
        if make not in self._made:
            self._made[make] = make(self.module)
        return cast("T", self._made[make])

    @cached_property
    def _values(self) -> Values:
        return Values(self.module)

    def term(self, node: ast.AST | None, scope: Scope) -> Term:
        """Return where the value of an expression comes from."""
        return self._values.term(node, scope)

    def moment(self, site: Site) -> Moment:
        """Return when a call runs, by the looks of its own file."""
        return self.module.moment(site.scope)

    def asks_outside(self, call: ast.Call) -> bool:
        """Whether a call asks the database or another host."""
        return id(call) in self._outside

    def argument(self, call: ast.Call, position: int, *names: str) -> ast.expr | None:
        """Return an argument by its position or one of its names."""
        if len(call.args) > position:
            return call.args[position]
        return next((k.value for k in call.keywords if k.arg in names), None)


SHOWN = 80


def file_name(path: ast.expr, site: Site) -> str:
    """Return the last text or constant in a path, the file's name mostly; "" for none."""
    if isinstance(path, ast.Name):
        bound = [v for s in site.scope.outer for v in s.bindings.get(path.id, ())]
        path = bound[-1] if bound else path
    parts = [
        (node.lineno, node.col_offset, text)
        for node in nodes_of(path)
        if isinstance(node, ast.Constant | ast.Name) and (text := _text(node))
    ]
    return max(parts)[2].rpartition("/")[2][:SHOWN] if parts else ""


def _text(node: ast.Constant | ast.Name) -> str:
    """Return a text, or the name of a constant; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id if node.id.isupper() else ""
    return node.value if isinstance(node.value, str) else ""
