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
- the entries expire (the function reads a clock);
- the container is local to a thread, a context or an object;
- the code is a command, a script, or runs under DEBUG only.

It is a warning, and an error if a signal receiver clears it: then it was meant to be fresh.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Rule, Severity
from django_scaleready.checks.containers import containers, from_outside, mutations
from django_scaleready.checks.source import Moment, Source

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "django.utils.timezone.now",
        "time.monotonic",
        "time.perf_counter",
        "time.time",
    }
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each module's container that a function fills with values from outside."""
    for source in project.sources:
        for name, definition in containers(source).items():
            uses = [use for use in mutations(source, name) if _counts(source, use.node)]
            filled = [u for u in uses if u.values and from_outside(project, source, u)]
            if not filled or any(_reads_clock(source, use.node) for use in uses):
                continue
            cleared = [use for use in uses if not use.values and _is_receiver(source, use.node)]
            others = [definition, *(u.node for u in filled[1:]), *(u.node for u in cleared)]
            stale = " A signal clears it, in one process only." if cleared else ""
            yield Finding(
                message=f"{name} remembers values from outside in each process by itself.{stale}",
                hint="Use Django's cache, or ask each time.",
                location=source.at(filled[0].node),
                severity=Severity.ERROR if cleared else Severity.WARNING,
                confidence=Confidence.HIGH if cleared else Confidence.MEDIUM,
                related=tuple(dict.fromkeys(source.at(node) for node in others)),
            )


def _counts(source: Source, node: ast.AST) -> bool:
    moment = source.moment(node)
    return moment not in {Moment.COMMAND, Moment.IMPORT} and not source.is_debug_only(node)


def _reads_clock(source: Source, node: ast.AST) -> bool:
    function = source.function_of(node)
    calls = (n for n in ast.walk(function) if isinstance(n, ast.Call)) if function else ()
    return any(source.resolve(call.func) in CLOCKS for call in calls)


def _is_receiver(source: Source, node: ast.AST) -> bool:
    function = source.function_of(node)
    if function is None:
        return False
    for decorator in function.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if source.resolve(call) == "django.dispatch.receiver":
            return True
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "connect"
        and any(isinstance(arg, ast.Name) and arg.id == function.name for arg in call.args)
        for call in source.calls
    )


RULE = Rule("scaleready.E061", "process-dict-cache", find, Area.SOURCE)
