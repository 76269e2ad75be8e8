"""Packages that are not installed, made up: apps by name, and classes at the paths of the real."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import types
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

# What rules ask about: apps, and classes with what they derive from.
APPS = (
    *("compressor", "dbbackup", "defender", "django_cron", "django_dramatiq"),
    *("django_drf_filepond", "django_prometheus", "django_rq", "django_tus", "silk"),
    "wagtail.contrib.redirects",
)
CLASSES: dict[str, type] = {
    "compressor.storage.CompressorFileStorage": FileSystemStorage,
    "django_cron.backends.lock.cache.CacheLock": object,
    "django_cron.backends.lock.database.DatabaseLock": object,
    "django_cron.backends.lock.file.FileLock": object,
    "dramatiq.brokers.rabbitmq.RabbitmqBroker": object,
    "dramatiq.brokers.stub.StubBroker": object,
    "dramatiq.rate_limits.backends.redis.RedisBackend": object,
    "dramatiq.rate_limits.backends.stub.StubBackend": object,
    "dramatiq.results.backends.redis.RedisBackend": object,
    "dramatiq.results.backends.stub.StubBackend": object,
    "silk.storage.ProfilerResultStorage": FileSystemStorage,
}


class StandIns:
    """Puts modules where the real package would have them, for the length of a test."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch

    def all(self) -> None:
        """Make everything that rules ask about and that is not installed."""
        for name in APPS:
            self.app(name)
        for path, base in CLASSES.items():
            self.classes(path, base=base)

    def app(self, name: str) -> str:
        """Make an app that can stand in INSTALLED_APPS; returns its name."""
        self._module(name)
        return name

    def classes(self, *dotted: str, base: type = object) -> type:
        """Make classes at the given paths; returns the last one."""
        made = base
        for path in dotted:
            module, _, name = path.rpartition(".")
            made = type(name, (base,), {"__module__": module})
            setattr(self._module(module), name, made)
        return made

    def _module(self, name: str) -> types.ModuleType:
        parent, _, last = name.rpartition(".")
        holder = self._module(parent) if parent else None
        if name in sys.modules or (not parent and importlib.util.find_spec(name)):
            return importlib.import_module(name)
        module = types.ModuleType(name)
        # Django asks an app's module for its folder.
        module.__path__ = [str(self._folder)]
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        self._monkeypatch.setitem(sys.modules, name, module)
        if holder is not None:
            self._monkeypatch.setattr(holder, last, module, raising=False)
        return module
