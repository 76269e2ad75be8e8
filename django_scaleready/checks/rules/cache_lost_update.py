"""A value in the shared cache is read, changed and written back, and changes are lost.

Between the reading and the writing another replica writes as well, and one of the two changes is
gone: a count is too low, an entry is missing from a list. The more replicas, the more often.

## Bad

```python title="settings.py"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://redis:6379/0",
        "OPTIONS": {"socket_timeout": 5},
    }
}
```

```python title="shop/views.py"
from django.core.cache import cache


def seen(product):
    views = cache.get("views", {})
    views[product] = views.get(product, 0) + 1
    cache.set("views", views)
```

## Good

```python title="settings.py"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://redis:6379/0",
        "OPTIONS": {"socket_timeout": 5},
    }
}
```

```python title="shop/views.py"
from django.core.cache import cache


def seen(product):
    key = f"views:{product}"
    cache.add(key, 0)
    cache.incr(key)
```

## Stays silent when

- what is written is new: computed because nothing was found, however it is changed then;
- a mapping gets an entry that it lacks (`if day not in found: found[day] = …`): who loses it makes
  it anew;
- it is written unchanged, to be kept longer, or under another key;
- `incr()`, `decr()`, `add()` or `get_or_set()` do it, which are one step;
- it happens under a lock: in a `with` block of one, after `cache.add()` of another key whose answer
  is used, or where the function takes a lock, locks a row or is decorated with one;
- the key is one user's, one session's or one task's, or the class is a throttle, which counts one
  visitor;
- a task without arguments does it: a schedule sends it, one after the other;
- the cache is a dummy;
- the code is a management command or a script.

It is information where the cache is in memory or on a disk, which [cache-local](#cache-local) is
about: there it comes with the mending of that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.memory.cache_updates import LOCKS, MANY, READS, WRITES, updates
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.tree.syntax import nodes_of
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.usage import is_local_cache

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Scope
    from django_scaleready.checks.project import Project

SLUG = "cache-lost-update"
SETS = WRITES | MANY
# What else makes sure that one comes after the other.
TAKES = frozenset({"acquire", "select_for_update"})
# Keys of one user, one session or one task, as code names them.
OWN = re.compile(r"\b(user|task)(_?(id|key|name|pk))?\b|\brequest\.session\b|\bsession_key\b")
DUMMY = "django.core.cache.backends.dummy.DummyCache"


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the writes that may undo another's: (alias or "", the setting that names it, key)."""
    module = reading.module
    imported = any(dotted.startswith("django.core.cache.") for dotted in module.imports.values())
    if not imported or module.mentions.isdisjoint(SETS) or module.mentions.isdisjoint(READS):
        return
    scopes = dict.fromkeys(site.scope for site in module.calls_that_run(*sorted(SETS)))
    for scope in scopes:
        scheduled = module.moment(scope) is Moment.TASK and not scope.parameters
        if scheduled or scope.attributes.isdisjoint(READS) or _is_locked(scope):
            continue
        for call, cache, key in updates(module, scope):
            if not _is_of_one(module, scope, key):
                yield Fact(call.lineno, scope.function, (*_alias(scope, cache), ast.unparse(key)))


def _is_locked(scope: Scope) -> bool:
    """Whether a function lets nobody else in, by other means than a block that is locked."""
    if any(LOCKS.search(ast.unparse(decorator)) for decorator in scope.decorators):
        return True
    return bool(scope.attributes & TAKES) or any(_takes(scope, call) for call, _ in scope.calls)


def _takes(scope: Scope, call: ast.Call) -> bool:
    """Whether a call is ``cache.add("busy", 1)``, and is asked whether it was the first."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"add", "aadd"}:
        return False
    if "cache" not in ast.unparse(call.func.value).lower() or not call.args:
        return False
    written = {
        ast.unparse(other.args[0])
        for other, _ in scope.calls
        if getattr(other.func, "attr", "") in SETS and other.args
    }
    statements = (node for node in nodes_of(scope.node) if isinstance(node, ast.Expr))
    ignored = any(node.value is call for node in statements)
    return not ignored and ast.unparse(call.args[0]) not in written


def _is_of_one(module: Module, scope: Scope, key: ast.expr) -> bool:
    """Whether a key is of one visitor or task, who seldom come twice at once."""
    if scope.owner and any(base.endswith("Throttle") for base in module.bases(scope.owner)):
        return True
    names = {node.id for node in nodes_of(key) if isinstance(node, ast.Name)}
    said = [key, *(value for name in names for value in scope.bindings.get(name, ()))]
    return any(OWN.search(ast.unparse(value)) for value in said)


def _alias(scope: Scope, cache: str) -> tuple[str, str]:
    """Return the alias of a cache, and the setting that names it; "" if it is not written there."""
    bound = [ast.unparse(v) for each in scope.outer for v in each.bindings.get(cache, ())]
    said = " ".join([cache, *bound])
    if named := re.search(r"caches\[['\"]([^'\"]+)['\"]\]", said):
        return named[1], ""
    if set_up := re.search(r"caches\[settings\.([A-Z]\w*)\]", said):
        return "", set_up[1]
    return "" if bound or "[" in cache else "default", ""


def find(project: Project) -> Iterator[Finding]:
    """Yield each function that does, with all its places."""
    found: dict[tuple[str, str], list[tuple[Location, str, str]]] = {}
    for source, fact, place in project.noted(SLUG):
        alias, setting, key = fact.data
        alias = str(project.setting(setting)) if setting else alias
        if not is_a(project.caches.get(alias), DUMMY):
            found.setdefault((source.path, fact.function), []).append((place, alias, key))
    for (first, alias, key), *others in found.values():
        local = is_local_cache(project, alias)
        yield Finding(
            message=f"What the cache has under {key} is read, changed and written back: replicas"
            f" lose each other's changes{' once they share it' if local else ''}.",
            hint="Use cache.incr() or a structure of Redis, or keep it in a row that is changed"
            " with F() or under select_for_update().",
            location=first,
            severity=Severity.INFO if local else Severity.WARNING,
            related=tuple(place for place, *_ in others),
        )


RULE = Rule("scaleready.W146", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
