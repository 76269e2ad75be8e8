"""Which files are worth a second look by whoever looks for settings modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module

# Without one of these, or of the next, a file holds no settings, nor imports all of another that
# does.
NAMES = (b"INSTALLED_APPS", b"ROOT_URLCONF", b"DATABASES", b"MIDDLEWARE")
HINTS = (*NAMES, b"import *", b"exec(", b"execfile(", b"split_settings", b"import_module(")
_CALLED = frozenset({"exec", "execfile", "import_module"})


def may_hold_settings(content: bytes) -> bool:
    """Whether a file says anything that settings modules say."""
    return any(word in content for word in HINTS)


def may_be_settings(module: Module) -> bool:
    """Whether a file that was parsed does: to ask what it imports and calls is quicker."""
    if not _CALLED.isdisjoint(module.vocabulary) or "split_settings" in module.roots:
        return True
    content = module.content
    return any(word in content for word in NAMES) or any(
        name.endswith(".*") for name in module.imports
    )
