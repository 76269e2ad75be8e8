"""A lock, or another state of the connection, is held in a database session.

Behind a transaction pooler each transaction may run on another connection. A session-level advisory
lock is then taken on one and released on another: it is never let go, or it guards nothing.
`LISTEN`, `SET SESSION`, temporary tables and `WITH HOLD` cursors are lost in the same way.

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
- the setting is local to it (`SET LOCAL`, `ON COMMIT DROP`), or the statement only notifies.

It is a warning, and an error if `SCALEREADY["POOLER"]` is `transaction`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.scopes import DEBUG, NEVER
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "session-lock"
LOCKS = ("advisory_lock", "advisory", "alock", "lock")
PACKAGES = ("django_pglocks.", "pglocks.", "pglock.", "django_pg_advisory_lock.", "pgadvisory.")
STATES = {
    "a session-level advisory lock": r"\bpg_(try_)?advisory_lock(_shared)?\s*\(",
    "LISTEN": r"^\s*LISTEN\s+(\w+|\"[^\"]+\"|%s|\{\w*\})\s*;?\s*$",
    "SET SESSION": r"^\s*SET\s+SESSION\b(?!\s+AUTHORIZATION)",
    "SET": r"^\s*SET\s+(statement_timeout|lock_timeout|idle_in_transaction_session_timeout"
    r"|search_path|session_replication_role)\s*(=|TO\b)|^\s*(?-i:SET ROLE)\s",
    "a temporary table": r"\bCREATE\s+(LOCAL\s+)?TEMP(ORARY)?\s+TABLE\b(?!.*\bON\s+COMMIT\s+DROP)",
    "a cursor WITH HOLD": r"\bCURSOR\s+WITH\s+HOLD\b",
}
_SQL = {name: re.compile(text, re.IGNORECASE | re.DOTALL) for name, text in STATES.items()}

_ANY = re.compile(r"lock|listen|session|temp|hold|^\s*set\s", re.IGNORECASE)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the locks of packages, and the statements that leave something in a session."""
    module = reading.module
    for site in module.calls_that_run(*LOCKS):
        name = module.resolve(site.call.func)
        if name.startswith(PACKAGES) and not _ends_with_transaction(site.call):
            yield module.fact(site, "a session-level advisory lock")
    for node, scope, flags in module.strings:
        if not flags & (DEBUG | NEVER) and _ANY.search(str(node.value)):
            for kind, pattern in _SQL.items():
                if pattern.search(str(node.value)):
                    yield Fact(node.lineno, module.function_of(scope), (kind,))


def _ends_with_transaction(call: ast.Call) -> bool:
    return any(k.arg == "xact" and getattr(k.value, "value", False) for k in call.keywords)


def find(project: Project) -> Iterator[Finding]:
    """Yield each place that leaves something in a session; commands use the same pooler."""
    pooled = project.pooler == "transaction"
    for source, fact in project.code.facts(SLUG):
        kind = fact.data[0]
        yield Finding(
            message=f"{kind[:1].upper()}{kind[1:]} lives in the connection, which a transaction"
            " pooler changes from one transaction to the next.",
            hint="Use pg_advisory_xact_lock or SELECT ... FOR UPDATE inside a transaction.",
            location=Location(source.path, fact.line),
            severity=Severity.ERROR if pooled else Severity.WARNING,
        )


RULE = Rule("scaleready.W068", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
