"""A function that asks the database or another host remembers its answer for ever.

`lru_cache` and `cache` have no end: each process keeps the first answer until it restarts, and the
processes of the replicas keep different ones. So is what a function makes of a row that it is given
(`def label(order: Order)`, or one that returns `order.bill` and catches `Bill.DoesNotExist`): rows
are compared by their key, and not by what is in them. cachetools' `cached(LRUCache(10))` has no end
either, nor has a decorator of the project's own that keeps what it got in a dictionary, or applies
one of these. A `cached_property` of an object that a module makes lives as long as the process,
too.

## Bad

```python title="shop/rates.py"
from functools import lru_cache

from shop.models import Rate


@lru_cache
def rate(currency):
    return Rate.objects.get(currency=currency).value
```

## Good

```python title="shop/rates.py"
from django.core.cache import cache

from shop.models import Rate


def rate(currency):
    return cache.get_or_set(
        f"rate-{currency}", lambda: Rate.objects.get(currency=currency).value, 300
    )
```

## Stays silent when

- the function follows from its arguments alone, or makes a client;
- what is remembered expires (cachetools' `TTLCache`);
- what it remembers is the primary key of a row, or how one is shown: `str(row)`;
- it asks the database about that alone: its version, its collations, its extensions;
- an argument lets entries expire (`ttl_hash`), or is the request;
- it is a method, of an object that the module does not keep: a view lives as long as its request;
- it stands in another function, each call of which makes it anew;
- something clears the cache (`cache_clear`), unless that is always done where rows or tables are
  changed: the other processes do not hear of it;
- it reads a file that the image has from its build, and asks only where that is missing;
- the code is a management command or a script, or in a file that only these import.

It is information if what is remembered is what another host said, which may never change, a user
whom constants name (the system, nobody), or rows of a model of the project that no form, admin,
serializer or view has, and no code of a replica changes. It is not if a caller takes something out
of what is remembered (`photos().pop()`): each process has another rest.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.memory.clears import clears
from django_scaleready.checks.code.memory.lasting import keeps_its_first
from django_scaleready.checks.code.memory.memos import CACHES, EXPIRY, memos
from django_scaleready.checks.code.memory.used_up import used_up
from django_scaleready.checks.code.model_classes import is_model
from django_scaleready.checks.code.queries.catalogue import asks_of_itself
from django_scaleready.checks.code.queries.database import is_queryset
from django_scaleready.checks.code.queries.rows import rows_of
from django_scaleready.checks.code.running.by_hand import only_by_hand
from django_scaleready.checks.code.summary import Call, Fact, Rows
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of
from django_scaleready.checks.disk.baked import baked
from django_scaleready.checks.reaching.unchanged import UNCHANGED, are_unchanged

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "cached-function"
# They are given what keeps the results; TTLCache is not among what has no end.
GIVEN = frozenset({"cachetools.cached", "cachetools.cachedmethod"})
ENDLESS = frozenset(
    [*(f"cachetools.{name}Cache" for name in ("", "FIFO", "LFU", "LRU", "RR")), "dict"]
)
# Kept as long as the object: for ever, where that is the module's.
PROPERTIES = frozenset({"functools.cached_property", "django.utils.functional.cached_property"})
# What is made once and asked often.
CLIENTS = frozenset({"AsyncClient", "Client", "Session"})
FOREVER, PERHAPS, MEMO, CLEARS = "forever", "perhaps", "memo", "clears"
DATABASE = "database"
USED_UP = " Its callers use that up."
UNTIL = " and until it restarts."
CLEARED = ": who changes it clears the memory of one."
# What a call leads to, the nearest first.
STEPS = 4


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the functions that remember their results for ever, and decorators that see to it.

    FOREVER and the classes of rows that are taken apart; PERHAPS and the project's own decorators;
    MEMO of a decorator, at the line where it keeps a result; CLEARS, with the function of which the
    memory is cleared and whether that is done for a change. Then the rows that it asks for itself,
    the lines where its callers take something out of what they got, and whether it asks the
    database about that alone.
    """
    module = reading.module
    for scope in module.decorated:
        forever = _is_endless(module, scope)
        own = (
            [] if forever else [*filter(None, (_own(module, n) for n in module.decorators(scope)))]
        )
        if not (forever or own) or _is_of_an_object(module, scope) or _is_of_a_call(scope):
            continue
        # What is remembered for a request is asked for anew with the next.
        if any(EXPIRY.search(name) or name == "request" for name in scope.parameters):
            continue
        if not (_is_name(scope) or _is_client(module, scope)):
            names = tuple(_rows(module, scope) if forever else own)
            kind = FOREVER if forever else PERHAPS
            asked, itself = _asked(reading, scope), asks_of_itself(reading, scope)
            data = (kind, names, asked, (*used_up(module, scope),), itself)
            yield Fact(scope.line, scope.qualname, data)
    yield from (Fact(line, name, (MEMO, (), (), (), False)) for line, name in memos(module))
    for line, name, changes in clears(module):
        yield Fact(line, "", (CLEARS, (name,), (), changes, False))


