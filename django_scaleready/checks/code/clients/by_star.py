"""Whether a file has a library that it does not import by name: ``from shop.common import *``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.module import Module

REQUESTS, _ALL = "requests", ".*"


def may_come_by_star(module: Module) -> bool:
    """Whether a file has requests of another one, all of which it imports: ``import *``."""
    stars = b"import *" in module.content and b"requests." in module.content
    return stars and REQUESTS not in module.roots


def is_had(code: Codebase, source: Summary, shown: str) -> bool:
    """Whether a file has what a call is made by, or takes it from one that does."""
    return not shown.startswith(f"{REQUESTS}.") or _imports(code, source, set())


def _imports(code: Codebase, source: Summary, seen: set[str]) -> bool:
    if any(dotted.partition(".")[0] == REQUESTS for dotted in source.imported):
        return True
    seen.add(source.path)
    modules = (d.removesuffix(_ALL) for d in source.imported if d.endswith(_ALL))
    found = (code.by_module.get(name) for name in modules)
    return any(one and one.path not in seen and _imports(code, one, seen) for one in found)
