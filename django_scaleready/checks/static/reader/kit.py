"""What ``from django_scaleready.settings import *`` brings to a project that is only read.

They lie outside of the repository, and in production they refuse to exist without a database and a
Redis. A deployment names both, so here they are what they come to where it does.
"""

from __future__ import annotations

import ast
import copy
import os
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django_scaleready
from django_scaleready.checks.static.values.undecided import UNDECIDED

PACKAGE = f"{django_scaleready.__name__}.settings"
_FOLDER = Path(django_scaleready.__file__).parent / "settings"
# Every variable that a deployment must give, and none that it may.
_GIVEN = {
    "SCALEREADY_ROLE": "web",
    "DATABASE_URL": "postgres://database.invalid/site",
    "REDIS_URL": "redis://redis.invalid/0",
    "SECRET_KEY": "given by the environment",
}
# The bucket, too, is the deployment's to name.
_UPLOADS = {"BACKEND": "storages.backends.s3.S3Storage"}


def is_kit(dotted: str) -> bool:
    """Whether a module is the kit's settings or a fragment of them."""
    return dotted == PACKAGE or dotted.startswith(f"{PACKAGE}.")


def taken(dotted: str, alias: ast.alias) -> dict[str, Any]:
    """Return the names that one part of an import statement binds, with their values."""
    given = exported(dotted)
    if alias.name == "*":
        return given
    return {alias.asname or alias.name: given.get(alias.name, UNDECIDED)}


def exported(dotted: str) -> dict[str, Any]:
    """Return what a star import of the kit's settings, or of one fragment, brings along."""
    fragment = dotted.removeprefix(PACKAGE).lstrip(".")
    names = [fragment] if fragment else sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))
    found: dict[str, Any] = {}
    for name in names:
        found |= copy.deepcopy(_fragment(name))
    return found


@cache
def _fragment(name: str) -> dict[str, Any]:
    path = _FOLDER / f"{name}.py"
    if not path.is_file():
        return {}
    with _environment(_GIVEN):
        # Not imported: the package's own import hook is for a process that runs the settings.
        values = runpy.run_path(str(path))
    found = {setting: values[setting] for setting in values["__all__"]}
    if "STORAGES" in found:
        found["STORAGES"] = {**found["STORAGES"], "default": _UPLOADS}
    return found


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
