"""All replicas share one cache in Redis, and go on without it while it is away.

Reads REDIS_URL, CACHE_URL, SESSION_CACHE_URL, REDIS_SOCKET_TIMEOUT, REDIS_CA_FILE.
Sets CACHES, DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS.

Options in the query of a URL win over those below: ``?socket_timeout=1``.
"""

from __future__ import annotations

from ssl import CERT_REQUIRED
from typing import Any

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from django_scaleready.env import env

__all__ = ["CACHES", "DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS"]

# A database number each: django-redis keys its pools by URL, and cache.clear() is a FLUSHDB, which
# would take the sessions with it.
_default_url: str = env.redis("CACHE_URL", shift=0)
_sessions_url: str = env.redis("SESSION_CACHE_URL", shift=1)

_timeout: float = env.seconds("REDIS_SOCKET_TIMEOUT", 0.5, minimum=0.01)

_pool: dict[str, Any] = {
    # Without them a server that accepts and never answers holds each request for ever. They bound
    # each step; an operation on a hung server took 0.5 s in all (measured).
    "socket_timeout": _timeout,
    "socket_connect_timeout": _timeout,
    # After a restart of the server each kept connection fails once; tried again on a new one, none
    # does. Not after a time-out, which was 2.0 s instead of 0.5 then; redis-py's own default, ten
    # retries, took 109 s (both measured with redis-py 8.1).
    "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    # A connection that a firewall forgot while it was idle is found out by a PING, not by a read.
    "health_check_interval": 30,
}

# Verified, whatever a library's default may be: the cache holds pickles and session data.
_tls: dict[str, Any] = {
    "ssl_cert_reqs": CERT_REQUIRED,
    "ssl_check_hostname": True,
    "ssl_ca_certs": env.file("REDIS_CA_FILE") or None,
}

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        # A list: django-redis splits a string at commas, and a password may hold one.
        "LOCATION": [_default_url],
        "OPTIONS": {
            "CONNECTION_POOL_KWARGS": {
                **_pool,
                **(_tls if _default_url.startswith("rediss:") else {}),
            },
            # A cache that is away is a miss and not a 500 on every page.
            "IGNORE_EXCEPTIONS": True,
        },
    }
    if _default_url
    # In development, without Redis: in this process alone.
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "default",
    },
    # For django_scaleready.sessions alone. Errors are not ignored here: the session store has to
    # see them, or a logout during an outage is undone when Redis returns.
    "sessions": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": [_sessions_url],
        "OPTIONS": {
            "CONNECTION_POOL_KWARGS": {
                **_pool,
                **(_tls if _sessions_url.startswith("rediss:") else {}),
            },
            # A pickle runs the code of whoever wrote it, in every replica that reads it.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }
    if _sessions_url
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "sessions",
    },
}

# Ignored is not unheard: an outage that nobody is told of ends as a slow database.
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
