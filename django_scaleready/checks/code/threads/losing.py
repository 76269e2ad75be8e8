"""Whether anything is lost with a thread: most are waited for, or serve their own process."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.threads.awaited import is_awaited_by_event
from django_scaleready.checks.code.threads.kept_alive import keeps_alive
from django_scaleready.checks.code.threads.left_alone import (
    is_answered,
    is_awaited_by_queue,
    is_of_the_process,
    is_watched,
)
from django_scaleready.checks.code.threads.serving import is_of_connection, serves
from django_scaleready.checks.code.threads.telling import only_tells
from django_scaleready.checks.code.threads.thread_work import (
    begins_anew,
    is_done_already,
    listens,
    serves_connection,
)
from django_scaleready.checks.code.threads.tidying import only_tidies_up
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

_WAITS = frozenset({"communicate", "join", "run_forever", "wait"})
_NO_LOSS = (
    *(is_of_the_process, keeps_alive, is_answered, is_awaited_by_queue, is_awaited_by_event),
    *(is_done_already, begins_anew, listens, serves_connection, serves, is_of_connection),
    *(is_watched, only_tidies_up, only_tells),
)


def loses_nothing(module: Module, site: Site) -> bool:
    """Whether somebody waits for what a call starts, or it is of no use without its process."""
    return _only_waits(site.call) or any(asked(module, site) for asked in _NO_LOSS)


def _only_waits(call: ast.Call) -> bool:
    targets = [k.value for k in call.keywords if k.arg == "target"]
    return any(isinstance(t, ast.Attribute) and t.attr in _WAITS for t in targets)