def _asked(reading: Reading, scope: Scope) -> tuple[Rows, ...]:
    """Return the rows that a function asks for itself, or by a property of its object."""
    module, owner = reading.module, scope.parent
    found = {rows_of(module, site.call, scope) for site in reading.queries if site.scope is scope}
    for other in module.scopes if owner is not None and owner.kind == "class" else ():
        if other.parent is owner and other.name in scope.attributes:
            is_property = "property" in module.decorators(other)
            built = [v for v in other.returns if isinstance(v, ast.Call) and is_queryset(v)]
            found |= {rows_of(module, value, other) for value in built if is_property}
    return tuple(found)


def _is_endless(module: Module, scope: Scope) -> bool:
    if (CACHES | PROPERTIES).intersection(module.decorators(scope)):
        return True
    calls = (decorator for decorator in scope.decorators if isinstance(decorator, ast.Call))
    return any(
        isinstance(given, ast.Dict)
        or (isinstance(given, ast.Call) and module.resolve(given.func) in ENDLESS)
        for call in calls
        if module.resolve(call.func) in GIVEN
        for given in (*call.args[:1], *(k.value for k in call.keywords if k.arg == "cache"))
    )


def _own(module: Module, name: str) -> str:
    """Return the dotted name of a decorator that may be the project's, "" for any other."""
    if name in module.functions:
        return f"{module.name}.{name}"
    return name if name in module.own_imports.values() else ""


def _is_client(module: Module, scope: Scope) -> bool:
    """Whether all that is remembered is a client, which asks each time."""
    made = [module.resolve(v.func) if isinstance(v, ast.Call) else "" for v in scope.returns]
    return bool(made) and all(name.rpartition(".")[2] in CLIENTS for name in made)


def _rows(module: Module, scope: Scope) -> Iterator[str]:
    """Yield the classes of the parameters, as annotated, whose attributes are returned.

    And those whose rows such an attribute may lack: ``except Account.DoesNotExist``.
    """
    node = scope.node
    annotated = node.args.args if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ()
    returned = {
        part.value.id
        for value in scope.returns
        for part in nodes_of(value)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)
    }
    for argument in annotated:
        if argument.arg in returned and argument.annotation is not None:
            yield module.qualified(argument.annotation, module.top)
    if returned & scope.parameters.keys() and b".DoesNotExist" in module.content:
        caught = (n.type for n in nodes_of(scope.node) if isinstance(n, ast.ExceptHandler))
        for part in (node for kind in caught if kind for node in nodes_of(kind)):
            if isinstance(part, ast.Attribute) and part.attr == "DoesNotExist":
                yield module.qualified(part.value, module.top)


def _is_name(scope: Scope) -> bool:
    """Whether what is remembered is a row's key, which does not change, or how it is shown."""
    return bool(scope.returns) and all(map(_names, scope.returns))


