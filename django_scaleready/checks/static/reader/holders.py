"""Classes that hold the settings, as django-configurations and its like have them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from django_scaleready.checks.static.reader.definitions import Definition, Names, Settings

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


def held_by(node: ast.expr, names: Names) -> Held | None:
    """Return what a class holds, or an instance: ``Config``, ``Config()``, ``config.db``."""
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        outer = held_by(node.value, names)
        return held_by(ast.Name(node.attr), outer.names) if outer else None
    held = names.get(key(node.id)) if isinstance(node, ast.Name) else None
    return held if isinstance(held, Held) else None


def inherited(node: ast.ClassDef, names: Names) -> Held:
    """Return what the bases of a class hold, the first of them last, for it wins."""
    found = Held()
    for base in reversed(node.bases):
        held = names.get(key(getattr(base, "id", "")))
        if isinstance(held, Held):
            found.names |= {name: held.names[name] for name in held.definitions}
            for name, definitions in held.definitions.items():
                found.definitions[name] = [*found.definitions.get(name, ()), *definitions]
    return found


def complete(settings: Settings) -> None:
    """Take the settings out of the class that holds them, and those of old names for the new."""
    _take_class(settings)
    # As a Django did that knew no other name.
    old = "MIDDLEWARE_CLASSES"
    if old in settings.definitions and "MIDDLEWARE" not in settings.names:
        settings.names["MIDDLEWARE"] = settings.names.get(old)
        settings.definitions["MIDDLEWARE"] = settings.definitions[old]


def _is_many(held: Held) -> bool:
    """Whether a class says more than what one plugin adds to the settings."""
    return sum(name.isupper() for name in held.definitions) > 1


def _take_class(settings: Settings) -> None:
    """Take the settings out of the class that holds them, where the module itself has none.

    Of several it is the last that is not for development by its name.
    """
    if settings.names.keys() & WHOLE:
        return
    classes = {n: h for n, h in settings.names.items() if isinstance(h, Held)}
    whole = {n: h for n, h in classes.items() if h.definitions.keys() & WHOLE and _is_many(h)}
    deployed = [held for name, held in whole.items() if not _DEVELOPMENT.search(name)]
    for held in (deployed or [*whole.values()])[-1:]:
        settings.names |= {name: held.names[name] for name in held.definitions}
        settings.definitions |= held.definitions
