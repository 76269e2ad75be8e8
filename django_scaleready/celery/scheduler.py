"""redbeat's scheduler, made to outlive Redis and to be replaced in seconds.

redbeat 2.4.2 ends when Redis is refused, restarted or silent; after FLUSHALL the standby leads with
an empty schedule and sends nothing until it is restarted (measured). Here:

* The lock is taken by the tick and not before it. Whoever takes it writes the schedule, so that an
  emptied Redis is filled again, and a standby of a newer deploy does not change it before it leads.
* A lock that is lost (it expired, or Redis was emptied) makes the leader a standby among others.
* Redis or the broker away is waited for. A leader that cannot renew its lock sends nothing; what
  the broker did not take is sent when it is back.

A leader that is killed is replaced after at most ``redbeat_lock_timeout`` plus ``LOOK_SECONDS``;
one that ends by SIGTERM gives its lock back. Two can send at once only if one was stopped by its
machine, longer than the lock's time, between its last look at the lock and the sending.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

from celery import Celery
from celery.beat import SchedulingError
from celery.signals import beat_init
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from kombu.exceptions import OperationalError
from redbeat.schedulers import (
    LUA_EXTEND_TO_SCRIPT,
    RedBeatScheduler,
    RedBeatSchedulerEntry,
    acquire_distributed_beat_lock,
    get_redis,
)
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

SETTINGS = (
    "redbeat_key_prefix",
    "redbeat_lock_key",
    "redbeat_lock_timeout",
    "redbeat_redis_options",
    "redbeat_redis_url",
    "redbeat_redis_use_ssl",
)
# How often a standby tries the lock, and how long a server that is away is left alone.
LOOK_SECONDS = 1.0
# An outage is logged when it begins and as often as this.
REPEAT_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Scheduler(RedBeatScheduler):
    """``CELERY_BEAT_SCHEDULER``. Reads the ``redbeat_`` settings, with Celery's prefix too.

    Raises ImproperlyConfigured if there is no Redis or no lock, or if the lock does not last from
    one tick to the next.
    """

    lock: Lock | None = None  # type: ignore[assignment]  # inferred as None, there

    def __init__(self, app: Celery, lazy: bool = False, **options: Any) -> None:
        # redbeat asks for a name in its bare form whether it is set: with a prefix its options are
        # ignored in silence, time-outs and all, and a hung Redis holds beat for ever.
        for name in SETTINGS:
            if (value := app.conf.get(name)) is not None:
                setattr(app.conf, name, value)
        # Lazy: the schedule is the leader's to write.
        super().__init__(app, lazy=True, **options)
        self._validate()
        if not lazy:
            # It would wait for the lock before the first tick, deaf to everything.
            beat_init.disconnect(acquire_distributed_beat_lock)
        self._token = uuid.uuid4().hex
        self._written = False
        self._standing_by = False
        self._held_at = 0.0
        self._waiting_since: float | None = None
        self._repeat_at = 0.0

    def _validate(self) -> None:
        if not self.app.conf.get("redbeat_redis_url"):
            raise ImproperlyConfigured(
                "redbeat_redis_url is not set: beat keeps its schedule in Redis. Set REDIS_URL."
            )
        if not self.lock_key:
            raise ImproperlyConfigured(
                "redbeat_lock_key: got None, accepts a name: without a lock each beat sends all."
            )
        if self.lock_timeout < 2 * (self.max_interval or 0):
            raise ImproperlyConfigured(
                f"redbeat_lock_timeout: got {self.lock_timeout:g} s, accepts at least twice"
                f" beat_max_loop_interval, which is {self.max_interval} s."
            )

    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due if this beat leads; return the seconds until the next tick."""
        try:
            if not self._lead():
                return LOOK_SECONDS
            self._held_at = time.monotonic()
            pause: float = super().tick(*args, **options)
        except LockError:
            logger.warning("beat: lost the lock")
            self.lock = None
            self._written = False
            return 0.0
        except RedisError as error:
            return self._wait("Redis", error)
        except OperationalError as error:
            return self._wait("the broker", error)
        self._go_on()
        return pause

    def _lead(self) -> bool:
        """Return whether this beat holds the lock, taking it and writing the schedule if it can."""
        if self.lock is None:
            self.lock = self._take()
            if self.lock is None:
                self._stand_by()
                return False
            self._standing_by = False
            logger.info("beat: took the lock; this beat leads")
        if not self._written:
            self.setup_schedule()
            self._written = True
        return True

    def _take(self) -> Lock | None:
        client = get_redis(self.app)
        lock: Lock = client.lock(self.lock_key, timeout=self.lock_timeout)
        # redis-py's own adds to the time that is left; redbeat's sets it.
        lock.lua_extend = client.register_script(LUA_EXTEND_TO_SCRIPT)
        if lock.acquire(blocking=False, token=self._token):
            return lock
        # A server that hung takes the lock for us when it goes on, long after we gave up. With a
        # token made up each time it would be nobody's until it expires.
        lock.local.token = self._token.encode()
        return lock if lock.owned() else None

    def maybe_due(self, entry: RedBeatSchedulerEntry, **options: Any) -> float | None:
        """Send one entry if it is due; return the seconds until it is next, None if it never is.

        Raises LockError if another beat leads by now, and OperationalError if the broker did not
        take it: it is due again then, where redbeat's would wait for its next time, a day perhaps.
        """
        self._hold()
        is_due: bool
        pause: float | None
        is_due, pause = entry.is_due()
        if is_due:
            logger.info("beat: sending %s (%s)", entry.name, entry.task)
            before = entry.last_run_at
            try:
                self.apply_async(entry, **options)
            except SchedulingError as error:
                if isinstance(error.__context__, OperationalError):
                    entry.reschedule(before)
                    raise error.__context__ from None
                # What can be wrong with one entry: its name, its arguments.
                logger.exception("beat: could not send %s", entry.name)
        return pause

    def _hold(self) -> None:
        # One look at the beginning of a tick is not enough: a broker that is slow to take each of
        # many tasks outlasts the lock.
        if self.lock is not None and time.monotonic() - self._held_at > self.lock_timeout / 2:
            self._held_at = time.monotonic()
            self.lock.extend(int(self.lock_timeout))

    def close(self) -> None:
        """Give the lock back, so that a standby leads at once."""
        lock, self.lock = self.lock, None
        if lock is not None:
            try:
                lock.release()
            except RedisError as error:
                logger.warning("beat: could not give the lock back: %s", error)
        super().close()

    def _ensure_connected(self) -> Connection:
        # Celery's tries a hundred times, and the lock would be another's long before.
        connection: Connection = self.connection.ensure_connection(
            max_retries=1, interval_start=0, interval_step=0, interval_max=0
        )
        return connection

    def _stand_by(self) -> None:
        if not self._standing_by:
            self._standing_by = True
            logger.info("beat: another beat leads; standing by")
        self._go_on()

    def _wait(self, server: str, error: Exception) -> float:
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since, self._repeat_at = now, now
        if now >= self._repeat_at:
            self._repeat_at = now + REPEAT_SECONDS
            logger.warning("beat: waiting for %s: %s: %s", server, type(error).__name__, error)
        return LOOK_SECONDS

    def _go_on(self) -> None:
        if self._waiting_since is not None:
            waited = time.monotonic() - self._waiting_since
            self._waiting_since = None
            logger.warning("beat: going on after %.1f s", waited)
