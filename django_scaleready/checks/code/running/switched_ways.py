"""Where what runs only where a setting is on leads: the names it says, what it imports, views."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from django_scaleready.checks.code.running.guards import SWITCHES
from django_scaleready.checks.code.running.switches import (
    NOTED,
    Asker,
    Switches,
    asker_of,
    switched,
)
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.said_below import said_below
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import ENDS, absolute, blocks, nodes_of

WORDS, IMPORTS, CLASSES = "switched-words", "switched-imports", "switched-class"
Lines = tuple[int, int]
# A setting, as ``switches`` has it.
Switch = tuple[str, bool, str]
# What a view goes through before any of its other methods is called.
_ENTRANCES = frozenset({"check_permissions", "dispatch", "initial", "initialize_request", "setup"})


def words(reading: Reading) -> Iterator[Fact]:
    """Note what a place says only where a setting is on: (name, may be unset, module, the words).

    What is under DEBUG alone is said by nobody (see ``scopes.SILENT``).
    """
    lines, chosen = dict(_below(reading)), _chosen(reading)
    for switch in sorted({*lines, *chosen}):
        parts = chosen[switch]
        first = lines[switch][0][0] if switch in lines else parts[0].lineno
        for place, said in said_below(reading.module, lines.get(switch, ()), parts):
            yield Fact(first, place, (*switch, said))


def imports(reading: Reading) -> Iterator[Fact]:
    """Note what is imported only where a setting is on: (name, may be unset, module, what)."""
    parts = _below(reading)
    imported = [*_imported(reading.module)] if parts else []
    everywhere = Counter(name for _, name in imported)
    for switch, lines in parts:
        below = [n for line, n in imported if any(first <= line <= last for first, last in lines)]
        for name, count in Counter(below).items():
            if everywhere[name] == count:
                yield Fact(lines[0][0], "", (*switch, name))


def classes(reading: Reading) -> Iterator[Fact]:
    """Note the views that turn everybody away unless a setting is on: (name, may be unset, module).

    One that calls ``super()`` first, or then, lets them in.
    """
    module = reading.module
    entrances = [scope for scope in module.functions.values() if scope.name in _ENTRANCES]
    asker = reading.once(asker_of) if entrances else None
    for scope in entrances if asker else ():
        if asker and scope.parent and scope.parent.kind == "class":
            for switch in sorted(_at_entrance(asker, scope)):
                yield Fact(scope.line, scope.parent.qualname, switch)


def _below(reading: Reading) -> Sequence[tuple[Switch, list[Lines]]]:
    asker = reading.once(asker_of)
    found: dict[Switch, list[Lines]] = defaultdict(list)
    for fact in asker.below if asker else ():
        name, unset, last, held = fact.data
        if name not in SWITCHES:
            found[name, unset, held].append((fact.line, last))
    return sorted(found.items())


def _chosen(reading: Reading) -> dict[Switch, list[ast.expr]]:
    """Return what is taken only where a setting is on: ``Remote if settings.SENDS else Local``."""
    asker = reading.once(asker_of)
    found: dict[Switch, list[ast.expr]] = defaultdict(list)
    if asker is None or not asker.in_line:
        return found
    for node in nodes_of(asker.module.top.node):
        if isinstance(node, ast.IfExp):
            for switches, part in zip(
                asker.asked(node.test), (node.body, node.orelse), strict=True
            ):
                for switch in switches:
                    if switch[0] not in SWITCHES:
                        found[switch].append(part)
    return found


def _imported(module: Module) -> Iterator[tuple[int, str]]:
    for node in (statement for block in blocks(module.top.node) for statement in block):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute(module.name, module.is_package, node)
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def _at_entrance(asker: Asker, scope: Scope) -> Switches:
    for statement in getattr(scope.node, "body", ()):
        said = {getattr(node, "id", "") for node in nodes_of(statement)}
        if "super" in said:
            break
        if isinstance(statement, ast.If) and isinstance(statement.body[-1], ENDS):
            return asker.asked(statement.test)[1]
    return frozenset()


COLLECTORS = ((NOTED, switched), (WORDS, words), (IMPORTS, imports), (CLASSES, classes))
