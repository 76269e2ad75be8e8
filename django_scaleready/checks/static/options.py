"""Readers of options that nobody knows, told by how they are called.

Every large project has its own: ``get_env("SHOP_HOST", "localhost")``, a ``ConfigParser`` that
looks into the environment first, ``setting("SHOP_DEBUG", "debug", default=False)``. What they give
where nothing is set stands in the call.
"""

from __future__ import annotations

import re
from typing import Any

from django_scaleready.checks.static.undecided import UNDECIDED, Ref, Undecided

# The names of functions that read one option, and of the methods of an object that holds them.
_READER = re.compile(
    r"(^|_)(env|environ|getenv|conf|config|option|setting|param|var|secret)(_|$)|^get",
    re.IGNORECASE,
)
# A ConfigParser's questions, whatever class asks them for it.
_QUESTIONS = frozenset({"has_option", "has_section"})
_METHODS = frozenset({"bool", "boolean", "float", "int", "integer", "list", "str", "string"})
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
DEFAULTS = ("default", "fallback")


def option(name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Return what a call gives if it reads an option that is not set; UNDECIDED if it may not.

    ``default=`` and ``fallback=`` say so themselves; a default by position does if the function is
    called like a reader, and the option like a variable. So does the third argument of
    ``getattr(configuration, "PORT", 8000)``, where nobody knows what the object holds.
    """
    match arguments:
        case [Undecided(), str(), default] if name == "getattr":
            return default
    if not arguments or not isinstance(arguments[0], str):
        return UNDECIDED
    last = name.rpartition(".")[2]
    if last in _QUESTIONS:
        return False
    for keyword in DEFAULTS:
        if keyword in options:
            return options[keyword]
    # env("PORT", 8000, int): a type is no default.
    given = [value for value in arguments[1:] if not isinstance(value, Ref)]
    called = last in _METHODS or _READER.search(last) is not None
    return given[-1] if given and called and _NAME.fullmatch(arguments[0]) else UNDECIDED
