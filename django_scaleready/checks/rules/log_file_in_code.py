"""The code adds a log file of its own.

A handler that is made in code writes to the disk of one replica just as one from LOGGING does: its
lines are spread over the replicas, and lost with them.

## Bad

```python title="shop/audit.py"
import logging

log = logging.getLogger("audit")
log.addHandler(logging.FileHandler("/var/log/audit.log"))
```

## Good

```python title="shop/audit.py"
import logging
import sys

log = logging.getLogger("audit")
log.addHandler(logging.StreamHandler(sys.stdout))
```

## Stays silent when

- the file is `/dev/stdout` or the like, or temporary;
- loguru is given a handler (`logger.add(ShipHandler())`) that is none of a file;
- the code is a management command or a script.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.paths.origins import Origin
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name
from django_scaleready.checks.together import together

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "log-file-in-code"
HANDLERS = (
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "WatchedFileHandler",
    "ConcurrentRotatingFileHandler",
)
# What an object is called that takes records itself, and is no path.
OBJECTS = ("Handler", "Sink")
MODULES = ("logging.", "concurrent_log_handler.", "cloghandler.")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the handlers that write to a file: (term of the path,)."""
    module = reading.module
    if not module.roots & {"logging", "loguru", "concurrent_log_handler", "cloghandler"}:
        return
    for site in module.calls_that_run(*HANDLERS):
        if module.resolve(site.call.func).startswith(MODULES):
            path = reading.argument(site.call, 0, "filename")
            yield module.fact(site, reading.term(path, site.scope))
    for site in module.calls_that_run("basicConfig"):
        files = [k.value for k in site.call.keywords if k.arg == "filename"]
        if files and module.resolve(site.call.func) == "logging.basicConfig":
            yield module.fact(site, reading.term(files[0], site.scope))
    for site in module.calls_that_run("add"):
        if module.resolve(site.call.func) == "loguru.logger.add":
            sink = reading.argument(site.call, 0, "sink")
            term = reading.term(sink, site.scope)
            if term[0] != "unknown" and not _is_handler(module, sink, site.scope):
                yield module.fact(site, term)


def _is_handler(module: Module, sink: ast.expr | None, scope: Scope) -> bool:
    """Whether loguru is given an object that takes the records, such as a handler of logging's.

    A file's handler is noted where it is made.
    """
    made: Sequence[ast.expr | None] = [sink]
    if isinstance(sink, ast.Name):
        holders = (outer.bindings for outer in scope.outer if sink.id in outer.bindings)
        made = next(holders, {}).get(sink.id, ())
    return bool(made) and all(isinstance(m, ast.Call) and _takes(module, m.func) for m in made)


def _takes(module: Module, called: ast.expr) -> bool:
    """Whether a class is called as one that takes records, or derives from such a one here."""
    own = module.classes.get(last_name(called))
    bases = module.bases(own) if own else ()
    if any(base.endswith(HANDLERS) for base in bases):
        return False
    return any(name.endswith(OBJECTS) for name in (last_name(called), *bases))


def find(project: Project) -> Iterator[Finding]:
    """Yield each file of them that lies on a disk: an option may choose between two handlers."""
    yield from together(_each(project))


def _each(project: Project) -> Iterator[tuple[Hashable, Finding]]:
    for source, fact, place in project.noted(SLUG):
        lead = project.origins.lead(fact.data[0])
        origin = lead.origin
        named = bool(lead.setting) and project.is_set(lead.setting)
        if origin in {Origin.LOCAL, Origin.UNKNOWN}:
            key = (source.path, fact.function, fact.data)
            yield (
                key,
                Finding(
                    message="This handler writes to a file on the replica's own disk.",
                    hint="Log to stdout, and let the platform collect it.",
                    location=place,
                    severity=Severity.ERROR if origin is Origin.LOCAL else Severity.WARNING,
                    confidence=Confidence.HIGH if origin is Origin.LOCAL else Confidence.MEDIUM,
                    related=(project.where(lead.setting),) if named else (),
                ),
            )


RULE = Rule("scaleready.E060", SLUG, find, Area.SOURCE, collect, leak=Leak.LOGS)
