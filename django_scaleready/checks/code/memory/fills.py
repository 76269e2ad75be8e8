"""What functions put into containers and variables that outlive them, and where it comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory.admin_options import grown, handed_over
from django_scaleready.checks.code.memory.class_querysets import kept_rows
from django_scaleready.checks.code.memory.containers import Change, Container, is_made_anew
from django_scaleready.checks.code.memory.for_children import is_for_child
from django_scaleready.checks.code.memory.hand_over import is_emptied
from django_scaleready.checks.code.memory.looked_up import is_looked_up
from django_scaleready.checks.code.memory.outside import CLIENT, Outside
from django_scaleready.checks.code.memory.overwritten import is_overwritten, is_scratch
from django_scaleready.checks.code.memory.rebound import counts_events
from django_scaleready.checks.code.memory.revalidated import renews
from django_scaleready.checks.code.memory.routes import ROUTES, added_routes
from django_scaleready.checks.code.memory.settings_changes import (
    SETTINGS,
    is_of_object,
    settings_changes,
)
from django_scaleready.checks.code.memory.shared_names import filled_elsewhere
from django_scaleready.checks.code.memory.times import expires, is_time_of, is_timeline
from django_scaleready.checks.code.memory.turned_away import is_turned_away
from django_scaleready.checks.code.memory.view_options import filled_initials
from django_scaleready.checks.code.memory.visitors import SESSION, is_person, visitor
from django_scaleready.checks.code.queries.rows import rows_of
from django_scaleready.checks.code.summary import Fact, Fill, Moment
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name

FILLED = "filled"
# Filled, and of use to other files alone.
SCRATCH = "scratch"
# Whom a function asks.
KINDS = ("database", "http", "machine")
# What a class keeps of a queryset that its methods went through.
EVALUATED = "evaluated"
CLEAR_SITES = "django.contrib.sites.models.Site.objects.clear_cache"
Changed = tuple[Container, list[Change]]


class Fills:
    """The facts about what one file's functions fill: FILLED, class, name, fills, clears, kinds.

    The last is the dotted name of what is filled, if it is imported.
    """

    def __init__(self, reading: Reading) -> None:
        """Take the file."""
        self._reading = reading
        self._module = reading.module

    def of_others(self) -> Iterator[Fact]:
        """Yield what is put into the containers of other modules."""
        outside = Outside(self._reading)
        for dotted, changed in filled_elsewhere(self._module).items():
            yield from self.filled(changed, outside, KINDS, dotted)

    def of_settings(self) -> Iterator[Fact]:
        """Yield what is put into a setting: from outside, or what an object has."""
        outside, module = Outside(self._reading), self._module
        lines = [n for bound, n in module.import_lines.items() if module.imports[bound] == SETTINGS]
        for name, uses in settings_changes(module).items():
            for use in uses:
                if is_of_object(use) or outside.asks(use)[0]:
                    fill = Fill(use.node.lineno, use.scope.function, "values")
                    yield Fact(lines[0], "", (FILLED, "", name, (fill,), (), KINDS, SETTINGS))

    def of_admin(self) -> Iterator[Fact]:
        """Yield the options of the admin that grow, and what its views leave for one another."""
        for name, scope, line in (*grown(self._module), *handed_over(self._module)):
            fill = Fill(line, scope.function, "values")
            owner = scope.owner.qualname if scope.owner else ""
            yield Fact(line, "", (FILLED, owner, name, (fill,), (), KINDS, ""))

    def of_views(self) -> Iterator[Fact]:
        """Yield what views put into the first values of a form, which all of them have."""
        for use in filled_initials(self._module):
            line = use.node.lineno
            owner = use.scope.owner
            fill = Fill(line, use.scope.function, "values")
            data = (FILLED, owner.qualname if owner else "", "initial", (fill,), (), KINDS, "")
            yield Fact(line, "", data)

    def of_classes(self) -> Iterator[Fact]:
        """Yield the querysets of classes that keep their rows."""
        found: dict[tuple[Scope, str], list[Fill]] = {}
        for name, queryset, owner, scope, line in kept_rows(self._module):
            rows = (rows_of(self._module, queryset, owner),)
            fill = Fill(line, scope.function, EVALUATED, (), rows)
            found.setdefault((owner, name), []).append(fill)
        for (owner, name), fills in found.items():
            line = owner.bindings[name][0].lineno
            yield Fact(line, "", (FILLED, owner.qualname, name, tuple(fills), (), KINDS, ""))

    def of_routes(self) -> Iterator[Fact]:
        """Yield the routes that functions add to a list that Django looks through."""
        for site in added_routes(self._module):
            fill = Fill(site.line, site.scope.function, ROUTES)
            yield Fact(site.line, "", (FILLED, "", ROUTES, (fill,), (), KINDS, ""))

    def of_sites(self) -> Iterator[Fact]:
        """Yield where a signal clears the sites that Django keeps in each process."""
        module = self._module
        for call in module.calls_that_run("clear_cache"):
            signalled = module.moment(call.scope) is Moment.SIGNAL
            if signalled and module.resolve(call.call.func) == CLEAR_SITES:
                fill = Fill(call.line, module.function_of(call.scope), "values")
                data = (FILLED, "", "SITE_CACHE", (fill,), (call.line,), KINDS, "")
                yield Fact(call.line, "", data)

    def filled(
        self, changed: Changed, outside: Outside, kinds: tuple[str, ...], imported: str = ""
    ) -> Iterator[Fact]:
        """Yield what is put into one container, unless it expires or is nobody else's."""
        container, uses = changed
        module = self._module
        uses = [use for use in uses if not is_for_child(module, container, use)]
        fills = [_fill(module, container, outside, use) for use in uses if use.values]
        fills = [fill for fill in fills if fill.kept or fill.sources]
        if not fills:
            return
        # What one visitor did is no cache that may expire: the next request asks another process.
        of_visitor = any(visitor(use) == SESSION or _is_limit(module, use) for use in uses)
        if not of_visitor and (expires(module, uses) or renews(container, uses)):
            return
        if is_made_anew(module, container, uses) or is_overwritten(module, container, uses):
            return
        if is_emptied(module, container):
            return
        cleared = [use for use in uses if not use.values]
        if cleared and all(module.moment(use.scope) is Moment.SIGNAL for use in uses):
            # What one signal leaves for the next.
            return
        signals = tuple(
            use.node.lineno for use in cleared if module.moment(use.scope) is Moment.SIGNAL
        )
        owner, name = container.owner.qualname, container.name
        data = (
            SCRATCH if is_scratch(module, container, uses) else FILLED,
            owner,
            name,
            tuple(fills),
            signals,
            kinds,
            imported or _imported(module, name),
        )
        yield Fact(container.line, "", data)


