"""Where all sockets of a process are given a time-out that lasts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.running.late_imports import late_importers
from django_scaleready.checks.code.summary import Fact, Moment, Summary

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.scopes import Scope, Site

SET, ASKED = "setdefaulttimeout", "getdefaulttimeout"
# A receiver may be one of those for a worker that starts.
_AT_START = frozenset({Moment.IMPORT, Moment.READY, Moment.SIGNAL})


class SocketDefaults:
    """What a time-out for all sockets holds for, by the functions that set one; "" for a file.

    One that a process sets as it starts holds for all that it does. One that is set in a function,
    or in a file that functions alone import, begins when somebody comes there, and most processes
    have met none: so it holds for what that function, its class and those that they call do.
    """

    def __init__(self, code: Codebase, facts: Iterable[tuple[Summary, Fact]]) -> None:
        """Take the code, and where one is set."""
        self._code = code
        self._everywhere = False
        self._set: set[tuple[str, str]] = set()
        self._files: set[str] = set()
        for source, fact in facts:
            self._add(source, fact.function)

    def _add(self, source: Summary, place: str) -> None:
        owner = place.rpartition(".")[0]
        if place:
            # A server may call what nobody here does: post_fork(), a middleware's __call__().
            hook = owner.endswith("Middleware") or not self._code.callers((source.path, place))
            moments = self._code.moments(source, place)
            self._everywhere |= hook or not _AT_START.isdisjoint(moments)
            self._set.add((source.path, owner if owner in source.classes else place))
        elif late := late_importers(self._code, source.path):
            self._files |= {source.path, *late}
        else:
            self._everywhere = True

    def hold(self, path: str, fact: Fact) -> bool:
        """Whether a socket that is made in a file has one."""
        if self._everywhere or not (self._set or self._files):
            return self._everywhere
        seen: set[tuple[str, str]] = set()
        pending = {(path, fact.function)}
        while pending:
            seen |= pending
            owners = {(at, name.rpartition(".")[0]) for at, name in pending}
            if not self._set.isdisjoint(pending | owners):
                return True
            if not self._files.isdisjoint(at for at, _ in pending):
                return True
            pending = set().union(*map(self._code.callers, pending)) - seen
        return False


def lasting_defaults(module: Module) -> Iterator[Site]:
    """Yield the calls of ``socket.setdefaulttimeout()`` that nothing takes back at once.

    A function, or the methods of a class, may set it for a moment: they ask for the one before, or
    know that there was none, and set that again.
    """
    sites = module.calls_that_run(SET)
    given = [site for site in sites if not _is_none(site)]
    asking = {_around(site.scope) for site in module.calls(ASKED)} if sites else set()
    for site in given:
        around = _around(site.scope)
        others = [one for one in sites if one is not site and _around(one.scope) is around]
        put_back = around in asking or any(map(_is_none, others))
        if around.kind == "module" or not (others and put_back):
            yield site


def _around(scope: Scope) -> Scope:
    return scope.owner or scope


def _is_none(site: Site) -> bool:
    return any(isinstance(a, ast.Constant) and a.value is None for a in site.call.args)
