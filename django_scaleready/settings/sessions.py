"""All replicas share the sessions: in the database, with Redis before it for speed.

Reads nothing; the cache is that of SESSION_CACHE_URL in the cache fragment.
Sets SESSION_ENGINE, SESSION_CACHE_ALIAS.
"""

from __future__ import annotations

__all__ = ["SESSION_CACHE_ALIAS", "SESSION_ENGINE"]

# Sessions in files or in LocMem are lost on the next hop; in Redis alone, with Redis. Django's own
# cached_db answers 500 on each page while Redis is away, and undoes a logout made meanwhile.
SESSION_ENGINE = "django_scaleready.sessions"

# Its own alias, one that raises: with IGNORE_EXCEPTIONS the store would not know of an outage.
SESSION_CACHE_ALIAS = "sessions"
