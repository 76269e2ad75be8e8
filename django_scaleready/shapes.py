"""The types that settings take: which value is of another, and what of it can be used.

Django finds out where it first uses a setting, and names its own line instead of the setting.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a setting or an entry in it; never the value, which may be secret."""

    setting: str
    problem: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a setting accepts; what each entry of a list or dictionary does, and what fields do."""

    accepts: str
    fits: Callable[[Any], bool]
    entries: Shape | None = None
    fields: tuple[tuple[str, Shape], ...] = ()


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _holds(value: Any) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_path(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


TEXT = Shape("a string", _is_text)
PATH = Shape("the path of a folder", _is_path)
OPTIONS = Shape("a dictionary", _is_table)
NAMES = Shape("a list of strings", _is_list, TEXT)
# Django asks whether an id is in it, and a dictionary has room for reasons.
IDS = Shape("a list of ids", _holds)
SERVICE = Shape("a dictionary", _is_table, fields=(("OPTIONS", OPTIONS),))
ROWS = Shape("a list of dictionaries", _is_list, SERVICE)
TABLE = Shape("a dictionary of dictionaries", _is_table, OPTIONS)
SERVICES = Shape("a dictionary of dictionaries", _is_table, SERVICE)

# Django reads these whatever they are; None and "" are no way to do without.
REQUIRED: Mapping[str, Shape] = {
    "CACHES": SERVICES,
    "DATABASES": SERVICES,
    "EMAIL_BACKEND": TEXT,
    "INSTALLED_APPS": NAMES,
    "MEDIA_ROOT": PATH,
    "MESSAGE_STORAGE": TEXT,
    "MIDDLEWARE": NAMES,
    "ROOT_URLCONF": TEXT,
    "SESSION_ENGINE": TEXT,
    "SILENCED_SYSTEM_CHECKS": IDS,
    "STORAGES": SERVICES,
    "TEMPLATES": ROWS,
}
# Whatever is false means that there is none.
OPTIONAL: Mapping[str, Shape] = {
    "CELERY_BEAT_SCHEDULE": TABLE,
    "CELERY_BROKER_TRANSPORT_OPTIONS": OPTIONS,
    "CHANNEL_LAYERS": TABLE,
    "DRAMATIQ_BROKER": OPTIONS,
    "HAYSTACK_CONNECTIONS": TABLE,
    "LOGGING": OPTIONS,
    "MAILERS": TABLE,
    "Q_CLUSTER": OPTIONS,
    "REST_FRAMEWORK": OPTIONS,
    "RQ_QUEUES": TABLE,
    "SCALEREADY": OPTIONS,
    "TASKS": TABLE,
}
SHAPES: Mapping[str, Shape] = {**REQUIRED, **OPTIONAL}


def faults(name: str, value: Any) -> Iterator[Fault]:
    """Yield what is wrong with a setting's value; nothing for a setting that is not listed here."""
    shape = SHAPES.get(name)
    if shape is not None and (value or name in REQUIRED):
        yield from _faults(name, value, shape)


def usable(name: str, value: Any) -> Any:
    """Return a value without its wrong entries; empty if all of it is wrong, None for a scalar."""
    shape = SHAPES[name]
    if not shape.fits(value):
        return {} if shape.fits({}) else () if shape.fits(()) else None
    wrong = {key for key, held, inner in _parts(value, shape) if any(_faults("", held, inner))}
    if isinstance(value, Mapping):
        return {key: held for key, held in value.items() if key not in wrong}
    return [held for index, held in enumerate(value) if index not in wrong] if wrong else value


def _faults(label: str, value: Any, shape: Shape) -> Iterator[Fault]:
    if not shape.fits(value):
        yield _fault(label, value, shape)
        return
    for key, held, inner in _parts(value, shape):
        yield from _faults(f"{label}[{key!r}]", held, inner)


def _parts(value: Any, shape: Shape) -> Iterator[tuple[Any, Any, Shape]]:
    """Yield the parts of a value that have a shape of their own, each with its key or index."""
    if shape.entries is not None:
        for key, held in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield key, held, shape.entries
    for key, inner in shape.fields:
        if value.get(key):
            yield key, value[key], inner


def _fault(setting: str, value: Any, shape: Shape) -> Fault:
    kind = type(value).__name__
    article = "an" if kind[0].lower() in "aeiou" else "a"
    got = "None" if value is None else f"{article} {kind}"
    return Fault(setting, f"got {got}, accepts {shape.accepts}")
