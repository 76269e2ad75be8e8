"""From a file's bytes to its summary: pure, so that it can be cached and run in any process."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django_scaleready.checks.boundary import reason
from django_scaleready.checks.code.clients.http import http_calls
from django_scaleready.checks.code.clients.own_machine import is_own_machine
from django_scaleready.checks.code.clients.passed_on import passed_on
from django_scaleready.checks.code.loading.clock import SECONDS, TooLong, watched
from django_scaleready.checks.code.loading.garbage import uncollected
from django_scaleready.checks.code.queries.database import queries
from django_scaleready.checks.code.summary import (
    DEVELOPED,
    LATER,
    MAIN,
    Call,
    Class,
    Fact,
    Function,
    Moment,
    Summary,
)
from django_scaleready.checks.code.tree import scopes as flag
from django_scaleready.checks.code.tree.decorations import decorations, registered
from django_scaleready.checks.code.tree.flows import SENT, flows
from django_scaleready.checks.code.tree.leads_of import returned_by, values_of
from django_scaleready.checks.code.tree.module import LIBRARIES, Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.said import said
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.settings_files import may_be_settings
from django_scaleready.checks.code.tree.suppressions import suppressions
from django_scaleready.checks.code.tree.walk import parse

Collector = tuple[str, Callable[[Reading], Iterator[Fact]]]

# Where one of these is imported, or such a name is used, a value may be a path or a file.
PATHS = frozenset({"os", "pathlib", "tempfile", "shutil", "io", "zipfile", "tarfile", "gzip"})
PATH_NAMES = ("path", "_dir", "filename", "file_name", "_file", "_root", "_folder")
PLACES = ((MAIN, Moment.COMMAND), (DEVELOPED, Moment.COMMAND), (LATER, Moment.REQUEST))
PLACED = flag.MAIN | flag.DEBUG | flag.DEFERRED
STARTERS = frozenset({"threading.Thread", "threading.Timer"})


def analyse(
    path: str,
    content: bytes,
    collectors: Sequence[Collector],
    may_take: Callable[[float], None],
) -> Summary:
    """Return the summary of a file; one that cannot be read so has a ``problem`` and no facts.

    ``may_take`` is of ``clock.watched()``.
    """
    try:
        try:
            may_take(SECONDS)
            return _summary(parse(path, content), collectors)
        finally:
            may_take(0)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        cause = getattr(error, "msg", None) or str(error) or type(error).__name__
        line = getattr(error, "lineno", None) or 0
        return _without(path, f"the file could not be parsed: {cause}", line)
    except TooLong as error:
        return _without(path, f"the file was given up: {error}")


def analyse_each(
    contents: Mapping[str, bytes], collectors: Sequence[Collector]
) -> Iterator[Summary]:
    """Yield the summaries of several files, given by path."""
    with uncollected(), watched() as may_take:
        for path, content in contents.items():
            yield analyse(path, content, collectors, may_take)


def unreadable(path: str, error: OSError | ValueError) -> Summary:
    """Return the summary of a file that could not be read."""
    cause = getattr(error, "strerror", None) or str(error)
    return _without(path, f"the file could not be read: {cause}")


def fatal(path: str) -> Summary:
    """Return the summary of a file that ended the process which read it."""
    summary = _without(path, "the process that read it ended, and did so again with it alone")
    summary.fatal = True
    return summary


def _without(path: str, problem: str, line: int = 0) -> Summary:
    return Summary(path, Module(path).name, problem=problem, line=line)


def _summary(module: Module, collectors: Sequence[Collector]) -> Summary:
    reading = Reading(module, http_calls(module), list(queries(module)))
    summary = Summary(
        module.path,
        module.name,
        is_script=module.is_script,
        may_be_settings=reading.once(may_be_settings),
        imported=frozenset(module.imports.values()) - module.under_debug,
        under_debug=frozenset(module.under_debug),
        mentions=module.mentions,
        said=said(module),
        classes={
            c.qualname: Class(c.line, module.bases(c), tuple(module.decorators(c)))
            for c in module.classes.values()
        },
        suppressions=suppressions(module),
    )
    calls = _project_calls(module)
    if _speaks_of_paths(module):
        summary.values = values_of(reading)
        summary.flows = list(flows(reading, [call[:4] for call in calls]))
    summary.functions = _functions(reading, calls)
    for slug, collect in collectors:
        try:
            if facts := list(collect(reading)):
                summary.facts[slug] = facts
        except (RecursionError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a rule that meets code nobody thought of is named
            summary.undecided.append(f"{slug} failed on this file: {reason(error)}")
    return summary


def _speaks_of_paths(module: Module) -> bool:
    if not PATHS.isdisjoint(module.roots) or "settings" in module.imports:
        return True
    return any(name.lower().endswith(PATH_NAMES) for name in module.mentions)


class _ProjectCall(NamedTuple):
    """A call of what may be a function of the project, and the function it stands in."""

    callee: str
    call: ast.Call
    scope: Scope
    place: str
    deferred: bool


def _project_calls(module: Module) -> list[_ProjectCall]:
    found = []
    own, functions, classes = module.own_imports, module.functions, module.classes
    starts = "threading" in module.roots
    for scope in module.scopes:
        here = scope.function
        for call, flags in scope.calls:
            if flags & flag.NEVER:
                continue
            function = _work(module, call) if starts and call.keywords else call.func
            callee = ""
            if function.__class__ is ast.Attribute:
                callee = _method(module, function, scope)
            elif function.__class__ is ast.Name:
                name: str = function.id
                if name in own:
                    callee = own[name]
                elif name in functions or name in classes:
                    callee = f"{module.name}.{name}"
            if callee:
                place = _place(module, scope, flags) if flags & PLACED or not here else here
                deferred = bool(flags & flag.DEFERRED)
                found.append(_ProjectCall(callee, call, scope, place, deferred))
    return found


def _work(module: Module, call: ast.Call) -> ast.expr:
    """Return what a call calls; a thread's work is called when the thread is."""
    if module.resolve(call.func) in STARTERS:
        for keyword in call.keywords:
            if keyword.arg in {"target", "function"}:
                return keyword.value
    return call.func


