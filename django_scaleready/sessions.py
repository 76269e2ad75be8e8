"""Sessions in the database, with a cache before it that may go away and come back.

The database is the authority: each write goes there first, and whatever the cache does, no
request fails and nobody is logged out by it. What is promised beyond that:

* A cache that is down costs a process one failed operation, bounded by the socket time-out of the
  cache alias, each ``RETRY_SECONDS``; between them it is not asked at all.
* Session data written during an outage is not lost, and a logout (``flush``, ``delete``,
  ``cycle_key``) is not undone when the cache returns, old entries and all:

  - a process that noticed the outage trusts no entry stored before its own cache was back;
  - the keys whose entries it could not replace are remembered, ``MAX_REMEMBERED`` of them, and
    marked in the cache as not to be trusted before that process uses the cache again.

* What remains is a process that did *not* notice: it may serve an old entry until the one that
  wrote has marked it, and for ``CACHE_SECONDS`` if that one does not come to it (it ended, or
  nobody asks it for a session). No entry is trusted for longer than that, wherever it comes from.
  The same bound holds for a write that races a logout in the time between the commit and the
  cache, and for rows deleted behind the store's back.

Clocks of replicas may differ by ``RETRY_SECONDS``: entries are trusted again that much after the
cache is back, and none that claims to be from further in the future.

The cache holds what the row holds, signed text, so nobody who can write to Redis can make up a
session. The alias must raise its errors: with ``IGNORE_EXCEPTIONS`` an outage is not noticed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils import timezone

# An entry is trusted for so long; the database is then asked again. Bounds all that remains above.
CACHE_SECONDS = 60
# How long a cache that failed is left alone, and by how much the clocks of replicas may differ.
RETRY_SECONDS = 5.0
# An entry older than CACHE_SECONDS is dead anyway, so of too many keys the oldest may go.
MAX_REMEMBERED = 10_000
# As many as a server answers well within the socket time-out.
MARKS_AT_ONCE = 500
# Not Django's: entries have another form, and a deploy runs both side by side.
KEY_PREFIX = "django_scaleready.sessions"

# Stands where an entry would: ask the database, and store nothing here for now.
MARK: list[Any] = []

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Breaker:
    """Knows whether a cache is worth asking, and what went past it. Thread-safe."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._lock = threading.Lock()
        self._opened_at: float | None = None  # monotonic, as the times of the two below
        self._retry_at = 0.0
        self._missed: dict[str, float] = {}
        self._trust_from = 0.0  # the wall clock's, to compare with entries of other replicas

    def trusts(self, stored_at: float) -> bool:
        """Return whether an entry of that time (seconds since the epoch) may be believed."""
        now = time.time()
        with self._lock:
            oldest = max(self._trust_from, now - CACHE_SECONDS)
            return not self._is_open() and oldest <= stored_at <= now + RETRY_SECONDS

    def call(self, operation: Callable[[BaseCache], Answer], missed: str = "") -> Answer | None:
        """Return what ``operation`` returns, or None if the cache is away.

        ``missed`` is the key whose old entry stands if the operation does not take place.
        """
        if self._ready():
            try:
                return operation(caches[self.alias])
            except Exception as error:  # noqa: BLE001 - any backend's; the database has the session
                self._open(error)
        if missed:
            with self._lock:
                self._missed.pop(missed, None)  # last in order of time
                self._missed[missed] = time.monotonic()
                if len(self._missed) > MAX_REMEMBERED:
                    del self._missed[next(iter(self._missed))]
        return None

    def _is_open(self) -> bool:
        return self._opened_at is not None or bool(self._missed)

    def _ready(self) -> bool:
        """Return whether to ask; while open, one caller each RETRY_SECONDS finds out for all."""
        with self._lock:
            if not self._is_open():
                return True
            if time.monotonic() < self._retry_at:
                return False
            self._retry_at = time.monotonic() + RETRY_SECONDS
        try:
            while not self._close(self._mark_some()):
                pass
        except Exception as error:  # noqa: BLE001 - see call()
            self._open(error)
            return False
        return True

    def _mark_some(self) -> dict[str, float]:
        """Mark some of the keys that were missed; raises if the cache is still away."""
        with self._lock:
            alive = time.monotonic() - CACHE_SECONDS
            self._missed = {key: at for key, at in self._missed.items() if at > alive}
            some = dict(islice(self._missed.items(), MARKS_AT_ONCE))
        if some:
            caches[self.alias].set_many(dict.fromkeys(some, MARK), CACHE_SECONDS)
        else:
            caches[self.alias].get(KEY_PREFIX)  # only to see whether it answers
        return some

    def _close(self, marked: dict[str, float]) -> bool:
        """Use the cache again, unless more was missed in the meantime."""
        with self._lock:
            for key, at in marked.items():
                if self._missed.get(key) == at:
                    del self._missed[key]
            if self._missed:
                return False
            self._opened_at = None
            self._trust_from = time.time() + RETRY_SECONDS
        logger.warning("The session cache %r is back", self.alias)
        return True

    def _open(self, error: Exception) -> None:
        with self._lock:
            first = self._opened_at is None
            self._opened_at = self._opened_at or time.monotonic()
            self._retry_at = time.monotonic() + RETRY_SECONDS
        if first:
            logger.warning(
                "The session cache %r is away (%s); sessions are read from the database",
                self.alias,
                type(error).__name__,
            )


