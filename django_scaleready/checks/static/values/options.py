"""Readers of options that nobody knows, told by how they are called.

Every large project has its own: ``get_env("SHOP_HOST", "localhost")``, a ``ConfigParser`` that
looks into the environment first, ``setting("SHOP_DEBUG", "debug", default=False)``. What they give
where nothing is set stands in the call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django_scaleready.checks.static.values.calls import as_read
from django_scaleready.checks.static.values.undecided import UNDECIDED, Ref, Undecided

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
# How a reader calls the variable that it asks for: get_bool(name="SHOP_MAIL", default=False).
_NAMED = ("name", "key", "var", "variable", "env_name", "env_var")


def option(
    name: str,
    arguments: list[Any],
    options: dict[str, Any],
    variables: Mapping[str, str | Undecided],
) -> Any:
    """Return what a call gives if it reads an option; UNDECIDED if it may not.

    It is not set, unless it is one of the ``variables`` of the deployment.

    ``default=`` and ``fallback=`` say so themselves; a default by position does if the function is
    called like a reader, and the option like a variable. So does the third argument of
    ``getattr(configuration, "PORT", 8000)``, where nobody knows what the object holds.
    """
    match arguments:
        case [Undecided(), str(), default] if name == "getattr":
            return default
    last = name.rpartition(".")[2]
    called = last in _METHODS or _READER.search(last) is not None
    if not arguments and called:
        named = (options[keyword] for keyword in _NAMED if keyword in options)
        arguments = [each for each in named if isinstance(each, str) and _NAME.fullmatch(each)]
    if not arguments or not isinstance(arguments[0], str):
        return UNDECIDED
    if last in _QUESTIONS:
        return False
    for keyword in DEFAULTS:
        if keyword in options:
            return _given(arguments[0], options[keyword], variables)
    # env("PORT", 8000, int): a type is no default.
    given = [value for value in arguments[1:] if not isinstance(value, Ref)]
    if not given or not called or not _NAME.fullmatch(arguments[0]):
        return UNDECIDED
    return _given(arguments[0], given[-1], variables)


def _given(name: str, default: Any, variables: Mapping[str, str | Undecided]) -> Any:
    """Return what a variable of the deployment gives, of the kind of its default."""
    if name not in variables:
        return default
    return as_read(variables[name], type(default).__name__)
