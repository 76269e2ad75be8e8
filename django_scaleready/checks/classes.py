"""Asking what an object is without importing what may not be installed."""

from __future__ import annotations

import sys


def loaded(*dotted: str) -> tuple[type, ...]:
    """Return the named classes whose modules have been imported; the others have no instances."""
    found = []
    for name in dotted:
        module, _, attribute = name.rpartition(".")
        candidate = getattr(sys.modules.get(module), attribute, None)
        if isinstance(candidate, type):
            found.append(candidate)
    return tuple(found)


def is_a(value: object, *dotted: str) -> bool:
    """Whether an object is an instance, or a class a subclass, of one of the named classes."""
    classes = loaded(*dotted)
    return issubclass(value, classes) if isinstance(value, type) else isinstance(value, classes)
