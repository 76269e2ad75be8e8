"""Whether each request is a transaction, also of a database that only the environment names."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.static.definitions import Settings

_ON = "{'default': {'ATOMIC_REQUESTS': True}}"
# DATABASES["default"]["CONN_MAX_AGE"] = 60 leaves the rest as it is.
_ENTRY = re.compile(r"\{'default': \{'(?!ATOMIC_REQUESTS)\w+':")


def requests_are_atomic(settings: Settings) -> bool:
    """Whether ``DATABASES["default"]["ATOMIC_REQUESTS"] = True`` comes last."""
    said = False
    for definition in settings.definitions.get("DATABASES", ()):
        shown = ast.unparse(definition.value) if definition.value else ""
        said = shown == _ON or (said and _ENTRY.match(shown) is not None)
    return said
