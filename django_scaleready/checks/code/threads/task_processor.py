"""Tasks of flagsmith-common's task processor that a request runs in a thread of its own process."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

HANDLED = "handled"
# It makes a task of a function, which then has a method that starts a daemon for it.
HANDLER = "task_processor.decorators.register_task_handler"
METHOD = "run_in_thread"


def handled(module: Module) -> Iterator[tuple[Site, str]]:
    """Yield the calls that start a thread for what may be a task, and that by its dotted name."""
    for site in module.calls_that_run(METHOD):
        called = site.call.func
        if isinstance(called, ast.Attribute):
            name = module.qualified(called.value, site.scope)
            yield site, name if "." in name else f"{module.name}.{name}"


def handler(code: Codebase, name: str) -> Key | None:
    """Return the function that a dotted name has, None if it is no such task."""
    found = code.function(name)
    return (found[0].path, found[1]) if found and HANDLER in found[2].decorators else None
