"""Values of Helm's templates: what is known of them, and what only an installation knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.formats.templates import name_of

if TYPE_CHECKING:
    import yaml

# What one function may take or make: far more than a manifest.
MAX_TEXT = 200_000


class TooLargeError(ValueError):
    """A chart comes to more than anybody would install: its reading ends."""

    def __init__(self) -> None:
        super().__init__("larger than any manifest")


class Unsure(str):
    """A text with something in it that only an installation knows, written as ``$name``."""

    __slots__ = ()


class Missing(Unsure):
    """What stands for a value that a chart does not bring: nobody needs to give it."""

    __slots__ = ()


def unknown(expression: str) -> Unsure:
    """Return what stands for an expression that cannot be known."""
    return Unsure(name_of(expression))


def is_bare(value: object) -> bool:
    """Whether nothing at all is known of a value."""
    return isinstance(value, Unsure) and bool(re.fullmatch(r"\$\w+", value))


def truth(value: object) -> bool | None:
    """Return whether a condition holds; None if that cannot be known."""
    return None if isinstance(value, Unsure) else bool(value)


def text_of(value: object) -> str:
    """Return a value as a template writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


@lru_cache
def _dumper() -> type[yaml.SafeDumper]:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes unsure texts as texts."""

    Dumper.add_multi_representer(Unsure, lambda dumper, data: dumper.represent_str(str(data)))
    return Dumper


def to_yaml(value: object, *, flow: bool = False) -> str:
    """Return a value as YAML; what is repeated in it is written once."""
    import yaml

    made = yaml.dump(
        value, Dumper=_dumper(), default_flow_style=flow, sort_keys=False, width=MAX_TEXT
    )
    return alike(str(made).removesuffix("\n").removesuffix("\n..."), [value])


def alike(made: str, sources: Sequence[object]) -> str:
    """Return a text that was made of others: if one of those is unsure, it is unsure as well."""
    if len(made) > MAX_TEXT:
        raise TooLargeError
    return Unsure(made) if any(_has_unsure(source) for source in sources) else made


def _has_unsure(value: object) -> bool:
    found = [value]
    if isinstance(value, dict):
        found = list(value.values())
    elif isinstance(value, list):
        found = value
    return any(isinstance(each, Unsure) for each in found)
