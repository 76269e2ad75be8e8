"""The application takes SIGTERM from its server.

gunicorn, uWSGI and uvicorn handle SIGTERM: they finish the requests in flight and end. A handler
that `wsgi.py` or `AppConfig.ready()` registers replaces theirs, because the application is loaded
after it. What it does not end goes on serving until it is killed, with what it is doing then, on
every deploy.

## Bad

```python title="mysite/wsgi.py"
import signal

from django.core.wsgi import get_wsgi_application


def stop(signum, frame):
    print("stopping")


signal.signal(signal.SIGTERM, stop)
application = get_wsgi_application()
```

## Good

```python title="mysite/wsgi.py"
import signal

from django.core.wsgi import get_wsgi_application

before = signal.getsignal(signal.SIGTERM)


def stop(signum, frame):
    print("stopping")
    before(signum, frame)


signal.signal(signal.SIGTERM, stop)
application = get_wsgi_application()
```

`atexit`, or a hook in gunicorn's configuration (`worker_exit`), needs no signal at all.

## Stays silent when

- the handler ends the process, raises, sends a signal on, or calls what was there before;
- it is no function of the same file;
- a command or a worker of the project's own registers it, for its own loop.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.code.summary import Fact
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Site
    from django_scaleready.checks.project import Project

SLUG = "signal-handler"
# What a server loads, and the function of an application that is run then.
LOADED = frozenset({"wsgi.py", "asgi.py"})
APPS, READY = "apps.py", "ready"
# They end the process, or have another do it.
ENDS = frozenset({"exit", "_exit", "quit", "abort", "kill", "killpg", "raise_signal", "stop"})
BEFORE = re.compile(r"old|orig|prev|before|default|former|handler|chain", re.IGNORECASE)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note where a server's handler of SIGTERM is replaced by one that goes on."""
    module = reading.module
    name = PurePosixPath(module.path).name
    if name not in LOADED | {APPS} or "signal" not in module.roots:
        return
    for site in module.calls_that_run("signal"):
        where = module.function_of(site.scope)
        loaded = not where if name in LOADED else where.endswith(f".{READY}")
        if loaded and _replaces(module, site):
            yield module.fact(site)


def _replaces(module: Module, site: Site) -> bool:
    names = [module.resolve(node) for node in (site.call.func, *site.call.args[:1])]
    if names != ["signal.signal", "signal.SIGTERM"] or len(site.call.args) == 1:
        return False
    handler = site.call.args[1]
    if module.resolve(handler) == "signal.SIG_IGN":
        return True
    own = module.functions.get(handler.id) if isinstance(handler, ast.Name) else None
    return own is not None and not any(map(_ends, ast.walk(own.node)))


def _ends(node: ast.AST) -> bool:
    """Whether a part of a handler ends the process, or hands the signal on."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called.rpartition(".")[2] in ENDS or bool(BEFORE.search(called))
    return isinstance(node, ast.Raise)


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them."""
    for _, _, place in project.noted(SLUG):
        yield Finding(
            message=(
                "This replaces the server's handler of SIGTERM and does not end the process: it is"
                " killed after the grace period, with the requests in flight."
            ),
            hint="Call the handler that was there before, or use atexit or gunicorn's worker_exit.",
            location=place,
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E156", SLUG, find, Area.SOURCE, collect, leak=Leak.LIFECYCLE)
