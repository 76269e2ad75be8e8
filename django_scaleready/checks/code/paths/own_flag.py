"""Files by which a process says that it was told to end: its replica's health page looks there."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.threads.kept_alive import LOGS
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name

_WRITES = frozenset({"write", "write_bytes", "write_text"})
# What such a handler does besides: anything else may be state that it saves.
_KNOWN = LOGS | _WRITES | {"Path", "_exit", "exit", "join", "open", "touch"}


def is_own_flag(module: Module, scope: Scope) -> bool:
    """Whether a handler of a signal writes a file, and nothing into it but what stands there."""
    if "signal" not in module.roots or not _handles(module, scope):
        return False
    if any(last_name(call.func) not in _KNOWN for call, _ in scope.calls):
        return False
    written = [call.args for call, _ in scope.calls if last_name(call.func) in _WRITES]
    return all(isinstance(given, ast.Constant) for arguments in written for given in arguments)


def _handles(module: Module, scope: Scope) -> bool:
    return any(
        module.resolve(site.call.func) == "signal.signal"
        and any(last_name(given) == scope.name for given in site.call.args[1:])
        for site in module.calls("signal")
    )
