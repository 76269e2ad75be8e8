"""The cache lives in one process or on one disk, and something relies on it.

With LocMemCache every worker process has a cache of its own: what one invalidates the others go on
serving, a rate limit is counted anew by each of them, and a lock taken with `cache.add()` excludes
nobody. A visitor who signs in on one replica is a stranger on the next, if sessions are there;
`cached_db` is no better, although the database has the session: a replica goes on serving its own
copy, and so does not see a logout that happened elsewhere.

## Bad

```python title="settings.py"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
```

```python title="shop/views.py"
from django.core.cache import cache


def prices():
    return cache.get_or_set("prices", load_prices, 300)


def change(product, price):
    product.save_price(price)
    cache.delete("prices")
```

## Good

```python title="settings.py"
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://localhost:6379/0",
    }
}
```

```python title="shop/views.py"
from django.core.cache import cache


def prices():
    return cache.get_or_set("prices", load_prices, 300)


def change(product, price):
    product.save_price(price)
    cache.delete("prices")
```

## Stays silent when

- the backend is shared: Redis, Memcached, the database;
- its TIMEOUT is 0: it keeps nothing, unless a call says for how long;
- a FileBasedCache lies below one of `SCALEREADY["SHARED_PATHS"]`.

Named with it are the files that use it, and in them locks and counters, what is put there without
an end or first, and what is got once as the file is loaded.

It is information only when nothing was seen that uses the alias, and for a second, local alias
beside a shared default that the project's own code alone uses: that is a choice one can make; and
where the settings name no cache, but take all names of a module that is not here to be read. What
counts as use: sessions, the cache middleware, throttles, Celery's results, an import of Django's
cache in the project that does more than `cache.close()`, the cache tag in a template, and installed
apps that keep counters, locks, flags, uploads or what they rendered in a cache: allauth, axes,
cachalot, constance, Django CMS, django-cron, django-file-resubmit, Django Q, django-ratelimit,
django-select2, django-tus, dynamic-preferences, extra-settings, ImageKit, import-export,
maintenance-mode, parler, post-office, solo, sorl-thumbnail, waffle, wagtail, wagtail-cache. Each is
asked for the alias that its settings name. allauth counts where something comes to its pages: a
URLconf that includes them, an import of its views or forms; the registration of dj-rest-auth, where
a mail asks for a confirmation (`ACCOUNT_EMAIL_VERIFICATION`). It is a warning where Django Q,
ImageKit or sorl-thumbnail alone use it: they lose little, and sorl-thumbnail nothing where no code
deletes its thumbnails, which makes it information; and where it holds no more than pages, parts of
them and values, each for a time (`cache_page(60)`, `get_or_set()`, or a function that gets,
computes and sets; the `TIMEOUT` of the alias is one): replicas differ until the time is over. Where
there are such values alone, or pages of `JavaScriptCatalog`, it is information: each process
computes them for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.usage import (
    SESSIONS,
    User,
    cache_users,
    is_local_cache,
    session_store,
)

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

NAMED = 4
CACHED_DB = "django.contrib.sessions.backends.cached_db.SessionStore"


def find(project: Project) -> Iterator[Finding]:
    """Yield each local alias, as an error if something relies on it."""
    default_is_local = is_local_cache(project, "default")
    for alias in project.caches:
        if not is_local_cache(project, alias) or _keeps_nothing(project, alias):
            continue
        users = cache_users(project, alias)
        by_choice = alias != "default" and not default_is_local
        lost = _of_sessions(project) if any(user.name == SESSIONS for user in users) else ""
        if users and all(user.chooses and user.minor for user in users):
            lost = " Each process computes for itself, and they differ until the time is over."
        yield Finding(
            message=f"The cache {alias!r} is {_kind(project, alias)}{_used_by(users)}.{lost}",
            hint="Use Redis; with the kit's settings, set REDIS_URL.",
            location=project.where("CACHES", alias),
            severity=(
                _severity([user for user in users if not (by_choice and user.chooses)])
                if project.is_known("CACHES")
                else Severity.INFO
            ),
            related=tuple(dict.fromkeys(user.location for user in users)),
        )


def _of_sessions(project: Project) -> str:
    """Return what comes of sessions in it; where it has none, cached_db asks the database."""
    store = session_store(project)
    if store and is_a(store, CACHED_DB):
        return " A replica goes on serving its own copy: it sees no logout on another."
    return " A visitor is logged out on the next replica."


def _keeps_nothing(project: Project, alias: str) -> bool:
    config = (project.setting("CACHES") or {}).get(alias)
    return isinstance(config, dict) and config.get("TIMEOUT") == 0


def _severity(relying: list[User]) -> Severity:
    if all(user.saves_work for user in relying):
        return Severity.INFO
    return Severity.WARNING if all(user.minor for user in relying) else Severity.ERROR


def _used_by(users: list[User]) -> str:
    names = list(dict.fromkeys(user.name for user in users))
    if not names:
        return ""
    shown, more = names[:NAMED], len(names) - NAMED
    if more > 0:
        shown.append(f"{more} more")
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown[1:] else shown[0]
    return f", and is used by {listed}"


def _kind(project: Project, alias: str) -> str:
    if is_a(project.caches[alias], "django.core.cache.backends.filebased.FileBasedCache"):
        return "kept on the replica's disk"
    return "kept in the memory of each process"


RULE = Rule("scaleready.E002", "cache-local", find, leak=Leak.STATE)
