"""A program: prints what a project's settings say, as JSON. Run on the project's own settings.

It connects to nothing: the settings are read, the apps are not even loaded.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django_scaleready.drill.inside.answering import answer
from django_scaleready.drill.inside.redirect import REDIS, other_broker, remote_storages

_KIT = "django_scaleready.middleware.ProbeMiddleware"


def facts(module: str) -> dict[str, Any]:
    """Return the facts; the names are those of ``target.Facts``."""
    project = importlib.import_module(module)
    settings = {name: getattr(project, name) for name in dir(project) if name.isupper()}
    package = module.partition(".")[0]
    wsgi = _application(settings.get("WSGI_APPLICATION"), f"{package}.wsgi")
    asgi = _application(settings.get("ASGI_APPLICATION"), f"{package}.asgi")
    return {
        "wsgi": wsgi,
        "asgi": asgi,
        "modules": [_file(path) for path in (wsgi, asgi) if path],
        "databases": {a: _database(d) for a, d in settings.get("DATABASES", {}).items()},
        "redis": sorted(set(_urls(settings))),
        "uses_kit": _KIT in settings.get("MIDDLEWARE", ()),
        "proxy_header": list(settings.get("SECURE_PROXY_SSL_HEADER") or ()),
        "remote_storages": remote_storages(settings),
        "needs_broker": other_broker(settings),
        "static_root": str(settings.get("STATIC_ROOT") or ""),
        "paths": {name: str(path) for name, path in _paths(settings)},
        "imported_from": [path for path in sys.path if path],
    }


def _application(dotted: str | None, guess: str) -> str:
    """``package.wsgi:application``, or "" if there is none."""
    module, _, name = (dotted or f"{guess}.application").rpartition(".")
    return f"{module}:{name}" if _file(module) else ""


def _file(path: str) -> str:
    try:
        spec = find_spec(path.partition(":")[0])
    except ModuleNotFoundError:
        return ""
    return str(spec.origin) if spec else ""


def _database(database: dict[str, Any]) -> dict[str, str]:
    names = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD")
    return {name: str(database.get(name) or "") for name in names}


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from REDIS.findall(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _urls(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _urls(inner)


def _paths(settings: dict[str, Any]) -> Iterator[tuple[str, str | Path]]:
    """Where the project writes, as far as its settings say; absolute paths alone."""
    for name in ("MEDIA_ROOT", "SESSION_FILE_PATH", "EMAIL_FILE_PATH", "FILE_UPLOAD_TEMP_DIR"):
        yield name, settings.get(name) or ""
    for alias, database in settings.get("DATABASES", {}).items():
        if "sqlite" in str(database.get("ENGINE")) or "spatialite" in str(database.get("ENGINE")):
            yield f"DATABASES[{alias!r}]", database.get("NAME") or ""
    for alias, cache in settings.get("CACHES", {}).items():
        if "filebased" in str(cache.get("BACKEND")):
            yield f"CACHES[{alias!r}]", cache.get("LOCATION") or ""
    for name, handler in (settings.get("LOGGING") or {}).get("handlers", {}).items():
        yield f"LOGGING[{name!r}]", handler.get("filename") or ""
    for name, value in (settings.get("CELERY_BROKER_TRANSPORT_OPTIONS") or {}).items():
        if name.endswith("_folder") or "data_folder" in name:
            yield f"CELERY_BROKER_TRANSPORT_OPTIONS[{name!r}]", value


if __name__ == "__main__":
    answer(lambda: facts(os.environ["DJANGO_SETTINGS_MODULE"]))
