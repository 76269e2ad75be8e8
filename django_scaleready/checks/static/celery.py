"""A Celery app with the settings that were read, so that Celery fills in its own defaults."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.celery_apart import apart
from django_scaleready.checks.code.tasks.celery_conf import SETTING, TEXT, WRITTEN
from django_scaleready.checks.known.celery_names import old_names
from django_scaleready.checks.static.values.undecided import Ref, Undecided, decided

if TYPE_CHECKING:
    from django_scaleready.checks.code.summary import Fact
    from django_scaleready.checks.static.project import StaticProject

SCHEDULED_IN_CODE: dict[str, Any] = {"scheduled in code": {}}


def static_celery(project: StaticProject) -> Any | None:
    """Return an app configured as the project's, None if it has none or Celery is not installed."""
    if not project.celery_sites or importlib.util.find_spec("celery") is None:
        return None
    from celery import Celery
    from celery.app.defaults import NAMESPACES, flatten

    namespace = project.celery_sites[0][1].data[0]
    app = Celery("project", set_as_current=False, fixups=[])
    names = [pair[0] for pair in flatten(NAMESPACES)]
    old = {name: old_names(name) for name in names} if project.takes_plain_settings else OLD
    options = _options(project, names, namespace or "", old)
    app.conf.update(options | _in_code(project, names, _of_object(project, names, namespace or "")))
    if any(project.code.facts("celery-beat")) and not app.conf.beat_schedule:
        app.conf.beat_schedule = SCHEDULED_IN_CODE
    return app


def tasks(project: StaticProject) -> Iterator[Fact]:
    """Yield the tasks of the site's own apps."""
    folders = apart(project.code, project.code.facts("celery-app"))
    for source, fact in project.code.facts("celery-tasks"):
        if not source.path.startswith(folders):
            yield fact


def _of_object(project: StaticProject, names: list[str], namespace: str) -> dict[str, Any]:
    """Return what the class or the module holds that the app takes its options from."""
    source, _ = project.celery_sites[0]
    held: dict[str, Any] = {}
    for fact in source.facts.get("celery-given", ()):
        held |= project.others.held(fact.data[0]) if project.others else {}
    found: dict[str, Any] = {}
    for name in names if held else ():
        own = f"{namespace}_{name.upper()}" if namespace else name
        for candidate in (own, *old_names(name)):
            if candidate in held:
                value = decided(held[candidate])
                found[name] = _unread(name) if isinstance(value, Undecided | Ref) else value
                break
    return found


def _in_code(project: StaticProject, names: list[str], found: dict[str, Any]) -> dict[str, Any]:
    """Add what the project sets on the app itself: it stands above all that the app takes."""
    for _, (_, _, (name, kind, value)) in project.code.facts("celery-conf"):
        if name not in names:
            continue
        if kind == SETTING and project.is_set(value):
            found[name] = project.setting(value, _unread(name))
        elif kind == TEXT:
            found[name] = value
        elif kind == WRITTEN:
            # One whose parts are computed is not known.
            with suppress(ValueError):
                found[name] = ast.literal_eval(value)
        else:
            found.setdefault(name, _unread(name))
    return {name: value for name, value in found.items() if value is not None}


def _unread(name: str) -> int | str | None:
    # What only running the code would tell is there: a limit, and a scheduler of some name.
    return 1 if name.endswith("limit") else NAMED.get(name)


def _options(
    project: StaticProject, names: list[str], namespace: str, old: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    prefix = f"{namespace}_" if namespace else ""
    found = {}
    for name in names:
        # Old names were CELERYD_..., CELERYBEAT_... and BROKER_...; they have no namespace.
        for candidate in (prefix + name.upper(), *old.get(name, ())):
            if project.is_set(candidate):
                found[name] = project.setting(candidate, _unread(name))
                break
    return {name: value for name, value in found.items() if value is not None}


NAMED = {"beat_scheduler": "named.elsewhere"}
OLD = {
    "broker_url": ("BROKER_URL", "CELERY_BROKER_URL"),
    "result_backend": ("CELERY_RESULT_BACKEND",),
    "beat_scheduler": ("CELERYBEAT_SCHEDULER", "CELERY_BEAT_SCHEDULER"),
    "beat_schedule": ("CELERYBEAT_SCHEDULE", "CELERY_BEAT_SCHEDULE"),
    "task_acks_late": ("CELERY_ACKS_LATE", "CELERY_TASK_ACKS_LATE"),
    "task_always_eager": ("CELERY_ALWAYS_EAGER", "CELERY_TASK_ALWAYS_EAGER"),
    "task_time_limit": ("CELERYD_TASK_TIME_LIMIT", "CELERY_TASK_TIME_LIMIT"),
    "task_soft_time_limit": ("CELERYD_TASK_SOFT_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT"),
    "worker_max_tasks_per_child": ("CELERYD_MAX_TASKS_PER_CHILD",),
}
