"""What classes of other packages derive from, by name: those that rules ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django_scaleready.checks.known.classes import Named

DISK = "django.core.files.storage.FileSystemStorage"
FILE = "logging.FileHandler"
STREAM = "logging.StreamHandler"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
_LOCMEM = "django.core.cache.backends.locmem.LocMemCache"
_FILES = "django.core.cache.backends.filebased.FileBasedCache"

# Each was read in the package's own source.
BASES: dict[str, tuple[str, ...]] = {
    "django.core.files.storage.filesystem.FileSystemStorage": (DISK,),
    "django.contrib.staticfiles.storage.StaticFilesStorage": (DISK,),
    "compressor.storage.CompressorFileStorage": (DISK,),
    "silk.storage.ProfilerResultStorage": (DISK,),
    "logging.handlers.RotatingFileHandler": (FILE,),
    "logging.handlers.TimedRotatingFileHandler": (FILE,),
    "logging.handlers.WatchedFileHandler": (FILE,),
    "cloghandler.ConcurrentRotatingFileHandler": (FILE,),
    "concurrent_log_handler.ConcurrentRotatingFileHandler": (FILE,),
    "concurrent_log_handler.ConcurrentTimedRotatingFileHandler": (FILE,),
    "rich.logging.RichHandler": (STREAM,),
    "colorlog.StreamHandler": (STREAM,),
    "coloredlogs.StandardErrorHandler": (STREAM,),
    "logging.handlers.MemoryHandler": ("logging.handlers.BufferingHandler",),
    "django.core.mail.backends.console.EmailBackend": (),
    "celery.beat.PersistentScheduler": ("celery.beat.PersistentScheduler",),
    "django_prometheus.cache.backends.locmem.LocMemCache": (_LOCMEM,),
    "django_prometheus.cache.backends.filebased.FileBasedCache": (_FILES,),
}
HUEYS = ("BlackHole", "CySqlite", "File", "Memory", "Redis", "Sqlite", "PriorityRedis")
# What such a class has by itself.
ATTRIBUTES: dict[str, dict[str, object]] = {
    f"{module}.{kind}Huey": {
        "storage_class": Named(
            f"huey.storage.{kind}Storage", frozenset({f"huey.storage.{kind}Storage"})
        )
    }
    for kind in HUEYS
    for module in ("huey", "huey.api")
}
# A class of an unknown package whose name has one of these in it is one.
TELLING = {
    "FileSystemStorage": DISK,
    "LocMemCache": _LOCMEM,
    "FileBasedCache": _FILES,
    "RotatingFileHandler": FILE,
    "SessionMiddleware": SESSIONS,
}


def named(dotted: str, ancestors: Callable[[str], Iterable[str]], **attributes: object) -> Named:
    """Return a class by name, with its known bases; ``ancestors`` knows the project's."""
    names = {dotted}
    for name in ancestors(dotted):
        names |= {name, *BASES.get(name, ())}
        names |= {base for part, base in TELLING.items() if part in name.rpartition(".")[2]}
    return Named(dotted, frozenset(names), attributes)
