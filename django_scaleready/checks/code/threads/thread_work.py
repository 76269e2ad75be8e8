"""What a thread does, and who ends it, as far as its own file tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_parts, nodes_of, written

_WORK = frozenset({"function", "target"})
# Where it stands without its name: Thread(group, target), Timer(interval, function).
_PLACE = 1
# Of a thread, and of a timer that is only there for the case that something takes too long.
ENDS = ("cancel", "join", "terminate")
_CLOSES = frozenset({"cancel", "close", "disconnect", "kill", "set", "shutdown", "stop"})
_CLOSES |= {"terminate", "unsubscribe"}
# Who is given a function to call when the process ends, or is told to.
_AT_END = frozenset({"atexit.register", "gevent.signal", "gevent.signal_handler", "signal.signal"})
_OF_LOOPS = "add_signal_handler"
_ALIVE = frozenset({"exitcode", "is_alive"})
STARTERS = frozenset({"multiprocessing.Process", "threading.Thread", "threading.Timer"})
_REDIS = frozenset({"django_redis", "django_valkey", "redis", "valkey"})


def own_function(module: Module, called: ast.expr | None, scope: Scope) -> Scope | None:
    """Return the function of the module, or the method of the same object, that is named."""
    if isinstance(called, ast.Name):
        around = (outer.qualname for outer in scope.outer)
        names = (f"{name}.{called.id}" if name else called.id for name in around)
        return next((module.functions[name] for name in names if name in module.functions), None)
    if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in {"cls", "self"}:
        owner = scope.owner
        return module.functions.get(f"{owner.qualname}.{called.attr}") if owner else None
    return None


def work_of(call: ast.Call) -> ast.expr | None:
    """Return what a call gives a thread to do."""
    given = [keyword.value for keyword in call.keywords if keyword.arg in _WORK]
    return next(iter([*given, *call.args[_PLACE : _PLACE + 1]]), None)


def starts(module: Module) -> list[Site]:
    """Return where threads and processes are made, and given work."""
    if module.roots.isdisjoint({"multiprocessing", "threading"}):
        return []
    made = module.calls_that_run(*last_parts(*STARTERS))
    return [site for site in made if module.resolve(site.call.func) in STARTERS]


def is_done_already(module: Module, site: Site) -> bool:
    """Whether the work is done where the thread is made, which gets nothing: ``target=work()``."""
    work = work_of(site.call)
    called = own_function(module, work.func, site.scope) if isinstance(work, ast.Call) else None
    return called is not None and not called.returns and not called.decorators


def begins_anew(module: Module, site: Site) -> bool:
    """Whether a thread starts one of its own kind, as somebody else has done before.

    An object of a class of threads makes another, or a function is the work of a thread that is
    started outside of it, too.
    """
    scope = site.scope
    made = module.classes.get(written(site.call.func))
    if made is not None and made is scope.owner:
        return next(iter(scope.parameters), "") == "self"
    work = own_function(module, work_of(site.call), scope)
    return (
        work is not None
        and work in scope.outer
        and any(
            own_function(module, work_of(other.call), other.scope) is work
            for other in module.calls(written(site.call.func).rpartition(".")[2])
            if work not in other.scope.outer
        )
    )


def listens(module: Module, site: Site) -> bool:
    """Whether a thread hears what is published in Redis: each process needs one of its own."""
    work = own_function(module, work_of(site.call), site.scope)
    if work is None or (module.roots.isdisjoint(_REDIS) and "pubsub" not in module.mentions):
        return False
    return any(
        other.scope is work and not other.call.args
        for other in module.calls("get_message", "listen")
    )


def serves_connection(module: Module, site: Site) -> bool:
    """Whether a thread of a websocket is ended with it: its source is closed on disconnect."""
    owner = site.scope.owner
    work = own_function(module, work_of(site.call), site.scope)
    if owner is None or work is None or not any("Consumer" in b for b in module.bases(owner)):
        return False
    needed = {written(n) for n in nodes_of(site.call) if isinstance(n, ast.Attribute)}
    needed |= {written(n) for n in nodes_of(work.node) if isinstance(n, ast.Attribute)}
    return any(
        isinstance(other.call.func, ast.Attribute)
        and other.scope.owner is owner
        and "disconnect" in other.scope.name
        and written(other.call.func.value) in needed
        for other in module.calls(*sorted(_CLOSES))
    )


def is_ended_elsewhere(module: Module, site: Site, names: Set[str]) -> bool:
    """Whether a function that is given a thread, or the list that has it, joins or cancels it.

    ``names`` are those of the thread. A list that an object keeps is every method's; a daemon is
    waited for in one that is called as the process ends.
    """
    return any(
        isinstance(other.call.func, ast.Attribute)
        and other.scope is scope
        and written(other.call.func.value) in _also(scope, known)
        for scope, known in (*_handed(module, site, names), *_keepers(module, site, names))
        for other in module.calls(*ENDS)
    )


def _handed(module: Module, site: Site, names: Set[str]) -> Iterator[tuple[Scope, Set[str]]]:
    """Yield the functions that a thread is handed to, and what they call it."""
    for call, _ in site.scope.calls:
        given = {place for place, value in enumerate(call.args) if written(value) in names}
        if given and (called := own_function(module, call.func, site.scope)):
            parameters = [name for name in called.parameters if name not in {"cls", "self"}]
            yield called, {name for place, name in enumerate(parameters) if place in given}


def _keepers(module: Module, site: Site, names: Set[str]) -> Iterator[tuple[Scope, Set[str]]]:
    """Yield the methods of an object that keeps a thread, unless that is a daemon."""
    kept = {name for name in names if name.startswith("self.")}
    daemon = any(k.arg == "daemon" and getattr(k.value, "value", 0) for k in site.call.keywords)
    for scope in module.functions.values() if kept else ():
        if scope.parent is site.scope.owner and (not daemon or _is_called_at_end(module, scope)):
            yield scope, kept


def _is_called_at_end(module: Module, method: Scope) -> bool:
    """Whether an object has a method of its own called when its process is told to end."""
    handler = f"self.{method.name}"
    return any(
        other.scope.owner is method.parent
        and (module.resolve(other.call.func) in _AT_END or _is_loops(other.call))
        and any(written(given) == handler for given in other.call.args)
        for other in module.calls(*last_parts(*_AT_END), _OF_LOOPS)
    )


def _is_loops(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == _OF_LOOPS


def is_polled(site: Site, names: Set[str]) -> bool:
    """Whether the function that starts a thread or a process goes round until that has ended."""
    loops = [node for node in nodes_of(site.scope.node) if isinstance(node, ast.While)]
    return any(
        isinstance(asked, ast.Attribute) and asked.attr in _ALIVE
        for loop in loops
        if any(_names(node) in names for node in nodes_of(loop.test))
        for asked in nodes_of(loop.test)
    )


def _names(node: ast.AST) -> str:
    return written(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def _also(scope: Scope, known: Set[str]) -> set[str]:
    """Return names, and those of each in a loop over what has one of them."""
    return {
        *known,
        *(
            name
            for name, values in scope.bindings.items()
            if any(isinstance(v, ast.Attribute | ast.Name) and written(v) in known for v in values)
        ),
    }
