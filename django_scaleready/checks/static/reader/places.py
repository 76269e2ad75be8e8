"""Where a setting that was read got its value: the assignment that took effect."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

from django_scaleready.checks.base import Location
from django_scaleready.checks.places import Places, bound_name, element_line, relative
from django_scaleready.checks.static.reader.definitions import Definition

DEPTH = 5
Definitions = dict[str, list[Definition]]


class StaticPlaces(Places):
    """What the assignments of a settings module that was read say."""

    def __init__(self, definitions: Definitions) -> None:
        """Take the assignments that took effect."""
        self._taken = definitions

    def written_as(self, name: str, *keys: Hashable) -> str:
        """Return the name that a setting, or the entry below ``keys``, was last given as."""
        return bound_name([definition.value for definition in self._taken.get(name, [])], keys)

    def has_entry(self, name: str, called: re.Pattern[str]) -> bool:
        """Whether a setting is written with an entry of such a name, however deep."""
        values = [each.value for each in self._taken.get(name, []) if each.value]
        nodes = (node for value in values for node in ast.walk(value))
        keys = (key for node in nodes if isinstance(node, ast.Dict) for key in node.keys)
        return any(called.search(str(getattr(key, "value", ""))) for key in keys)


def place(
    definitions: list[Definitions], name: str, keys: tuple[Hashable, ...], root: Path
) -> Location | None:
    """Return the place of an entry, or of the setting in the first of several sets of definitions.

    None if it is assigned in none of them.
    """
    for each in definitions:
        for definition in reversed(each.get(name, [])):
            if entry := _entry(each, definition, keys, 0):
                return Location(relative(entry[0], root), entry[1])
    if len(keys) == 1:
        found = (_element(d, each, keys[0], 0) for each in definitions for d in each.get(name, ()))
        if element := next((place for place in found if place), None):
            return Location(relative(element[0], root), element[1])
    last = next((each[name][-1] for each in definitions if each.get(name)), None)
    return Location(relative(last.path, root), last.line) if last else None


def _entry(
    definitions: Definitions, definition: Definition, keys: tuple[Hashable, ...], depth: int
) -> tuple[Path, int] | None:
    value = definition.value
    union = isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
    if not isinstance(value, ast.BinOp) or not union or depth >= DEPTH:
        return _written(definitions, definition, keys, depth)
    # The right side of DEFAULTS | OWN has the last word.
    sides = (_side(definitions, definition, part) for part in (value.right, value.left))
    found = (_entry(definitions, each, keys, depth + 1) for side in sides for each in side)
    return next((entry for entry in found if entry), None)


def _element(
    definition: Definition, definitions: Definitions, key: Hashable, depth: int
) -> tuple[Path, int] | None:
    """Return where the element of a list is written that is a sum, or unpacks other lists."""
    for node in ast.walk(definition.value) if definition.value is not None else ():
        if isinstance(node, ast.List | ast.Tuple) and (line := element_line(node, key)):
            return definition.path, line
        if isinstance(node, ast.Name) and node.id != definition.name and depth < DEPTH:
            held = definitions.get(node.id, ())
            found = (_element(each, definitions, key, depth + 1) for each in held)
            if element := next((place for place in found if place), None):
                return element
    return None


def _written(
    definitions: Definitions, definition: Definition, keys: tuple[Hashable, ...], depth: int
) -> tuple[Path, int] | None:
    value, line, path = definition.value, 0, definition.path
    for index, key in enumerate(keys):
        if isinstance(value, ast.Name) and depth < DEPTH and definitions.get(value.id):
            # DATABASES = {"default": config}: the entry is where the other name got its value.
            inner = definitions[value.id]
            found = (_entry(definitions, d, keys[index:], depth + 1) for d in reversed(inner))
            return next(filter(None, found), (inner[-1].path, inner[-1].line))
        if isinstance(value, ast.List | ast.Tuple) and (number := element_line(value, key)):
            return path, number
        if not isinstance(value, ast.Dict):
            return None
        pairs = zip(value.keys, value.values, strict=True)
        held = [(k.lineno, v) for k, v in pairs if k is not None and _is_key(definitions, k, key)]
        if not held:
            return None
        line, value = held[-1]
    if isinstance(value, ast.Name) and depth < DEPTH and definitions.get(value.id):
        last = definitions[value.id]
        dicts = [d for d in last if isinstance(d.value, ast.Dict)]
        return ((dicts or last)[-1].path, (dicts or last)[-1].line)
    return (path, line) if line else None


def _is_key(definitions: Definitions, node: ast.expr, key: Hashable) -> bool:
    """Whether a key is the wanted one, written out or as a name that was bound to it."""
    if isinstance(node, ast.Name) and definitions.get(node.id):
        bound = definitions[node.id][-1].value
        node = bound if bound is not None else node
    return isinstance(node, ast.Constant) and node.value == key


def _side(definitions: Definitions, whole: Definition, part: ast.expr) -> list[Definition]:
    """Return what one side of a union of dictionaries was given, the last first."""
    if isinstance(part, ast.Name):
        return [each for each in reversed(definitions.get(part.id, [])) if each is not whole]
    return [replace(whole, value=part)]
