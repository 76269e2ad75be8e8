"""A Redis that accepts and does not answer hangs whoever asks it.

redis-py waits 5 s since version 8; before it waited for ever, as it still does where it is told
`None`. A Redis that is stopped, swapping, or behind a network that drops packets accepts and never
answers: each request and each task that asks it holds its thread, on all replicas at once.

## Bad

```python title="settings.py"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://redis:6379/0",
        "OPTIONS": {"socket_timeout": None},
    }
}
```

```python title="shop/views.py"
from django.core.cache import cache


def prices():
    return cache.get_or_set("prices", load_prices, 300)
```

## Good

```python title="settings.py"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://redis:6379/0",
        "OPTIONS": {"socket_timeout": 5},
    }
}
```

```python title="shop/views.py"
from django.core.cache import cache


def prices():
    return cache.get_or_set("prices", load_prices, 300)
```

## Stays silent when

- redis-py is 8 or newer, or nobody knows: a running check asks the installed one, and a scan reads
  what lock files, requirements and `pyproject.toml` pin or allow. A time-out of `None` is found all
  the same;
- a time-out is given: `SOCKET_TIMEOUT` of django-redis, `socket_timeout` in `OPTIONS`, in
  `CONNECTION_POOL_KWARGS`, in the call or in the URL; or one may come with a `**mapping` that is
  not written out, with a pool, or with a factory or a backend class of the project's own;
- nothing was seen that uses the cache;
- the client is that of `redis.asyncio`, whose waiting holds no thread;
- nothing asks the client: its name is said nowhere else, and it connects only then;
- the file waits on purpose: for messages of a channel, for the next entry of a list, or for work;
- the code is a management command or a script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.clients.mappings import Brings, brings
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_parts, nodes_of
from django_scaleready.checks.known.classes import name_of
from django_scaleready.checks.usage import cache_users

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "redis-no-timeout"
# The first version of redis-py that has a time-out by itself.
BOUNDED_SINCE = 8
TIMEOUT = "socket_timeout"
DJANGO = frozenset(
    {
        "django.core.cache.backends.redis.RedisCache",
        "django_prometheus.cache.backends.redis.NativeRedisCache",
    }
)
# They take SOCKET_TIMEOUT, and hand the rest to the pool by CONNECTION_POOL_KWARGS.
OTHERS = frozenset(
    {
        "django_prometheus.cache.backends.redis.RedisCache",
        "django_redis.cache.RedisCache",
        "redis_cache.RedisCache",
        "redis_cache.backends.single.RedisCache",
        "redis_lock.django_cache.RedisCache",
    }
)
POOLS = ("CONNECTION_POOL_KWARGS", "CONNECTION_POOL_CLASS_KWARGS")
# What may bring a time-out that the settings do not show, unless it is redis-py's own.
FACTORIES = ("CONNECTION_FACTORY", "CONNECTION_POOL_CLASS", "pool_class")
CLASSES = ("ConnectionPool", "BlockingConnectionPool", "Redis", "StrictRedis")
CLIENTS = frozenset(
    f"redis.{name}" for name in (*CLASSES, "from_url", *(f"{each}.from_url" for each in CLASSES))
)
# What a mapping that is written out may bring it by.
BRINGING = (b"socket_timeout", b"connection_pool")
# The position at which Redis() takes it.
POSITION = 4
# Who waits so wants no time-out, or sets one by itself: rq's workers do.
WAITING = frozenset(
    [
        *("blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzpopmax", "bzpopmin", "listen"),
        *("pubsub", "subscribe", "psubscribe", "xread", "xreadgroup"),
    ]
)
WORKERS = ("rq.", "django_rq.", "rq_scheduler.")
HINT = "Give it a time-out: {}. redis-py 8 has one of 5 s by default."


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the clients without a time-out.

    The dotted name, whether it is told None, and the names of one that its file says no more.
    """
    module = reading.module
    waits = module.mentions & WAITING or any(
        dotted.startswith(WORKERS) and dotted.endswith("Worker")
        for dotted in module.imports.values()
    )
    if "redis" not in module.roots or waits:
        return
    for site in module.calls_that_run(*last_parts(*CLIENTS)):
        name = module.resolve(site.call.func)
        given = _given(site, module.content) if name in CLIENTS else ...
        if given is None or given is False:
            yield module.fact(site, name, given is None, _unsaid(module, site))


