"""A setting is meant for Celery, and Celery does not read it.

Celery ignores names that it does not know, without a word: the time limit with a typo is no limit,
and a task that hangs holds its worker for ever. The same happens to an old name beside the new one,
which alone counts, and to `CELERY_TASK_TIME_LIMIT` where the app takes its settings without
`namespace="CELERY"`.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_TASK_TIMELIMIT = 600
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_TASK_TIME_LIMIT = 600
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- Celery knows the name, also an old one (`BROKER_URL`, `CELERYD_CONCURRENCY`): it reads those, with
  a namespace too, as long as the new one is not there;
- celery-redbeat, celery-singleton, celery-once, tenant-schemas-celery, django-celery-email or
  celery-haystack reads it;
- the project's own code reads it, or another setting is made of it;
- each worker that the deploy files start has what was meant from its command line
  (`--max-tasks-per-child`);
- the app takes its settings without a namespace, and what this one says is so by default, by an old
  name or from code;
- the app does not take its settings from Django's.

It is information where no name is near: then it may be read by a package that is not known here;
where it would say how eager tasks behave, such as `CELERY_EAGER_PROPAGATES`, and tasks are not
eager; and where what was meant is so anyway: `CELERY_IGNORE_RESULTS = False`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.tree.syntax import nodes_of
from django_scaleready.checks.known.celery_names import known, meant, option_of, spellings

if TYPE_CHECKING:
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.project import Project

PREFIXES = ("CELERY", "BROKER_")
# The option of the transport that is most often taken for a setting.
_VISIBILITY = "VISIBILITY_TIMEOUT"
# What stands above the settings: options of the worker's command line.
_TOLD = {
    "TASK_SOFT_TIME_LIMIT": ("--soft-time-limit",),
    "TASK_TIME_LIMIT": ("--time-limit",),
    "WORKER_CONCURRENCY": ("-c", "--concurrency"),
    "WORKER_MAX_MEMORY_PER_CHILD": ("--max-memory-per-child",),
    "WORKER_MAX_TASKS_PER_CHILD": ("--max-tasks-per-child",),
    "WORKER_POOL": ("-P", "--pool"),
    "WORKER_PREFETCH_MULTIPLIER": ("--prefetch-multiplier",),
}
# What is of effect with task_always_eager alone.
_OF_EAGER = ("EAGER_PROPAGATES", "STORE_EAGER_RESULT")


def find(project: Project) -> Iterator[Finding]:
    """Yield the settings that are meant for Celery and have no effect."""
    namespace = _namespace(project)
    if namespace is None:
        return
    given = _given(project)
    for name in _ignored(project, namespace):
        yield _unread(project, name, namespace)
    for first, *rest in spellings(namespace):
        for name in rest:
            if first in given and name in given and given[name] != given[first]:
                yield Finding(
                    message=f"{name} has no effect: Celery reads {first}, which says otherwise.",
                    hint=f"Keep {first} alone.",
                    location=project.where(name),
                    severity=_severity(project, name),
                    related=(project.where(first),),
                )


def meaning(project: Project, *names: str) -> list[str]:
    """Return the settings that Celery does not read and that surely mean one of some others."""
    namespace = _namespace(project)
    if namespace is None:
        return []
    return [
        name
        for name in _ignored(project, namespace)
        if name in names or not {*meant(name, namespace)}.isdisjoint(names)
    ]


def _given(project: Project) -> dict[str, Any]:
    found = project.settings_named(*PREFIXES)
    return {name: value for name, value in found.items() if name.startswith(PREFIXES)}


def _ignored(project: Project, namespace: str) -> Iterator[str]:
    """Yield the settings that are called as Celery's are, and that nothing reads."""
    names = known(namespace)
    for name, value in _given(project).items():
        if not name.startswith("CELERY") or name in names or _is_told(project, name, namespace):
            continue
        held = not namespace and _is_so_anyway(project, name, value)
        if not held and not _is_read(project, name):
            yield name


