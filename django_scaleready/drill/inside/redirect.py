"""The settings that lead to a real service, led to the drill's instead; all else is left alone.

Pure: takes settings by name, returns those that change. What a replica keeps to itself (SQLite, a
cache in memory, files) is what the drill is to find, so it stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django_scaleready.drill.inside.order import Order

REDIS = re.compile(r"(?:redis|rediss|valkey|valkeys)://[^\s;]*", re.IGNORECASE)
# A broker for which the drill has no stand-in of the same kind. Its tasks go to Redis.
_OTHER_BROKER = re.compile(r"(?:amqps?|pyamqp|sqs|sentinel|confluentkafka)://", re.IGNORECASE)
_NUMBER = re.compile(r"/(\d+)(?:\?.*)?$")
# A stand-in on loopback has neither TLS nor a password.
_CREDENTIALS = re.compile(
    r"ssl|(?:service|passfile|hostaddr|host|password|username)$", re.IGNORECASE
)
_MAIL_NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_S3 = "storages.backends.s3.S3Storage"
_LOCAL_STORAGES = ("django.core.files.storage.", "django.contrib.staticfiles.", "whitenoise.")


def redirected(settings: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """Return the settings that change, by name."""
    changed = {name: _addresses(value, order) for name, value in settings.items()}
    # An empty one where a project has none would hide Django's own default.
    if "DATABASES" in settings:
        changed["DATABASES"] = _databases(settings["DATABASES"], order)
    if "CACHES" in settings:
        changed["CACHES"] = {
            alias: _without_credentials(cache) if _on_redis(cache) else cache
            for alias, cache in changed["CACHES"].items()
        }
    changed |= _broker(changed, order) | _mail(settings) | _storages(settings, order)
    return {
        name: value
        for name, value in changed.items()
        if name not in settings or settings[name] != value
    }


def _on_redis(cache: Mapping[str, Any]) -> bool:
    return "redis" in str(cache.get("BACKEND", "")).lower()


def _addresses(value: Any, order: Order) -> Any:
    """Exchange the URL of each Redis in a value, at whatever depth; same types otherwise."""
    if isinstance(value, str):
        return REDIS.sub(lambda found: _redis(found[0], order), value) if order.redis else value
    if type(value) is dict:
        return {key: _addresses(inner, order) for key, inner in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(_address(inner, order) for inner in value)
    return value


def _address(value: Any, order: Order) -> Any:
    # Channels' way to name a server. Any other pair of a word and 6379 would be a strange one.
    if isinstance(value, tuple) and len(value) == 2 and value[1] == 6379 and order.redis:  # noqa: PLR2004
        return order.redis[0]
    return _addresses(value, order)


def _redis(url: str, order: Order) -> str:
    """The drill's database for one of the project's: what was apart stays apart, if it can."""
    number = _NUMBER.search(url)
    return order.redis[int(number[1]) % len(order.redis) if number else 0]


def _databases(databases: Mapping[str, Any], order: Order) -> dict[str, Any]:
    return {
        alias: {**_without_credentials(database), **order.databases[alias]}
        if alias in order.databases
        else database
        for alias, database in databases.items()
    }


def _without_credentials(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(entry)
    if isinstance(options := entry.get("OPTIONS"), dict):
        kept["OPTIONS"] = {k: v for k, v in options.items() if not _CREDENTIALS.match(k)}
        pool = options.get("CONNECTION_POOL_KWARGS")
        if isinstance(pool, dict):
            kept["OPTIONS"]["CONNECTION_POOL_KWARGS"] = {
                k: v for k, v in pool.items() if not _CREDENTIALS.match(k)
            }
    return kept


def _broker(settings: Mapping[str, Any], order: Order) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in settings.items():
        if name.endswith("_USE_SSL") and value and name.startswith(("CELERY_", "BROKER_")):
            changed[name] = None
        elif name.endswith("BROKER_URL") and order.redis and _OTHER_BROKER.match(str(value)):
            changed[name] = order.redis[0]
    return changed


def _mail(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Mail goes nowhere: a drill may not write to people."""
    if settings.get("MAILERS"):
        return {"MAILERS": {name: {"BACKEND": _MAIL_NOWHERE} for name in settings["MAILERS"]}}
    backend = str(settings.get("EMAIL_BACKEND", _SMTP))
    local = backend.startswith("django.core.mail.backends.") and backend != _SMTP
    return {} if local else {"EMAIL_BACKEND": _MAIL_NOWHERE}


def other_broker(settings: Mapping[str, Any]) -> bool:
    """Whether tasks go to a broker that Redis has to stand in for."""
    return any(
        name.endswith("BROKER_URL") and _OTHER_BROKER.match(str(value))
        for name, value in settings.items()
    )


def remote_storages(settings: Mapping[str, Any]) -> list[str]:
    """The aliases of STORAGES that keep their files elsewhere than on the replica."""
    return [
        alias
        for alias, storage in settings.get("STORAGES", {}).items()
        if alias != "staticfiles" and str(storage.get("BACKEND", "")).startswith("storages.")
    ]


def _storages(settings: Mapping[str, Any], order: Order) -> dict[str, Any]:
    if not order.s3 or not (remote := remote_storages(settings)):
        return {}
    storages = dict(settings["STORAGES"])
    for alias in remote:
        kept = storages[alias]
        # Another kind of store is stood in for by this one; its options are not this one's.
        options = kept.get("OPTIONS", {}) if "s3" in kept["BACKEND"] else {}
        backend = kept["BACKEND"] if "s3" in kept["BACKEND"] else _S3
        storages[alias] = {"BACKEND": backend, "OPTIONS": {**options, **order.s3}}
    return {"STORAGES": storages}
