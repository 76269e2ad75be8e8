"""Work is left to a thread of a process that may end at any moment.

A thread that a request or a task starts and does not wait for dies with its process: at a deploy,
when a replica is scaled in, when a worker is recycled. What it was to do, a mail or an upload, is
lost without a trace; so it is with a greenlet of gevent or eventlet. A thread that starts with the
process runs once in each of them. What a shell is told to do in the background
(`os.system("work &")`), or a command of one's own that `Popen` starts, ends with the container,
too. flagsmith-common's `task.run_in_thread()` starts a thread. Slack's Bolt answers a request at
`ack()`, an event even before that, and does the rest in threads of its own; Slack does not
send it again.

## Bad

```python title="shop/mails.py"
from threading import Thread


def welcome(message):
    Thread(target=message.send).start()
```

## Good

```python title="shop/mails.py"
from shop.tasks import send


def welcome(message):
    send.delay(message.pk)
```

## Stays silent when

- Bolt's `App` is made with `process_before_response=True`: the answer waits for the work; or no
  URL leads to the view that hands it requests;
- a greenlet's `spawn()` is kept, handed on or waited for;
- the thread is joined (a daemon: where it is started), there, by a function that it is handed to,
  or from the list that the object keeps it in; the executor is a `with` block or its results are
  asked for, the task of an event loop is kept or awaited;
- a daemon is joined by a method that is called as its process ends: by `signal.signal()`, `atexit`;
- the function goes round until it has ended: `while process.is_alive()`;
- `target=work()` calls a function of the file that returns nothing: the work is done by then;
- a thread starts one of its own kind anew: that is one with the place that starts the first;
- it hears what is published in Redis (`listen()`, `get_message()`): each process needs its own;
- it is a websocket's, and what it reads from is closed when that is disconnected;
- the code is a management command, a script, or runs under DEBUG only;
- the class only has the name: a model called `Thread`;
- the thread is a heartbeat or a monitor of its process, or is told to stop by an event; or it, or
  a coroutine, is a loop that calls one method of its object, and speaks of a heartbeat or a ping;
- it is a loop that waits, and only drops (and closes) what its process keeps in containers;
- it only asks, compares, and says in a log what came of it: whether there is a newer version;
- the thread only waits for a process: its work is `process.join` or `process.wait`;
- it only runs an event loop (`loop.run_forever`), to which others hand what they wait for, or a
  server of metrics or probes, or a tunnel (`serve_forever`, a loop over `accept()`), also by a
  function of another file that ends so: who asks that notices, and asks again;
- it is handed a connection that was accepted (`channel = transport.accept()`): it ends with that;
- the function waits for an event that it made, which is the last that the thread sets
  (`done.wait(timeout=5)`);
- the function waits with `join()` for a queue that it made for its threads;
- the function takes what it makes from a queue, or a process is ended with `terminate()`;
- its class is the project's own, and has a `start()` that starts no thread;
- an object keeps a process and looks whether it is alive: a pool of the project's own.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.threads.bolt import POOL, WAITED, is_routed, of_bolt
from django_scaleready.checks.code.threads.kept_alive import keeps_alive
from django_scaleready.checks.code.threads.left_alone import (
    is_dropped,
    is_left_to_executor,
    is_listed,
    is_statement,
    names_of,
    runs_event_loop,
    starts_none,
)
from django_scaleready.checks.code.threads.losing import loses_nothing
from django_scaleready.checks.code.threads.serving import SERVING, imported_work, serving
from django_scaleready.checks.code.threads.shells import in_shells
from django_scaleready.checks.code.threads.task_processor import HANDLED, handled, handler
from django_scaleready.checks.code.threads.thread_work import ENDS, is_ended_elsewhere, is_polled
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_parts
from django_scaleready.checks.reaching.own_programs import is_own, left_programs
from django_scaleready.checks.together import together

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "background-thread"
PROCESS = "multiprocessing.Process"
PROGRAM = "program"
GREENLETS = frozenset({"gevent.Greenlet", "gevent.greenlet.Greenlet"})
THREADS = GREENLETS | {"threading.Thread", "threading.Timer", "_thread.start_new_thread", PROCESS}
NAMES = frozenset(name.rpartition(".")[2] for name in THREADS)
# They start a greenlet, and return it.
SPAWNS = frozenset(
    [
        *("gevent.spawn", "gevent.spawn_later", "gevent.spawn_raw"),
        *(f"{greenlet}.spawn" for greenlet in GREENLETS),
        *("eventlet.spawn", "eventlet.spawn_after", "eventlet.spawn_n"),
    ]
)
SPAWNERS = frozenset(name.partition(".")[0] for name in SPAWNS)
STARTS = frozenset(
    [
        *("Popen", "apply_async", "create_task", "ensure_future", "run_in_executor", "start"),
        *("start_new_thread", "submit"),
    ]
)
# What does the work that a call leaves to somebody else; a pool otherwise.
DOES = {"Popen": PROGRAM, "create_task": "coroutine", "ensure_future": "coroutine"}
# How each is waited for, and what does not end with the process that starts it.
WAITING = {
    "coroutine": "await it",
    "greenlet": "wait for it with join()",
    "pool": "wait for its result",
    "process": "wait for it with join()",
    PROGRAM: "wait for it with wait()",
    "shell": "have the shell wait for it, without the &",
    "thread": "wait for it with join()",
}
ANSWERED = (
    "Make its App with process_before_response=True, and hand a task queue what takes longer than"
    " Slack waits (3 seconds)."
)
OUTLIVES = frozenset({"process", PROGRAM, "shell"})


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the work that nobody waits for.

    The dotted name of a thread's class or "", the line of its start, and what does the work; then
    the words of a program, or the function of another file.
    """
    module = reading.module
    shells = list(in_shells(module)) if module.roots & {"os", "subprocess"} else []
    yield from (module.fact(site, "", site.line, "shell") for site in shells)
    if module.roots & SPAWNERS:
        yield from (module.fact(site, "", site.line, "greenlet") for site in _spawned(module))
    yield from (module.fact(site, "", site.line, what) for site, what in of_bolt(module))
    yield from (module.fact(site, name, site.line, HANDLED) for site, name in handled(module))
    yield from left_programs(module)
    yield from serving(module)
    if not STARTS & (module.mentions | module.imports.keys()):
        return
    imports = module.imports.items()
    names = {bound for bound, dotted in imports if dotted in THREADS or dotted.endswith("Thread")}
    names |= NAMES | {made.name for made in module.classes.values()}
    # What one loop over a list starts is one.
    begun: set[tuple[Scope, int]] = set()
    for site in module.calls_that_run(*sorted(names)):
        name = module.qualified(site.call.func, site.scope)
        made = module.classes.get(name.removeprefix(f"{module.name}."))
        classes = {name, *(module.bases(made) if made else ())}
        thread = not THREADS.isdisjoint(classes)
        if (thread or _may_be(name)) and (started := _started(module, site)):
            other = made is not None and (runs_event_loop(module, made) or starts_none(made))
            listed = (site.scope, started) if is_listed(site) else None
            if not other and listed not in begun and not loses_nothing(module, site):
                begun.update([listed] if listed else [])
                work = imported_work(module, site)
                yield module.fact(site, "" if thread else name, started, _kind(classes), *work)
    for site in _dropped(module):
        if site not in shells and not keeps_alive(module, site):
            called = site.call.func
            last = getattr(called, "attr", "") or module.resolve(called).rpartition(".")[2]
            yield module.fact(site, "", site.line, DOES.get(last, "pool"))


