"""Calls over HTTP: which library makes them, and whether they can wait for ever."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from django_scaleready.checks.scope import bindings, parameters, value_of
from django_scaleready.checks.source import Source

VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "request"})
REQUESTS = frozenset(
    f"{module}.{verb}" for module in ("requests", "requests.api") for verb in VERBS
)
SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
URLOPEN = "urllib.request.urlopen"
# They have a timeout of their own unless it is taken away, so they matter at start only.
OTHERS = (
    *(f"httpx.{verb}" for verb in (*VERBS, "stream")),
    "urllib.request.urlretrieve",
    "urllib3.request",
    "feedparser.parse",
)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One call over HTTP; ``bounded`` is None if a ``**mapping`` may or may not bring a timeout."""

    name: str
    bounded: bool | None


def http_call(source: Source, call: ast.Call) -> HttpCall | None:
    """Return what a call does over HTTP, or None."""
    name = source.resolve(call.func)
    if name in REQUESTS:
        return HttpCall(name, _bounded(call))
    if name == URLOPEN:
        return HttpCall(name, len(call.args) > 2 or _bounded(call))  # noqa: PLR2004 - url, data, timeout
    if name in OTHERS:
        return HttpCall(name, True)
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in {*VERBS, "send"}:
        return None
    session = function.value
    if not _is_session(source, session) or _is_hardened(source, session):
        return None
    return HttpCall(f"{ast.unparse(session)}.{function.attr}", _bounded(call))


def _bounded(call: ast.Call) -> bool | None:
    for keyword in call.keywords:
        if keyword.arg == "timeout":
            return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
    return None if any(keyword.arg is None for keyword in call.keywords) else False


def _is_session(source: Source, node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return source.resolve(node.func) in SESSIONS
    function = source.function_of(node)
    if isinstance(node, ast.Name) and function and node.id in parameters(function):
        return _annotated(source, node.id, function) in SESSIONS
    if isinstance(node, ast.Name | ast.Attribute):
        value = value_of(source, ast.unparse(node), function)
        return isinstance(value, ast.Call) and source.resolve(value.func) in SESSIONS
    return False


def _annotated(source: Source, name: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    for argument in arguments:
        if argument.arg == name and argument.annotation is not None:
            return source.resolve(argument.annotation)
    return ""


def _is_hardened(source: Source, node: ast.expr) -> bool:
    """Whether the session got an adapter, or a request method, that may bring a timeout."""
    name = ast.unparse(node)
    for call in source.calls:
        if ast.unparse(call.func) == f"{name}.mount" and len(call.args) > 1:
            adapter = call.args[1]
            plain = isinstance(adapter, ast.Call) and source.resolve(adapter.func)
            if plain != "requests.adapters.HTTPAdapter":
                return True
    return any(bound == f"{name}.request" for bound, _ in bindings(source.tree))
