"""Starting a process asks another host, or the database.

Every worker of every replica does it, at each deploy and each restart: forty processes fetch the
same feed within a second. While the other side is away no replica starts, so an outage elsewhere
becomes one here; and what was fetched stays as it was until the next deploy.

## Bad

```python title="shop/apps.py"
from django.apps import AppConfig

from shop import rates


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        rates.refresh()
```

```python title="shop/rates.py"
from urllib.request import urlopen

RATES = []


def refresh():
    with urlopen("https://rates.example.com/all", timeout=5) as answer:
        RATES.append(answer.read())
```

## Good

```python title="shop/apps.py"
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from shop import signals  # noqa: F401
```

```python title="shop/signals.py"
from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Order


@receiver(post_save, sender=Order)
def count(sender, **kwargs):
    Order.objects.count()
```

## Stays silent when

- `ready()` connects signals, registers checks or imports modules;
- a queryset is built but not evaluated (`queryset = Order.objects.all()` in a class);
- it happens under DEBUG only, in a command or in a script.

Files written at start are a finding of [file-write](#file-write).
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Location, Rule, Severity
from django_scaleready.checks.database_calls import asks_database
from django_scaleready.checks.http import http_call
from django_scaleready.checks.reach import reached
from django_scaleready.checks.source import Moment, Source

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each statement of a ready() method, or of a module, that leads to I/O."""
    for source in project.sources:
        for call in source.calls:
            moment = source.moment(call)
            if moment not in {Moment.READY, Moment.IMPORT} or source.is_debug_only(call):
                continue
            if _is_inner(source, call):
                continue
            doing = list(_io(project, source, call))
            if doing:
                when = "AppConfig.ready()" if moment is Moment.READY else "Importing the module"
                kinds = " and ".join(dict.fromkeys(kind for kind, _ in doing))
                yield Finding(
                    message=f"{when} {kinds}: every process of every replica does, at each start.",
                    hint="Do it in a periodic task, and keep the result in the cache or database.",
                    location=source.at(call),
                    severity=Severity.WARNING,
                    related=tuple(dict.fromkeys(place for _, place in doing)),
                )


def _is_inner(source: Source, call: ast.Call) -> bool:
    # list(Order.objects.all()): the outermost call speaks for those inside it. And a decorator's
    # call runs at import, but what it decorates does not.
    outer = itertools.takewhile(lambda node: not isinstance(node, ast.stmt), source.above(call))
    return any(isinstance(node, ast.Call | ast.Lambda) for node in outer)


def _io(project: Project, source: Source, call: ast.Call) -> Iterator[tuple[str, Location]]:
    for node in ast.walk(call):
        if not isinstance(node, ast.Call):
            continue
        for here, found in reached(project.sources, source, node):
            if http_call(here, found):
                yield "calls another host", here.at(found)
            elif asks_database(here, found):
                yield "asks the database", here.at(found)


RULE = Rule("scaleready.W066", "startup-io", find, Area.SOURCE)
