"""A database in a file is written beside the code.

`sqlite3`, `shelve`, `dbm` and their like keep what they are told on the disk of one replica; the
others have files of their own, and a deploy begins with an empty one. So it is with a database, a
Redis or a broker that is started inside the container of the web server or of a worker, by
supervisord, s6 or a script: each replica has one, and what is in it goes with the container. So it
does with an instance of what is pushed to a platform.

## Bad

```python title="shop/seen.py"
import shelve


def seen(visitor):
    with shelve.open("/srv/data/seen") as known:
        known[visitor] = True
```

```text title="start.sh"
#!/bin/sh
redis-server --save 60 1 &
exec gunicorn shop.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY start.sh /start.sh
CMD ["/start.sh"]
```

## Good

```python title="shop/seen.py"
from django.core.cache import cache


def seen(visitor):
    cache.set(f"seen-{visitor}", True, 86_400)
```

## Stays silent when

- it is in memory, opened read-only, or a file of the repository that is shipped with the code;
- it is temporary;
- the function that connects to SQLite does nothing but `SELECT`: what others write is found there;
- the code is a management command or a script;
- the server is a container, a service or a line of a Procfile of its own.

A file of SQLite or DuckDB whose path is given from elsewhere is information: it may be a copy that
somebody works on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.origins import Lead, Origin
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import file_name
from django_scaleready.checks.code.tree.syntax import last_parts, nodes_of
from django_scaleready.checks.deployment.files import Kind

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Scope, Site
    from django_scaleready.checks.project import Project

SLUG = "embedded-database"
# The position of the path; where there is none by default, nothing is kept.
OPENERS = {
    "sqlite3.connect": 0,
    "shelve.open": 0,
    "dbm.open": 0,
    "tinydb.TinyDB": 0,
    "diskcache.Cache": 0,
    "diskcache.FanoutCache": 0,
    "lmdb.open": 0,
    "duckdb.connect": 0,
    "plyvel.DB": 0,
    "peewee.SqliteDatabase": 0,
    "sqlitedict.SqliteDict": 0,
    "whoosh.filedb.filestore.FileStorage": 0,
    "whoosh.index.create_in": 0,
    "whoosh.index.open_dir": 0,
    "xapian.WritableDatabase": 0,
    "chromadb.PersistentClient": 0,
    "faiss.write_index": 1,
}
# Files that people send each other: one whose path is given is mostly a copy, which is worked on
# and sent back.
EXCHANGED = frozenset({"sqlite3.connect", "duckdb.connect"})
# What it is called where it is given by name.
NAMES = ("database", "directory", "dirname", "path")
READ_ONLY = ("mode=ro", "immutable=1", ":memory:")

# What keeps data or work for others to ask for.
SERVERS = frozenset(
    [
        *("postgres", "postmaster", "mysqld", "mysqld_safe", "mariadbd", "mongod"),
        *("redis-server", "valkey-server", "keydb-server", "rabbitmq-server"),
    ]
)
CONTAINERS = frozenset(
    {Kind.COMPOSE, Kind.DOCKERFILE, Kind.KUBERNETES, Kind.PLATFORM, Kind.PROCFILE}
)

READS = re.compile(r"(?is)\s*(select|with|values|pragma|explain)\b(?!.*\b(delete|insert|update)\b)")
HARMLESS = frozenset({"close", "create_function", "cursor", "fetchall", "fetchmany", "fetchone"})

PACKAGES = frozenset(name.partition(".")[0] for name in OPENERS)


CALLS = last_parts(*OPENERS)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the databases that are opened: (function, path's term, the file's name)."""
    module = reading.module
    if module.roots.isdisjoint(PACKAGES):
        return
    for site in module.calls_that_run(*CALLS):
        name = module.resolve(site.call.func)
        if name not in OPENERS:
            continue
        path = reading.argument(
            site.call, OPENERS[name], "database", "path", "directory", "dirname"
        )
        shown = ast.unparse(path) if path is not None else ""
        text = file_name(path, site) if path is not None else ""
        fixed = [k for k in site.call.keywords if k.arg in {"read_only", "readonly"}]
        only = any(word in shown + text for word in READ_ONLY) or only_selects(site)
        if shown and not fixed and not only:
            yield module.fact(site, name, reading.term(path, site.scope), text)


