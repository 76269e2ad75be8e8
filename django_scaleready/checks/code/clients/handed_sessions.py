"""Sessions that are made in one place of a project and used in another, in whichever file."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from django_scaleready.checks.code.clients.http import TOKENS, VERBS, YES, bounded
from django_scaleready.checks.code.clients.sessions import (
    SESSIONS,
    brings_timeout,
    handed_by,
    is_hardened,
    is_session,
    made_by,
    possible,
)
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, last_parts, written

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.reading import Reading

# What makes, keeps or returns a session; who calls one; a class whose sessions may have a timeout.
GIVES, ASKS, BOUNDED = "gives", "asks", "bounded"
# The place before a target's name: the attribute of some object, who knows of which class.
ANY = "?"
# The place before the name of a function of the same file, which hands its session on.
HERE = "<"
# A session goes by such a name; most that is asked to get() something is a dictionary.
_CALLED = re.compile(r"session|client|http|api|oauth|conn|scraper|service", re.IGNORECASE)
# A request's own session is Django's.
_REQUESTS = frozenset({"context", "info", "request", "req"})
# What is asked to get() something in views and forms.
_DICTIONARIES = frozenset(
    [
        *("cache", "cleaned_data", "config", "context", "data", "extra", "fields", "headers"),
        *("initial", "initial_data", "kwargs", "meta", "options", "params", "query_params"),
        *("queryset", "request", "scope", "settings"),
    ]
)
# Where a class is from that sends nothing.
_PLAIN = frozenset({"object", *sys.stdlib_module_names})
MAKERS = last_parts(*SESSIONS)
# Helpers of helpers; two that return each other lead nowhere.
DEPTH = 4


@lru_cache(maxsize=50_000)
def _is_called(name: str) -> bool:
    return _CALLED.search(name) is not None


def given(module: Module) -> Iterator[Fact]:
    """Note what gives a session: (GIVES, qualified name, "" or what that has it from)."""
    makes = bool(module.calls(*MAKERS))
    sends = b"def send" in module.content or b"def request" in module.content
    may_bring = sends or "mount" in module.mentions
    for scope in module.scopes:
        if scope.kind == "function":
            if scope.returns and (_is_called(scope.name) or (makes and _makes(scope))):
                yield from _given(module, scope, scope.qualname, scope.returns)
        elif may_bring and scope.kind == "class" and brings_timeout(module, scope):
            yield Fact(scope.line, "", (BOUNDED, scope.qualname))
        # What a function calls by a name of its own is nobody else's, but for attributes.
        kept = scope if scope.kind != "function" else scope.owner
        names: Iterable[str] = scope.bindings
        if kept is not scope:
            if kept is None or not scope.binds_attributes:
                continue
            names = [name for name in names if name[:5] == "self."]
        for name in names:
            own, values = name.removeprefix("self."), scope.bindings[name]
            if "." in own or not (_is_called(own) or (makes and any(map(_is_maker, values)))):
                continue
            yield from _given(module, scope, f"{kept.qualname}.{own}".lstrip("."), values)


def _makes(scope: Scope) -> bool:
    return any(_is_maker(value) for node in scope.returns for value in possible(node, scope))


def _is_maker(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) in MAKERS


def _given(module: Module, scope: Scope, name: str, values: Sequence[ast.expr]) -> Iterator[Fact]:
    may_be = [value for node in values for value in possible(node, scope)]
    kept = ast.Attribute(ast.Name("self"), name.rpartition(".")[2])
    if any(is_hardened(module, node) for node in (*values, *may_be, kept)):
        return
    for target in sorted({t for value in may_be for t in _targets(module, value, scope)}):
        yield Fact(scope.line, "", (GIVES, name, target))


def _targets(module: Module, value: ast.expr, scope: Scope) -> Iterator[str]:
    """Yield what an expression has a session from: "" of one that is made here, else a name."""
    if is_session(module, value, scope):
        yield made_by(module, value, scope)
    elif isinstance(value, ast.Call):
        name = last_name(value.func)
        # A class that derives from a session may go by any name.
        if _is_called(name) or name[:1].isupper():
            yield from _named(module, value.func, scope)
    elif isinstance(value, ast.Name | ast.Attribute):
        # An attribute of another name may be one that a base class has made.
        of_self = isinstance(value, ast.Attribute) and getattr(value.value, "id", "") == "self"
        if _is_called(last_name(value)) or (of_self and last_name(value) not in _DICTIONARIES):
            yield from _named(module, value, scope)


def _named(module: Module, node: ast.expr, scope: Scope) -> Iterator[str]:
    """Yield the dotted name of what is asked, if the project may have defined it."""
    root, steps = node, 0
    while isinstance(root, ast.Attribute | ast.Call):
        root = root.value if isinstance(root, ast.Attribute) else root.func
        steps += 1
    name = root.id if isinstance(root, ast.Name) else ""
    dotted = module.qualified(node, scope)
    own = name in {"self", "cls"}
    if own and steps == 1 and scope.owner is None and (base := _base_of_task(module, scope)):
        yield f"{base}.{last_name(node)}"
        return
    if dotted and (name in module.known or (own and steps == 1 and "." in dotted)):
        yield dotted if "." in dotted else f"{module.name}.{dotted}"
    elif isinstance(node, ast.Attribute) and steps > own and "_" in node.attr.strip("_"):
        # site.configuration.api_client
        yield f"{ANY}{node.attr}"


def _base_of_task(module: Module, scope: Scope) -> str:
    """Return the class that a bound task gets as its ``self``: ``@app.task(base=Base)``."""
    bases = scope.told_decorators("base")
    return module.qualified(bases[0], module.top) if bases else ""


def asked(reading: Reading) -> Iterator[Fact]:
    """Note the calls of what may be a session: (ASKS, as written, its giver, is it bounded)."""
    module = reading.module
    known = {id(made.site.call) for made in reading.http}
    for site in module.calls_that_run(*VERBS, *TOKENS, "send"):
        function = site.call.func
        if not isinstance(function, ast.Attribute) or id(site.call) in known:
            continue
        held = function.value
        if len(site.call.args) > 1 and function.attr == "get" and not site.call.keywords:
            # A default: of a dictionary, or of a cache.
            continue
        targets = {t for v in _values(held, site.scope) for t in _targets(module, v, site.scope)}
        whether = bounded(site.call, site.scope) if targets - {""} else YES
        if whether != YES:
            shown = f"{written(held)}.{function.attr}"
            for target in sorted(targets - {""}):
                yield module.fact(site, ASKS, shown, target, whether)


def _values(held: ast.expr, scope: Scope) -> Iterator[ast.expr]:
    """Yield what an expression may be, by the nearest scope that binds it."""
    if isinstance(held, ast.Name):
        for outer in scope.outer:
            if held.id in outer.bindings:
                yield from possible(held, outer)
                return
            if held.id in outer.parameters:
                return
        yield held
    elif isinstance(held, ast.Attribute):
        inner = held.value
        if last_name(inner) not in _REQUESTS:
            yield held
    elif isinstance(held, ast.Call):
        yield held


def asked_over(reading: Reading, call: ast.Call, scope: Scope) -> str:
    """Return the one name that a call has its session from, as targets are; "" for none."""
    module, held = reading.module, getattr(call.func, "value", None)
    if isinstance(held, ast.Name) and (giver := _giver(module, held.id, scope)):
        return f"{HERE}{giver}"
    values = _values(held, scope) if isinstance(held, ast.expr) else ()
    asked_for = (v.func if isinstance(v, ast.Call) else v for v in values)
    found = {name for v in asked_for for name in _named(module, v, scope)}
    return found.pop() if len(found) == 1 else ""


def _giver(module: Module, name: str, scope: Scope) -> str:
    """Return the function of this file that hands a session on to another one."""
    for outer in scope.outer:
        if name in outer.bindings:
            break
        if name in outer.parameters:
            by = handed_by(module, outer, name, SESSIONS)
            return by.function if by else ""
    return ""


class HandedSessions:
    """Tells which names of a project stand for a session that has no timeout of its own."""

    def __init__(self, code: Codebase, facts: Sequence[tuple[Summary, Fact]]) -> None:
        """Take the facts of ``given``, among others."""
        self._code = code
        self._given: dict[tuple[str, str], list[str]] = {}
        self._bounded = {(s.path, f.data[1]) for s, f in facts if f.data[0] == BOUNDED}
        self._named: dict[str, list[tuple[str, str]]] = {}
        for source, fact in facts:
            if fact.data[0] == GIVES:
                key = (source.path, fact.data[1])
                self._given.setdefault(key, []).append(fact.data[2])
                self._named.setdefault(fact.data[1].rpartition(".")[2], []).append(key)

    def gives(self, target: str, depth: int = 0) -> bool:
        """Whether a target of ``asked`` leads to a session."""
        if not target:
            return True
        if depth > DEPTH:
            return False
        if target.startswith(ANY):
            return self._all_give(target.removeprefix(ANY), depth)
        located = self._code.locate(target)
        return located is not None and self._is_given(*located, depth)

    def _all_give(self, name: str, depth: int) -> bool:
        """Whether all that goes by a name, in whichever class, gives a session."""
        keys = set(self._named.get(name, ()))
        methods = len(self._code.methods.get(name, ()))
        return bool(keys) and len(keys) >= methods and all(self._has(k, depth) for k in keys)

    def classes(self, target: str, depth: int = 0) -> Iterator[str]:
        """Yield the classes of the project of which a target of ``asked`` is an object."""
        located = self._code.locate(target) if target and depth <= DEPTH else None
        if located is None:
            return
        source, name = located
        if name in source.classes:
            yield f"{source.module}.{name}"
            return
        for key in self._keys(source, name):
            for giver in self._given.get(key, ()):
                yield from self.classes(giver, depth + 1)

    def maker(self, target: str, path: str) -> tuple[str, str] | None:
        """Return the path and name of the one function that makes what a file's target leads to."""
        own = target.startswith(HERE)
        found = {(path, target.removeprefix(HERE))} if own else self._makers(target, 0)
        path, name = next(iter(found)) if len(found) == 1 else ("", "")
        return (path, name) if path and name in self._code.by_path[path].functions else None

    def _makers(self, target: str, depth: int) -> set[tuple[str, str]]:
        if depth > DEPTH:
            return set()
        if target.startswith(ANY):
            keys = iter(self._named.get(target.removeprefix(ANY), ()))
        else:
            located = self._code.locate(target)
            keys = self._keys(*located) if located else iter(())
        found = set()
        for key in keys:
            for giver in self._given.get(key, ()):
                found |= self._makers(giver, depth + 1) if giver else {key}
        return found

    def _is_given(self, source: Summary, name: str, depth: int) -> bool:
        if any(self._has(key, depth) for key in self._keys(source, name)):
            return True
        return name in source.classes and self._is_session(f"{source.module}.{name}")

    def _keys(self, source: Summary, name: str) -> Iterator[tuple[str, str]]:
        """Yield what a name may be: its own, or what a class has from its bases."""
        yield source.path, name
        owner, _, attribute = name.rpartition(".")
        bases = self._code.ancestors(f"{source.module}.{owner}") if owner else ()
        found = (self._code.locate(base) for base in bases)
        yield from ((at[0].path, f"{at[1]}.{attribute}") for at in found if at)

    def _has(self, key: tuple[str, str], depth: int) -> bool:
        return any(self.gives(target, depth + 1) for target in self._given.get(key, ()))

    def _is_session(self, dotted: str) -> bool:
        """Whether a class derives from a session's, and none on the way may bring a timeout."""
        names = list(self._code.ancestors(dotted))
        first = next((n for n, name in enumerate(names) if name in SESSIONS), len(names))
        if any(self._is_unknown(name) for name in names[:first]):
            return False
        located = (self._code.locate(name) for name in names)
        keys = {(found[0].path, found[1]) for found in located if found}
        return not SESSIONS.isdisjoint(names) and keys.isdisjoint(self._bounded)

    def _is_unknown(self, dotted: str) -> bool:
        """Whether a class is of a package, and may send in a way of its own."""
        package = dotted.partition(".")[0]
        return not self._code.klass(dotted) and package not in _PLAIN
