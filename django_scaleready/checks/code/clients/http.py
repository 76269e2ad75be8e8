"""Calls over HTTP: which library makes them, and whether they can wait for ever."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from django_scaleready.checks.code.clients.by_star import may_come_by_star
from django_scaleready.checks.code.clients.introduced import PACKAGES, introduced
from django_scaleready.checks.code.clients.mappings import Brings, brings, has_timeout, is_asked_for
from django_scaleready.checks.code.clients.sessions import (
    is_hardened,
    is_made_by,
    is_session,
    possible,
)
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, written

VERBS = ("delete", "get", "head", "options", "patch", "post", "put", "request")
REQUESTS = frozenset(
    f"{module}.{verb}" for module in ("requests", "requests.api") for verb in VERBS
)
# The position at which a timeout may stand without its name.
OPENERS = {"urllib.request.urlopen": 2, "urllib.urlopen": 2, "urllib2.urlopen": 2}
BUILDERS = frozenset({"urllib.request.build_opener", "urllib2.build_opener"})
OPENED = 2
# They cannot be given one.
UNBOUNDED = frozenset({"urllib.request.urlretrieve", "feedparser.parse"})
# They wait as long as ``socket.setdefaulttimeout()`` says; requests takes no notice of that.
SOCKET_DEFAULT = UNBOUNDED | OPENERS.keys()
# They have a timeout of their own unless it is taken away.
BOUNDED = frozenset([*(f"httpx.{verb}" for verb in (*VERBS, "stream")), "urllib3.request"])
NAMES = (*VERBS, "send", "stream", "urlopen", "urlretrieve", "parse")
# What a session of OAuth has besides.
TOKENS = ("fetch_access_token", "fetch_request_token", "fetch_token", "refresh_token")
# They call it later.
LATER = frozenset({"partial", "partialmethod"})
# They do not call what they are given.
_LOOKS = frozenset({"callable", "getattr", "hasattr", "isinstance", "setattr"})
CLIENTS = frozenset({"httpx.AsyncClient", "httpx.Client"})
_ADDRESS = re.compile(r"^f?['\"]https?:|(ur[il]|link|href|address|endpoint)s?\b", re.IGNORECASE)
# What a call says about a timeout; who calls its function knows whether PERHAPS is one.
NO, YES, PERHAPS, UNKNOWN = 0, 1, 2, 3
MEANS = {Brings.NOTHING: NO, Brings.CALLERS: PERHAPS, Brings.UNREAD: UNKNOWN, Brings.TIMEOUT: YES}
_ORDER = [*MEANS.values()]


class HttpCall(NamedTuple):
    """One call over HTTP. ``bounded`` is PERHAPS if a parameter decides, by whatever way."""

    site: Site
    name: str
    bounded: int

    @property
    def asks(self) -> bool:
        """Whether the other host is asked where it stands; a client that is kept asks later.

        So does what ``partial(requests.get)`` makes.
        """
        scope = self.site.scope
        if last_name(self.site.call.func) in LATER:
            return False
        kept = (v for name, values in scope.bindings.items() if "." in name for v in values)
        later = scope.kind != "function" or self.site.call in (*scope.returns, *kept)
        return self.name not in CLIENTS or not later


def http_calls(module: Module) -> list[HttpCall]:
    """Return the calls of a file that go over HTTP."""
    imported = module.imports.values()
    known = any(name.startswith(_ROOTS) for name in imported) or _may_hold_session(module)
    if not known and not may_come_by_star(module):
        return []
    return [*_find(module), *(HttpCall(site, name, YES) for site, name in introduced(module))]


_ROOTS = (
    *("requests", "urllib", "httpx", "feedparser", "cloudscraper", "google.auth", "authlib"),
    *PACKAGES,
)


def _is_library(module: Module, scope: Scope) -> bool:
    return "requests" in module.roots or not scope.has_own("requests")


def _may_hold_session(module: Module) -> bool:
    return "session" in module.mentions


def _find(module: Module) -> Iterator[HttpCall]:
    yield from _handed_on(module)
    yield from _got(module)
    yield from _renamed(module)
    yield from _opened(module)
    for site in module.calls("AsyncClient", "Client"):
        if module.resolve(site.call.func) in CLIENTS:
            yield HttpCall(site, module.resolve(site.call.func), _httpx(site.call))
    for site in module.calls(*NAMES, *TOKENS):
        name = module.resolve(site.call.func)
        if name in REQUESTS and _is_library(module, site.scope):
            yield HttpCall(site, name, bounded(site.call, site.scope))
        elif name in OPENERS:
            given = len(site.call.args) > OPENERS[name]
            yield HttpCall(site, name, YES if given else bounded(site.call, site.scope))
        elif name in UNBOUNDED and _is_address(site.call):
            yield HttpCall(site, name, NO)
        elif name in BOUNDED:
            yield HttpCall(site, name, _httpx(site.call))
        elif isinstance(site.call.func, ast.Attribute):
            session = site.call.func.value
            if is_session(module, session, site.scope) and not is_hardened(module, session):
                shown = f"{written(session)}.{site.call.func.attr}"
                yield HttpCall(site, shown, bounded(site.call, site.scope))


def _handed_on(module: Module) -> Iterator[HttpCall]:
    """Yield the calls that somebody else makes: ``submit(requests.get, url)``.

    A function of the file that is handed one makes the call, once for all that hand it one.
    """
    if "requests" not in module.roots:
        return
    made: dict[int, HttpCall] = {}
    for scope in module.scopes:
        for call, flags in scope.calls:
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            names = [
                (a, module.resolve(a)) for a in given if isinstance(a, ast.Attribute | ast.Name)
            ]
            # requests.request wants a verb: alone it is more often a name that was meant otherwise.
            found = [(a, n) for a, n in names if n in REQUESTS and n != "requests.request"]
            if not found or _is_timed(module, call, scope):
                continue
            node, name = found[0]
            for site in _called_by(module, call, node, scope) or [Site(call, scope, flags)]:
                shown = HttpCall(site, name, bounded(site.call, site.scope))
                made.setdefault(id(site.call), shown)
    yield from made.values()


def _got(module: Module) -> Iterator[HttpCall]:
    """Yield the calls of what is asked for by a name."""
    for site in module.calls("getattr") if "requests" in module.roots else ():
        # getattr(requests, method)(url): what is made of it is the call around it.
        held = site.call.args[:1]
        if _picks(module, site.call) or any(is_session(module, h, site.scope) for h in held):
            for call, flags in site.scope.calls:
                if call.func is site.call:
                    made = Site(call, site.scope, flags)
                    yield HttpCall(made, "requests", bounded(call, site.scope))


def _called_by(module: Module, call: ast.Call, given: ast.expr, scope: Scope) -> list[Site]:
    """Return where a function of this file calls what it is given: ``verb(url)``.

    One that passes on ``**options`` leaves the timeout to who hands it on, and is none.
    """
    callee = module.functions.get(
        module.qualified(call.func, scope).removeprefix(f"{module.name}.")
    )
    if callee is None:
        return []
    parameters = [*callee.parameters]
    bound = bool(callee.owner) and parameters[:1] in (["self"], ["cls"])
    named = [keyword.arg for keyword in call.keywords if keyword.value is given]
    if given in call.args:
        place = call.args.index(given) + bound
        named = [*parameters[place : place + 1]]
    sites = [
        Site(inner, callee, flags)
        for inner, flags in callee.calls
        if isinstance(inner.func, ast.Name) and inner.func.id in named
    ]
    return [] if any(bounded(site.call, callee) == PERHAPS for site in sites) else sites


def _is_timed(module: Module, call: ast.Call, scope: Scope) -> bool:
    """Whether the call of a function that was handed on may have a timeout: given here, or later.

    ``get = partial(requests.get)`` is called by its new name; a function may give one of its own.
    """
    if getattr(call.func, "id", "") in _LOOKS or any(has_timeout(k.value) for k in call.keywords):
        return True
    callee = module.qualified(call.func, scope).removeprefix(f"{module.name}.")
    if callee in module.functions and "timeout" in written(module.functions[callee].node):
        return True
    return any(
        all(bounded(site.call, site.scope) != NO for site in calls)
        for outer in scope.outer
        for name, values in outer.bindings.items()
        if call in values and (calls := _called_as(module, name, outer))
    )


def _called_as(module: Module, name: str, scope: Scope) -> list[Site]:
    """Return the calls of what a scope binds to a name, or an object keeps: ``self.ask(url)``."""
    kept = name.startswith("self.")
    return [
        site
        for site in module.calls(name.rpartition(".")[2])
        if written(site.call.func) == name
        and (site.scope.owner is scope.owner if kept else scope in site.scope.outer)
    ]


def _picks(module: Module, node: ast.expr) -> bool:
    """Whether an expression is a function of requests: ``getattr(requests, verb)``."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
        return [module.resolve(argument) for argument in node.args[:1]] == ["requests"]
    return module.resolve(node) in REQUESTS


