"""Calls over gRPC: a stub waits for its answer without an end, unless each call has a deadline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.clients.http import NO, bounded
from django_scaleready.checks.code.clients.sessions import is_made_by
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.scopes import GUARDED, Scope
from django_scaleready.checks.code.tree.syntax import last_parts

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module

GRPC = "gRPC"
# What protoc's plugin makes of a service, and calls by these names.
_GENERATED, _STUB = "_pb2_grpc", "Stub"
# An interceptor, or a configuration of the service, may bring a deadline to all calls.
_BRINGS = (b"service_config", b"ClientInterceptor", b"intercept_channel")
# Of coroutines, which are given one from outside.
_AROUND = (b"wait_for(", b"asyncio.timeout", b"fail_after(", b"move_on_after(")


def grpc_calls(module: Module) -> Iterator[Fact]:
    """Note the first call without a deadline that each function makes, and lines of the others."""
    content = module.content
    if b"timeout" in content and any(word in content for word in _BRINGS):
        yield Fact(1, "", (GRPC, False))
    makers = _makers(module)
    if not makers or any(word in content for word in _AROUND):
        return
    for scope in module.scopes:
        made = sorted(_unbounded(module, scope, makers))
        if made:
            (line, method), *others = made
            lines = sorted({other for other, _ in others} - {line})
            yield Fact(line, module.function_of(scope), (f"{GRPC}'s {method}", True, *lines))


def _makers(module: Module) -> frozenset[str]:
    """Return the classes of stubs that a file makes, by their dotted names."""
    if _GENERATED.encode() not in module.content:
        return frozenset()
    names = {name for name in module.vocabulary if name.endswith(_STUB)}
    dotted = {module.resolve(site.call.func) for site in module.calls(*names)}
    return frozenset(name for name in dotted if name.rpartition(".")[0].endswith(_GENERATED))


def _unbounded(module: Module, scope: Scope, makers: frozenset[str]) -> Iterator[tuple[int, str]]:
    made = last_parts(*makers)
    for call, flags in scope.calls:
        held = getattr(call.func, "value", None)
        if held is None or flags & GUARDED or len(call.args) > 1:
            # The second argument is the time-out.
            continue
        name: str = getattr(call.func, "attr", "")
        if name in made or not is_made_by(module, held, scope, makers):
            continue
        if bounded(call, scope) == NO:
            yield call.lineno, name
