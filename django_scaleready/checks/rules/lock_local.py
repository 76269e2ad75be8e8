"""A lock holds on one machine, and the work is done on several.

A file lock or the lock of a local queue excludes the processes of one replica, a `threading.Lock`
the threads of one process. The others do the same work at the same time: two of them find that
there is no row yet, and both make it.

## Bad

```python title="shop/billing.py"
from filelock import FileLock


def bill():
    with FileLock("/tmp/billing.lock"):
        ...
```

## Good

```python title="shop/billing.py"
from django.core.cache import cache


def bill():
    with cache.lock("billing", timeout=300):
        ...
```

## Stays silent when

- the lock guards something in the memory of one process, as one of threads does unless rows are
  asked for under it and nothing is kept, nor registered;
- a storage locks the file that it writes: it is the storage that is local;
- nothing but a file is read or written under it, which is as local as the lock;
- it lies in a folder that an object has, or beside a file that the function is given
  (`self.path / ".lock"`, `f"{path}.lock"`), and the function that takes it asks for no rows: what
  it guards is there, and as local;
- it is named by a setting and lies beside the files of an [embedded database](#embedded-database),
  which is as local, and the function that takes it asks for no rows;
- the block that takes it opens an [embedded database](#embedded-database), which is as local
  (`with FileLock(path), shelve.open(name) as db:`), and the function asks for no rows;
- it stands in for a shared one: the other branch of the same `if` locks, too, and not on a file;
- the code is a management command or a script, unless a `cron` that runs in a container starts it:
  each replica of that has its own clock.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.joined_to import is_joined_to_own
from django_scaleready.checks.code.queries.row_locks import LOCKS as OF_THREADS
from django_scaleready.checks.code.queries.row_locks import row_locks
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_parts, nodes_of
from django_scaleready.checks.deployment.command import CRON
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.known.queues import is_local_queue
from django_scaleready.checks.rules.embedded_database import OPENERS as DATABASES
from django_scaleready.checks.rules.embedded_database import is_beside

if TYPE_CHECKING:
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

SLUG = "lock-local"
LOCKS = frozenset(
    [
        *("fcntl.flock", "fcntl.lockf", "filelock.FileLock", "filelock.SoftFileLock"),
        *("filelock.AsyncFileLock", "filelock.ReadWriteLock", "filelock.SoftReadWriteLock"),
        *("portalocker.Lock", "portalocker.lock", "fasteners.InterProcessLock"),
        *(
            "django.core.files.locks.lock",
            "lockfile.LockFile",
            "multiprocessing.Lock",
            "multiprocessing.RLock",
        ),
    ]
)
TASKS = "lock_task"
CONTAINERS = frozenset({Kind.COMPOSE, Kind.DOCKERFILE, Kind.KUBERNETES})
OPENS = frozenset({"open", "io.open", "codecs.open"})
FORMATS = frozenset({"json", "yaml", "pickle", "csv", "toml", "tomllib", "os"})
# What reaches the database under the lock, whichever model it is.
SAVES = frozenset({"asave", "bulk_create", "create", "delete", "objects", "save"})
OF_FILES = frozenset({"close", "flush", "read", "readlines", "seek", "truncate", "write"})


CALLS = last_parts(*LOCKS)


@only_with(*CALLS, "Lock", "RLock", TASKS)
def collect(reading: Reading) -> Iterator[Fact]:
    """Note the locks of one machine or process, and those of huey.

    (dotted name, path or name, whether rows are asked for where it is taken)
    """
    module = reading.module
    for site in module.calls_that_run(*CALLS):
        name = module.resolve(site.call.func)
        if name not in LOCKS or _stands_in(module, site) or _of_storage(module, site):
            continue
        if not _is_for_file(module, site):
            path = reading.term(site.call.args[0] if site.call.args else None, site.scope)
            asks = any(query.scope is site.scope for query in reading.queries)
            if not asks and _is_for_database(module, site):
                continue
            if not asks and path[0] != "setting" and _is_beside_its_own(site):
                continue
            yield module.fact(site, name, path, asks)
    yield from row_locks(reading)
    for site in module.calls_that_run(TASKS):
        yield module.fact(site, TASKS, ("unknown",))


def _of_storage(module: Module, site: Site) -> bool:
    """Whether a storage locks the file that it writes, which is as local as the lock."""
    owner = site.scope.owner
    bases = module.bases(owner) if owner else ()
    return any(base.endswith("Storage") for base in bases)


def _is_for_file(module: Module, site: Site) -> bool:
    """Whether all that is done under a lock is to read or write a file, which is as local."""
    for node in nodes_of(site.scope.node):
        if isinstance(node, ast.With):
            held = [item.context_expr for item in node.items]
            if any(h is site.call or getattr(h, "id", None) in site.names for h in held):
                done = list(_calls(node.body))
                opened = any(module.resolve(call.func) in OPENS for call in done)
                return opened and all(_is_of_files(module, call) for call in done)
    return False


def _is_for_database(module: Module, site: Site) -> bool:
    """Whether a block takes the lock and opens a database in a file, which is told of itself."""
    if any(isinstance(n, ast.Attribute) and n.attr in SAVES for n in nodes_of(site.scope.node)):
        return False
    for node in nodes_of(site.scope.node):
        if isinstance(node, ast.With | ast.AsyncWith):
            taken = [item.context_expr for item in node.items]
            inner = node.body[0]
            if len(node.body) == 1 and isinstance(inner, ast.With):
                taken += [item.context_expr for item in inner.items]
            held = any(t is site.call or getattr(t, "id", None) in site.names for t in taken)
            calls = (part for each in taken for part in nodes_of(each))
            if held and any(
                isinstance(call, ast.Call) and module.resolve(call.func) in DATABASES
                for call in calls
            ):
                return True
    return False


def _is_of_files(module: Module, call: ast.Call) -> bool:
    dotted = module.resolve(call.func)
    of_file = isinstance(call.func, ast.Attribute) and call.func.attr in OF_FILES
    return dotted in OPENS or dotted.partition(".")[0] in FORMATS or of_file


def _is_beside_its_own(site: Site) -> bool:
    """Whether a lock lies in an object's own folder, or beside a file that a caller names."""
    given = site.call.args[0] if site.call.args else None
    saves = (n for n in nodes_of(site.scope.node) if isinstance(n, ast.Attribute))
    return is_joined_to_own(given, site.scope) and not any(n.attr in SAVES for n in saves)


