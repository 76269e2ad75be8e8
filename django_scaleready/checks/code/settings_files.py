"""Which files are worth a second look by whoever looks for settings modules."""

from __future__ import annotations

# Without one of these a file holds no settings, nor imports all of another that does.
HINTS = (
    *(b"import *", b"INSTALLED_APPS", b"ROOT_URLCONF", b"DATABASES", b"MIDDLEWARE"),
    *(b"exec(", b"execfile(", b"split_settings", b"import_module("),
)


def may_hold_settings(content: bytes) -> bool:
    """Whether a file says anything that settings modules say."""
    return any(word in content for word in HINTS)
