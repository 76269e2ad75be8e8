"""Variables of the environment that a function sets for the process that it then starts."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.memory.containers import Change, Container
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.syntax import nodes_of

ENVIRON = "os.environ"
# What starts a process, which gets a copy of the environment.
_STARTS = ("subprocess.", "os.exec", "os.popen", "os.spawn", "os.system", "psutil.Popen")
_ASKS = frozenset({"os.environ.get", "os.environ.pop", "os.environ.setdefault", "os.getenv"})


def is_for_child(module: Module, container: Container, use: Change) -> bool:
    """Whether a function sets a variable, whatever it was, and then starts a process with it.

    None that the file asks for: that may be of an earlier request.
    """
    if container.name != ENVIRON or not isinstance(use.node, ast.Assign):
        return False
    names = {key.value for key in use.keys if isinstance(key, ast.Constant)}
    if len(names) != 1 or not _starts(module, use):
        return False
    return not any(_asked(module, node) in names for node in nodes_of(module.top.node))


def _starts(module: Module, use: Change) -> bool:
    calls = (call for call, _ in use.scope.calls if call.lineno > use.node.lineno)
    return any(module.resolve(call.func).startswith(_STARTS) for call in calls)


def _asked(module: Module, node: ast.AST) -> object:
    """Return the name of the variable that an expression asks for, None if it asks for none."""
    match node:
        case ast.Call(func=called, args=[key, *_]) if module.resolve(called) in _ASKS:
            return getattr(key, "value", None)
        case ast.Subscript(value=held, slice=key, ctx=ast.Load()):
            return getattr(key, "value", None) if module.resolve(held) == ENVIRON else None
    return None
