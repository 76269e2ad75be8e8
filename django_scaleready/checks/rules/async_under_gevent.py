"""A view is a coroutine, and gevent serves it.

All requests of a gevent worker share one thread, and so do gunicorn's eventlet and uWSGI's gevent.
Django runs a coroutine there in an event loop of its own. While that loop waits, the thread belongs
to it: another `async` view answers 500 (`You cannot use AsyncToSync in the same thread as an async
event loop`), and so does any other request that asks the database (`SynchronousOnlyOperation`).
One request at a time shows nothing of it.

## Bad

```python title="shop/urls.py"
from django.http import JsonResponse
from django.urls import path

from shop.bank import fetch


async def rates(request):
    return JsonResponse(await fetch("rates"))


urlpatterns = [path("rates", rates)]
```

```text title="Procfile"
web: gunicorn -k gevent mysite.wsgi
```

## Good

```python title="shop/urls.py"
from django.http import JsonResponse
from django.urls import path

from shop.bank import fetch


async def rates(request):
    return JsonResponse(await fetch("rates"))


urlpatterns = [path("rates", rates)]
```

```text title="Procfile"
web: gunicorn -c python:django_scaleready.gunicorn -k asgi mysite.asgi
```

## Stays silent when

- the coroutines are those of tasks, commands, consumers and tests;
- a middleware is made for both worlds: Django takes its synchronous half here;
- no URLconf of the project mentions the function: URLconfs are read here, and not run.

It is a warning where another server runs beside gevent, which may be the one that gets these
requests, and where a view that is no coroutine starts a loop (`async_to_sync`, `asyncio.run`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.tree.syntax import nodes_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Scope
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

SLUG = "async-under-gevent"
# gunicorn/workers/__init__.py, and what the classes are called in full.
GREEN = re.compile(r"g?(gevent|eventlet)", re.IGNORECASE)
PATCHES = ("gevent-monkey-patch", "gevent-early-monkey-patch")
# Their coroutines are served by servers of their own.
FRAMEWORKS = frozenset({"aiohttp", "blacksheep", "fastapi", "litestar", "quart", "sanic"})
VIEWS = ("View", "ViewSet")
ROUTES = frozenset({"django.urls.path", "django.urls.re_path", "django.conf.urls.url"})
API = frozenset({"api_operation", "delete", "get", "patch", "post", "put"})
LIBRARIES = frozenset(
    {"health_check.views.HealthCheckView", "strawberry.django.views.AsyncGraphQLView"}
)
LOOPS = frozenset({"asgiref.sync.async_to_sync", "asyncio.run"})
# What a fact is about: a coroutine that is surely a view, one if a URL leads to it, a middleware
# if the settings name it, a loop in a view that is no coroutine.
VIEW, FUNCTION, MIDDLEWARE, LOOP = "view", "function", "middleware", "loop"


def collect(reading: Reading) -> Iterator[Fact]:
    """Note what may run in an event loop while a request is served: (kind, name)."""
    module = reading.module
    if b"sync" in module.content:
        if module.roots.isdisjoint(FRAMEWORKS):
            yield from _coroutines(module)
            yield from _middleware(module)
        yield from _loops(module)
    for site in module.calls("as_view"):
        name = module.resolve(site.call.func).removesuffix(".as_view")
        if name in LIBRARIES:
            yield module.fact(site, VIEW, name)


def _coroutines(module: Module) -> Iterator[Fact]:
    for scope in module.functions.values():
        if not isinstance(scope.node, ast.AsyncFunctionDef) or "request" not in scope.parameters:
            continue
        parent = scope.parent
        if parent is None or parent.kind == "function":
            continue
        if parent.kind == "module":
            kind = VIEW if _is_routed(module, scope) else FUNCTION
            yield Fact(scope.line, scope.qualname, (kind, scope.name))
        elif any(base.endswith(VIEWS) for base in module.bases(parent)):
            yield Fact(scope.line, scope.qualname, (VIEW, parent.name))


def _is_routed(module: Module, scope: Scope) -> bool:
    """Whether a URL of the same file leads to a function, or a decorator of django-ninja's."""
    if not module.roots.isdisjoint({"ninja", "ninja_extra"}) and any(
        name.rpartition(".")[2] in API for name in module.decorators(scope)
    ):
        return True
    views = (site.call.args[1:2] for site in module.calls("path", "re_path", "url"))
    return any(
        isinstance(node, ast.Name) and node.id == scope.name
        for arguments in views
        for argument in arguments
        for node in nodes_of(argument)
    )


