"""Queues that a thread of the same process empties: nobody looks anything up in them."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.memory.containers import Container
from django_scaleready.checks.code.threads.thread_work import own_function, starts, work_of
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

_QUEUES = frozenset({"queue.Queue", "queue.SimpleQueue"})
_TAKES = frozenset({"get", "get_nowait"})


def is_emptied(module: Module, container: Container) -> bool:
    """Whether a thread that the file starts takes out what is put into a queue.

    It is given the queue (``Thread(target=send, args=(JOBS,))``), or its function asks for it. What
    is lost with the thread is said of that.
    """
    if not _QUEUES & {*module.imports.values(), *_dotted(module)}:
        return False
    name = container.name
    scopes = [container.owner, *(s for s in module.scopes if s.parent is container.owner)]
    values = [v for s in scopes for n in (name, f"self.{name}") for v in s.bindings.get(n, ())]
    made = [module.resolve(v.func) for v in values if isinstance(v, ast.Call)]
    if not made or not _QUEUES.issuperset(made):
        return False
    return any(_takes(module, site, name) for site in starts(module))


def _dotted(module: Module) -> frozenset[str]:
    return _QUEUES if "queue" in module.roots else frozenset()


def _takes(module: Module, site: Site, name: str) -> bool:
    given = (k.value for k in site.call.keywords if k.arg in {"args", "kwargs"})
    if any(last_name(node) == name for value in given for node in nodes_of(value)):
        return True
    work = own_function(module, work_of(site.call), site.scope)
    return (
        work is not None
        and name not in work.parameters
        and any(
            call.func.attr in _TAKES and last_name(call.func.value) == name
            for call, _ in work.calls
            if isinstance(call.func, ast.Attribute)
        )
    )
