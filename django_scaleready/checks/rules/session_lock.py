"""A lock, or another state of the connection, is held in a database session.

Behind a transaction pooler each transaction may run on another connection. A session-level advisory
lock is then taken on one and released on another: it is never let go, or it guards nothing.
`LISTEN`, `SET SESSION`, temporary tables and views, `WITH HOLD` cursors are lost in the same way.

## Bad

```python title="shop/stock.py"
from django_pglocks import advisory_lock


def recount():
    with advisory_lock("recount"):
        ...
```

## Good

```python title="shop/stock.py"
from django.db import connection, transaction


def recount():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [4711])
        ...
```

## Stays silent when

- the lock ends with the transaction (`pg_advisory_xact_lock`, `xact=True`);
- the function is called `advisory_lock` and is the project's own: what it executes is looked at;
- an operator runs it: a script, a command that no container starts;
- the setting is local to it (`SET LOCAL`, `ON COMMIT DROP`), or the statement only notifies;
- the function only sets back what each connection begins with (`SET search_path TO public`, `SET
  ROLE NONE`, `... TO DEFAULT`);
- one text drops, makes and reads a temporary table or view, and no other names it: that is one
  transaction;
- so does one function under `transaction.atomic`, and the rest of its file does not name the table.

It is a warning, and an error if `SCALEREADY["POOLER"]` is `transaction`, where the connection is
the site's: a package of Django takes the lock, the file imports `connection` or `connections` of
`django.db`, or the function names `DATABASES`. It is information where the file knows none of them,
or the function opens one by a driver (`psycopg2.connect`) or is handed it: it may lead to another
server, past every pooler.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.queries.temporary import (
    TABLE,
    TEMPORARY,
    VIEW,
    is_of_a_transaction,
)
from django_scaleready.checks.code.queries.whose_connection import is_sites_own
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.tree.scopes import DEBUG, NEVER, Scope

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "session-lock"
LOCKS = ("advisory_lock", "advisory", "alock", "lock")
PACKAGES = ("django_pglocks.", "pglocks.", "pglock.", "django_pg_advisory_lock.", "pgadvisory.")
# A name that says it, whichever package it is of: the term is PostgreSQL's.
NAMED = frozenset({"advisory_lock", "pg_advisory_lock"})
LOCK = "a session-level advisory lock"
HELD = "a cursor WITH HOLD"
# What such a function holds, its caller's block holds.
MANAGERS = frozenset({"contextlib.asynccontextmanager", "contextlib.contextmanager"})
STATES = {
    LOCK: r"\bpg_(try_)?advisory_lock(_shared)?\s*\(",
    "LISTEN": r"^\s*LISTEN\s+(\w+|\"[^\"]+\"|%s|\{\w*\})\s*;?\s*$",
    "SET SESSION": r"^\s*SET\s+SESSION\s+(CHARACTERISTICS\b|[\w.]+\s*(=|TO\b))",
    "SET": r"^\s*SET\s+(statement_timeout|lock_timeout|idle_in_transaction_session_timeout"
    r"|search_path|session_replication_role)\s*(=|TO\b)|^\s*(?-i:SET ROLE)\s",
    **TEMPORARY,
    HELD: r"\bCURSOR\s+WITH\s+HOLD\b",
}
_SQL = {name: re.compile(text, re.IGNORECASE | re.DOTALL) for name, text in STATES.items()}
# What connections begin with, for whoever has not set it otherwise.
_BACK = re.compile(
    r"^\s*SET\s+(SESSION\s+)?("
    r"[\w.]+\s*(=|TO\b)\s*DEFAULT|ROLE\s+NONE|session_replication_role\s*(=|TO\b)\s*'?origin'?"
    r"|search_path\s*(=|TO\b)\s*('?\"\$user\"'?\s*,\s*)?['\"]?public['\"]?"
    r")\s*;?\s*$",
    re.IGNORECASE,
)
HINTS = {
    LOCK: "Use pg_advisory_xact_lock or SELECT ... FOR UPDATE inside a transaction.",
    "LISTEN": "Give it a connection of its own, past the pooler.",
    TABLE: "Add ON COMMIT DROP, and use it in the transaction that makes it.",
    VIEW: "Make, read and drop it in one transaction, or do without it: WITH ... AS (...) SELECT.",
    HELD: "Read it inside of one transaction, without WITH HOLD.",
}
OF_SETTINGS = "Use SET LOCAL, or SET TRANSACTION, inside a transaction."

# What a call says that takes a lock for a transaction.
_ENDING = re.compile(r"xact|transaction", re.IGNORECASE)
_ANY = re.compile(r"lock|listen|session|temp|hold|^\s*set\s", re.IGNORECASE)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the locks of packages, and what is left in a session.

    As its kind, whether it is held for the caller, or set back, the function of another file that
    may take it, and whether the connection is the site's.
    """
    module = reading.module
    bound = [name for name, dotted in module.imports.items() if dotted.startswith(PACKAGES)]
    bound += [name for name, dotted in module.imports.items() if _is_named(dotted)]
    for site in module.calls_that_run(*dict.fromkeys([*LOCKS, *NAMED, *bound])):
        name = module.resolve(site.call.func)
        known = name.startswith(PACKAGES) and name.rpartition(".")[2] in LOCKS
        # Whose it is, all files together tell.
        other = name if not known and _is_imported(module, name) else ""
        if (known or other) and not _ends_with_transaction(site.call):
            held = _is_held_for_caller(module, site.scope)
            yield module.fact(site, LOCK, held, False, other, True)
    for node, scope, flags in module.strings:
        text = str(node.value)
        if not flags & (DEBUG | NEVER) and _ANY.search(text):
            for kind, pattern in _SQL.items():
                found = pattern.search(text)
                if found and not (kind in TEMPORARY and is_of_a_transaction(module, node, scope)):
                    held = kind == LOCK and _is_held_for_caller(module, scope)
                    back = _BACK.match(text) is not None
                    known = is_sites_own(module, scope)
                    data = (kind, held, back, "", known)
                    yield Fact(node.lineno, module.function_of(scope), data)