@cache
def breaker(alias: str) -> Breaker:
    """Return the one breaker of an alias in this process."""
    return Breaker(alias)


class SessionStore(cached_db.SessionStore):
    """Django's cached_db store, made to outlive its cache. See the module for what it promises."""

    cache_key_prefix = KEY_PREFIX

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._breaker = breaker(settings.SESSION_CACHE_ALIAS)

    def load(self) -> dict[str, Any]:
        """Return the session's data; {}, and the key is dropped, if there is no such session."""
        key, since = self.cache_key, time.time()
        entry = self._breaker.call(lambda cache: cache.get(key))
        if data := self._believe(entry):
            return data
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # not in the stubs
        if row is None:
            return {}
        if entry is None:
            fresh, seconds = [since, row.session_data], self._seconds(row.expire_date)
            # add: what another replica stored since, a mark above all, must stand.
            self._breaker.call(lambda cache: cache.add(key, fresh, seconds))
        return self.decode(row.session_data)

    async def aload(self) -> dict[str, Any]:
        """See load()."""
        key, since = await self.acache_key(), time.time()
        entry = await self._acall(lambda cache: cache.get(key))
        if data := self._believe(entry):
            return data
        row = await self._aget_session_from_db()  # type: ignore[attr-defined]  # see load()
        if row is None:
            return {}
        if entry is None:
            fresh, seconds = [since, row.session_data], self._seconds(row.expire_date)
            await self._acall(lambda cache: cache.add(key, fresh, seconds))
        return self.decode(row.session_data)

    def exists(self, session_key: str) -> bool:
        """Return whether there is a row; the cache has nothing to add to that."""
        return super(cached_db.SessionStore, self).exists(session_key)

    async def aexists(self, session_key: str) -> bool:
        """See exists()."""
        return await super(cached_db.SessionStore, self).aexists(session_key)

    def save(self, must_create: bool = False) -> None:
        """Write the row, then the entry; raises what the database raises, and nothing else."""
        since = time.time()
        super(cached_db.SessionStore, self).save(must_create)
        data = self._session  # type: ignore[attr-defined]  # not in the stubs
        key, fresh = self.cache_key, [since, self.encode(data)]
        seconds = self._seconds(self.get_expiry_date())
        self._breaker.call(lambda cache: cache.set(key, fresh, seconds), missed=key)

    async def asave(self, must_create: bool = False) -> None:
        """See save()."""
        since = time.time()
        await super(cached_db.SessionStore, self).asave(must_create)
        data = self._session  # type: ignore[attr-defined]  # see save()
        key, fresh = await self.acache_key(), [since, self.encode(data)]
        seconds = self._seconds(await self.aget_expiry_date())
        await self._acall(lambda cache: cache.set(key, fresh, seconds), missed=key)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row, then put a mark over the entry."""
        super(cached_db.SessionStore, self).delete(session_key)
        if key := self._key(session_key):
            self._breaker.call(lambda cache: cache.set(key, MARK, CACHE_SECONDS), missed=key)

    async def adelete(self, session_key: str | None = None) -> None:
        """See delete()."""
        await super(cached_db.SessionStore, self).adelete(session_key)
        if key := self._key(session_key):
            await self._acall(lambda cache: cache.set(key, MARK, CACHE_SECONDS), missed=key)

    async def _acall(
        self, operation: Callable[[BaseCache], Answer], missed: str = ""
    ) -> Answer | None:
        # In a thread, as Django's own asynchronous cache methods are: no backend has others.
        return await sync_to_async(self._breaker.call)(operation, missed)

    def _key(self, session_key: str | None) -> str:
        session_key = self.session_key if session_key is None else session_key
        return f"{self.cache_key_prefix}{session_key}" if session_key else ""

    def _believe(self, entry: object) -> dict[str, Any] | None:
        """Return the data of an entry that may be believed; {} or None: ask the database."""
        match entry:
            case [float(stored_at), str(text)] if self._breaker.trusts(stored_at):
                return self.decode(text)
        return None

    @staticmethod
    def _seconds(expires: datetime) -> float:
        """Return how long an entry may stand: never past the session's own end."""
        return min(CACHE_SECONDS, (expires - timezone.now()).total_seconds())