def _names(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and len(value.args) == 1:
        # A text that is given to a call says what is asked for, and is not what is returned.
        given = value.args[0]
        is_text = isinstance(given, ast.Constant)
        return last_name(value.func) == "str" or (not is_text and _names(given))
    return isinstance(getattr(value, "value", 0), str) or getattr(value, "attr", "") in {"id", "pk"}


def _is_of_a_call(scope: Scope) -> bool:
    """Whether a function is made anew by each call of the one around it, and gone with it."""
    outer = scope.parent
    return outer is not None and outer.kind == "function" and not keeps_its_first(outer)


def _is_of_an_object(module: Module, scope: Scope) -> bool:
    """Whether a method remembers for one object each, and the module holds none of these."""
    owner = scope.parent
    if owner is None or owner.kind != "class" or next(iter(scope.parameters), "") != "self":
        return False
    kept = (value for values in module.top.bindings.values() for value in values)
    return not any(isinstance(v, ast.Call) and module.resolve(v.func) == owner.name for v in kept)


def find(project: Project) -> Iterator[Finding]:
    """Yield those that ask the database or another host, by themselves or one step down."""
    code = project.code
    memos = {
        f"{source.module}.{fact.function}": Location(source.path, fact.line)
        for source, fact in code.facts(SLUG)
        if fact.data[0] == MEMO
    }
    readers = baked(project).readers
    for source, fact, place in project.noted(SLUG):
        kind, names, rows, taken, of_itself = fact.data
        memo = next((memos[name] for name in names if name in memos), None)
        if kind in {CLEARS, MEMO} or (kind == PERHAPS and memo is None):
            continue
        if source.path in code.once(only_by_hand) or (source.path, fact.function) in readers:
            continue
        function = source.functions[fact.function]
        own = {kind for kind, _ in function.io} | ({DATABASE} if rows else set())
        own -= {DATABASE} if of_itself else set()
        asked = {kind for call in function.calls for kind in _asks(code, call, readers)}
        # What is remembered of a row outlives what is saved to it.
        if any(is_model(code, name) for name in fact.data[1]):
            asked.add(DATABASE)
        cleared = _cleared(source, fact)
        if (own or asked) and cleared is not None:
            hosts = DATABASE not in own | asked
            unchanged = not asked and own == {DATABASE} and are_unchanged(project, rows)
            quiet = (hosts or unchanged) and not taken
            places = tuple(Location(source.path, line) for line in taken)
            yield Finding(
                message=f"{fact.function} remembers what it asked outside, in each process by"
                f" itself{CLEARED if cleared else UNTIL}{UNCHANGED * unchanged}"
                f"{USED_UP * bool(taken)}",
                hint="Use Django's cache with a time to live.",
                location=place,
                severity=Severity.INFO if quiet else Severity.WARNING,
                confidence=Confidence.MEDIUM,
                related=(*((memo,) if memo else ()), *cleared, *places),
            )


def _cleared(source: Summary, fact: Fact) -> tuple[Location, ...] | None:
    """Return where the memory of a function is cleared for a change, in that process alone.

    None if it may be cleared otherwise, be it for each request.
    """
    noted = [one for one in source.facts.get(SLUG, ()) if one.data[0] == CLEARS]
    own = f"{source.module}.{fact.function}"
    clears = [one for one in noted if one.data[1][0] in {"", own}]
    if not all(one.data[3] for one in clears):
        return None
    return tuple(Location(source.path, one.line) for one in clears)


def _asks(code: Codebase, call: Call, readers: Set[Key]) -> set[str]:
    """Return what a call asks: itself anything, over some steps only other hosts."""
    found = code.reached(call.callee)[:STEPS]
    if found and (found[0][0].path, found[0][1]) in readers:
        return set()
    kinds = [{kind for kind, _ in each[2].io} for each in found]
    return set().union(*kinds[:1], *(kind - {DATABASE} for kind in kinds[1:]))


RULE = Rule("scaleready.W063", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
