"""Caches: do they take a write?"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import DEFAULT_CACHE_ALIAS, caches

from django_scaleready.probes.members import CheckFailedError

KEY = "django_scaleready:probe"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Cache:
    """Have a cache confirm that it reached a key.

    A read proves nothing: with django-redis's ``IGNORE_EXCEPTIONS`` it is None when the key is
    absent and None when the server is. ``touch`` and ``add`` are specified to return whether they
    changed the key. One round trip as a rule, and no new key for each probe, which would push a
    small LocMem's own entries out.
    """

    alias: str = DEFAULT_CACHE_ALIAS

    def __call__(self) -> None:
        backend = caches[self.alias]
        reached = backend.touch(KEY, SECONDS)
        if reached is False:
            # Absent: the first probe in a minute. Another replica may add it between the two calls,
            # so a refused add is followed by one more look.
            reached = backend.add(KEY, 1, SECONDS) or backend.touch(KEY, SECONDS)
        if not reached:
            raise CheckFailedError("the cache confirmed no write; its backend ignored the error")
