"""What Slack's Bolt does in threads of its own, after it has answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.syntax import written

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Fact, Summary
    from django_scaleready.checks.code.tree.scopes import Site

# What hands Slack's requests to a pool of Bolt's, unless its App says otherwise.
POOL, WAITED = "pool of Slack's Bolt", "waited"
_HANDLERS = frozenset(
    f"slack_bolt.adapter.django{module}.SlackRequestHandler" for module in ("", ".handler")
)


def of_bolt(module: Module) -> Iterator[tuple[Site, str]]:
    """Yield where a pool is given what it does, and the Apps that may wait for theirs."""
    if "slack_bolt" not in module.roots:
        return
    for site in module.calls("SlackRequestHandler"):
        if module.resolve(site.call.func) in _HANDLERS:
            # A view that no URL leads to gives it nothing to do.
            uses = [use for use in module.calls("handle") if _is_of(module, use, site)]
            yield from ((use, POOL) for use in uses or [site])
    for site in module.calls("App"):
        if any(k.arg in {None, "process_before_response"} for k in site.call.keywords):
            yield site, WAITED


def _is_of(module: Module, use: Site, site: Site) -> bool:
    """Whether a method is called of what a name at the top of the file is bound to."""
    held = written(use.call.func).rpartition(".")[0]
    return site.call in module.top.bindings.get(held, ())


def is_routed(code: Codebase, source: Summary, fact: Fact) -> bool:
    """Whether another file takes the view that a fact stands in from its own file."""
    view = fact.function.partition(".")[0]
    by = (code.by_path[path] for path in code.importers.get(source.path, ()))
    return not view or any(view in other.mentions or _takes(other, source, view) for other in by)


def _takes(other: Summary, source: Summary, name: str) -> bool:
    taken = (dotted.rpartition(".") for dotted in other.imported)
    return any(last in {"*", name} and source.module.endswith(path) for path, _, last in taken)