def _imported(module: Module, name: str) -> str:
    """Return the dotted name of what is imported and given the values: settings, or a class."""
    first, dot, _ = name.partition(".")
    return module.own_imports.get(first, "") if dot else module.imports.get(first, "")


def _fill(module: Module, container: Container, outside: Outside, use: Change) -> Fill:
    sure, sources = outside.asks(use)
    sure = sure or (bool(visitor(use)) and not _is_client(use))
    sure = sure or is_looked_up(module, container, use) or _is_limit(module, use)
    sure = sure or is_turned_away(container, use)
    counts = counts_events(module, use) or (is_timeline(module, use) and _is_served(use))
    kept = "values" if sure else "count" if counts else ""
    rows = outside.rows(use) if kept == "values" else ()
    return Fill(use.node.lineno, module.function_of(use.scope), kept, sources, rows)


def _is_limit(module: Module, use: Change) -> bool:
    """Whether it is when one person last did something: how often he may is told by it."""
    return is_time_of(module, use) and is_person(use)


def _is_client(use: Change) -> bool:
    """Whether a client is kept, by what it may do: ``KEPT[session_key] = make_session(role)``."""
    value = use.values[0]
    return isinstance(value, ast.Call) and CLIENT.search(last_name(value.func)) is not None


def _is_served(use: Change) -> bool:
    functions = (scope for scope in use.scope.outer if scope.kind == "function")
    return any("request" in function.parameters for function in functions)