def _middleware(module: Module) -> Iterator[Fact]:
    """Note the middleware that Django can only use as a coroutine."""
    for scope in module.classes.values():
        values = scope.bindings.get("sync_capable", ())
        if any(isinstance(value, ast.Constant) and value.value is False for value in values):
            yield Fact(scope.line, "", (MIDDLEWARE, scope.name))
    for scope in module.decorated:
        if "django.utils.decorators.async_only_middleware" in module.decorators(scope):
            yield Fact(scope.line, "", (MIDDLEWARE, scope.name))


def _loops(module: Module) -> Iterator[Fact]:
    started = [
        site
        for site in module.calls_that_run("async_to_sync", "run")
        if module.resolve(site.call.func) in LOOPS
    ]
    if "asyncio" in module.roots:
        started += module.calls_that_run("run_until_complete")
    for site in started:
        if _serves(module, site.scope):
            yield module.fact(site, LOOP, "")


def _serves(module: Module, scope: Scope) -> bool:
    if isinstance(scope.node, ast.AsyncFunctionDef):
        return False
    bases = module.bases(scope.owner) if scope.owner else ()
    if any("request" in outer.parameters for outer in scope.outer):
        return module.moment(scope) in {Moment.REQUEST, Moment.SIGNAL}
    return any(base.endswith(VIEWS) for base in bases)


class _Green(NamedTuple):
    """What says that the requests of a worker share a thread."""

    command: Command
    named: str
    location: Location


def find(project: Project) -> Iterator[Finding]:
    """Yield each server by gevent, if there is a coroutine for it to serve."""
    servers = list(_servers(project))
    if not servers:
        return
    coroutines, loops = _serving(project)
    if not (coroutines or loops):
        return
    green = {(server.command.name, server.command.location) for server in servers}
    serving = (command for process in project.deploy.processes for command in process.servers)
    alone = all((command.name, command.location) in green for command in serving)
    sure = alone and bool(coroutines)
    first = (coroutines or loops)[0]
    for server in {server.location: server for server in servers}.values():
        yield Finding(
            message=(
                f"All requests of a worker share one thread under {server.named}: while the event"
                f" loop of {first} waits there, other async views and requests that ask the"
                " database fail."
            ),
            hint="Take gthread, where each request has a thread, or serve the site by ASGI.",
            location=server.location,
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
            related=(*coroutines, *loops),
        )


def _servers(project: Project) -> Iterator[_Green]:
    for _, server in project.deploy.gunicorn:
        given = server.settings.get("worker_class")
        if given is not None and (named := GREEN.search(given.value)):
            yield _Green(server.command, named[1].lower(), given.location)
    for process, uwsgi in project.deploy.uwsgi:
        option = uwsgi.first("gevent")
        if option is not None and any(map(uwsgi.is_on, PATCHES)):
            for command in process.servers:
                yield _Green(command, "gevent", option.location)


def _serving(project: Project) -> tuple[list[Location], list[Location]]:
    """Return the coroutines that serve requests, and the loops in other views."""
    named = {str(name).rpartition(".")[2] for name in project.setting("MIDDLEWARE") or ()}
    coroutines, loops = [], []
    for _, fact, place in project.noted(SLUG):
        kind, name = fact.data
        if kind == LOOP:
            loops.append(place)
        elif kind == VIEW or (name in named if kind == MIDDLEWARE else _leads_to(project, name)):
            coroutines.append(place)
    return coroutines, loops


def _leads_to(project: Project, name: str) -> bool:
    """Whether a URLconf mentions a function."""
    for source in project.code.files:
        if not ROUTES.isdisjoint(source.imported) and (
            name in source.mentions
            or any(dotted.rpartition(".")[2] == name for dotted in source.imported)
        ):
            return True
    return False


RULE = Rule("scaleready.E136", SLUG, find, Area.DEPLOY, collect, leak=Leak.CONNECTIONS)
