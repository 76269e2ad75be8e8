"""Clients that are told with each call how long to wait: where they are made, and asked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from django_scaleready.checks.code.clients.services import SERVICES
from django_scaleready.checks.code.clients.sessions import is_made_by
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_parts

BY_CALL = frozenset(n for n, service in SERVICES.items() if service.later == b"_request_timeout")
_MADE = last_parts(*BY_CALL)


def asked_by_call(module: Module, waits: Callable[[Module, str, Site], bool]) -> Iterator[Fact]:
    """Note the first client that each function makes: name, True, lines of the others and of calls.

    However it is made, the same calls have to be told.
    """
    together: dict[Scope, list[tuple[Site, str]]] = {}
    for site in sorted(module.calls_that_run(*_MADE), key=lambda site: site.call.lineno):
        name = module.resolve(site.call.func)
        if name in BY_CALL and waits(module, name, site):
            together.setdefault(site.scope, []).append((site, name))
    for (site, name), *others in together.values():
        makers = frozenset([name, *(other for _, other in others)])
        lines = {other.call.lineno for other, _ in others}.union(_asked(module, makers))
        yield module.fact(site, name, True, *sorted(lines - {site.call.lineno}))


def _asked(module: Module, makers: frozenset[str]) -> Iterator[int]:
    """Yield the lines where what was made is asked for something."""
    for scope in module.scopes:
        for call, _ in scope.calls:
            held = call.func.value if isinstance(call.func, ast.Attribute) else None
            if held is not None and is_made_by(module, held, scope, makers):
                yield call.lineno
