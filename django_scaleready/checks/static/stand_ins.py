"""What stands for live objects where a project is only read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django_scaleready.checks.base import Location

VENDORS = {
    "sqlite": "sqlite",
    "spatialite": "sqlite",
    "postg": "postgresql",
    "psql": "postgresql",
    "mysql": "mysql",
    "oracle": "oracle",
}
# They make another value in each process.
RANDOM = frozenset(
    [
        *("get_random_secret_key", "get_random_string", "generate_key", "token_bytes"),
        *("token_hex", "token_urlsafe", "urandom", "uuid1", "uuid4", "SystemRandom"),
    ]
)
# Settings that sign or encrypt, by their names.
KEYS = re.compile(r"SALT|SECRET|SIGNING|_KEY$")
# As Django fills it in.
DATABASE = dict.fromkeys(("NAME", "USER", "PASSWORD", "HOST", "PORT"), "") | {
    "CONN_MAX_AGE": 0,
    "OPTIONS": {},
    "ATOMIC_REQUESTS": False,
    "AUTOCOMMIT": True,
    "CONN_HEALTH_CHECKS": False,
}


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


def is_random(value: ast.expr | None) -> bool:
    """Whether an expression makes something that no other process will make again."""
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.Call):
            function = node.func
            name = getattr(function, "attr", None) or getattr(function, "id", "")
            if name in RANDOM:
                return True
    return False


def called(value: ast.expr | None) -> frozenset[str]:
    """Return the names of the functions that an expression calls, those of no object."""
    calls = (node for node in ast.walk(value or ast.Tuple([])) if isinstance(node, ast.Call))
    return frozenset(call.func.id for call in calls if isinstance(call.func, ast.Name))


def makes_random(path: Path) -> Iterator[str]:
    """Yield the functions of a file that return what no other process will make again."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        # Who reads the settings has said so.
        return
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            nodes = (node for node in ast.walk(function) if isinstance(node, ast.Return))
            if any(is_random(node.value) for node in nodes):
                yield function.name


def vendor(engine: str) -> str:
    """Return the kind of database behind an engine, "unknown" if its name does not say."""
    return next((kind for word, kind in VENDORS.items() if word in engine.lower()), "unknown")


def number(value: Any) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
