"""A cache in this process that can be taken away, per alias, as a process sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache


class AwayError(Exception):
    """What a backend raises while its server cannot be reached."""


class FaultyCache(LocMemCache):
    """LocMem whose aliases share a store by LOCATION, and fail one by one.

    Not DummyCache nor a mock: entries must survive the outage, as they do in a server that hung.
    """

    away: ClassVar[set[str]] = set()
    calls: ClassVar[list[tuple[str, str]]] = []
    # What another thread or process does once, between the operation and its answer.
    meanwhile: ClassVar[dict[str, Callable[[], object]]] = {}

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self.process = params["OPTIONS"]["process"]

    def _reach(self, operation: str) -> None:
        self.calls.append((self.process, operation))
        if self.process in self.away:
            raise AwayError(operation)

    def get(self, *args: Any, **options: Any) -> Any:
        self._reach("get")
        found = super().get(*args, **options)
        self.meanwhile.pop("get", int)()
        return found

    def set(self, *args: Any, **options: Any) -> None:
        self._reach("set")
        super().set(*args, **options)

    def add(self, *args: Any, **options: Any) -> bool:
        self._reach("add")
        return super().add(*args, **options)

    def set_many(self, *args: Any, **options: Any) -> list[Any]:
        failed = super().set_many(*args, **options)
        self.meanwhile.pop("set_many", int)()
        return failed

    def delete(self, *args: Any, **options: Any) -> bool:
        self._reach("delete")
        return super().delete(*args, **options)


def settings_for(*processes: str) -> dict[str, dict[str, Any]]:
    """An alias for each process; all of them see the same entries."""
    return {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        **{
            process: {
                "BACKEND": "support.faulty_cache.FaultyCache",
                "LOCATION": "one-server",
                "OPTIONS": {"process": process},
            }
            for process in processes
        },
    }