def only_selects(site: Site) -> bool:
    """Whether a connection is seen by its own function alone, which asks and changes nothing."""
    scope = site.scope
    names = {n for n, values in scope.bindings.items() if any(map(_within(site.call), values))}
    names |= {
        name
        for name, values in scope.bindings.items()
        for value in values
        if isinstance(value, ast.Call) and _method(value) == "cursor" and _root(value) in names
    }
    if scope.kind != "function" or not names or scope.globals & names:
        return False
    used = list(nodes_of(scope.node))
    asked = {id(n.value) for n in used if isinstance(n, ast.Attribute)}
    looked = [n for n in used if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    if any(n.id in names and id(n) not in asked for n in looked):
        return False
    methods = [call for call, _ in scope.calls if _root(call) in names]
    said = [call for call in methods if _method(call) not in HARMLESS]
    return bool(said) and all(_method(c) == "execute" and _selects(c, scope) for c in said)


def _within(call: ast.Call) -> Callable[[ast.expr], bool]:
    """Return whether a value is a call, as it is or in the likes of ``closing()``."""
    return lambda value: value is call or call in getattr(value, "args", ())


def _root(node: ast.expr) -> str:
    """Return the name that a chain of methods begins with."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _selects(call: ast.Call, scope: Scope) -> bool:
    said = call.args[:1]
    if said and isinstance(said[0], ast.Name):
        name = said[0].id
        said = next((s.bindings[name] for s in scope.outer if name in s.bindings), [])
    texts = [node.value if isinstance(node, ast.Constant) else None for node in said]
    return bool(texts) and all(isinstance(t, str) and READS.match(t) for t in texts)


def find(project: Project) -> Iterator[Finding]:
    """Yield each database that is neither temporary nor shipped with the code."""
    yield from _beside_servers(project)
    groups: dict[str, list[tuple[str, Lead, Location]]] = {}
    for name, lead, place in _opened(project):
        # One folder of the settings is one database, whoever opens it.
        groups.setdefault(lead.setting or str(place), []).append((name, lead, place))
    for opened in groups.values():
        (name, lead, place), *others = opened
        local = lead.origin is Origin.LOCAL
        setting = [project.where(lead.setting)] if project.is_set(lead.setting) else []
        unlikely = Severity.INFO if name in EXCHANGED else Severity.WARNING
        yield Finding(
            message=f"{name} keeps a database in a file of this replica.",
            hint="Keep it in the project's database or in Redis.",
            location=place,
            severity=Severity.ERROR if local else unlikely,
            confidence=Confidence.HIGH if local else Confidence.MEDIUM,
            related=(*setting, *(other for _, _, other in others)),
        )


def _beside_servers(project: Project) -> Iterator[Finding]:
    """Yield each database server that a container starts beside what there are several of."""
    seen = set()
    for process in project.deploy.processes:
        # Without an image a platform runs what lies here.
        pushed = process.kind is Kind.PLATFORM and not process.image
        own = process.own or pushed
        if process.kind not in CONTAINERS or not own or process.on_demand:
            continue
        for command in process.commands if process.is_replica else ():
            place = command.via[-1] if command.via else command.location
            if command.program in SERVERS and place not in seen:
                seen.add(place)
                yield Finding(
                    message=(
                        f"The container {process.name!r} runs {command.program} beside what serves"
                        " or works: each replica has its own, and loses it when it goes."
                    ),
                    hint="Run it once, as a service of its own, and tell all replicas where.",
                    location=place,
                    severity=Severity.WARNING,
                    confidence=Confidence.HIGH if command.sure else Confidence.MEDIUM,
                )


def _opened(project: Project) -> Iterator[tuple[str, Lead, Location]]:
    for _, fact, place in project.noted(SLUG):
        name, term, file = fact.data
        lead = project.origins.lead(term)
        if lead.origin in {Origin.TEMPORARY, Origin.NOWHERE, Origin.SHARED}:
            continue
        if not (file and "." in file and file in project.files_by_name):
            yield name, lead, place


def opened_in(project: Project) -> set[tuple[str, str]]:
    """Return the settings whose folders hold a database found here, and the files that open it."""
    found = _opened(project)
    return {(lead.setting, place.path) for _, lead, place in found if lead.setting}


def is_beside(project: Project, lead: Lead) -> bool:
    """Whether a path is named by a setting, and lies in the folder of a database found here."""
    path = _written(project, lead.setting)
    kept = (_written(project, found.setting) for _, found, _ in _opened(project) if found.setting)
    return bool(path) and any(PurePosixPath(path).is_relative_to(folder) for folder in kept)


def _written(project: Project, setting: str) -> str:
    """Return the path that a setting holds, "" if that is not known."""
    held = project.setting(setting) if setting and project.is_set(setting) else None
    return str(held) if isinstance(held, str | PurePath) else ""


RULE = Rule("scaleready.E058", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
