"""Work that is handed to an executor, an event loop or a process, and that nobody waits for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

EXECUTORS = frozenset(
    [
        *("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
        *("concurrent.futures.thread.ThreadPoolExecutor", "multiprocessing.pool.ThreadPool"),
    ]
)
# Whoever calls one of these waits for the work, in the end.
WAITS = frozenset({"as_completed", "gather", "get", "join", "result", "shutdown", "wait"})
EVENT = "threading.Event"
LOOPS = ("create_task", "ensure_future", "run_in_executor")


# What such a thread does is worth nothing once its process has ended.
_OF_THE_PROCESS = re.compile(
    r"heart_?beat|alive|watch_?dog|watcher|refresher|monitor|memory|(?<![a-z])ping(?![a-z])",
    re.IGNORECASE,
)


def is_of_the_process(module: Module, site: Site) -> bool:
    """Whether a thread serves its own process: a heartbeat, or one that is told to stop."""
    if _OF_THE_PROCESS.search(written(site.call)):
        return True
    events = {
        name
        for name, values in site.scope.bindings.items()
        if any(isinstance(v, ast.Call) and module.resolve(v.func) == EVENT for v in values)
    }
    told = (call.func for call, _ in site.scope.calls if isinstance(call.func, ast.Attribute))
    return any(f.attr == "set" and getattr(f.value, "id", "") in events for f in told)


def runs_event_loop(module: Module, owner: Scope) -> bool:
    """Whether a class of threads only runs a loop, to which others hand what they wait for.

    So does the loop of a server.
    """
    loops = module.calls("run_forever", "serve_forever")
    return any(site.scope.owner is owner for site in loops)


def is_watched(module: Module, site: Site) -> bool:
    """Whether an object keeps a process, and looks whether it is alive: a pool's worker."""
    if module.resolve(site.call.func) != "multiprocessing.Process":
        return False
    kept = {name for name in names_of(site) if name.startswith("self.")}
    return any(
        other.scope.owner is site.scope.owner
        and isinstance(other.call.func, ast.Attribute)
        and written(other.call.func.value) in kept
        for other in module.calls("is_alive")
    )


QUEUES = frozenset(["queue.Queue", "queue.SimpleQueue", "queue.LifoQueue", "multiprocessing.Queue"])


def is_answered(module: Module, site: Site) -> bool:
    """Whether what a thread makes is taken from a queue by the function that started it."""
    queues = _queues(module, site)
    work = {getattr(k.value, "id", "") for k in site.call.keywords if k.arg == "target"}
    takers = (
        getattr(other.call.func.value, "id", "")
        for other in module.calls("get", "get_nowait")
        if isinstance(other.call.func, ast.Attribute)
        and site.scope in other.scope.outer
        and other.scope.name not in work
    )
    return not queues.isdisjoint(takers)


def is_awaited_by_queue(module: Module, site: Site) -> bool:
    """Whether the function waits until all is done of a queue that it made for its threads."""
    joined = (
        getattr(other.call.func.value, "id", "")
        for other in module.calls("join")
        if other.scope is site.scope and isinstance(other.call.func, ast.Attribute)
    )
    return not _queues(module, site).isdisjoint(joined)


def _queues(module: Module, site: Site) -> set[str]:
    """Return the names of the queues that a function makes."""
    return {
        name
        for name, values in site.scope.bindings.items()
        if any(isinstance(v, ast.Call) and module.resolve(v.func) in QUEUES for v in values)
    }


def names_of(site: Site) -> set[str]:
    """Return the names of what a call makes: its own, its list's, and that of each in a loop."""
    found = set()
    for name, values in site.scope.bindings.items():
        if any(made is site.call for value in values for made in _made(value)):
            found.add(name)
    for call, _ in site.scope.calls:
        kept = call.args[0] if call.args and last_name(call.func) == "append" else None
        if isinstance(call.func, ast.Attribute) and (
            kept is site.call or (isinstance(kept, ast.Name) and kept.id in found)
        ):
            found.add(written(call.func.value))
    for name, values in site.scope.bindings.items():
        each = (one for value in values for one in _made(value))
        if any(isinstance(one, ast.Attribute | ast.Name) and written(one) in found for one in each):
            found.add(name)
    return found


