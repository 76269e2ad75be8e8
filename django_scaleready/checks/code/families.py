"""What a class and its relatives are outside of the project: whose methods somebody else calls."""

from __future__ import annotations

from django_scaleready.checks.code.codebase import Codebase

# Of no framework that looks for what derives from it.
PYTHON = frozenset({"object", "Exception", "ValueError", "RuntimeError", "dict", "list", "str"})


def bases(code: Codebase, dotted: str) -> frozenset[str]:
    """Return what a class derives from in the end, outside of the project."""
    return code.once(_bases, dotted)


def _bases(code: Codebase, dotted: str) -> frozenset[str]:
    return frozenset(name for name in code.ancestors(dotted) if code.klass(name) is None)


def family(code: Codebase, dotted: str) -> frozenset[str]:
    """Return what a class and those that derive from it derive from outside of the project.

    What a mixin has may be what a view is asked for.
    """
    return code.once(_family, dotted)


def _family(code: Codebase, dotted: str) -> frozenset[str]:
    found: set[str] = set()
    seen, pending = set(), [dotted]
    by_name = code.once(derived)
    while pending:
        one = pending.pop()
        if one not in seen:
            seen.add(one)
            found |= bases(code, one)
            pending += by_name.get(one.rpartition(".")[2], ())
    return frozenset(found)


def derived(code: Codebase) -> dict[str, list[str]]:
    """Return the classes that derive from one, by the last part of its name."""
    found: dict[str, list[str]] = {}
    for source in code:
        for name, one in source.classes.items():
            for base in one.bases:
                found.setdefault(base.rpartition(".")[2], []).append(f"{source.module}.{name}")
    return found
