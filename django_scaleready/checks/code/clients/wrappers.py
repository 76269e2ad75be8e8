"""Functions of the project that pass a timeout on: who calls them, and whether with one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django_scaleready.checks.code.clients.handed_sessions import ASKS, HandedSessions
from django_scaleready.checks.code.clients.http import NO, PERHAPS, YES
from django_scaleready.checks.code.codebase import Caller, Codebase, timeout
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope

Key = tuple[str, str]
# Wrappers of wrappers: get(**kwargs) calls request(**kwargs) calls the library.
DEPTH = 3


def curl_wrappers(module: Module) -> Iterator[Scope]:
    """Yield the functions that make a call with pycurl, with a timeout only if they are given one.

    pycurl's own default is to wait for ever.
    """
    if "pycurl" not in module.imports.values():
        return
    for site in module.calls("Curl"):
        default = site.scope.parameters.get("timeout")
        if isinstance(default, ast.Constant) and default.value is None:
            yield site.scope


def calls_over(
    code: Codebase, sessions: HandedSessions, facts: Iterable[tuple[Summary, Fact]]
) -> dict[Key, list[Caller]]:
    """Return who calls the methods of a client that an attribute holds, or a helper returns.

    ``self.api.get(url)`` is not told by its name alone; the facts of ``asked`` know.
    """
    found: dict[Key, list[Caller]] = {}
    for source, fact in facts:
        if fact.data[0] != ASKS or not fact.function:
            continue
        verb = fact.data[1].rpartition(".")[2]
        for owner in sorted(set(sessions.classes(fact.data[2]))):
            method = code.function(f"{owner}.{verb}")
            for call in source.functions[fact.function].calls if method else ():
                if method and call.line == fact.line and call.callee.endswith(f".{verb}"):
                    by = (source.path, fact.function, fact.line, timeout(call, method[2]))
                    found.setdefault((method[0].path, method[1]), []).append(by)
    return found


class Wrappers:
    """The wrappers of a codebase: those noted as such, and what passes ``**kwargs`` on to them."""

    def __init__(
        self,
        code: Codebase,
        roots: Sequence[tuple[str, str, int]],
        held: Mapping[Key, Sequence[Caller]],
    ) -> None:
        """Take the wrappers that reach a library: path, qualified name, the line of the call.

        ``held`` are the calls of methods of what an attribute holds: ``self.api.get(url)``.
        """
        self._code = code
        self._held = held
        self._roots = {(path, name): line for path, name, line in roots}

    def calls(self) -> Iterator[tuple[tuple[str, str, int], list[tuple[str, str, int, int]]]]:
        """Yield each wrapper with the calls of it: path, function, line, timeout given or not.

        A call that may or may not have one is left out: it is a wrapper's own.
        """
        for (path, name), line in self._roots.items():
            found: list[tuple[str, str, int, int]] = []
            self._collect((path, name), found, 0, set())
            yield (path, name, line), list(dict.fromkeys(found))

    def _collect(
        self, key: Key, found: list[tuple[str, str, int, int]], depth: int, seen: set[Key]
    ) -> None:
        if key in seen or depth > DEPTH:
            return
        seen.add(key)
        calls = (*self._code.calls_of(key), *self._code.sent_to(key), *self._held.get(key, ()))
        for path, function, line, given in calls:
            if given == PERHAPS:
                if (path, function) != key:
                    self._collect((path, function), found, depth + 1, seen)
            elif given in {NO, YES}:
                found.append((path, function, line, given))
