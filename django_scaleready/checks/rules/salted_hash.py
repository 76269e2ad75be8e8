"""Something is kept under `hash()` of a text, which is another number in each process.

Python salts the hashes of texts and bytes, and of what is made of them, anew in each process. An
entry of a cache that one process keeps under such a number no other one finds, and a deploy leaves
all of them behind; a visitor who is told by it is another one to each worker.

## Bad

```python title="shop/views.py"
from django.core.cache import cache


def prices(names):
    return cache.get(hash(tuple(names)))
```

## Good

```python title="shop/views.py"
import hashlib

from django.core.cache import cache


def prices(names):
    return cache.get(hashlib.sha256("/".join(names).encode()).hexdigest())
```

## Stays silent when

- the number stays where it is made: a key of a dictionary, a comparison, an object's own
  `__hash__()`;
- what is hashed is a number by its name or its looks: `hash(order.pk)`, `hash(len(lines))`;
- it is the request (`hash(request)`), which no other process has, and no text;
- `hash` is a function of the project;
- a deploy file sets `PYTHONHASHSEED`;
- `setup.py` and its like, or `runtime.txt`, say that the project is for Python 2 alone, which salts
  no hashes unless it is told to;
- the code is a management command or a script.

What is seen to leave the process are keys of a cache or of Redis, values in a query or a row, and
what a function returns that is called after a key, a digest or the name of a file, or makes such a
name of it on the way. It is information if that is called a hash and is but the number
(`def row_hash(row): return hash(row.name)`): dictionaries of the same process are asked by such,
most often. Python's documentation has it at `object.__hash__()`:
<https://docs.python.org/3/reference/datamodel.html#object.__hash__>.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.queries.database import is_queryset
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of
from django_scaleready.checks.python_two import is_python_two

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "salted-hash"
SEED = "PYTHONHASHSEED"
KEPT, RETURNED, BARE = "kept", "returned", "bare"
# Where it is part of an object that lives in one process.
_OWN = frozenset({"__eq__", "__hash__", "__lt__", "__repr__"})
_STORES = re.compile(r"cache|redis", re.IGNORECASE)
_VERBS = frozenset(
    [
        *("add", "decr", "delete", "exists", "expire", "get", "get_or_set", "hget", "hset", "incr"),
        *("set", "setex", "setnx", "touch"),
    ]
)
_NUMBERS = re.compile(
    r"(^|_)(amount|count|day|hour|id|index|limit|minute|month|number|offset|page|pk|quarter|second"
    r"|size|timestamp|week|year)s?$"
)
# An object that each process has for itself, and is found by it alone.
_REQUEST = "request"
_COUNTS = frozenset({"float", "id", "int", "len", "round", "sum"})
_KEYS = re.compile(r"(^|_)(cache_?key|digest|etag|file_?name|fingerprint|hash|token)s?$")
# What is called so and is but the number serves dictionaries and comparisons, most often.
_OF_PROCESS = re.compile(r"(^|_)hash(es)?$")
# A name within a function that says where the number goes: into what others ask for by it.
_ASKED_BY = re.compile(r"(^|_)(cache_?key|etag|file_?name)$")


@only_with("hash")
def collect(reading: Reading) -> Iterator[Fact]:
    """Note the hashes that leave the process: KEPT, or RETURNED by what is called after one."""
    module = reading.module
    for site in module.calls_that_run("hash"):
        if not _is_pythons(module, site) or not any(map(_may_be_text, site.call.args[:1])):
            continue
        if _OWN.isdisjoint(scope.name for scope in site.scope.outer) and (how := _leaves(site)):
            yield module.fact(site, how)


def _is_pythons(module: Module, site: Site) -> bool:
    own = module.known.union(*(scope.bindings.keys() for scope in site.scope.outer))
    taken = any("hash" in scope.parameters for scope in site.scope.outer)
    return isinstance(site.call.func, ast.Name) and "hash" not in own and not taken


def _may_be_text(value: ast.expr) -> bool:
    """Whether a text may be in what is hashed; numbers are their own hashes, more or less."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str | bytes)
    if isinstance(value, ast.Tuple):
        return any(map(_may_be_text, value.elts))
    called = last_name(value.func) if isinstance(value, ast.Call) else ""
    named = last_name(value)
    return called not in _COUNTS and named != _REQUEST and not _NUMBERS.search(named)


def _leaves(site: Site) -> str:
    """Return how the number comes to where another process looks for it, "" if it does not."""
    scope = site.scope
    names = _named(site.call, scope)
    for call, _ in scope.calls:
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        if _keeps(call) and any(_holds(value, site.call, names) for value in given):
            return KEPT
    named = frozenset(filter(_ASKED_BY.search, names))
    returned = any(_holds(value, site.call, names) for value in scope.returns)
    if any(_reads(value, named) for value in scope.returns):
        return RETURNED
    if not returned or not _KEYS.search(scope.name):
        return ""
    return BARE if _OF_PROCESS.search(scope.name) and _is_bare(site) else RETURNED


def _is_bare(site: Site) -> bool:
    """Whether a function returns the number as it is, and makes no text of it."""
    bindings = site.scope.bindings
    named = [name for name, values in bindings.items() if any(v is site.call for v in values)]
    return all(
        value is site.call or getattr(value, "id", "") in named
        for value in site.scope.returns
        if _holds(value, site.call, _named(site.call, site.scope))
    )


def _named(call: ast.Call, scope: Scope) -> frozenset[str]:
    """Return the names of a function that hold the number, or what is put together with it."""
    names: frozenset[str] = frozenset()
    while True:
        found = frozenset(
            name
            for name, values in scope.bindings.items()
            if any(_holds(value, call, names) for value in values)
        )
        if found <= names:
            return names
        names |= found


def _holds(value: ast.AST, call: ast.Call, names: frozenset[str]) -> bool:
    return any(
        node is call or (isinstance(node, ast.Name) and node.id in names)
        for node in nodes_of(value)
    )


def _reads(value: ast.AST, names: frozenset[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in nodes_of(value))


def _keeps(call: ast.Call) -> bool:
    """Whether a call asks, or fills, what all processes share: a cache, Redis, the database."""
    method = call.func
    if not isinstance(method, ast.Attribute):
        return False
    if is_queryset(method):
        return True
    return method.attr in _VERBS and _STORES.search(ast.unparse(method.value)) is not None


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them, unless the deployment gives all processes one seed."""
    if any(SEED in process.environment for process in project.deploy.processes):
        return
    for source, fact, place in project.noted(SLUG):
        if is_python_two(project.root, source.path):
            continue
        yield Finding(
            message="hash() of a text is another number in each process: what is kept under it"
            " the others do not find.",
            hint="Use hashlib.sha256(text.encode()).hexdigest(), which is the same everywhere.",
            location=place,
            severity=Severity.INFO if fact.data[0] == BARE else Severity.WARNING,
            confidence=Confidence.HIGH if fact.data[0] == KEPT else Confidence.MEDIUM,
        )


RULE = Rule("scaleready.W147", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