def _kind(classes: set[str]) -> str:
    if PROCESS in classes:
        return "process"
    return "thread" if GREENLETS.isdisjoint(classes) else "greenlet"


def _spawned(module: Module) -> Iterator[Site]:
    """Yield the calls that start a greenlet which nobody has: ``gevent.spawn(restart)``."""
    for site in module.calls_that_run(*last_parts(*SPAWNS)):
        spawns = module.resolve(site.call.func) in SPAWNS
        if spawns and is_statement(site) and not loses_nothing(module, site):
            yield site


def _dropped(module: Module) -> Iterator[Site]:
    """Yield the calls by which work is left to somebody else, and whose answer nobody has."""
    for site in module.calls_that_run("submit", "apply_async"):
        if is_left_to_executor(module, site):
            yield site
    for site in module.calls_that_run("create_task", "ensure_future", "run_in_executor", "Popen"):
        if is_dropped(module, site):
            yield site


def _may_be(name: str) -> bool:
    return "." in name and name.rpartition(".")[2].endswith("Thread")


def _started(module: Module, site: Site) -> int:
    """Return the line on which a thread is started, 0 if it is not, or is joined."""
    if module.resolve(site.call.func) == "_thread.start_new_thread":
        return site.line
    names = names_of(site)
    if any(
        _object(other) in names for other in module.calls_that_run(*ENDS) if _waits(other, site)
    ):
        return 0
    if is_polled(site, names) or is_ended_elsewhere(module, site, names):
        return 0
    for other in module.calls("start"):
        function = other.call.func
        direct = isinstance(function, ast.Attribute) and function.value is site.call
        if direct or (_object(other) in names and _near(other, site)):
            return other.line
    return 0


