"""Threads that only look something up and say it in a log: nothing is lost with one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.threads.kept_alive import LOGS
from django_scaleready.checks.code.threads.thread_work import own_function, work_of
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import nodes_of

# They ask, and change nothing where they ask.
_ASKS = frozenset(
    [
        *("httpx.get", "httpx.head", "importlib.metadata.version", "json.loads"),
        *("os.environ.get", "os.getenv", "requests.get", "requests.head"),
        "urllib.request.urlopen",
    ]
)
_COMPARES = "packaging.version."
# Of texts, dictionaries and answers.
_READS = frozenset(
    [
        *("decode", "endswith", "format", "get", "items", "join", "json", "lower", "lstrip"),
        *("partition", "raise_for_status", "read", "removeprefix", "replace", "rpartition"),
        *("rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "upper"),
    ]
)
_KNOWN = frozenset(
    [
        *("any", "all", "bool", "dict", "float", "getattr", "hasattr", "int", "isinstance", "len"),
        *("list", "max", "min", "print", "set", "sorted", "str", "tuple"),
    ]
)


def only_tells(module: Module, site: Site) -> bool:
    """Whether the work of a thread is to ask, to compare, and to say in a log what came of it."""
    work = own_function(module, work_of(site.call), site.scope)
    if work is None or work.returns:
        return False
    reached = [work]
    for scope in reached:
        if scope.globals or any(map(_keeps, nodes_of(scope.node))):
            return False
        for call in _calls(scope):
            own = own_function(module, call.func, scope)
            if own is None and not _is_harmless(module, call):
                return False
            if own and own not in reached:
                reached.append(own)
    return any(_is_log(module, call) for scope in reached for call in _calls(scope))


def _keeps(node: ast.AST) -> bool:
    """Whether something that others have is changed: an attribute, an entry."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return not isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.Await | ast.Yield | ast.YieldFrom)


def _calls(scope: Scope) -> Iterator[ast.Call]:
    return (node for node in nodes_of(scope.node) if isinstance(node, ast.Call))


def _is_log(module: Module, call: ast.Call) -> bool:
    called = call.func
    if not isinstance(called, ast.Attribute) or called.attr not in LOGS:
        return False
    held = module.resolve(called.value)
    made = module.top.bindings.get(held, ())
    loggers = (value for value in made if isinstance(value, ast.Call))
    return held == "logging" or any(
        module.resolve(value.func).endswith("getLogger") for value in loggers
    )


def _is_harmless(module: Module, call: ast.Call) -> bool:
    name = module.resolve(call.func)
    if name in _ASKS or name.startswith(_COMPARES) or _is_log(module, call):
        return True
    if isinstance(call.func, ast.Name):
        return name in _KNOWN
    # A method of what stands here, and none of what is imported.
    known = name.partition(".")[0] in module.roots
    return not known and getattr(call.func, "attr", "") in _READS