def _functions(reading: Reading, made: Sequence[_ProjectCall]) -> dict[str, Function]:
    module = reading.module
    io: dict[str, list[tuple[str, int]]] = {}
    for one in reading.http:
        if one.asks:
            own = is_own_machine(one.site.call, one.site.scope)
            _note(io, module, one.site, "machine" if own else "http")
    for site in reading.queries:
        _note(io, module, site, "database")
    calls: dict[str, list[Call]] = {}
    for callee, call, scope, place, deferred in made:
        given = passed_on(call, scope)
        made_call = Call(callee, call.lineno, given, len(call.args), deferred, _named(call))
        calls.setdefault(place, []).append(made_call)
    found = {
        name: _function(reading, scope, calls.get(name, ()), io.get(name, ()))
        for name, scope in module.functions.items()
    }
    start = Moment.COMMAND if module.is_script else Moment.IMPORT
    found[""] = Function(0, start, calls=tuple(calls.get("", ())), io=tuple(io.get("", ())))
    for place, moment in PLACES:
        if place in calls:
            found[place] = Function(0, moment, calls=tuple(calls[place]))
    return found


def _named(call: ast.Call) -> tuple[str, ...]:
    # Asked of each call: most have neither.
    named = [keyword.arg or "**" for keyword in call.keywords] if call.keywords else []
    for argument in call.args:
        if argument.__class__ is ast.Starred:
            return (*named, "*")
    return tuple(named)


def _place(module: Module, scope: Scope, flags: int) -> str:
    if flags & flag.DEBUG:
        return DEVELOPED
    if flags & flag.MAIN:
        return MAIN
    here = module.function_of(scope)
    if flags & flag.DEFERRED and (not here or module.moment(scope) is Moment.READY):
        # What ready() connects or keeps runs when somebody calls it.
        return LATER
    return here


def _note(notes: dict[str, list[tuple[str, int]]], module: Module, site: Site, kind: str) -> None:
    if not site.guarded and not site.flags & flag.DEFERRED:
        notes.setdefault(module.function_of(site.scope), []).append((kind, site.line))


def _method(module: Module, function: ast.Attribute, scope: Scope) -> str:
    """Return the dotted name of the project's function that is called, as well as one can tell."""
    held = function.value
    if held.__class__ is ast.Name:
        return _of_name(module, function, held.id, scope)
    if isinstance(held, ast.Call):
        # A method of an object made on the spot.
        made = module.qualified(held.func, scope)
        name = f"{made}.{function.attr}" if made else ""
    else:
        name = module.qualified(function, scope)
    root, dot, _ = name.partition(".")
    return name if dot and root not in LIBRARIES else ""


def _of_name(module: Module, function: ast.Attribute, name: str, scope: Scope) -> str:
    if name in {"self", "cls"}:
        owner = scope.owner
        return f"{module.name}.{owner.qualname}.{function.attr}" if owner else ""
    rebound = name in module.imports and module.rebound(function, scope)
    if name in module.own_imports and not rebound:
        return f"{module.own_imports[name]}.{function.attr}"
    if function.attr in SENT and name in module.functions:
        return f"{module.name}.{name}.{function.attr}"
    if name in module.imports and not rebound:
        return ""
    if rebound or name in scope.bindings or name in module.classes or name in module.top.bindings:
        found = module.qualified(function, scope)
        return "" if found.partition(".")[0] in LIBRARIES else found
    return ""


def _function(
    reading: Reading,
    scope: Scope,
    calls: Sequence[Call],
    io: Sequence[tuple[str, int]],
) -> Function:
    module = reading.module
    returned = returned_by(reading, scope) if scope.returns and module.imports else None
    return Function(
        scope.line,
        module.moment(scope),
        tuple(scope.parameters),
        tuple(calls),
        tuple(io),
        returned,
        decorations(module, scope) if scope.decorators else (),
        registered(scope) if scope.decorators else "",
    )
