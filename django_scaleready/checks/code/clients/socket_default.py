"""Where all sockets of a process are given a time-out that lasts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.scopes import Scope, Site

SET, ASKED = "setdefaulttimeout", "getdefaulttimeout"


def lasting_defaults(module: Module) -> Iterator[Site]:
    """Yield the calls of ``socket.setdefaulttimeout()`` that nothing takes back at once.

    A function, or the methods of a class, may set it for a moment: they ask for the one before, or
    know that there was none, and set that again.
    """
    sites = module.calls_that_run(SET)
    given = [site for site in sites if not _is_none(site)]
    asking = {_around(site.scope) for site in module.calls(ASKED)} if sites else set()
    for site in given:
        around = _around(site.scope)
        others = [one for one in sites if one is not site and _around(one.scope) is around]
        put_back = around in asking or any(map(_is_none, others))
        if around.kind == "module" or not (others and put_back):
            yield site


def _around(scope: Scope) -> Scope:
    return scope.owner or scope


def _is_none(site: Site) -> bool:
    return any(isinstance(a, ast.Constant) and a.value is None for a in site.call.args)