def _waits(other: Site, site: Site) -> bool:
    """Whether a join is on the thread's way; another method may never be called for a daemon."""
    daemon = any(k.arg == "daemon" and getattr(k.value, "value", 0) for k in site.call.keywords)
    return other.scope is site.scope or (_near(other, site) and not daemon)


def _near(other: Site, site: Site) -> bool:
    same_class = other.scope.owner is site.scope.owner is not None
    return other.scope is site.scope or (same_class and _object(other).startswith("self."))


def _object(site: Site) -> str:
    function = site.call.func
    return ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""


def find(project: Project) -> Iterator[Finding]:
    """Yield each thread that a request, a task or the start of a process leaves behind.

    A task that is run in threads is one, wherever that is done.
    """
    yield from together(_each(project))


def _each(project: Project) -> Iterator[tuple[Hashable, Finding]]:
    facts = list(project.noted(SLUG))
    waited = any(fact.data[2] == WAITED for _, fact, _ in facts)
    for source, fact, place in facts:
        name, started, what, *words = fact.data
        code, task = project.code, None
        if what == WAITED or (what == POOL and (waited or not is_routed(code, source, fact))):
            continue
        if what == HANDLED:
            if not (task := handler(code, name)):
                continue
            name, what = "", "thread"
        bases = {*code.ancestors(name)} if name else set()
        if (
            _is_others(project, what, words)
            or what == SERVING
            or (name and THREADS.isdisjoint(bases))
        ):
            continue
        what = "process" if PROCESS in bases else what
        ends = "replica" if what in OUTLIVES else "process"
        yield (
            task or object(),
            Finding(
                message=f"A {what} does the work, and nobody waits for it: it is lost with its"
                f" {ends}.",
                hint=ANSWERED if what == POOL else f"Hand it to a task queue, or {WAITING[what]}.",
                location=place,
                severity=Severity.WARNING,
                related=(Location(source.path, started),) if started != place.line else (),
            ),
        )


def _is_others(project: Project, what: str, words: list[str]) -> bool:
    """Whether a program is not the project's own, or another file's function only answers."""
    if what == PROGRAM:
        return bool(words) and not is_own(words, project.root)
    facts = project.code.facts(SLUG) if words else ()
    return any(fact.data[2] == SERVING and fact.data[3] in words for _, fact in facts)


RULE = Rule("scaleready.W064", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
