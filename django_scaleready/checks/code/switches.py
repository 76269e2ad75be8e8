"""What of a file runs only where a setting is on: ``if settings.SHOP_SENDS: send()``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.reading import Reading
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.syntax import blocks
from django_scaleready.checks.code.walk import ENDS

NOTED = "switched"
SETTINGS = "django.conf.settings"
# Looked for in the text: few files ask so, and their trees are gone through once more.
_WRITTEN = re.compile(
    rb"\bif\b(?:[^\n:(]*\(\n[^:]*?|[^\n]*)\b(?:settings\.[A-Z]|getattr\(settings\b|[A-Z][A-Z_]{2})"
)
# Without one of these nothing is imported from settings.
_PARTS = ("settings", "conf")
# What else settings may be imported from: shop.settings, config.settings.base.
_MODULE = re.compile(r"(^|\.|_)(settings|conf|config)(_|\.|$)")
# The same of several, between spaces.
_IMPORTED = re.compile(r"(?:^|[._ ])(?:settings|conf|config)(?:[_. ]|$)")
# The settings that a condition finds on, as (name, whether it asks for what may be unset, the
# module that has it, "" for Django's).
Switches = frozenset[tuple[str, bool, str]]
_NONE: Switches = frozenset()


def switched(reading: Reading) -> Iterator[Fact]:
    """Note the lines that run only where a setting is on.

    As (its name, whether it may be unset, the last line, the module of settings that has it).
    """
    module = reading.module
    imported = " ".join(module.imports.values())
    if not any(part in imported for part in _PARTS) or not _IMPORTED.search(imported):
        return
    if not _WRITTEN.search(module.content):
        return
    for block in blocks(module.top.node):
        yield from _in_block(module, block)


def _in_block(module: Module, block: list[ast.stmt]) -> Iterator[Fact]:
    for statement in block:
        if not isinstance(statement, ast.If):
            continue
        on, off = _asked(module, statement.test)
        yield from _lines(on, statement.body)
        yield from _lines(off, statement.orelse)
        if off and isinstance(statement.body[-1], ENDS):
            yield from _lines(off, [each for each in block if each.lineno > statement.lineno])


def _lines(switches: Switches, block: list[ast.stmt]) -> Iterator[Fact]:
    for name, unset, held in sorted(switches) if block else ():
        yield Fact(block[0].lineno, "", (name, unset, block[-1].end_lineno or 0, held))


def _asked(module: Module, test: ast.expr) -> tuple[Switches, Switches]:
    """Return the settings that are on where a condition holds, and those where it does not."""
    match test:
        case ast.Attribute() | ast.Name():
            held, _, name = module.resolve(test).rpartition(".")
            if name.isupper() and _MODULE.search(held):
                return frozenset({(name, False, held if held != SETTINGS else "")}), _NONE
        case ast.Call(
            func=ast.Name("getattr"),
            args=[given, ast.Constant(value=str(name)), ast.Constant(value=False | None)],
        ) if module.resolve(given) == SETTINGS:
            return frozenset({(name, True, "")}), _NONE
        case ast.UnaryOp(op=ast.Not()):
            on, off = _asked(module, test.operand)
            return off, on
        case ast.BoolOp():
            parts = [_asked(module, value) for value in test.values]
            if isinstance(test.op, ast.And):
                return _NONE.union(*(on for on, _ in parts)), _NONE
            return _NONE, _NONE.union(*(off for _, off in parts))
    return _NONE, _NONE
