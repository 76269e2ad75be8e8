"""A dictionary in the module remembers what came from the database, a request or another host.

It is filled in one process. The others have their own: what one of them forgets, the rest go on
serving until they are restarted, and which answer a visitor gets depends on the process that
happens to serve him.

## Bad

```python title="shop/prices.py"
from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Product

_PRICES = {}


def price(slug):
    if slug not in _PRICES:
        _PRICES[slug] = Product.objects.get(slug=slug).price
    return _PRICES[slug]


@receiver(post_save, sender=Product)
def forget(sender, instance, **kwargs):
    _PRICES.pop(instance.slug, None)
```

## Good

```python title="shop/prices.py"
from django.core.cache import cache

from shop.models import Product


def price(slug):
    return cache.get_or_set(slug, lambda: Product.objects.get(slug=slug).price, 300)
```

## Stays silent when

- it is a registry: filled at import, or by a decorator, with functions and classes;
- the values follow from the code alone;
- the entries expire (the function reads a clock, or compares a version and begins anew);
- each object has its own: a field of a schema or a dataclass, a copy that is made of it;
- the container is local to a thread, a context or an object;
- the code is a command, a script, or in a file that only these import, or runs under DEBUG only.

It is a warning, and an error if a signal receiver clears it: then it was meant to be fresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.by_hand import only_by_hand
from django_scaleready.checks.code.containers import (
    Change,
    Outside,
    changes,
    containers,
    renews,
)
from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.summary import Fact, Moment, Summary

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "process-dict-cache"
FILLED, COPIED = "filled", "copied"
CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "django.utils.timezone.now",
        "time.monotonic",
        "time.perf_counter",
        "time.time",
    }
)
# Where nothing is remembered from one request to the next.
FILLED_ONCE = frozenset({Moment.COMMAND, Moment.IMPORT})


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the containers that functions fill: FILLED, class, name, fills, clears by signals.

    And what each object has a copy of: COPIED, class, name.
    """
    module = reading.module
    yield from _copied(module)
    held = list(containers(module))
    changed = changes(module, {container.name for container in held}) if held else {}
    if not changed:
        return
    outside = Outside(reading)
    for container in held:
        uses = changed.get((container.name, container.owner), [])
        fills = [_fill(module, outside, use) for use in uses if use.values]
        fills = [fill for fill in fills if fill[2] or fill[3]]
        fresh = any(_reads_clock(module, use) or renews(container, use) for use in uses)
        if fills and not fresh:
            cleared = [use for use in uses if not use.values]
            signals = tuple(
                use.node.lineno for use in cleared if module.moment(use.scope) is Moment.SIGNAL
            )
            owner = container.owner.qualname
            yield Fact(container.line, "", (FILLED, owner, container.name, tuple(fills), signals))


def _copied(module: Module) -> Iterator[Fact]:
    """Note ``self.fields = deepcopy(self.fields)``, of which a derived class need not know."""
    for site in module.calls("copy", "deepcopy"):
        owner = site.scope.owner
        for name, values in site.scope.bindings.items() if owner else ():
            if owner and name.startswith("self.") and site.call in values:
                data = (COPIED, owner.qualname, name.removeprefix("self."))
                yield Fact(site.line, "", data)


def _fill(module: Module, outside: Outside, use: Change) -> tuple[int, str, bool, tuple[str, ...]]:
    sure, sources = outside.asks(use)
    return use.node.lineno, module.function_of(use.scope), sure, sources


def _reads_clock(module: Module, use: Change) -> bool:
    functions = [scope for scope in use.scope.outer if scope.kind == "function"]
    calls = (call for scope in functions for call, _ in scope.calls)
    return any(module.resolve(call.func) in CLOCKS for call in calls)


def find(project: Project) -> Iterator[Finding]:
    """Yield each container that a function fills with values from outside."""
    code = project.code
    for source, fact in code.facts(SLUG):
        if source.path in code.once(only_by_hand):
            continue
        if fact.data[0] != FILLED or _has_copy(code, source, *fact.data[1:3]):
            continue
        _, _, name, fills, signals = fact.data
        lines = [
            line
            for line, function, sure, sources in fills
            if (sure or _asks(code, sources)) and not code.moments(source, function) <= FILLED_ONCE
        ]
        if not lines:
            continue
        stale = " A signal clears it, in one process only." if signals else ""
        yield Finding(
            message=f"{name} remembers values from outside in each process by itself.{stale}",
            hint="Use Django's cache, or ask each time.",
            location=Location(source.path, lines[0]),
            severity=Severity.ERROR if signals else Severity.WARNING,
            confidence=Confidence.HIGH if signals else Confidence.MEDIUM,
            related=tuple(
                dict.fromkeys(Location(source.path, n) for n in (fact.line, *lines[1:], *signals))
            ),
        )


def _has_copy(code: Codebase, source: Summary, owner: str, name: str) -> bool:
    """Whether a class, or one that it derives from, gives each object a copy."""
    copied = code.once(_copies)
    bases = map(code.locate, code.ancestors(f"{source.module}.{owner}")) if owner else ()
    return any(found and (found[0].path, found[1], name) in copied for found in bases)


def _copies(code: Codebase) -> frozenset[tuple[str, ...]]:
    facts = code.facts(SLUG)
    return frozenset((s.path, *fact.data[1:]) for s, fact in facts if fact.data[0] == COPIED)


def _asks(code: Codebase, sources: tuple[str, ...]) -> bool:
    """Whether a function of the project, one step down, asks the database or another host."""
    return any((found := code.function(name)) and found[2].io for name in sources)


RULE = Rule("scaleready.E061", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