def _renamed(module: Module) -> Iterator[HttpCall]:
    """Yield the calls under another name: ``send = requests.post if data else requests.get``."""
    if "requests" not in module.roots:
        return
    for scope in module.scopes:
        names = {
            name
            for name, values in scope.bindings.items()
            for node in values
            if any(_picks(module, value) for value in possible(node, scope))
        }
        for call, flags in scope.calls:
            renamed = isinstance(call.func, ast.Name) and call.func.id in names
            if renamed or _of_table(module, call.func, scope):
                made = Site(call, scope, flags)
                yield HttpCall(made, "requests", bounded(call, scope))


def _of_table(module: Module, function: ast.expr, scope: Scope) -> bool:
    """Whether a function is taken from a dictionary of them: ``{"get": requests.get}[verb]``."""
    table = function.value if isinstance(function, ast.Subscript) else None
    if not isinstance(table, ast.Dict | ast.Name):
        return False
    name = table.id if isinstance(table, ast.Name) else ""
    made = [v for outer in scope.outer for v in outer.bindings.get(name, ())] if name else [table]
    return any(_picks(module, v) for d in made if isinstance(d, ast.Dict) for v in d.values)


def _opened(module: Module) -> Iterator[HttpCall]:
    """Yield what openers open: ``build_opener().open(url)``."""
    if "build_opener" not in module.mentions | module.imports.keys():
        return
    for site in module.calls("open"):
        function = site.call.func
        if isinstance(function, ast.Attribute) and is_made_by(
            module, function.value, site.scope, BUILDERS
        ):
            given = YES if len(site.call.args) > OPENED else bounded(site.call, site.scope)
            yield HttpCall(site, "urllib.request.urlopen", given)


