"""Each replica that starts empties what the others are using.

A cache that all replicas share holds what they count and lock there, and sessions perhaps; a search
index holds what they find. Cleared by a start script, it is cleared whenever a replica is added or
replaced, a crash at night among them: rate limits begin anew, locks are gone while somebody holds
them, everybody computes the same at once, and searches find nothing until it is filled again. To
remove all locks "in case of a crash" takes them from those that did not crash; `ready()` does so
in each worker, and in each command. A worker that empties the list in Redis which it then takes its
jobs from throws away what waits for all of them.

## Bad

```text title="entrypoint.sh"
#!/bin/sh
python manage.py clear_cache
exec gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
WORKDIR /app
CMD ["./entrypoint.sh"]
```

## Good

```text title="Procfile"
release: python manage.py clear_cache
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

A version in the cache's keys (`KEY_PREFIX` or `VERSION`, from the release) needs no clearing at
all, and a lock that ends by itself (`timeout`, `expire`) need not be removed by anybody.

## Stays silent when

- it runs once for a release: `release:` in a Procfile, a Job, a Helm hook;
- the script runs it only with an argument or a variable that nothing here gives;
- it names one key, or a cache of its own: `clear_cache --key menu`;
- the index is updated and not emptied: `update_index`, `search_index --populate`;
- a command of yours does it under a condition, or removes the lock that it has taken itself;
- the list that is removed is not the one that the function then takes from (`blpop`, `brpop`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact, Moment, Summary
from django_scaleready.checks.code.tree.syntax import last_name
from django_scaleready.checks.reaching import paced
from django_scaleready.checks.reaching.started import command_file

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Scope, Site
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

# Of django-extensions and others: what each empties, and the options that it takes for that.
EMPTIES = {
    "clear_cache": ("the cache", ()),
    "clearcache": ("the cache", ()),
    "flush": ("the database", ()),
    "rebuild_index": ("the search index", ()),
    "clear_index": ("the search index", ()),
    "search_index": ("the search index", ("--rebuild", "--delete")),
}
# They leave the rest alone, or ask.
PARTS = ("--key", "--cache", "--using", "--models", "--help")
DEFAULT = "default"
REDIS = frozenset({"flushall", "flushdb"})
SLUG = "cleared-on-start"
THE_CACHE, THE_LOCKS, THE_QUEUE = "the cache", "the locks", "a queue"
CACHE, CACHES = "django.core.cache.cache.", "django.core.cache.caches"
REMOVES = frozenset({"delete", "delete_many", "unlink"})
CLEARS = (*REDIS, "clear", "delete_pattern", "reset_all", *REMOVES)
CLIENTS = frozenset({"redis", "django_redis", "redis_lock"})
LOCKED = re.compile(r"(?<![a-z])locks?(?![a-z])", re.IGNORECASE)
HINT = "Do it once for each release: a Job, a Helm hook, `release:`."
OF_QUEUES = "Do not empty it: what waits there is for whoever takes it next."
# Who takes a lock may give it back.
TAKES = frozenset({"acquire", "add", "get_or_set", "lock", "set", "setnx"})
# They wait for what others put into a list, and take it.
POPS = ("blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzpopmax", "bzpopmin")
# Where what was left behind is removed, and no lock of one's own.
BEGINS = re.compile(r"(^|[._])(handle|ready|reset|clear|clean|purge|wipe|flush|init|start)")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note what empties a cache or removes locks, whatever happens."""
    module = reading.module
    for site in module.calls_that_run(*CLEARS):
        what = _cleared(module, site) or (THE_QUEUE if _is_taken_from(module, site) else "")
        if what and not any(
            scope is site.scope and any(node is site.call for node in ast.walk(branch))
            for branch, scope, _ in module.branches
        ):
            yield module.fact(site, what)


def _cleared(module: Module, site: Site) -> str:
    """Return what a call empties or removes, "" for nothing."""
    function, name = site.call.func, last_name(site.call.func)
    dotted = module.resolve(function)
    ours = dotted.startswith(CACHE)
    if name == "reset_all":
        owner = function.value if isinstance(function, ast.Attribute) else function
        one = isinstance(owner, ast.Subscript) and module.resolve(owner.value) == CACHES
        return THE_LOCKS if one or ours or dotted.startswith("redis_lock.") else ""
    if name == "clear":
        return THE_CACHE if ours else ""
    if not ours and CLIENTS.isdisjoint(module.roots):
        return ""
    if name in REDIS:
        return "Redis"
    given = ast.unparse(site.call.args[0]) if site.call.args else ""
    if name == "delete_pattern" and given in {"'*'", "'**'"}:
        return THE_CACHE
    taken = TAKES.intersection(last_name(call.func) for call, _ in site.scope.calls)
    held = name in REMOVES and (taken or not BEGINS.search(site.scope.qualname))
    return THE_LOCKS if LOCKED.search(given) and not held else ""


