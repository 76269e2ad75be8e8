"""What stands for live objects where a project is only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.codebase import Codebase

VENDORS = {
    "sqlite": "sqlite",
    "spatialite": "sqlite",
    "postg": "postgresql",
    "psql": "postgresql",
    "mysql": "mysql",
    "oracle": "oracle",
}
# As Django fills it in.
DATABASE = dict.fromkeys(("NAME", "USER", "PASSWORD", "HOST", "PORT"), "") | {
    "CONN_MAX_AGE": 0,
    "OPTIONS": {},
    "ATOMIC_REQUESTS": False,
    "AUTOCOMMIT": True,
    "CONN_HEALTH_CHECKS": False,
}


# Their fields are no model's: a form holds an upload for a request, a document is in MongoDB.
_NO_MODELS = ("django.forms.", "mongoengine.", "rest_framework.serializers.")


class StaticModel(NamedTuple):
    """A model with a file field, by its place."""

    location: Location


class StaticField(NamedTuple):
    """A model's file field: its name as it is shown, its storage, its model."""

    name: str
    storage: Any
    model: StaticModel

    def __str__(self) -> str:
        return self.name


class StaticTask(NamedTuple):
    """A Celery task, and whether it has a limit of its own (its seconds are not read)."""

    name: str
    time_limit: bool
    soft_time_limit: bool = False
    acks_late: bool | None = None


def file_fields(code: Codebase, default: Any) -> Iterator[StaticField]:
    """Yield the fields of models that hold an upload; ``default`` is where most store it."""
    for source, fact in code.facts("file-fields"):
        name, is_given = fact.data[:2]
        if not _is_no_model(code, f"{source.module}.{name}"):
            yield StaticField(
                f"{name} in {source.path}",
                None if is_given else default,
                StaticModel(Location(source.path, fact.line)),
            )


def _is_no_model(code: Codebase, dotted: str) -> bool:
    """Whether a class is a form or a document, by what it derives from in other files."""
    above = code.ancestors(dotted)
    return any(name.startswith(_NO_MODELS) for name in above) and not any(
        name.startswith("django.db.models.") for name in above
    )


def vendor(engine: str) -> str:
    """Return the kind of database behind an engine, "unknown" if its name does not say."""
    return next((kind for word, kind in VENDORS.items() if word in engine.lower()), "unknown")


def number(value: Any) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
