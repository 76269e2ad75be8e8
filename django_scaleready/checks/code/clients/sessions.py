"""Objects that keep a connection to another host, and whether they have a timeout of their own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, last_parts, written

SESSIONS = frozenset(
    [
        *("requests.Session", "requests.session", "requests.sessions.Session"),
        *("requests_oauthlib.OAuth1Session", "requests_oauthlib.OAuth2Session"),
        "requests_oauthlib.oauth1_session.OAuth1Session",
        "requests_oauthlib.oauth2_session.OAuth2Session",
        *("requests_toolbelt.sessions.BaseUrlSession", "cloudscraper.create_scraper"),
        "urllib3.PoolManager",
        *("authlib.integrations.requests_client.OAuth2Session", "requests_cache.CachedSession"),
        "authlib.integrations.requests_client.OAuth1Session",
        *("requests_futures.sessions.FuturesSession", "edx_rest_api_client.client.OAuthAPIClient"),
    ]
)
# The time-out that they are made with is for the token alone.
FOR_TOKEN = frozenset({"edx_rest_api_client.client.OAuthAPIClient"})

# requests' own, which retry and have no timeout.
ADAPTERS = frozenset({"requests.adapters.HTTPAdapter", "requests.sessions.HTTPAdapter"})

# Its methods that send: all others go by the first two.
SENDING = ("request", "send", "delete", "get", "head", "options", "patch", "post", "put")

# A name of a name of a name; one that is bound to itself leads nowhere.
DEPTH = 3


def is_session(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a session of requests, which has no timeout of its own."""
    return is_made_by(module, node, scope, SESSIONS)