def _is_taken_from(module: Module, site: Site) -> bool:
    """Whether a function removes the list in Redis from which it takes what others put there.

    What it has named itself may be a list of its own, for the answers to what it asks.
    """
    if CLIENTS.isdisjoint(module.roots) or last_name(site.call.func) not in {"delete", "unlink"}:
        return False
    removed = {ast.unparse(key) for key in site.call.args if _is_shared(module, key, site.scope)}
    taken = {
        ast.unparse(key)
        for other in module.calls_that_run(*POPS)
        if other.scope is site.scope and other.line > site.line
        for given in other.call.args
        for key in _each(given)
    }
    return not removed.isdisjoint(taken)


def _is_shared(module: Module, key: ast.expr, scope: Scope) -> bool:
    """Whether each process has the same name for a list: a text, a setting, a name of the file."""
    if isinstance(key, ast.Attribute | ast.Name):
        root = ast.unparse(key).partition(".")[0]
        inner = [outer for outer in scope.outer if outer.kind == "function"]
        given = any(root in outer.bindings or root in outer.parameters for outer in inner)
        return not given and root in {*module.imports, *module.top.bindings}
    return isinstance(key, ast.Constant)


def _each(given: ast.expr) -> list[ast.expr]:
    return given.elts if isinstance(given, ast.List | ast.Tuple) else [given]


def find(project: Project) -> Iterator[Finding]:
    """Yield what is emptied at the start of processes of which there may be several."""
    seen: set[Location] = set()
    facts = [*project.code.facts(SLUG)]
    for process in project.deploy.processes:
        if not process.is_replica or process.on_demand:
            continue
        for command in process.commands:
            own = _emptied_by_own(project, command, facts)
            what, places = own or (_emptied(command), ())
            if what and command.location not in seen:
                seen.add(command.location)
                yield Finding(
                    message=f"Each replica of {process.name!r} {_told(what)}",
                    hint=OF_QUEUES if what == THE_QUEUE else HINT,
                    location=command.location,
                    severity=Severity.WARNING,
                    confidence=Confidence.HIGH if command.sure else Confidence.MEDIUM,
                    related=places,
                )
    for source, fact in facts:
        off = project.is_switched_off(source.path, fact.function, fact.line)
        if not off and Moment.READY in project.code.moments(source, fact.function):
            yield Finding(
                message=f"AppConfig.ready() of each process {_told(fact.data[0])}",
                hint="Do it once for each release, in a command of its own.",
                location=Location(source.path, fact.line),
                severity=Severity.WARNING,
            )


def _told(what: str) -> str:
    if what == THE_LOCKS:
        return "removes locks when it starts, while others hold them."
    if what == THE_QUEUE:
        return "empties a queue when it starts: what others have put there is lost."
    return f"empties {what} when it starts, while the others use it."


def _emptied_by_own(
    project: Project, command: Command, facts: list[tuple[Summary, Fact]]
) -> tuple[str, tuple[Location, ...]] | None:
    """Return what a command of the project's empties, and where; one with a known name says it."""
    known = not facts or command.management in EMPTIES
    found = None if known else command_file(project.code, command.management)
    for source, fact in facts if found else ():
        if found and paced.comes_to(project.code, found, {(source.path, fact.function)}):
            return fact.data[0], (Location(source.path, fact.line),)
    return None


def _emptied(command: Command) -> str:
    """Return what a program empties, "" for nothing."""
    if command.program in {"redis-cli", "valkey-cli"}:
        return "Redis" if REDIS & {word.lower() for word in command.arguments} else ""
    what, needed = EMPTIES.get(command.management, ("", ()))
    asked = [command.option(name) for name in PARTS if command.has_option(name)]
    taken = not needed or command.has_option(*needed)
    return what if taken and all(value == DEFAULT for value in asked) else ""


RULE = Rule("scaleready.W157", SLUG, find, Area.DEPLOY, collect, leak=Leak.LIFECYCLE)