def is_listed(site: Site) -> bool:
    """Whether what a call makes is appended to a list at once."""
    appended = (c.args[:1] for c, _ in site.scope.calls if last_name(c.func) == "append")
    return any(kept and kept[0] is site.call for kept in appended)


def _made(value: ast.expr) -> Iterator[ast.expr]:
    yield value
    if isinstance(value, ast.ListComp):
        yield value.elt
    elif isinstance(value, ast.List):
        yield from value.elts


def is_left_to_executor(module: Module, site: Site) -> bool:
    """Whether work goes to an executor, and its result is asked for nowhere in the function."""
    function = site.call.func
    name = written(function.value) if isinstance(function, ast.Attribute) else ""
    makers = [v for v in _values(module, name, site.scope) if isinstance(v, ast.Call)]
    if not any(module.resolve(value.func) in EXECUTORS for value in makers):
        return False
    waited = any(_may_wait(call) for call in _calls(site)) or _is_shut_down(module, name, site)
    return not waited and not any(_is_context(site.scope, v) for v in makers)


def _is_shut_down(module: Module, name: str, site: Site) -> bool:
    """Whether another method of a class waits for the executor that its object keeps."""
    owner = site.scope.owner
    return owner is not None and any(
        other.scope.owner is owner and written(other.call.func) == f"{name}.shutdown"
        for other in module.calls("shutdown")
    )


def _may_wait(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = call.args[0] if call.args else None
    if name in {"get", "join"} and given is not None:
        # row.get("name") and ", ".join(names) wait for nobody; result.get(10) does.
        return isinstance(given, ast.Constant) and isinstance(given.value, int | float)
    return name in WAITS


def _calls(site: Site) -> Iterator[ast.Call]:
    for scope in site.scope.outer:
        if scope.kind == "function":
            yield from (call for call, _ in scope.calls)


def _values(module: Module, name: str, scope: Scope) -> Iterator[ast.expr]:
    for outer in scope.outer:
        yield from outer.bindings.get(name, ())
    owner = scope.owner
    if owner is not None and name.startswith(("self.", "cls.")):
        yield from owner.bindings.get(name.partition(".")[2], ())
        for other in module.scopes:
            if other.parent is owner:
                yield from other.bindings.get(name, ())


def _is_context(scope: Scope, value: ast.expr) -> bool:
    """Whether an object is that of a ``with`` block, which waits at its end."""
    blocks = (n for n in nodes_of(scope.node) if isinstance(n, ast.With | ast.AsyncWith))
    return any(item.context_expr is value for block in blocks for item in block.items)


def starts_none(made: Scope) -> bool:
    """Whether a class of threads does the work in ``start()`` itself, where it is called."""
    own = [node for node in nodes_of(made.node) if isinstance(node, ast.FunctionDef)]
    return any(
        node.name == "start" and not any(_is_start(inner) for inner in nodes_of(node))
        for node in own
    )


def _is_start(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "start"


def is_dropped(module: Module, site: Site) -> bool:
    """Whether a task or a process is made by a statement of its own, so that nobody has it."""
    if not _is_requests(module, site.scope):
        # A daemon's event loop ends when the daemon does.
        return False
    if module.resolve(site.call.func) != "subprocess.Popen" and not _is_loops(module, site.call):
        return False
    return is_statement(site)


def is_statement(site: Site) -> bool:
    """Whether a call in a function is a statement of its own, so that nobody has its answer."""
    statements = (n for n in nodes_of(site.scope.node) if isinstance(n, ast.Expr))
    return site.scope.kind == "function" and any(n.value is site.call for n in statements)


def _is_requests(module: Module, scope: Scope) -> bool:
    """Whether a function answers a request, by its parameters or its class."""
    functions = [outer for outer in scope.outer if outer.kind == "function"]
    if any("request" in function.parameters for function in functions):
        return True
    bases = module.bases(scope.owner) if scope.owner else ()
    return any(base.endswith(("Consumer", "View", "ViewSet", "Middleware")) for base in bases)


def _is_loops(module: Module, call: ast.Call) -> bool:
    """Whether a call is asyncio's or an event loop's; anybody may call a method create_task."""
    if not isinstance(call.func, ast.Attribute):
        return module.resolve(call.func).startswith("asyncio.")
    held = written(call.func.value)
    return call.func.attr in LOOPS and held.removesuffix("()").endswith(("asyncio", "loop"))