def _is_address(call: ast.Call) -> bool:
    """Whether the first argument looks like an address; a feed is read from a text, too."""
    shown = written(call.args[0]) if call.args else ""
    # What has come from an address: requests.get(url, timeout=5).text
    came = shown.endswith((".content", ".read()")) or "timeout=" in shown
    return not came and _ADDRESS.search(shown) is not None


def _httpx(call: ast.Call) -> int:
    return NO if any(k.arg == "timeout" and _is_none(k.value) for k in call.keywords) else YES


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def bounded(call: ast.Call, scope: Scope) -> int:
    """Return whether a timeout is given by name: NO, YES, PERHAPS, or UNKNOWN."""
    found = NO
    for keyword in call.keywords:
        if keyword.arg == "timeout":
            if isinstance(keyword.value, ast.Name):
                return of_parameter(scope, keyword.value.id, call.lineno)
            return NO if _is_none(keyword.value) else YES
        if keyword.arg is None:
            found = max(found, MEANS[brings(keyword.value, scope)], key=_ORDER.index)
    return found


def of_parameter(scope: Scope, name: str, line: int) -> int:
    """Return whether a function's own parameter surely has a timeout: YES, or PERHAPS."""
    for outer in scope.outer:
        if name in outer.parameters and name not in outer.bindings:
            default = outer.parameters[name]
            unset = default is not None and _is_none(default)
            return PERHAPS if unset and not is_asked_for(outer, name, line) else YES
    return YES
