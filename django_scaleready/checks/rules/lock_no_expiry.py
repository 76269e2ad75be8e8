"""A lock in Redis has no end of its own.

Whoever holds it may die with its replica: at a deploy, when memory runs out, when a machine is
taken away. Nobody else lets it go then, and all replicas wait for ever, or skip the work for good.

## Bad

```python title="shop/billing.py"
from django.core.cache import cache


def bill():
    with cache.lock("billing"):
        ...
```

## Good

```python title="shop/billing.py"
from django.core.cache import cache


def bill():
    with cache.lock("billing", timeout=300):
        ...
```

## Stays silent when

- the lock has an end: `timeout=`, `expire=` of python-redis-lock, `ex=` or `px=` of a `set()`;
- an end may come with a `**mapping`, or is set by `expire()` in the same function;
- what is called `lock()` is no lock of Redis or of the cache: a row's, a file's, a thread's;
- the function only asks whether it is taken, or by whom, or lets go what another one took;
- the code is a management command or a script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import nodes_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "lock-no-expiry"
# Where an end of the lock may stand: by its name, or at a position.
METHODS = {"lock": 1, "set": 2, "setnx": 2}
CLASSES = {"redis.lock.Lock": 2, "redis_lock.Lock": 2}
ENDS = frozenset({"ex", "exat", "expire", "px", "pxat", "timeout", "ttl"})
CLIENTS = frozenset({"redis.Redis", "redis.StrictRedis", "redis.from_url", "redis.Redis.from_url"})
CLIENTS |= {"django_redis.get_redis_connection", "django_rq.get_connection"}
# What is done to a lock by who does not take it.
LOOKS = frozenset({"do_release", "get_owner_id", "locked", "owned", "release", "reset"})
CACHES = "django.core.cache."


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the locks that nothing ends: (as written,)."""
    module = reading.module
    imported = {name for name, dotted in module.imports.items() if dotted in CLASSES}
    if not imported and module.mentions.isdisjoint({"Lock", *METHODS}):
        return
    for site in module.calls_that_run(*sorted({"Lock", *imported})):
        place = CLASSES.get(module.resolve(site.call.func))
        if place is not None and not _is_looked_at(site) and not _ends(module, site, place):
            yield module.fact(site, module.resolve(site.call.func))
    for site in module.calls_that_run(*METHODS):
        name = getattr(site.call.func, "attr", "")
        taken = _locks(site) and _is_shared(module, site) and not _is_looked_at(site)
        if taken and not _ends(module, site, METHODS[name]):
            yield module.fact(site, ast.unparse(site.call.func))


def _is_looked_at(site: Site) -> bool:
    """Whether somebody only asks whether the lock is taken, or lets go what another took.

    ``Lock(client, "x").locked()``, or ``lock = Lock(client, "x")`` and ``lock.release()``.
    """
    names = site.names
    asked = {
        call.func.attr
        for call, _ in site.scope.calls
        if isinstance(call.func, ast.Attribute)
        and (call.func.value is site.call or getattr(call.func.value, "id", "") in names)
    }
    held = (n for n in nodes_of(site.scope.node) if isinstance(n, ast.withitem))
    entered = any(getattr(item.context_expr, "id", "") in names for item in held)
    return bool(asked) and asked <= LOOKS and not entered


def _locks(site: Site) -> bool:
    """Whether a call takes a lock; a ``set()`` that only the first may do does if it says so."""
    name = getattr(site.call.func, "attr", "")
    if name == "lock":
        return bool(site.call.args or site.call.keywords)
    first_only = name == "setnx" or any(k.arg == "nx" for k in site.call.keywords)
    return first_only and "lock" in ast.unparse(site.call).lower()


def _is_shared(module: Module, site: Site) -> bool:
    """Whether what is asked for a lock is Django's cache, or a client of Redis."""
    held = site.call.func.value if isinstance(site.call.func, ast.Attribute) else None
    if held is None:
        return False
    dotted = module.resolve(held)
    if isinstance(held, ast.Call):
        return module.resolve(held.func) in CLIENTS
    if isinstance(held, ast.Subscript):
        return module.resolve(held.value).startswith(CACHES)
    bound = [v for scope in site.scope.outer for v in scope.bindings.get(ast.unparse(held), ())]
    made = {module.resolve(value.func) for value in bound if isinstance(value, ast.Call)}
    last = dotted.rpartition(".")[2].lower()
    return (
        dotted.startswith(CACHES)
        or bool(made & CLIENTS)
        or "redis" in dotted.lower()
        or (last == "cache" and not dotted.startswith("self."))
    )


def _ends(module: Module, site: Site, place: int) -> bool:
    """Whether a lock ends by itself, or may."""
    call = site.call
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in ENDS:
            return getattr(keyword.value, "value", ...) is not None
    if len(call.args) > place:
        return True
    return any(other.scope is site.scope for other in module.calls("expire", "pexpire"))


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them."""
    for _, fact, place in project.noted(SLUG):
        yield Finding(
            message=f"The lock of {fact.data[0]} never ends by itself: it stays when its holder"
            " dies.",
            hint="Pass timeout=300 (seconds, longer than the work under it takes).",
            location=place,
            severity=Severity.WARNING,
        )


RULE = Rule("scaleready.W144", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
