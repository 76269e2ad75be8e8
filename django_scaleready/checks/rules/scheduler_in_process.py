"""A scheduler runs inside the web process.

Every worker process of every replica has one, so each job runs as often as there are processes.
Job stores in the database do not help: each scheduler reads them and fires.

## Bad

```python title="shop/apps.py"
from apscheduler.schedulers.background import BackgroundScheduler
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        scheduler = BackgroundScheduler()
        scheduler.start()
```

## Good

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.conf.beat_schedule = {"refresh": {"task": "shop.tasks.refresh", "schedule": 300}}
```

## Stays silent when

- the scheduler is a program of its own: a management command or a script;
- the function that starts it shuts it down right after, having asked it for nothing but jobs: who
  wants to know when a job would run next;
- uWSGI hands one job to its spooler or to a mule (`spool`, `mulefunc`): that is run once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.threads.shut_down import is_shut_down_at_once
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "scheduler-in-process"
# Not spool and mulefunc, which hand one job to one other process.
UWSGI = frozenset({"cron", "filemon", "rbtimer", "timer"})
DECORATORS = frozenset(f"uwsgidecorators.{name}" for name in UWSGI)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the schedulers that are made, and the decorators that make one: (name, its start).

    What an APScheduler is told of its jobs has no name.
    """
    module = reading.module
    if not module.roots & {"apscheduler", "schedule", "uwsgi", "uwsgidecorators"}:
        return
    for site in module.calls_that_run(*_SCHEDULERS, "every", *UWSGI, "add_cron", "add_timer"):
        name = module.resolve(site.call.func)
        schedules = name.startswith(("apscheduler.schedulers.", "schedule.every"))
        if (schedules and not is_shut_down_at_once(site)) or name in {
            *("uwsgi.add_cron", "uwsgi.add_timer", "uwsgi.add_rb_timer"),
            *DECORATORS,
        }:
            yield module.fact(site, name, _started(module, site))
    if "apscheduler" in module.roots:
        for site in module.calls_that_run(*_JOBS):
            yield module.fact(site, "", site.line)
    for scope in module.decorated:
        for name in module.decorators(scope):
            if name == "uwsgidecorators.cron":
                yield Fact(scope.line, scope.qualname, (name, scope.line))


_JOBS = ("add_job", "modify_job", "remove_job", "reschedule_job", "scheduled_job")
_SCHEDULERS = ("BackgroundScheduler", "AsyncIOScheduler", "BlockingScheduler", "GeventScheduler")


def _started(module: Module, site: Site) -> int:
    """Return the line on which a scheduler is started; its own, if that is not to be seen."""
    for other in module.calls("start"):
        held = other.call.func.value if isinstance(other.call.func, ast.Attribute) else None
        if held is not None and other.scope is site.scope and ast.unparse(held) in site.names:
            return other.line
    return site.line


def find(project: Project) -> Iterator[Finding]:
    """Yield the first place of each file that schedules in the web process.

    With the others, and the jobs that they are told of.
    """
    places: dict[str, list[Location]] = {}
    names: dict[str, str] = {}
    noted = list(project.noted(SLUG))
    # Those that are told of jobs only belong to one that the file makes.
    for source, fact, place in sorted(noted, key=lambda each: not each[1].data[0]):
        name, started = fact.data
        if not name and source.path not in names:
            continue
        names.setdefault(source.path, name)
        places.setdefault(source.path, []).extend([place, Location(source.path, started)])
    for path, (first, *others) in places.items():
        yield Finding(
            message=f"{names[path]} schedules in this process: each process of each replica"
            " does the same job again.",
            hint="Schedule with Celery beat, or in one process started for it.",
            location=first,
            severity=Severity.ERROR,
            related=tuple(sorted({place for place in others if place != first}, key=_line)),
        )


def _line(place: Location) -> int:
    return place.line


RULE = Rule("scaleready.E065", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
