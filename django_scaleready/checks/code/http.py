"""Calls over HTTP: which library makes them, and whether they can wait for ever."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import Scope, Site

VERBS = ("delete", "get", "head", "options", "patch", "post", "put", "request")
REQUESTS = frozenset(
    f"{module}.{verb}" for module in ("requests", "requests.api") for verb in VERBS
)
SESSIONS = frozenset(
    [
        *("requests.Session", "requests.session", "requests.sessions.Session"),
        *("requests_oauthlib.OAuth1Session", "requests_oauthlib.OAuth2Session"),
        *("requests_toolbelt.sessions.BaseUrlSession", "cloudscraper.create_scraper"),
        *("google.auth.transport.requests.AuthorizedSession", "urllib3.PoolManager"),
        *("authlib.integrations.requests_client.OAuth2Session", "requests_cache.CachedSession"),
    ]
)
# The position at which a timeout may stand without its name.
OPENERS = {"urllib.request.urlopen": 2, "urllib.urlopen": 2, "urllib2.urlopen": 2}
# They cannot be given one.
UNBOUNDED = frozenset({"urllib.request.urlretrieve", "feedparser.parse"})
# They wait as long as ``socket.setdefaulttimeout()`` says; requests takes no notice of that.
SOCKET_DEFAULT = UNBOUNDED | OPENERS.keys()
# They have a timeout of their own unless it is taken away.
BOUNDED = frozenset([*(f"httpx.{verb}" for verb in (*VERBS, "stream")), "urllib3.request"])
NAMES = (*VERBS, "send", "stream", "urlopen", "urlretrieve", "parse")
_ADDRESS = re.compile(r"^f?['\"]https?:|(ur[il]|link|href|address|endpoint)s?\b", re.IGNORECASE)
# What a call says about a timeout.
NO, YES, PERHAPS = 0, 1, 2


class HttpCall(NamedTuple):
    """One call over HTTP. ``bounded`` is PERHAPS if a parameter or ``**mapping`` decides."""

    site: Site
    name: str
    bounded: int


def http_calls(module: Module) -> list[HttpCall]:
    """Return the calls of a file that go over HTTP."""
    imported = module.imports.values()
    if not any(name.startswith(_ROOTS) for name in imported) and not _may_hold_session(module):
        return []
    return list(_find(module))


_ROOTS = ("requests", "urllib", "httpx", "feedparser", "cloudscraper", "google.auth", "authlib")


def _may_hold_session(module: Module) -> bool:
    return "session" in module.mentions


def _find(module: Module) -> Iterator[HttpCall]:
    for site in module.calls(*NAMES):
        name = module.resolve(site.call.func)
        if name in REQUESTS:
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
            if is_session(module, session, site.scope) and not _is_hardened(module, session):
                shown = f"{ast.unparse(session)}.{site.call.func.attr}"
                yield HttpCall(site, shown, bounded(site.call, site.scope))


def _is_address(call: ast.Call) -> bool:
    """Whether the first argument looks like an address; a feed is read from a text, too."""
    shown = ast.unparse(call.args[0]) if call.args else ""
    return _ADDRESS.search(shown) is not None


def _httpx(call: ast.Call) -> int:
    return NO if any(k.arg == "timeout" and _is_none(k.value) for k in call.keywords) else YES


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def bounded(call: ast.Call, scope: Scope) -> int:
    """Return whether a timeout is given by name: NO, YES, or PERHAPS."""
    found = NO
    for keyword in call.keywords:
        if keyword.arg == "timeout":
            if isinstance(keyword.value, ast.Name):
                return _parameter(scope, keyword.value.id)
            return NO if _is_none(keyword.value) else YES
        if keyword.arg is None:
            found = PERHAPS
    return found


def _parameter(scope: Scope, name: str) -> int:
    for outer in scope.outer:
        if name in outer.parameters and name not in outer.bindings:
            default = outer.parameters[name]
            return PERHAPS if default is not None and _is_none(default) else YES
    return YES


def is_session(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a session of requests, which has no timeout of its own."""
    return is_made_by(module, node, scope, SESSIONS)


def is_made_by(module: Module, node: ast.expr, scope: Scope, makers: frozenset[str]) -> bool:
    """Whether an expression is an object of one of some classes, made without a timeout."""
    if isinstance(node, ast.Call):
        return _is_made(module, node, makers)
    if isinstance(node, ast.Name):
        for outer in scope.outer:
            if values := outer.bindings.get(node.id):
                return any(_makes(module, value, makers) for value in values)
            if node.id in outer.parameters:
                return _annotation(module, outer, node.id) in makers
        return False
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _holds(module, f"{node.value.id}.{node.attr}", scope, makers)
    return False


def _is_made(module: Module, node: ast.expr, makers: frozenset[str]) -> bool:
    # urllib3's pool can be given a timeout for all its calls.
    if not isinstance(node, ast.Call) or any(k.arg == "timeout" for k in node.keywords):
        return False
    return module.resolve(node.func) in makers


def _makes(module: Module, node: ast.expr, makers: frozenset[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if _is_made(module, node, makers):
        return True
    # session = self.get_session(): a function of this file that returns one.
    name = module.qualified(node.func, module.top)
    made = module.functions.get(name.removeprefix(f"{module.name}."))
    return made is not None and any(_is_made(module, value, makers) for value in made.returns)


def _holds(module: Module, name: str, scope: Scope, makers: frozenset[str]) -> bool:
    owner = scope.owner
    attribute = name.partition(".")[2]
    for other in module.scopes:
        near = other is owner or other.parent is owner if owner else other is scope
        if near:
            values = [*other.bindings.get(name, ())]
            values += other.bindings.get(attribute, ()) if other is owner else ()
            if any(_is_made(module, value, makers) for value in values):
                return True
            if other is not owner and other.name == attribute:
                return any(_makes(module, value, makers) for value in other.returns)
    return False


def _annotation(module: Module, scope: Scope, name: str) -> str:
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for argument in arguments:
        if argument.arg == name and argument.annotation is not None:
            return module.resolve(argument.annotation)
    return ""


def _is_hardened(module: Module, node: ast.expr) -> bool:
    """Whether the session got an adapter, or a request method, that may bring a timeout."""
    name = ast.unparse(node)
    for site in module.calls("mount"):
        function, adapter = site.call.func, site.call.args[1:2]
        if isinstance(function, ast.Attribute) and ast.unparse(function.value) == name and adapter:
            made = adapter[0]
            plain = isinstance(made, ast.Call) and module.resolve(made.func)
            if plain != "requests.adapters.HTTPAdapter":
                return True
    return any(f"{name}.request" in scope.bindings for scope in module.scopes)
