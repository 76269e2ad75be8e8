"""What more than one rule wants to know of a file, noted as a rule's own facts are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory import aliased_reads, cache_puts, cache_use
from django_scaleready.checks.code.memory.read_through import cache_reads_through
from django_scaleready.checks.code.paths import (
    made_again,
    origins,
    passing_storages,
    removed_later,
    said_paths,
    uploads,
)
from django_scaleready.checks.code.paths.file_fields import file_fields
from django_scaleready.checks.code.paths.items import path_items
from django_scaleready.checks.code.paths.refills import refills
from django_scaleready.checks.code.paths.writers import STORAGES
from django_scaleready.checks.code.queries import in_transaction
from django_scaleready.checks.code.running import (
    asked_for,
    called_commands,
    endless,
    flagged,
    form_fields,
    late_imports,
    named_files,
    switched_ways,
)
from django_scaleready.checks.code.running.storage_switches import (
    DEFAULTS,
    SWITCHES,
    storage_defaults,
    storage_switches,
)
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.tasks import sent_limits
from django_scaleready.checks.code.tasks.celery_conf import celery_app, celery_conf, celery_given
from django_scaleready.checks.code.tree.decorations import only_wraps, tasks_looked_up
from django_scaleready.checks.code.tree.lookups import lookups
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import nodes_of

DJANGO = "django.conf.settings"
STORAGE = "django.core.files.storage.default_storage"
CONFIGURES_LOGGING = frozenset(
    {"logging.basicConfig", "logging.config.dictConfig", "logging.config.fileConfig"}
)
# They take a function, or its dotted name: Django-Q, RQ, APScheduler.
QUEUES = (
    *("add_job", "async_task", "enqueue", "enqueue_at", "enqueue_call", "enqueue_in", "schedule"),
)
LIMITS = frozenset({"time_limit", "soft_time_limit"})
# Methods of a storage that leave it as it is; ``open`` does unless its mode says more.
READS = ("open", "exists", "listdir", "path", "size", "url", "get_modified_time")


@only_with("add", "decr", "incr")
def cache_counts(reading: Reading) -> Iterator[Fact]:
    """Note locks and counters, wrong first where each process has a cache of its own: (alias,)."""
    module = reading.module
    for site in module.calls_that_run("add", "decr", "incr"):
        if module.resolve(site.call.func).startswith("django.core.cache.cache."):
            yield Fact(site.line, "", ("default",))


def storage_use(reading: Reading) -> Iterator[Fact]:
    """Note the storages that a file uses, as ``cache-use`` does."""
    module = reading.module
    for bound, line in module.import_lines.items():
        if module.imports[bound] == STORAGE:
            yield Fact(line, "", ("default",))
    yield from lookups(module, STORAGES, _only_read(module))


def storage_reads(reading: Reading) -> Iterator[Fact]:
    """Note the storages that are looked up only to read from them, as ``cache-use`` does."""
    module = reading.module
    read = _only_read(module)
    written = frozenset(node for _, node in module.lookups if node not in read)
    yield from lookups(module, STORAGES, written)


def _only_read(module: Module) -> frozenset[ast.AST]:
    """Return the storages that calls read from where they are looked up: ``s["x"].url(n)``."""
    if not module.lookups:
        return frozenset()
    return frozenset(
        site.call.func.value
        for site in module.calls(*READS)
        if isinstance(site.call.func, ast.Attribute)
        and (site.call.func.attr != "open" or _opens_to_read(site.call))
    )


def _opens_to_read(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    return all(isinstance(m, ast.Constant) and m.value in {"r", "rb"} for m in modes)


def cache_of_class(reading: Reading) -> Iterator[Fact]:
    """Note the classes that name a cache of their own: (qualified name, alias)."""
    module = reading.module
    for scope in module.classes.values():
        for value in scope.bindings.get("cache", ()):
            held = value if isinstance(value, ast.Subscript) else None
            alias = getattr(held.slice, "value", None) if held else None
            if held and alias and module.resolve(held.value) == "django.core.cache.caches":
                yield Fact(value.lineno, "", (scope.qualname, str(alias)))


def throttles(reading: Reading) -> Iterator[Fact]:
    """Note the views that have throttles of their own, with their names where they are listed."""
    module = reading.module
    for scope in module.classes.values():
        for value in scope.bindings.get("throttle_classes", ()):
            listed = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
            if listed:
                names = tuple(module.qualified(each, module.top) for each in listed)
                yield Fact(value.lineno, "", names)


@only_with("add_periodic_task", "beat_schedule")
def celery_beat(reading: Reading) -> Iterator[Fact]:
    """Note what fills a beat schedule in code: (after how many seconds or None,)."""
    module = reading.module
    for site in module.calls("add_periodic_task"):
        after = getattr(site.call.args[0], "value", None) if site.call.args else None
        yield module.fact(site, after if isinstance(after, int | float) else None)
    if "beat_schedule" in module.mentions:
        # Rare, and in small files: app.conf.beat_schedule["x"] = ..., .update(...), = {...}.
        for node in nodes_of(module.top.node):
            if isinstance(node, ast.Attribute) and node.attr == "beat_schedule":
                yield Fact(node.lineno, "", (None,))


def celery_tasks(reading: Reading) -> Iterator[Fact]:
    """Note the tasks: (name, has a time limit, False, is acknowledged late, hard and soft limit).

    Where it leaves its acknowledgement to the settings, that is None. A limit of its own is in
    seconds, None if there is none, and 0 if it is not written out.
    """
    module = reading.module
    for scope in module.decorated:
        for decorator in scope.decorators:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = module.resolve(call)
            if name.endswith(("shared_task", ".task")) and _is_celery(name):
                given = decorator.keywords if isinstance(decorator, ast.Call) else []
                limited = any(keyword.arg in LIMITS for keyword in given)
                told = {k.arg: getattr(k.value, "value", 0) is True for k in given}
                late = told.get("acks_late")
                yield Fact(
                    scope.line, scope.qualname, (scope.name, limited, False, late, *_limits(given))
                )


def _limits(given: list[ast.keyword]) -> tuple[float | None, ...]:
    told = sent_limits.limits([keyword for keyword in given if keyword.arg])
    return tuple(0 if isinstance(limit, str) else limit for limit in told)


def _is_celery(name: str) -> bool:
    made, _, last = name.rpartition(".")
    own = made.rpartition(".")[2] in {"app", "celery", "celery_app"} and last == "task"
    return own or name.startswith("celery.")


@only_with(*QUEUES)
def queued(reading: Reading) -> Iterator[Fact]:
    """Note the functions that a queue is given to call later: (dotted name,)."""
    module = reading.module
    for site in module.calls_that_run(*QUEUES):
        for given in site.call.args[:1]:
            dotted = given.value if isinstance(given, ast.Constant) else None
            dotted = dotted or module.qualified(given, site.scope)
            if isinstance(dotted, str) and "." in dotted:
                yield module.fact(site, dotted)


@only_with("include")
def included_urls(reading: Reading) -> Iterator[Fact]:
    """Note the URLconfs that are included by their names: (name,)."""
    for site in reading.module.calls("include"):
        given = site.call.args[0] if site.call.args else None
        # With a namespace of the application.
        given = given.elts[0] if isinstance(given, ast.Tuple) and given.elts else given
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield reading.module.fact(site, given.value)


@only_with("dictConfig", "fileConfig", "basicConfig", "LOGGING")
def log_config(reading: Reading) -> Iterator[Fact]:
    """Note where code configures logging, or gives an object of settings its LOGGING."""
    module = reading.module
    if "LOGGING" in module.mentions:
        yield from _log_settings(module)
    for site in module.calls_that_run("dictConfig", "fileConfig", "basicConfig"):
        configures = module.resolve(site.call.func) in CONFIGURES_LOGGING
        if configures and module.moment(site.scope) is not Moment.COMMAND:
            yield module.fact(site)


def _log_settings(module: Module) -> Iterator[Fact]:
    """Note ``settings.LOGGING = ...``: what loads the settings has hooks that are given them."""
    for scope in module.scopes:
        if not scope.binds_attributes or module.moment(scope) is Moment.COMMAND:
            continue
        for name, values in scope.bindings.items():
            # That of Django's own object comes too late: logging is configured by then.
            if name.endswith(".LOGGING") and module.imports.get(name[:-8]) != DJANGO:
                yield Fact(values[-1].lineno, scope.function, ())


COLLECTORS = (
    ("included-urls", included_urls),
    ("log-config", log_config),
    (cache_use.NOTED, cache_use.cache_use),
    ("cache-counts", cache_counts),
    ("cache-reads-through", cache_reads_through),
    (aliased_reads.NOTED, aliased_reads.alias_reads_through),
    *cache_puts.COLLECTORS,
    ("storage-use", storage_use),
    ("storage-reads", storage_reads),
    ("throttles", throttles),
    ("cache-of-class", cache_of_class),
    ("file-fields", file_fields),
    (SWITCHES, storage_switches),
    (DEFAULTS, storage_defaults),
    *uploads.COLLECTORS,
    ("celery-app", celery_app),
    (in_transaction.NOTED, in_transaction.notes),
    (asked_for.NOTED, asked_for.asked_for),
    (endless.NOTED, endless.endless),
    ("celery-conf", celery_conf),
    ("celery-given", celery_given),
    ("celery-beat", celery_beat),
    ("celery-tasks", celery_tasks),
    (sent_limits.NOTED, sent_limits.sent_limits),
    (called_commands.NOTED, called_commands.called_commands),
    ("queued", queued),
    *named_files.COLLECTORS,
    (late_imports.NOTED, late_imports.late_imports),
    (origins.ITEMS, path_items),
    ("refills", refills),
    (made_again.NOTED, made_again.made_again),
    (removed_later.NOTED, removed_later.removed_later),
    (said_paths.NOTED, said_paths.said_paths),
    (passing_storages.NOTED, passing_storages.passing_storages),
    ("tasks-looked-up", tasks_looked_up),
    ("only-wraps", only_wraps),
    *switched_ways.COLLECTORS,
    (flagged.NOTED, flagged.flagged),
    (form_fields.NOTED, form_fields.without_field),
)