def is_plain(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is such a session, to which nothing is added that may bring one."""
    return is_session(module, node, scope) and not is_hardened(module, node)


def made_by(module: Module, node: ast.expr, scope: Scope) -> str:
    """Return the function or property of this file that makes a session; "" if it is made here.

    Who returns what that has made makes none.
    """
    asked_for = node.func if isinstance(node, ast.Call) else node
    name = module.qualified(asked_for, scope).removeprefix(f"{module.name}.")
    made = module.functions.get(name)
    if made is None or made is scope:
        return ""
    values = [value for held in made.returns for value in possible(held, made)]
    makers = last_parts(*SESSIONS)
    makes = any(isinstance(v, ast.Call) and last_name(v.func) in makers for v in values)
    return f"{module.name}.{name}" if makes else ""


def is_made_by(module: Module, node: ast.expr, scope: Scope, makers: frozenset[str]) -> bool:
    """Whether an expression is an object of one of some classes, made without a timeout."""
    if isinstance(node, ast.Call):
        return _makes(module, node, makers)
    if isinstance(node, ast.Name):
        return _is_named(module, node.id, scope, makers)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _holds(module, f"{node.value.id}.{node.attr}", scope, makers)
    return False


def _is_named(module: Module, name: str, scope: Scope, makers: frozenset[str]) -> bool:
    if name == "self" and scope.owner:
        return _derives(module, scope.owner, makers)
    for outer in scope.outer:
        if values := outer.bindings.get(name):
            made = (value for node in values for value in (node, *possible(node, outer)))
            return any(_is_value(module, value, outer, makers) for value in made)
        if name in outer.parameters:
            told = _annotation(module, outer, name)
            handed = None if told else handed_by(module, outer, name, makers)
            return told in makers or handed is not None or _by_default(module, outer, name, makers)
    return False


def _by_default(module: Module, scope: Scope, name: str, makers: frozenset[str]) -> bool:
    """Whether a parameter is one for who gives none: ``def __init__(self, session=session)``."""
    default = scope.parameters[name]
    if not isinstance(default, ast.Call | ast.Name):
        return False
    return is_made_by(module, default, module.top, makers) and not is_hardened(module, default)


def handed_by(module: Module, scope: Scope, name: str, makers: frozenset[str]) -> Scope | None:
    """Return where a function of this file is called with one: ``report(session)``."""
    if not module.calls(*last_parts(*makers)):
        return None
    for site in module.calls(scope.name):
        own = isinstance(site.call.func, ast.Name) or site.scope.owner is scope.owner is not None
        given = _given_as(site.call, scope, name) if own else None
        # One that was handed to the caller, too, is not followed further.
        if given is None or any(given.id in outer.parameters for outer in site.scope.outer):
            continue
        if is_made_by(module, given, site.scope, makers) and not is_hardened(module, given):
            return site.scope
    return None


def _given_as(call: ast.Call, scope: Scope, name: str) -> ast.Name | None:
    """Return the name that a call of a function, or of an object's method, gives a parameter."""
    parameters = [*scope.parameters]
    skipped = isinstance(call.func, ast.Attribute) and parameters[0] in {"cls", "self"}
    place = parameters.index(name) - skipped
    given = call.args[place : place + 1] if place >= 0 else []
    given += [keyword.value for keyword in call.keywords if keyword.arg == name]
    return next((node for node in given if isinstance(node, ast.Name)), None)


def _is_value(module: Module, value: ast.expr, scope: Scope, makers: frozenset[str]) -> bool:
    kept = isinstance(value, ast.Attribute) and _name(value).startswith("self.")
    return is_made_by(module, value, scope, makers) if kept else _makes(module, value, makers)


def _is_made(module: Module, node: ast.expr, makers: frozenset[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = module.resolve(node.func)
    # urllib3's pool can be given a timeout for all its calls, and authlib's session for OAuth 2.
    timeouts = {"default_timeout", "timeout"}
    if name not in FOR_TOKEN and any(k.arg in timeouts for k in node.keywords):
        return False
    own = module.classes.get(name)
    return name in makers or (own is not None and _derives(module, own, makers))


def _derives(module: Module, owner: Scope, makers: frozenset[str], depth: int = 0) -> bool:
    """Whether a class is one of some others, with their methods that send."""
    bases = module.bases(owner)
    own = (module.classes[base] for base in bases if base in module.classes and depth < DEPTH)
    found = not makers.isdisjoint(bases) or any(
        _derives(module, base, makers, depth + 1) for base in own
    )
    return found and not brings_timeout(module, owner)


def brings_timeout(module: Module, owner: Scope) -> bool:
    """Whether a class of the project may give its sessions a timeout: by an adapter, or itself."""
    for site in module.calls("mount"):
        if site.scope.owner is owner and not _mounts_plain(module, site):
            return True
    names = {scope.name for scope in module.scopes if scope.parent is owner}
    if names.isdisjoint(SENDING):
        return False
    shown = module.text_of(owner.node) if isinstance(owner.node, ast.ClassDef) else b""
    # One that only adds a header hands the call on as it is.
    return b"timeout" in shown or (b"super()" not in shown and not names.isdisjoint(SENDING[:2]))


def _makes(module: Module, node: ast.expr, makers: frozenset[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if _is_made(module, node, makers):
        return True
    # session = self.get_session(): a function of this file that returns one.
    name = module.qualified(node.func, module.top)
    made = module.functions.get(name.removeprefix(f"{module.name}."))
    if made is None or any(is_hardened(module, node) for node in made.returns):
        return False
    values = (value for node in made.returns for value in possible(node, made))
    return any(_is_made(module, value, makers) for value in values)


def _holds(module: Module, name: str, scope: Scope, makers: frozenset[str]) -> bool:
    owner = scope.owner
    attribute = name.partition(".")[2]
    for other in module.scopes:
        near = other is owner or other.parent is owner if owner else other is scope
        if near:
            nodes = [*other.bindings.get(name, ())]
            nodes += other.bindings.get(attribute, ()) if other is owner else ()
            if any(_is_made(module, v, makers) for node in nodes for v in possible(node, other)):
                return True
            if other is not owner and other.name == attribute:
                returned = (v for node in other.returns for v in possible(node, other))
                return any(_makes(module, value, makers) for value in returned)
    return False


def possible(node: ast.expr, scope: Scope, depth: int = 0) -> Iterator[ast.expr]:
    """Yield what an expression may be: both sides of an ``or``, what a name is bound to here."""
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from possible(value, scope, depth)
    elif isinstance(node, ast.IfExp):
        yield from possible(node.body, scope, depth)
        yield from possible(node.orelse, scope, depth)
    elif (bound := scope.bindings.get(_name(node))) and depth < DEPTH:
        for value in bound:
            yield from possible(value, scope, depth + 1)
    else:
        yield node


def _name(node: ast.expr) -> str:
    """Return a name, or that of an attribute of one; "" for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _annotation(module: Module, scope: Scope, name: str) -> str:
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for argument in arguments:
        if argument.arg == name and argument.annotation is not None:
            return module.resolve(argument.annotation)
    return ""


def _is_plain(module: Module, adapter: ast.expr, scope: Scope) -> bool:
    """Whether an adapter brings no timeout: requests' own, or a class that changes no sending."""
    if isinstance(adapter, ast.Name):
        bound = (scope.bindings.get(adapter.id, ()) for scope in scope.outer)
        adapter = next((values[-1] for values in bound if values), adapter)
    made = module.resolve(adapter.func) if isinstance(adapter, ast.Call) else ""
    own = module.classes.get(made)
    if own is None or not isinstance(own.node, ast.ClassDef):
        return made in ADAPTERS
    sends = any(scope.parent is own and scope.name == "send" for scope in module.scopes)
    plain = ADAPTERS.issuperset(module.bases(own)) and not sends
    return plain and b"timeout" not in module.text_of(own.node).lower()


def _mounts_plain(module: Module, site: Site) -> bool:
    adapter = site.call.args[1:2]
    return not adapter or _is_plain(module, adapter[0], site.scope)


def is_hardened(module: Module, node: ast.expr) -> bool:
    """Whether the session got an adapter, or a request method, that may bring a timeout."""
    for site in module.calls("mount"):
        function = site.call.func
        held = function.value if isinstance(function, ast.Attribute) else None
        on_it = held is not None and written(held) == written(node)
        if on_it and not _mounts_plain(module, site):
            return True
    if not isinstance(node, ast.Name) or "request" not in module.mentions:
        return False
    return any(f"{node.id}.request" in scope.bindings for scope in module.scopes)