def _unsaid(module: Module, site: Site) -> tuple[str, ...]:
    """Return the names that a client is kept by, if its file says none of them again."""
    names = site.names
    said = any(
        not (names.isdisjoint(scope.names) and names.isdisjoint(scope.texts))
        for scope in module.all_scopes
    )
    return () if said or any("." in name for name in names) else tuple(sorted(names))


def _given(site: Site, content: bytes) -> object:
    """Return None for a time-out of None, False if none is given, anything else if one may be."""
    call = site.call
    for keyword in call.keywords:
        if keyword.arg is None and brings(keyword.value, site.scope) is Brings.NOTHING:
            if any(option in content for option in BRINGING):
                return ...
            continue
        if keyword.arg == TIMEOUT:
            return None if getattr(keyword.value, "value", ...) is None else ...
        if keyword.arg is None or keyword.arg == "connection_pool":
            return ...
    unpacked = any(isinstance(argument, ast.Starred) for argument in call.args)
    texts = (getattr(node, "value", None) for node in nodes_of(call))
    in_url = any(isinstance(text, str) and TIMEOUT in text for text in texts)
    return ... if unpacked or in_url or len(call.args) > POSITION else False


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding for all caches, and one for all clients in code."""
    older = project.is_older("redis", BOUNDED_SINCE)
    caches = [alias for alias in project.caches if _waits(project, alias, older=older)]
    if caches := [alias for alias in caches if cache_users(project, alias)]:
        named = f"The cache {caches[0]!r}" if len(caches) == 1 else _listed(caches)
        how = "OPTIONS SOCKET_TIMEOUT = 5 (socket_timeout for Django's own backend)"
        yield _finding(
            named, how, [project.where("CACHES", alias) for alias in caches], len(caches)
        )
    clients = [
        (fact.data[0], place)
        for source, fact, place in project.noted(SLUG)
        if (older or fact.data[1]) and not _is_unused(project.code, source, fact.data[2])
    ]
    if clients:
        name = f"{clients[0][0]}()" if len(clients) == 1 else f"{len(clients)} clients of Redis"
        yield _finding(name, "pass socket_timeout=5", [place for _, place in clients], len(clients))


def _is_unused(code: Codebase, source: Summary, names: tuple[str, ...]) -> bool:
    """Whether nobody asks for a client, which connects only then."""
    if not names or any(map(code.is_mentioned, names)):
        return False
    if source.may_be_settings and any(map(str.isupper, names)):
        return False
    # What is imported with all the rest is said as it is.
    stars = (code.imported(dotted) for dotted in code.importing if dotted.endswith(".*"))
    return all(found is not source for found in stars)


def _finding(name: str, how: str, places: list[Location], count: int) -> Finding:
    first, *others = places
    return Finding(
        message=f"{name} {'has' if count == 1 else 'have'} no time-out: a Redis that hangs holds"
        " each thread that asks it.",
        hint=HINT.format(how),
        location=first,
        severity=Severity.WARNING,
        related=tuple(dict.fromkeys(place for place in others if place != first)),
    )


def _listed(aliases: list[str]) -> str:
    return f"The caches {', '.join(map(repr, aliases[:-1]))} and {aliases[-1]!r}"


def _waits(project: Project, alias: str, *, older: bool) -> bool:
    """Whether a cache may wait for ever; ``older``: as redis-py does if nobody says otherwise."""
    kind = name_of(project.caches[alias])
    entry = project.cache_entry(alias) if kind in DJANGO | OTHERS else None
    if entry is None or TIMEOUT in str(entry.get("LOCATION")):
        return False
    options: dict[str, Any] = entry.get("OPTIONS") or {}
    if any(not str(options.get(name, "redis.")).startswith("redis.") for name in FACTORIES):
        return False
    pools = [options] if kind in DJANGO else [options.get(name) or {} for name in POOLS]
    given = [pool[TIMEOUT] for pool in pools if TIMEOUT in pool]
    # django-redis takes a SOCKET_TIMEOUT of None for none that is given.
    if options.get("SOCKET_TIMEOUT") is not None and kind in OTHERS:
        return False
    return given[0] is None if given else older


RULE = Rule("scaleready.W145", SLUG, find, Area.SETTINGS, collect, leak=Leak.CONNECTIONS)
