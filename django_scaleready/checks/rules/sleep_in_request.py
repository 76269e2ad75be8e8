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

- the pause is shorter than a second, or of a length that no constant tells, and stands in no
  `while` loop, unless a coroutine makes it;
- no view and no receiver of a signal leads to it: a function that sleeps is followed to those that
  call it, two steps far;
- the code runs in a task, a thread of its own that nobody waits for, a command or a script;
- it stands below a parameter that is off by default (`if wait:` with `wait=False`), and no view
  gives that;
- tasks and commands alone call a function that takes a `request`: that is one of another kind;
- it is the pause before another try, in an `except`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.running.asked_for import AskedFor
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.threads.left_alone import (
    is_answered,
    is_awaited_by_queue,
    names_of,
)
from django_scaleready.checks.code.threads.thread_work import (
    is_ended_elsewhere,
    own_function,
    starts,
    work_of,
)
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import DEFERRED, EXCEPT, LOOP, Scope, Site
from django_scaleready.checks.code.tree.syntax import written

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "sleep-in-request"
STOPS_ALL, SERVES, TAKES, HELPS = "stops_all", "serves", "takes", "helps"
STARTS = "starts"
# A view that calls a function that calls the one that sleeps.
DEPTH = 2
VIEWS = ("View", "ViewSet", "Middleware")
# A mixin of the project may be mixed into anything.
OF_VIEWS = ("django.contrib.auth.mixins.", "django.views.", "rest_framework.")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the pauses: of an event loop, in what serves a request, takes one, or who knows what.

    And where a thread of its own is started, which nobody waits for.
    """
    apart = list(_apart(reading.module))
    yield from _pauses(reading.module, {fact.data[1] for fact in apart})
    yield from apart


def _apart(module: Module) -> Iterator[Fact]:
    """Note where a thread is started, and its work, if the file calls that nowhere else."""
    for site in starts(module):
        if not _is_waited_for(module, site):
            work = own_function(module, work_of(site.call), site.scope)
            called = module.calls(work.name) if work else ()
            alone = not any(own_function(module, s.call.func, s.scope) is work for s in called)
            yield module.fact(site, STARTS, work.qualname if work and alone else None)


def _pauses(module: Module, apart: set[str]) -> Iterator[Fact]:
    """Note the pauses; ``apart`` is the work of threads."""
    for site in module.calls_that_run("sleep"):
        if module.resolve(site.call.func) != "time.sleep" or site.flags & (EXCEPT | DEFERRED):
            continue
        long = site.flags & LOOP or any(_seconds(site.scope, a) >= 1 for a in site.call.args)
        if isinstance(site.scope.node, ast.AsyncFunctionDef):
            yield module.fact(site, STOPS_ALL)
        elif long:
            takes = any("request" in outer.parameters for outer in site.scope.outer)
            other = TAKES if takes else HELPS
            kind = SERVES if _serves(module, site) else other
            alone = any(outer.qualname in apart for outer in site.scope.outer)
            yield module.fact(site, HELPS if alone else kind)


def _seconds(scope: Scope, given: ast.expr) -> float:
    """Return how long a pause is at least, by what its name is bound to; 0 if that is unknown."""
    match given:
        case ast.Constant(value=int() | float() as seconds):
            return seconds
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _seconds(scope, left) * _seconds(scope, right)
        case ast.Call(func=ast.Name("getattr"), args=[_, _, ast.Constant() as default]):
            return _seconds(scope, default)
        case ast.Name(name):
            for outer in scope.outer:
                if name in outer.parameters:
                    first = outer.parameters[name]
                    return _seconds(outer, first) if isinstance(first, ast.Constant) else 0
                if outer.kind != "class" and name in outer.bindings:
                    known = [n for n in outer.bindings[name] if not isinstance(n, ast.Name)]
                    return min((_seconds(outer, n) for n in known), default=0)
    return 0


def _is_waited_for(module: Module, site: Site) -> bool:
    """Whether the function that starts a thread waits until it is done, or for what it makes."""
    names = names_of(site)
    joined = (s.call.func for s in module.calls("join") if s.scope is site.scope)
    if any(isinstance(f, ast.Attribute) and written(f.value) in names for f in joined):
        return True
    if is_answered(module, site) or is_awaited_by_queue(module, site):
        return True
    return is_ended_elsewhere(module, site, names)


def _serves(module: Module, site: Site) -> bool:
    owner = site.scope.owner
    bases = module.bases(owner) if owner else ()
    if module.moment(site.scope) is Moment.SIGNAL:
        return True
    return any(base.endswith(VIEWS) or base.startswith(OF_VIEWS) for base in bases)


def find(project: Project) -> Iterator[Finding]:
    """Yield each pause."""
    for source, fact, place in project.noted(SLUG):
        kind = fact.data[0]
        if kind == STARTS:
            continue
        callers: tuple[Location, ...] = ()
        here = (source.path, fact.function, fact.line)
        if kind == HELPS and not (callers := _views(project.code, *here)):
            continue
        if kind == TAKES and not _is_requests(project.code, source, fact.function):
            continue
        stops_all = kind == STOPS_ALL
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
            related=callers,
        )


def _views(code: Codebase, path: str, function: str, line: int) -> tuple[Location, ...]:
    """Return where views call a function, directly or by another one, and come to a line of it."""
    asked = code.once(AskedFor)
    started = [(of.path, fact) for of, fact in code.facts(SLUG) if fact.data[0] == STARTS]
    apart = {(at, key) for at, fact in started for key in (fact.line, fact.data[1])}
    found = []
    seen = {(path, function, line)}
    pending = [(path, function, line, 0)]
    while pending:
        path, function, line, depth = pending.pop()
        calls = asked.calls_to(path, function, line) if depth < DEPTH else ()
        for at, name, where, _ in calls:
            if not apart.isdisjoint({(at, name), (at, where)}):
                continue
            if _is_view(code, at, name):
                found.append(Location(at, where))
            elif (at, name, where) not in seen:
                seen.add((at, name, where))
                pending.append((at, name, where, depth + 1))
    return tuple(sorted(dict.fromkeys(found), key=str))


def _is_view(code: Codebase, path: str, name: str) -> bool:
    """Whether a function answers a request by its parameter, as a view's method, or a signal."""
    source = code.by_path[path]
    function = source.functions.get(name)
    if function is not None and function.moment is Moment.SIGNAL:
        return True
    if function is None or function.moment is not Moment.REQUEST:
        return False
    if "request" in function.parameters[:2] and _is_requests(code, source, name):
        return True
    owner = source.classes.get(name.rpartition(".")[0])
    return owner is not None and any(base.endswith(VIEWS) for base in owner.bases)


def _is_requests(code: Codebase, source: Summary, name: str) -> bool:
    """Whether a function that takes a request may take Django's: not if tasks alone call it."""
    return not code.moments(source, name) <= {Moment.TASK, Moment.COMMAND}


RULE = Rule("scaleready.W075", SLUG, find, Area.SOURCE, collect, leak=Leak.CONNECTIONS)
