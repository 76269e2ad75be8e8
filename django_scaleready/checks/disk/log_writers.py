"""Which files write to a logger, as far as the names tell that they ask for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from django_scaleready.checks.code.running.by_hand import is_loaded, run_by_hand
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.scopes import Site

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.reading import Reading

_COMMANDS = "/management/commands/"
# The rule that is told of them.
NOTED = "log-file"


@only_with("getLogger", "get_logger")
def collect(reading: Reading) -> Iterator[Fact]:
    """Note the loggers that code asks for: (name, as what it is kept for other files alone).

    The name is None for one that is computed, and the other "" for one that the file writes to.
    """
    module = reading.module
    for site in module.calls("getLogger", "get_logger"):
        for given in site.call.args[:1]:
            for name in _names(module, given):
                yield module.fact(site, name, _kept_unread(module, site))


def _names(module: Module, given: ast.expr) -> tuple[str | None, ...]:
    """Return the names that a logger may have; None for one that is computed."""
    match given:
        case ast.Name(id="__name__"):
            return (module.name,)
        case ast.Attribute(value=ast.Name(id=held), attr="__name__") if held in module.imports:
            # Of a module, or of something in one.
            return module.imports[held], module.imports[held].rpartition(".")[2]
        case ast.Constant(value=str(value)):
            return (value,)
    return (None,)


def _kept_unread(module: Module, site: Site) -> str:
    """Return the name of the module that a logger has which the module does not read."""
    bindings = module.top.bindings if site.scope is module.top else {}
    bound = next((name for name, values in bindings.items() if site.call in values), "")
    return "" if any(bound in scope.names for scope in module.scopes) else bound


def is_forgotten(code: Codebase, logger: str, started: Set[str] = frozenset()) -> bool:
    """Whether the code asks for a logger, and nothing that is loaded writes to it.

    What a person runs is watched by that person, unless it is one of the programs that are started,
    or a management command, which a clock may run.
    """
    asked = [(s, *fact.data) for s, fact in code.facts(NOTED)]
    if any(named is None for _, named, _ in asked):
        return False
    own = any(f"{named}.".startswith(f"{logger}.") for _, named, _ in asked)
    writing = writers(code, logger)
    if not logger or not own:
        return False
    by_hand = code.once(run_by_hand)
    return started.isdisjoint(writing) and not any(
        _COMMANDS in f"/{path}" if path in by_hand else is_loaded(code, source)
        for path, source in writing.items()
    )


def writers(code: Codebase, logger: str) -> dict[str, Summary]:
    """Return the files that may write to a logger, or to one below it, by their paths."""
    asked = [(s, *fact.data) for s, fact in code.facts(NOTED)]
    own = [(s, kept) for s, named, kept in asked if f"{named}.".startswith(f"{logger}.")]
    return {s.path: s for s, kept in own if not kept or _is_taken(code, s, kept)}


def _is_taken(code: Codebase, source: Summary, name: str) -> bool:
    """Whether another file may read a name of a module."""
    if not code.importing.keys().isdisjoint({f"{source.module}.{name}", f"{source.module}.*"}):
        return True
    importers = code.importers.get(source.path, ())
    return any(name in code.by_path[path].mentions for path in importers)
