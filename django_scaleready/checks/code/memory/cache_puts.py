"""Where a cache is told what others are to find, or is asked once: wrong first if it is local."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.reading import Reading

_CACHE = "django.core.cache.cache."
# The position of how long it is kept.
_KEEPS = {"set": 2, "set_many": 1}
# Storages of other packages that keep what they are given in the cache of an alias.
_STORAGES = {"pylti1p3.contrib.django.DjangoCacheDataStorage": "cache_name"}


@only_with(*_KEEPS, "get", "get_many")
def cache_puts(reading: Reading) -> Iterator[Fact]:
    """Note what is put there without an end, else what is put there first, and what is kept of it.

    A value that is got as a file is loaded is kept as long as the process runs: (alias,).
    """
    module = reading.module
    if _CACHE.rstrip(".") not in module.imports.values():
        return
    first: Fact | None = None
    for site in module.calls_that_run(*_KEEPS, "get", "get_many"):
        name = module.resolve(site.call.func)
        if not name.startswith(_CACHE):
            continue
        put = _KEEPS.get(name.removeprefix(_CACHE))
        at_import = not site.scope.function and module.moment(site.scope) is Moment.IMPORT
        if at_import if put is None else _is_for_ever(site.call, put):
            yield Fact(site.line, site.scope.function, ("default",))
        elif put is not None and (first is None or site.line < first.line):
            first = Fact(site.line, site.scope.function, ("default",))
    if first:
        yield first


def _is_for_ever(call: ast.Call, position: int) -> bool:
    given = [*call.args[position : position + 1]]
    given += [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
    return any(isinstance(time, ast.Constant) and time.value is None for time in given)


@only_with(*(name.rpartition(".")[2] for name in _STORAGES))
def cache_storages(reading: Reading) -> Iterator[Fact]:
    """Note where a package is told to keep in the cache what a later request asks for: (alias,)."""
    module = reading.module
    for site in module.calls_that_run(*(name.rpartition(".")[2] for name in _STORAGES)):
        option = _STORAGES.get(module.resolve(site.call.func))
        if option is None:
            continue
        given = [*site.call.args[:1], *(k.value for k in site.call.keywords if k.arg == option)]
        named = [node.value for node in given if isinstance(node, ast.Constant)]
        if len(named) == len(given):
            yield Fact(site.line, site.scope.function, (*named, "default")[:1])


COLLECTORS = (("cache-puts", cache_puts), ("cache-storages", cache_storages))
