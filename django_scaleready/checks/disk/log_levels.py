"""Which of Django's loggers let nothing through that Django sends there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.disk.log_writers import writers
from django_scaleready.checks.static.logs import default, loggers

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_LEVELS = logging.getLevelNamesMapping()
# What is asked of the database, which Django says at DEBUG, and while the setting DEBUG is on.
_QUERIES = "django.db.backends"
# What writes above ERROR, or may.
_LOUD = frozenset({"critical", "fatal", "log"})


def is_held_back(project: Project, logger: str, handler: Any) -> bool:
    """Whether nothing that Django, or the project's code, writes to a logger comes to a handler."""
    config = project.setting("LOGGING")
    if not _is_below(logger, "django") or not isinstance(config, dict):
        return False
    known = loggers(config)
    levels = {name: max(_level(known, name), handler.level) for name in _handing(known, logger)}
    own = writers(project.code, logger).values()
    if min(levels.values()) <= logging.ERROR and own:
        return False
    if not all(source.mentions.isdisjoint(_LOUD) for source in own):
        return False
    return all(
        level > _highest(name) or (_is_below(name, _QUERIES) and not project.setting("DEBUG"))
        for name, level in levels.items()
    )


def _highest(logger: str) -> int:
    """Return the highest level at which Django itself writes to a logger."""
    return logging.DEBUG if _is_below(logger, _QUERIES) else logging.ERROR


def _handing(known: dict[str, Any], logger: str) -> Iterator[str]:
    """Yield a logger, and those of a configuration that hand their lines up to it."""
    for name in {logger, *known}:
        above = [each for each in _chain(name) if _is_below(each, logger) and each != logger]
        held = any(known.get(each, {}).get("propagate") is False for each in above)
        if _is_below(name, logger) and not held:
            yield name


def _level(known: dict[str, Any], logger: str) -> int:
    """Return the level of a logger, which it has of those above it if it has none."""
    for name in _chain(logger):
        for settings in (known.get(name), default()["loggers"].get(name)):
            level = (settings or {}).get("level")
            found = _LEVELS.get(level, 0) if isinstance(level, str) else level
            if isinstance(found, int) and found:
                return found
    return logging.WARNING


def _chain(logger: str) -> list[str]:
    parts = logger.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _is_below(logger: str, other: str) -> bool:
    return f"{logger}.".startswith(f"{other}.")
