"""Each consumer of huey fires the periodic tasks.

A consumer schedules unless it is told not to. With one in each replica every periodic task runs as
often as there are replicas; a queue in SQLite cannot even tell them of each other.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "huey.contrib.djhuey"]
HUEY = {
    "huey_class": "huey.RedisHuey",
    "immediate": False,
    "consumer": {"workers": 2, "periodic": True},
}
```

```python title="shop/tasks.py"
from huey import crontab
from huey.contrib.djhuey import periodic_task


@periodic_task(crontab(minute="0"))
def clean():
    ...
```

## Good

```python title="settings.py"
import os

INSTALLED_APPS = ["django_scaleready", "huey.contrib.djhuey"]
HUEY = {
    "huey_class": "huey.RedisHuey",
    "immediate": False,
    "consumer": {"workers": 2, "periodic": os.environ.get("HUEY_PERIODIC") == "true"},
}
```

```python title="shop/tasks.py"
from huey import crontab
from huey.contrib.djhuey import periodic_task


@periodic_task(crontab(minute="0"))
def clean():
    ...
```

## Stays silent when

- the consumer's `periodic` is off in the environment of the check: one process has it on;
- the deployment starts its consumers with `--no-periodic`, but for one process of which there is
  one;
- the project has no periodic tasks, or huey is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.deployment.command import HUEY
from django_scaleready.checks.known.queues import huey_storage

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

SLUG = "huey-periodic"
DECORATORS = frozenset({"db_periodic_task", "periodic_task"})


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the periodic tasks."""
    module = reading.module
    for scope in module.decorated:
        for decorator, name in zip(scope.decorators, module.decorators(scope), strict=True):
            if name.rpartition(".")[2] in DECORATORS and "huey" in name:
                yield Fact(decorator.lineno, scope.qualname)


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if each consumer fires what is periodic."""
    tasks = [Location(source.path, fact.line) for source, fact in project.code.facts(SLUG)]
    if not tasks or huey_storage(project) is None:
        return
    huey = project.setting("HUEY")
    consumer = huey.get("consumer", {}) if isinstance(huey, dict) else {}
    if consumer.get("periodic", True) and not _one_fires(project):
        yield Finding(
            message="Each consumer of huey fires the periodic tasks: one in every replica does.",
            hint=(
                "Turn 'periodic' on in one consumer alone, by an environment variable, or start the"
                " others with --no-periodic."
            ),
            location=project.where("HUEY", "consumer", "periodic"),
            severity=Severity.WARNING,
            related=tuple(tasks),
        )


def _one_fires(project: Project) -> bool:
    """Whether each deployment tells its consumers not to schedule, all but one at the most."""
    consumers: dict[str, list[tuple[Process, bool]]] = {}
    for process in project.deploy.processes:
        for command in process.commands:
            if command.management == "run_huey" or command.program in HUEY:
                quiet = command.has_option("-n", "--no-periodic")
                consumers.setdefault(process.location.path, []).append((process, quiet))
    return bool(consumers) and all(map(_is_split, consumers.values()))


def _is_split(consumers: list[tuple[Process, bool]]) -> bool:
    firing = [process for process, quiet in consumers if not quiet]
    many = any(each.replicas is not None and each.replicas.value > 1 for each in firing)
    return len(firing) < len(consumers) and len(firing) <= 1 and not many


RULE = Rule("scaleready.W045", SLUG, find, Area.SETTINGS, collect, leak=Leak.WORK)
