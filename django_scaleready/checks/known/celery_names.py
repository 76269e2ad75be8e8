"""How Celery's settings are spelt: the names it looks for, and those of packages beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

# Celery reads these, too, and does not list them among its defaults (celery/backends).
UNLISTED = (
    "cassandra_secure_bundle_path",
    "dynamodb_endpoint_url",
    "firestore_project",
    "gcs_threadpool_maxsize",
    "override_backends",
    "redis_backend_credential_provider",
    "redis_backend_health_check_interval",
    "redis_client_name",
    "result_backend_thread_safe",
)
# What packages read from the app's configuration, and so below its namespace: celery-once,
# celery-redbeat, celery-singleton, tenant-schemas-celery. Each was read in the package's source.
OF_PACKAGES = (
    "once",
    "redbeat_key_prefix",
    "redbeat_lock_key",
    "redbeat_lock_timeout",
    "redbeat_redis_options",
    "redbeat_redis_url",
    "redbeat_redis_use_ssl",
    "singleton_backend_class",
    "singleton_backend_kwargs",
    "singleton_backend_url",
    "singleton_key_prefix",
    "singleton_lock_expiry",
    "singleton_raise_on_duplicate",
    "task_tenant_cache_seconds",
    "task_tenant_databases",
)
# Django settings of packages, whatever the namespace: django-celery-email, celery-haystack. The
# first is Celery's own, for its SQLAlchemy backend.
LITERAL = (
    "CELERY_DB_REUSE_MAX",
    *(
        f"CELERY_EMAIL_{name}"
        for name in ("BACKEND", "CHUNK_SIZE", "MESSAGE_EXTRA_ATTRIBUTES", "TASK_CONFIG")
    ),
    *(
        f"CELERY_HAYSTACK_{name}"
        for name in (
            *("COMMAND_AGE", "COMMAND_APPS", "COMMAND_BATCH_SIZE", "COMMAND_REMOVE"),
            *("COMMAND_VERBOSITY", "COMMAND_WORKERS", "COUNTDOWN", "DEFAULT_ALIAS"),
            *("DEFAULT_TASK", "MAX_RETRIES", "QUEUE", "RETRY_DELAY", "TRANSACTION_SAFE"),
        )
    ),
)


def broker_urls(conf: Any) -> list[str]:
    """Return the URLs of the brokers of Celery's configuration; without those nobody knows."""
    urls = conf.broker_url
    return [url for url in ([urls] if isinstance(urls, str) else urls or ()) if url]


@cache
def _options() -> dict[str, tuple[str, ...]]:
    """Return Celery's settings with the old names of each, in upper case."""
    from celery.app.defaults import NAMESPACES, flatten

    def old(namespace: str, key: str, option: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
        names = {name.format(key) for name in option.old} or {namespace + key}
        yield namespace + key, tuple(sorted(name.upper() for name in names))

    return dict(flatten(NAMESPACES, keyfilter=old))


def spellings(namespace: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each setting of Celery, the Django settings it is looked for in, in this order.

    Celery takes the first one that is there: the name below the namespace, then the old one.
    """
    prefix = f"{namespace.rstrip('_')}_" if namespace else ""
    for key, old in _options().items():
        below = (f"{prefix}{key.upper()}",) if prefix else ()
        yield tuple(dict.fromkeys([*below, *old]))


def old_names(key: str) -> tuple[str, ...]:
    """Return the Django settings that hold a setting of Celery's without a namespace."""
    return _options().get(key, ())


def option_of(name: str, namespace: str) -> str:
    """Return the setting of Celery's that a Django setting holds; "" if it holds none."""
    below = name.removeprefix(f"{namespace.rstrip('_')}_") if namespace else ""
    return next((key for key, old in _options().items() if below == key.upper() or name in old), "")


def names_of(*keys: str) -> list[str]:
    """Return the Django settings that may hold some settings of Celery, in this order."""
    return [
        name
        for key in keys
        for name in (f"CELERY_{key.upper()}", *_options().get(key, ()), key.upper())
    ]


def known(namespace: str) -> frozenset[str]:
    """Return every Django setting that Celery, or a known package beside it, looks for."""
    prefix = f"{namespace.rstrip('_')}_" if namespace else ""
    more = [f"{prefix}{key.upper()}" for key in (*UNLISTED, *OF_PACKAGES)]
    return frozenset([*LITERAL, *more, *(name for names in spellings(namespace) for name in names)])


# In front of a name they say whose it is.
_GROUPS = ("TASK", "WORKER", "BEAT", "BROKER", "RESULT")
# A broker in parts, which its URL replaced; what is called so is nearly always somebody else's.
_PARTS = {f"BROKER_{part}" for part in ("HOST", "PASSWORD", "PORT", "USER", "VHOST")}
# One letter in seven is wrong.
_NEAR = 0.85
_LEAST_LETTERS = 7


def meant(name: str, namespace: str) -> list[str]:
    """Return what somebody may have meant by a setting that Celery does not know, at most two."""
    stems = {_stem(one): one for one in _today(namespace)}
    stem = _stem(name)
    below = name.removeprefix(f"{namespace.rstrip('_')}_")
    for first, *old in spellings(namespace):
        # The namespace before an old name, which has none, or before itself.
        if namespace and below in {first, *old}:
            return [first]
    moved = []
    if "_" in stem or len(stem) >= _LEAST_LETTERS:
        moved += [f"{group}_{stem}" for group in _GROUPS]
    group, _, rest = stem.partition("_")
    if group in _GROUPS and "_" in rest:
        moved.append(rest)
    for words in ([stem], moved):
        keys = {key for one in words for key in _keys(one)}
        if same := [one for other, one in stems.items() if not keys.isdisjoint(_keys(other))]:
            return same[:2]
    import difflib

    return [stems[near] for near in difflib.get_close_matches(stem, stems, n=1, cutoff=_NEAR)]


def _today(namespace: str) -> list[str]:
    """The names without the old ones, where there are new ones: what to write."""
    prefix = f"{namespace.rstrip('_')}_" if namespace else ""
    names = [first for first, *_ in spellings(namespace)]
    names += [f"{prefix}{key.upper()}" for key in (*UNLISTED, *OF_PACKAGES)]
    return [name for name in names if _stem(name) not in _PARTS]


def _stem(name: str) -> str:
    # It is in front of all: what all have in common tells nothing.
    return name.removeprefix("CELERY").lstrip("_")


def _keys(stem: str) -> set[str]:
    """What is the same in two names if only underscores, the order of words or plurals differ."""
    return {stem.replace("_", ""), " ".join(sorted(word.rstrip("S") for word in stem.split("_")))}
