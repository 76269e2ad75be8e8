"""Classes that hold the settings, as django-configurations and its like have them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from django_scaleready.checks.static.definitions import Definition, Names, Settings

# What has none of them is a part of some settings.
WHOLE = frozenset({"INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF"})
_DEVELOPMENT = re.compile(r"dev|local|test|stag|ci$|debug|demo|\bbuild", re.IGNORECASE)


@dataclass
class Held:
    """What a class assigns, or inherits: its names, and where they got their values."""

    names: Names = field(default_factory=dict)
    definitions: dict[str, list[Definition]] = field(default_factory=dict)


def key(name: str) -> str:
    """Return the name under which a class is kept among the names of its module."""
    return f"class {name}"


def inherited(node: ast.ClassDef, names: Names) -> Held:
    """Return what the bases of a class hold, the first of them last, for it wins."""
    found = Held()
    for base in reversed(node.bases):
        held = names.get(key(getattr(base, "id", "")))
        if isinstance(held, Held):
            found.names |= {name: held.names[name] for name in held.definitions if name.isupper()}
            for name, definitions in held.definitions.items():
                found.definitions[name] = [*found.definitions.get(name, ()), *definitions]
    return found


def take_class(settings: Settings) -> None:
    """Take the settings out of the class that holds them, where the module itself has none.

    Of several it is the last that is not for development by its name.
    """
    if settings.names.keys() & WHOLE:
        return
    classes = {n: h for n, h in settings.names.items() if isinstance(h, Held)}
    whole = {n: h for n, h in classes.items() if h.definitions.keys() & WHOLE}
    deployed = [held for name, held in whole.items() if not _DEVELOPMENT.search(name)]
    for held in (deployed or [*whole.values()])[-1:]:
        settings.names |= {name: held.names[name] for name in held.definitions}
        settings.definitions |= held.definitions
