"""What LOGGING comes to, by reading it: which handlers get a logger's records."""

from __future__ import annotations

import ast
import importlib.util
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django_scaleready.checks.known.classes import Named

Make = Callable[..., Named]
LEVELS = logging.getLevelNamesMapping()


def handlers(config: dict[str, Any] | None, make: Make) -> list[Named]:
    """Return the handlers that some logger uses, Django's own left out."""
    used: dict[str, None] = {}
    for logger in loggers(config or {}).values():
        used |= dict.fromkeys(logger.get("handlers") or ())
    return [found for name in used if (found := _handler(config or {}, name, make))]


def handlers_of(config: dict[str, Any] | None, name: str, make: Make) -> list[Named]:
    """Return the handlers that get the records of a logger, those of its parents included.

    Without a configuration that can be read, nothing is known: none. What has no version is a part
    of one, which somebody merges into another.
    """
    if config is None or (config and "version" not in config):
        return []
    found: list[Named] = []
    known = loggers(config)
    usual = default()["loggers"]
    parts = name.split(".")
    chain = [".".join(parts[:end]) for end in range(len(parts), 0, -1)] + [""]
    for logger in chain:
        own = logger in known
        settings = known.get(logger) or usual.get(logger) or {}
        source = config if own else default()
        names = settings.get("handlers") or ()
        found += [made for each in names if (made := _handler(source, each, make))]
        if settings.get("propagate") is False:
            break
    return found


@cache
def default() -> dict[str, Any]:
    """Return Django's DEFAULT_LOGGING, read: the import brings its mail and its commands."""
    spec = importlib.util.find_spec("django.utils.log")
    if spec and spec.origin:
        for node in ast.parse(Path(spec.origin).read_bytes()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DEFAULT_LOGGING":
                found: dict[str, Any] = ast.literal_eval(node.value)
                return found
    from django.utils.log import DEFAULT_LOGGING

    imported: dict[str, Any] = DEFAULT_LOGGING
    return imported


def loggers(config: dict[str, Any]) -> dict[str, Any]:
    """Return what a configuration says of each logger, of the root logger under no name."""
    # logging.getLogger("root") is the root logger, and its own entry is applied last.
    known = {
        "" if name == "root" else name: settings
        for name, settings in (config.get("loggers") or {}).items()
        if isinstance(settings, dict)
    }
    root = config.get("root")
    return known | ({"": root} if isinstance(root, dict) else {})


def _handler(config: dict[str, Any], name: str, make: Make) -> Named | None:
    settings = (config.get("handlers") or {}).get(name)
    if not isinstance(settings, dict):
        return None
    dotted = settings.get("class") or settings.get("()") or ""
    level, filename = settings.get("level", 0), settings.get("filename")
    filters = [
        make(str(used.get("()", ""))) for used in _filters(config, settings.get("filters") or ())
    ]
    return make(
        str(dotted),
        name=name,
        level=LEVELS.get(level, 0) if isinstance(level, str) else level,
        filters=filters,
        baseFilename=str(filename) if isinstance(filename, str | Path) else "",
        get_name=lambda: name,
        maxBytes=_size(settings.get("maxBytes")),
        backupCount=_size(settings.get("backupCount")),
    )


def _size(value: Any) -> int:
    """Return a number, also one that is written as a text, and 0 for what is not known."""
    return int(value) if str(value).isdecimal() else 0


def _filters(config: dict[str, Any], names: Any) -> list[dict[str, Any]]:
    defined = config.get("filters") or {}
    found = [defined.get(name) for name in names if isinstance(name, str)]
    return [used for used in found if isinstance(used, dict)]