def _is_named(dotted: str) -> bool:
    return "." in dotted and dotted.rpartition(".")[2] in NAMED


def _is_imported(module: Module, name: str) -> bool:
    """Whether a function whose name says that it takes such a lock is imported."""
    imported = module.imports.values() if _is_named(name) else ()
    return any(name == dotted or name.startswith(f"{dotted}.") for dotted in imported)


def _ends_with_transaction(call: ast.Call) -> bool:
    """Whether a call asks for the transaction's lock: ``xact=True``, ``scope="transaction"``."""
    return any(_is_for_transaction(keyword) for keyword in call.keywords)


def _is_for_transaction(keyword: ast.keyword) -> bool:
    if isinstance(keyword.value, ast.Constant) and not keyword.value.value:
        return False
    named = _ENDING.search(keyword.arg or "")
    return bool(named) or _ENDING.search(ast.unparse(keyword.value)) is not None


def _is_held_for_caller(module: Module, scope: Scope) -> bool:
    """Whether a function is the project's own ``with advisory_lock(...)``."""
    return scope.kind == "function" and not MANAGERS.isdisjoint(module.decorators(scope))


def find(project: Project) -> Iterator[Finding]:
    """Yield what each function leaves in a session.

    Who takes a lock by the project's own context manager is named with that, operators aside.
    """
    severity = Severity.ERROR if project.pooler == "transaction" else Severity.WARNING
    for kind, known, (first, *others) in _places(project):
        yield Finding(
            message=f"{kind[:1].upper()}{kind[1:]} lives in the connection, which a transaction"
            " pooler changes from one transaction to the next.",
            hint=HINTS.get(kind, OF_SETTINGS),
            location=first,
            severity=severity if known else Severity.INFO,
            related=tuple(dict.fromkeys(others)),
        )


def _places(project: Project) -> Iterator[tuple[str, bool, list[Location]]]:
    """Yield what is left in a session, and whether it is one of the site's.

    With the places that belong together, the cause first.
    """
    together: dict[tuple[str, str, str], list[Location]] = {}
    left: set[tuple[str, str, str]] = set()
    sites: set[tuple[str, str, str]] = set()
    code = project.code
    for source, fact in code.facts(SLUG):
        if project.is_operators(source, fact) and not _is_deployed(project, source):
            continue
        kind, held, back, other, known = fact.data
        if other and _is_projects(code, other):
            continue
        place = Location(source.path, fact.line)
        if kind == LOCK:
            callers = _callers(project, source.path, fact.function) if held else ()
            yield kind, known, [place, *callers]
        else:
            # What a function sets, and sets back, is one.
            key = (kind, source.path, fact.function or str(fact.line))
            together.setdefault(key, []).append(place)
            left.update(() if back else (key,))
            sites.update((key,) if known else ())
    for key in filter(left.__contains__, together):
        yield key[0], key in sites, sorted(together[key], key=lambda place: place.line)


def _is_projects(code: Codebase, dotted: str) -> bool:
    """Whether a function lies in a module of the project, wherever its root is."""
    module = dotted.rpartition(".")[0]
    named = any(f".{each.module}".endswith(f".{module}") for each in code.files)
    return named or dotted.partition(".")[0] in code.packages


def _is_deployed(project: Project, source: Summary) -> bool:
    """Whether a deployment starts a command, be it once or as a worker of its own."""
    folder, _, name = source.path.removesuffix(".py").rpartition("/")
    processes = project.deploy.processes if folder.endswith("management/commands") else ()
    return any(command.management == name for each in processes for command in each.commands)


def _callers(project: Project, path: str, function: str) -> Iterator[Location]:
    code = project.code
    for caller, name, line, _ in code.calls_of((path, function)):
        by_command = code.moments(code.by_path[caller], name) == {Moment.COMMAND}
        # A command that a container starts, and what such a one calls.
        if not by_command or project.reach.comes(caller, name):
            yield Location(caller, line)


RULE = Rule("scaleready.W068", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
