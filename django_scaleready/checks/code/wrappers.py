"""Functions of the project that pass a timeout on: who calls them, and whether with one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.http import NO, PERHAPS, YES
from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import Scope

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


class Wrappers:
    """The wrappers of a codebase: those noted as such, and what passes ``**kwargs`` on to them."""

    def __init__(self, code: Codebase, roots: Sequence[tuple[str, str, int]]) -> None:
        """Take the wrappers that reach a library: path, qualified name, the line of the call."""
        self._code = code
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
        calls = (*self._code.calls_of(key), *self._code.sent_to(key))
        for path, function, line, given in calls:
            if given == PERHAPS:
                if (path, function) != key:
                    self._collect((path, function), found, depth + 1, seen)
            elif given in {NO, YES}:
                found.append((path, function, line, given))