def _namespace(project: Project) -> str | None:
    """Return the namespace of the app's settings, None if they are not Django's."""
    if project.celery is None:
        return None
    # What config_from_object() was given; Celery has no public name for it.
    source = getattr(project.celery, "_config_source", None)
    if source is not None and not _is_djangos(project, str(source)):
        return None
    sites = [fact.data[0] for _, fact in project.celery_sites]
    namespace: str | None = project.celery.namespace or next(iter(sites), None)
    if source is None:
        # Only read, so it is told from the call, where that names a namespace, or surely none.
        return namespace or ("" if project.takes_plain_settings else None)
    return namespace or ""


def _is_djangos(project: Project, source: str) -> bool:
    # A module by name, or Django's settings object, whose repr begins like this.
    names = ("django.conf:settings", "django.conf.settings", project.settings_module)
    return source in names or source.startswith(("<LazySettings", "<Settings", "<UserSettings"))


def _unread(project: Project, name: str, namespace: str) -> Finding:
    close = meant(name, namespace)
    so_anyway = bool(close) and all(_is_in_force(project, name, o, namespace) for o in close)
    sure = True
    if not namespace and name in known("CELERY"):
        message = f"Celery does not read {name}: its app takes settings without a namespace."
        hint = 'Give the app its settings by config_from_object(..., namespace="CELERY").'
    elif name.endswith(_VISIBILITY):
        message = f"Celery does not know {name}, and ignores it."
        options = f"{namespace}_BROKER_TRANSPORT_OPTIONS".lstrip("_")
        hint = f'Set it in {options} = {{"{_VISIBILITY.lower()}": seconds}}.'
    elif close:
        message = f"Celery does not know {name}, and ignores it."
        hint = f"Did you mean {' or '.join(close)}?"
    else:
        sure = False
        message = f"{name} is read neither by Celery nor by this project's code."
        hint = "Remove it, unless a package reads it."
        if "FLOWER_" in name:
            hint = "Flower takes it from its command line, flowerconfig.py or variables FLOWER_*."
    return Finding(
        message=message,
        hint=hint,
        location=project.where(name),
        severity=Severity.INFO if not sure or so_anyway else _severity(project, name, *close),
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
    )


def _is_so_anyway(project: Project, name: str, value: object) -> bool:
    """Whether Celery has by default, by an old name or from code what a setting would say."""
    key = name.removeprefix("CELERY_").lower()
    conf = project.celery.conf if project.celery else {}
    return key in conf and conf[key] == value


def _is_in_force(project: Project, name: str, other: str, namespace: str) -> bool:
    """Whether Celery has for another setting what one says that was meant for that."""
    key = option_of(other, namespace)
    conf = project.celery.conf if project.celery else {}
    return bool(key) and key in conf and bool(conf[key] == _given(project)[name])


def _is_told(project: Project, name: str, namespace: str) -> bool:
    """Whether each worker has from its command line what was meant by a setting."""
    workers = [command for command in project.deploy.commands if command.runs_celery("worker")]
    # Without a namespace it is the name that Celery would know with one.
    close = [name] if name in known("CELERY") else meant(name, namespace) if workers else []
    options = [_TOLD.get(each.removeprefix("CELERY_"), ()) for each in close]
    return bool(workers and options) and all(
        command.has_option(*told) for command in workers for told in options
    )


def _severity(project: Project, *names: str) -> Severity:
    """Return how bad it is if a setting, or what was meant by it, has no effect."""
    of_eager = any(words in name for name in names for words in _OF_EAGER)
    eager = project.celery is not None and project.celery.conf.task_always_eager
    return Severity.INFO if of_eager and not eager else Severity.WARNING


def _is_read(project: Project, name: str) -> bool:
    """Whether a file of the project reads a setting, the settings modules included."""
    return any(
        _reads(node, name)
        for source in project.code
        if _says(source, name)
        if (tree := tree_of(project.code, project.root, source.path))
        for node in nodes_of(tree)
    )


def _says(source: Summary, name: str) -> bool:
    """Whether a file has a name anywhere but where it sets it: few do, and the rest stay shut."""
    imported = any(dotted.endswith(name) for dotted in source.imported)
    return imported or any(name in words for words in source.said.values())


def _reads(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=found, ctx=ast.Load()) | ast.Attribute(attr=found) | ast.alias(name=found):
            return found == name
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=found), *_]):
            return bool(found == name)
    return False


RULE = Rule("scaleready.W112", "celery-setting", find, leak=Leak.WORK)
