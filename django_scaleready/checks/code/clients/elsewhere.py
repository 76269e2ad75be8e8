"""Clients that another file of the project hands on: what it imports, or derives from one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from django_scaleready.checks.code.clients.by_call import BY_CALL
from django_scaleready.checks.code.clients.http import NO, bounded
from django_scaleready.checks.code.clients.services import ONCE, SERVICES
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

# The client whose connect() takes the time-out.
CONNECTED = frozenset({"paramiko.SSHClient", "paramiko.client.SSHClient"})
_CONNECT = "connect"
# By the last part of their names, but for those of which each file or function has one finding.
_NAMED = {
    last: [name for name in SERVICES if name.endswith(f".{last}") and name not in BY_CALL | ONCE]
    for last in sorted({name.rpartition(".")[2] for name in SERVICES})
}


def from_elsewhere(module: Module, waits: Callable[[Module, str, Site], bool]) -> Iterator[Fact]:
    """Note what may make a client, or connect one: its name, and where this file has it from."""
    bound = [name for name, d in module.imports.items() if d.rpartition(".")[2] in _NAMED]
    for site in module.calls_that_run(*bound) if bound else ():
        dotted = module.resolve(site.call.func)
        for name in _NAMED.get(dotted.rpartition(".")[2], ()):
            if name != dotted and waits(module, name, site):
                yield module.fact(site, name, dotted)
    yield from _by_star(module, waits)
    for site in module.calls_that_run(_CONNECT):
        maker, _, method = module.qualified(site.call.func, site.scope).rpartition(".")
        imported = method == _CONNECT and maker in module.imports.values()
        if imported and waits_to_connect(site):
            yield from (module.fact(site, name, maker) for name in sorted(CONNECTED))


def _by_star(module: Module, waits: Callable[[Module, str, Site], bool]) -> Iterator[Fact]:
    """Note what may make a client by a name that came with all of another module."""
    modules = [dotted[:-2] for dotted in module.imports.values() if dotted.endswith(".*")]
    for site in module.calls_that_run(*_NAMED) if modules else ():
        last = getattr(site.call.func, "id", "")
        if not last or site.scope.has_own(last) or last in module.known:
            continue
        for name in _NAMED[last]:
            if waits(module, name, site):
                yield from (module.fact(site, name, f"{one}.{last}") for one in modules)


def are_plain_hooks(module: Module, node: ast.expr) -> bool:
    """Whether an expression lists functions of this file, none of which speaks of a time-out."""
    hooks = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    own = [module.functions.get(getattr(hook, "id", "")) for hook in hooks]
    shown = [module.text_of(o.node) if o and isinstance(o.node, ast.stmt) else b"" for o in own]
    return all(text and b"timeout" not in text for text in shown) and bool(shown)


def waits_to_connect(site: Site) -> bool:
    """Whether a ``connect()`` has no time-out, and no socket that somebody has connected."""
    handed = any(keyword.arg == "sock" for keyword in site.call.keywords)
    return not handed and bounded(site.call, site.scope) == NO


def is_handed_on(code: Codebase, dotted: str, client: str) -> bool:
    """Whether a name of the project's is a client, as it was imported, or one that it derives."""
    if client in CONNECTED:
        makers = code.ancestors(dotted)
        found = code.function(f"{dotted}.{_CONNECT}")
        return client in makers and dotted != client and found is None
    located = code.locate(dotted)
    if located is None:
        return False
    source, name = located
    defined = name in source.classes or name in source.functions or name in source.values
    return not defined and client in source.imported
