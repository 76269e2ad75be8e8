"""The session, the cache or the database keeps the path of a file on the disk of one replica.

The next request of the same visitor reaches another replica, which reads the path and finds no such
file: the preview of an import, or the second step of an upload, works every second time. Of what
rows keep, temporary files are found, be they given by a manager (`Order.objects.create(path=path)`)
or by name to an object that is saved (`order.pdf_path = path`).

## Bad

```python title="shop/views.py"
import tempfile


def upload(request):
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(request.FILES["orders"].read())
    request.session["orders"] = file.name
```

## Good

```python title="shop/views.py"
from django.core.files.storage import default_storage


def upload(request):
    name = default_storage.save("orders.csv", request.FILES["orders"])
    request.session["orders"] = name
```

## Stays silent when

- what is kept is a storage's name, a primary key or the content itself;
- it comes from a setting below which the project writes nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.paths.handed_on import TOLD, HandedOn
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "path-in-session"
CACHE = frozenset(f"django.core.cache.cache.{verb}" for verb in ("add", "set"))
# Of a manager: what is given by keyword becomes a row.
ROWS = ("create", "get_or_create", "update", "update_or_create")
# The name of a column that holds a path, and no upload.
PATH_NAME = re.compile(r"(^|_)(path|dir|directory|folder|filename|filepath)$")
# Not "template", which half of all files say.
TEMPORARY = (b"tmp", b"tempfile", b"emporary", b"mkdtemp", b"mkstemp")
MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})


class Kept(NamedTuple):
    """A value that is kept for another request, and where."""

    line: int
    scope: Scope
    value: ast.expr
    in_row: bool = False


def collect(reading: Reading) -> Iterator[Fact]:
    """Note what sessions and the cache keep that may be a path: (as written, term)."""
    for kept in _kept(reading):
        term = reading.term(kept.value, kept.scope)
        # Paths in rows are mostly the deployment's own; a temporary one belongs to no row.
        if term[0] == "temp" if kept.in_row else term[0] in TOLD:
            function = reading.module.function_of(kept.scope)
            yield Fact(kept.line, function, (ast.unparse(kept.value)[:80], term))


def _kept(reading: Reading) -> Iterator[Kept]:
    module = reading.module
    for site in module.calls_that_run("add", "set"):
        if module.resolve(site.call.func) in CACHE:
            for value in site.call.args[1:2]:
                yield Kept(site.line, site.scope, value)
    rows = [site for site in module.calls_that_run(*ROWS) if _is_managers(site.call.func)]
    # Without such a word the file makes no temporary one, which alone is looked for there.
    for site in rows if rows and any(word in module.content for word in TEMPORARY) else ():
        given = (k.value for k in site.call.keywords if not _is_upload(module, site.scope, k.value))
        yield from (Kept(site.line, site.scope, value, in_row=True) for value in given)
    sessions = "session" in module.mentions or b"session" in module.content
    for scope in module.scopes:
        if scope.binds_attributes and "save" in scope.attributes:
            yield from _of_rows(scope)
        for node, flags in scope.changes if sessions else ():
            kept = isinstance(node, ast.Assign) and any(map(_is_session, node.targets))
            if isinstance(node, ast.Assign) and kept and not _guarded(scope, flags):
                yield Kept(node.lineno, scope, node.value)


def _of_rows(scope: Scope) -> Iterator[Kept]:
    """Yield the paths that an object is given which the same function saves: report.pdf_path."""
    for name, values in scope.bindings.items():
        root, dot, attribute = name.partition(".")
        if dot and root not in {"self", "cls"} and PATH_NAME.search(attribute):
            saved = (call.func for call, _ in scope.calls if isinstance(call.func, ast.Attribute))
            if any(f.attr == "save" and getattr(f.value, "id", "") == root for f in saved):
                yield from (Kept(value.lineno, scope, value, in_row=True) for value in values)


def _is_upload(module: Module, scope: Scope, value: ast.expr) -> bool:
    """Whether a row gets a file for its storage, and not the path of one."""
    bound = scope.bindings.get(value.id) if isinstance(value, ast.Name) else None
    value = bound[-1] if bound else value
    called = module.resolve(value.func) if isinstance(value, ast.Call) else ""
    return called.startswith("django.core.files.")


def _guarded(scope: Scope, flags: int) -> bool:
    return Site(None, scope, flags).guarded  # type: ignore[arg-type]  # only the flags are asked


def _is_managers(called: ast.expr) -> bool:
    """Whether a method is of a manager, or of a query that one began."""
    held = called.value if isinstance(called, ast.Attribute) else None
    while isinstance(held, ast.Call | ast.Attribute):
        if isinstance(held, ast.Attribute) and held.attr in MANAGERS:
            return True
        held = held.func if isinstance(held, ast.Call) else held.value
    return False


def _is_session(target: ast.expr) -> bool:
    held = target.value if isinstance(target, ast.Subscript) else None
    name = getattr(held, "attr", None) or getattr(held, "id", "")
    return name == "session"


def find(project: Project) -> Iterator[Finding]:
    """Yield each path that a later request is to find."""
    handed_on = HandedOn(project)
    for _, fact, place in project.noted(SLUG):
        if handed_on.is_local_path(fact.data[1]):
            yield Finding(
                message=f"{fact.data[0]} is a path on this replica's disk: the next request may"
                " reach another.",
                hint="Store the file with default_storage, and keep its name.",
                location=place,
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E054", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
