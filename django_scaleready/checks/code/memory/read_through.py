"""Files in which a cache only saves work: each process computes for itself what it misses.

``get``, else compute and ``set`` for a time, in one function; the time of the alias is one. What
one function sets and another gets is handed on, what is got and set again changed is counted, and a
constant is a lock.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import nodes_of

CACHE = "django.core.cache.cache"
PAGE = "django.views.decorators.cache.cache_page"
# The translations of a release, which are the same in each of its processes.
CATALOGUES = "django.views.i18n."
# What counts as a use.
CACHES = ("django.core.cache", PAGE, "django.middleware.cache")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def cache_reads_through(reading: Reading) -> Iterator[Fact]:
    """Note that all uses of the cache save work for a time.

    (whether whole pages are kept that processes may render otherwise, whether a value is kept as
    long as the alias says)
    """
    module = reading.module
    used = {
        bound: module.imports[bound]
        for bound in module.import_lines
        if module.imports[bound].startswith(CACHES)
    }
    if not used or set(used.values()) - {CACHE, PAGE}:
        return
    allowed: set[ast.AST] = set()
    caches = {name for name, dotted in used.items() if dotted == CACHE}
    nodes = _around(module, used.keys())
    for node in nodes:
        if isinstance(node, ast.Call) and used.get(getattr(node.func, "id", "")) == PAGE:
            allowed |= {node.func} if _ends(node, 0) else set()
        elif isinstance(node, _Function):
            allowed |= saves_work(node, caches)
    names = [n for n in nodes if isinstance(n, ast.Name) and n.id in used]
    if names and allowed.issuperset(names):
        pages = {n for n in names if used[n.id] == PAGE}
        kept = [n for n in nodes if isinstance(n, ast.Call) and _is_put(n, caches)]
        untold = not all(_ends(call, 2) for call in kept)
        yield Fact(1, "", (bool(pages) and not pages <= _of_catalogues(reading), untold))


def _is_put(call: ast.Call, caches: set[str]) -> bool:
    named = getattr(call.func, "attr", "") in {"set", "get_or_set"}
    return named and getattr(_holder(call), "id", "") in caches


def _around(module: Module, names: Set[str]) -> list[ast.AST]:
    """Return the nodes of the functions that say a name; all where it is said outside of them."""
    saying = [s for s in module.all_scopes if not s.names.isdisjoint(names)]
    if any(scope.kind != "function" for scope in saying):
        return nodes_of(module.top.node)
    functions = ([o for o in scope.outer if o.kind == "function"] for scope in saying)
    outermost = dict.fromkeys(around[-1] for around in functions)
    return [node for scope in outermost for node in nodes_of(scope.node)]


def _of_catalogues(reading: Reading) -> set[ast.AST]:
    """Return the names in calls and decorated functions that answer with a catalogue alone."""
    module = reading.module
    found: set[ast.AST] = set()
    for node in nodes_of(module.top.node):
        answer: ast.AST | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and len(node.args) == 1:
            # A page that is decorated by a call, as a view of a class is.
            answer, inside = node.args[0], [*nodes_of(node.func)]
        elif isinstance(node, _Function) and isinstance(node.body[-1], ast.Return):
            others = [part for part in node.body[:-1] if not _is_text(part)]
            answer = None if others else node.body[-1].value
            inside = [inner for each in node.decorator_list for inner in nodes_of(each)]
        calls = nodes_of(answer) if answer else ()
        if any(_is_catalogue(reading, call) for call in calls):
            found.update(inside)
    return found


def _is_catalogue(reading: Reading, node: ast.AST) -> bool:
    dotted = reading.module.resolve(node.func) if isinstance(node, ast.Call) else ""
    return dotted.startswith(CATALOGUES) and "Catalog" in dotted


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def saves_work(function: _Function, caches: set[str], *, timed: bool = False) -> set[ast.AST]:
    """Return the names of caches that a function uses to save work; none if it does more.

    ``timed``: each value has to be given its time.
    """
    calls: dict[str, list[ast.Call]] = {}
    for node in nodes_of(function):
        if isinstance(node, ast.Call) and getattr(_holder(node), "id", "") in caches:
            calls.setdefault(getattr(node.func, "attr", ""), []).append(node)
    gets, sets, made = (calls.pop(name, []) for name in ("get", "set", "get_or_set"))
    asked = calls.pop("has_key", [])
    if calls or bool(gets) != bool(sets) or any(map(_is_for_ever, [*sets, *made])):
        return set()
    if timed and not all(_ends(call, 2) for call in [*sets, *made]):
        return set()
    if asked and _answers(function, gets, sets):
        return {_holder(call) for call in [*gets, *sets, *made, *asked]}
    assigned = [n for n in nodes_of(function) if isinstance(n, ast.Assign)]
    looked = [each for each in assigned if each.value in gets]
    if asked or len(looked) < len(gets) or any(map(_has_default, gets)):
        return set()
    got = {name for each in looked for name in _targets(each)}
    others = [each for each in assigned if each not in looked]
    if not all(_is_anew(function, others, call, got) for call in sets):
        return set()
    return {_holder(call) for call in [*gets, *sets, *made]}


def _has_default(get: ast.Call) -> bool:
    """Whether what is not there is another value than None."""
    given = [*get.args[1:], *(keyword.value for keyword in get.keywords)]
    return any(not isinstance(v, ast.Constant) or v.value is not None for v in given)


def _answers(function: _Function, gets: list[ast.Call], sets: list[ast.Call]) -> bool:
    """Whether a function answers with what is there, or with what it sets: a value that it made."""
    returned = [n.value for n in nodes_of(function) if isinstance(n, ast.Return) and n.value]
    made = [
        call.args[1] for call in sets if len(call.args) > 1 and isinstance(call.args[1], ast.Name)
    ]
    return (
        bool(made)
        and len(made) == len(sets)
        and all(get in returned and not _has_default(get) for get in gets)
        and all(any(value.id in _names(each) for each in returned) for value in made)
    )


def _holder(call: ast.Call) -> ast.AST:
    return call.func.value if isinstance(call.func, ast.Attribute) else call


def _ends(call: ast.Call, position: int) -> bool:
    """Whether what a call keeps is kept for a time that it names."""
    given = [*call.args[position : position + 1]]
    given += [k.value for k in call.keywords if k.arg == "timeout"]
    return any(not isinstance(time, ast.Constant) or time.value is not None for time in given)


def _is_for_ever(call: ast.Call) -> bool:
    """Whether a call says that what it keeps has no end, or gives more than names tell."""
    given = [*call.args[2:], *(k.value for k in call.keywords if k.arg in {"timeout", None})]
    return any(isinstance(time, ast.Constant) and time.value is None for time in given) or any(
        k.arg is None for k in call.keywords
    )


def _is_anew(
    function: _Function, assigned: list[ast.Assign], call: ast.Call, got: set[str]
) -> bool:
    """Whether what is set was computed, with nothing of what was got, and is used as that is."""
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "value")]
    if not given or isinstance(given[0], ast.Constant):
        return False
    names = _names(given[0])
    sources = [each for each in assigned if names & _targets(each)]
    if any(_names(each.value) & got for each in sources):
        return False
    changes = list(_changes(function, got))
    if isinstance(given[0], ast.Name) and names <= got:
        return bool(sources) and (not changes or _where_missed(function, call, sources, changes))
    returned = (n.value for n in nodes_of(function) if isinstance(n, ast.Return) and n.value)
    return not changes and not names & got and any(_names(each) & got for each in returned)


def _where_missed(
    function: _Function, call: ast.Call, sources: list[ast.Assign], changes: list[ast.AST]
) -> bool:
    """Whether what is changed is what was made because the cache had nothing."""
    for node in nodes_of(function):
        if isinstance(node, ast.If):
            inside = {inner for part in node.body for inner in nodes_of(part)}
            if inside.issuperset([call, *changes]) and not inside.isdisjoint(sources):
                return True
    return False


def _changes(function: _Function, names: set[str]) -> Iterator[ast.AST]:
    """Yield where one of some names, or what it stands for, is changed in place."""
    for node in nodes_of(function):
        changed: ast.AST | None = None
        if isinstance(node, ast.AugAssign):
            changed = node.target
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            changed = node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            changed = _holder(node.value)
        if changed is not None and isinstance(changed, ast.Name) and changed.id in names:
            yield node


def _targets(assigned: ast.Assign) -> set[str]:
    return {target.id for target in assigned.targets if isinstance(target, ast.Name)}


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in nodes_of(node) if isinstance(inner, ast.Name)}
