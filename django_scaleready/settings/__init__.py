"""One import that makes a project safe to replicate: ``from django_scaleready.settings import *``.

Exports the upper-case names of all fragments and nothing else. Lazy: importing one fragment,
``from django_scaleready.settings.logging import *``, does not evaluate the others, so a project
with its own ``DATABASES`` needs no ``DATABASE_URL``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django_scaleready import unloadable

if TYPE_CHECKING:
    from django_scaleready.settings.cache import *
    from django_scaleready.settings.celery import *
    from django_scaleready.settings.core import *
    from django_scaleready.settings.database import *
    from django_scaleready.settings.logging import *
    from django_scaleready.settings.proxy import *
    from django_scaleready.settings.sessions import *
    from django_scaleready.settings.storage import *

# Settings that fail below this import cannot run the check; it says so, and where.
unloadable.watch()

_FRAGMENTS = ("core", "database", "cache", "sessions", "logging", "celery", "proxy", "storage")


def __getattr__(name: str) -> Any:
    # Only what the star asks for: the import system looks up other names here too, and must not
    # evaluate a fragment by that.
    if name == "__all__" or name.isupper():
        exported = {
            setting: getattr(fragment, setting)
            for fragment in (import_module(f"{__name__}.{part}") for part in _FRAGMENTS)
            for setting in fragment.__all__
        }
        if name == "__all__":
            return sorted(exported)
        if name in exported:
            return exported[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
