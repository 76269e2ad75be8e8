"""A request waits by sleeping, and its thread with it.

A thread that sleeps serves nobody. With a few of them asleep on each replica requests queue up, and
more replicas only sleep more. In a coroutine `time.sleep` stops the event loop, and with it all
requests and websockets of the process.

## Bad

```python title="shop/views.py"
import time


def wait_for_payment(request):
    while not paid(request):
        time.sleep(1)
```

## Good

```python title="shop/views.py"
from django.http import JsonResponse


def payment_state(request):
    return JsonResponse({"paid": paid(request)})
```

## Stays silent when

- the pause is shorter than a second and stands in no loop, unless a coroutine makes it;
- the code runs in a task, a thread of its own, a command or a script;
- it is the pause before another try, in an `except`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import DEFERRED, EXCEPT, LOOP, Site
from django_scaleready.checks.code.summary import Fact, Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "sleep-in-request"
VIEWS = ("View", "ViewSet", "Middleware", "APIView", "Mixin")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the pauses in code that surely serves a request."""
    module = reading.module
    for site in module.calls_that_run("sleep"):
        if module.resolve(site.call.func) != "time.sleep" or site.flags & (EXCEPT | DEFERRED):
            continue
        seconds = getattr(site.call.args[0], "value", 0) if site.call.args else 0
        stops_all = isinstance(site.scope.node, ast.AsyncFunctionDef)
        long = (isinstance(seconds, int | float) and seconds >= 1) or site.flags & LOOP
        if stops_all or (long and _serves(module, site)):
            yield module.fact(site, stops_all)


def _serves(module: Module, site: Site) -> bool:
    if any("request" in outer.parameters for outer in site.scope.outer):
        return True
    owner = site.scope.owner
    bases = module.bases(owner) if owner else ()
    return module.moment(site.scope) is Moment.SIGNAL or any(b.endswith(VIEWS) for b in bases)


def find(project: Project) -> Iterator[Finding]:
    """Yield each pause."""
    for _, fact, place in project.noted(SLUG):
        stops_all = fact.data[0]
        yield Finding(
            message=(
                "time.sleep stops the event loop: all that this process serves waits."
                if stops_all
                else "A request sleeps here, and its thread serves nobody meanwhile."
            ),
            hint=(
                "Write await asyncio.sleep(...)."
                if stops_all
                else "Answer at once, and let the client ask again or a task do the waiting."
            ),
            location=place,
            severity=Severity.WARNING,
        )


RULE = Rule("scaleready.W075", SLUG, find, Area.SOURCE, collect, leak=Leak.CONNECTIONS)