def _stands_in(module: Module, site: Site) -> bool:
    """Whether a lock is taken where a shared one is not to be had."""
    for node in nodes_of(site.scope.node):
        if isinstance(node, ast.If):
            for here, there in ((node.body, node.orelse), (node.orelse, node.body)):
                if any(call is site.call for call in _calls(here)):
                    other = [call.func for call in _calls(there)]
                    if any(_locks(f) and module.resolve(f) not in LOCKS for f in other):
                        return True
    return False


def _locks(function: ast.expr) -> bool:
    name = getattr(function, "attr", None) or getattr(function, "id", "")
    return str(name).lower().endswith("lock")


def _calls(body: list[ast.stmt]) -> Iterator[ast.Call]:
    for statement in body:
        yield from (node for node in nodes_of(statement) if isinstance(node, ast.Call))


def _by_cron(project: Project) -> Iterator[tuple[Summary, Fact, Location]]:
    """Yield the locks of commands that the clock of a container starts."""
    facts = [each for each in project.code.facts(SLUG) if project.is_operators(*each)]
    if not facts or not any(map(_is_clock, project.deploy.processes)):
        return
    for source, fact in facts:
        if project.is_scheduled(source, fact):
            yield source, fact, Location(source.path, fact.line)


def _is_clock(process: Process) -> bool:
    """Whether a container has a cron in it, of which each replica has one."""
    calls = [{each.program, *each.arguments[:1]} for each in process.commands if each.schedules]
    return process.kind in CONTAINERS and any(not CRON.isdisjoint(call) for call in calls)


def find(project: Project) -> Iterator[Finding]:
    """Yield each lock, with all the places that take it; huey's only where its storage is local."""
    places: dict[tuple[str, str], list[Location]] = {}
    for source, fact, place in itertools.chain(project.noted(SLUG), _by_cron(project)):
        name, path, *asks = fact.data
        if asks == [False] and is_beside(project, project.origins.lead(path)):
            continue
        if name != TASKS or is_local_queue(project):
            key = str(path) if path[0] in {"setting", "lit", "name"} else source.path
            places.setdefault((name, key), []).append(place)
    for (name, _), (place, *others) in places.items():
        whom = "threads of one process" if name in OF_THREADS else "processes of one replica"
        yield Finding(
            message=f"{name} excludes the {whom}; the others go on.",
            hint="Lock in Redis, or with select_for_update() on a row.",
            location=place,
            severity=Severity.WARNING,
            related=tuple(others),
        )


RULE = Rule("scaleready.W067", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
