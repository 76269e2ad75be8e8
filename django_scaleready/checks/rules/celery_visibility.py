"""A long task is run a second time while the first run is still going.

With Redis or SQS the broker hands a task out again if it was not acknowledged within the visibility
timeout (an hour, unless set). With late acknowledgement that is the time a task may take. Measured:
with a timeout shorter than the task it ran twice at once. A task that waits in a worker, for its
countdown or for the ones before it, is handed out again after that time, too: a retry alone waits
three minutes, unless it is told otherwise.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 7200
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 3000
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- the broker has no visibility timeout (RabbitMQ);
- tasks are acknowledged when they start, and the visibility timeout is three minutes or more;
- every time limit is below the visibility timeout, or a deployment's workers are all started with
  one (`--time-limit`);
- a late-acknowledged task has no time limit, and the visibility timeout is not below its default.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.known.celery_names import broker_urls
from django_scaleready.checks.rules.celery_no_time_limit import limits_all

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

BROKERS = ("redis:", "rediss:", "redis+socket:", "sentinel:", "sqs:")
# kombu: transport/redis.py, Channel.visibility_timeout, in seconds. SQS has 1800.
DEFAULT, DEFAULT_SQS = 3600, 1800
# celery/app/task.py: Task.default_retry_delay, in seconds.
RETRY = 180
TIMEOUT = "visibility_timeout"
OPTIONS = "broker_transport_options"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if a late-acknowledged task may outlive the visibility timeout."""
    if project.celery is None:
        return
    conf = project.celery.conf
    first = next(iter(broker_urls(conf)), "")
    options = conf.broker_transport_options or {}
    # Of a broker that the environment names, who sets one knows that it has one.
    if not first.startswith(BROKERS) and (first or TIMEOUT not in options):
        return
    default = DEFAULT_SQS if first.startswith("sqs:") else DEFAULT
    visible = options.get(TIMEOUT, default)
    limits = [conf.task_time_limit or 0] if conf.task_acks_late else []
    limits += [task.time_limit or 0 for task in project.celery_tasks if task.acks_late]
    longest = max(limits, default=0)
    if longest >= visible:
        yield Finding(
            message=(
                f"A task may run for {longest} s, and is handed out again after {visible} s: it"
                " runs twice at once."
            ),
            hint="Set visibility_timeout above the longest time limit and the longest countdown.",
            location=project.celery_place("task_time_limit"),
            severity=Severity.WARNING,
        )
    elif visible < default and _is_endless(project):
        yield Finding(
            message=(
                f"A task that has no time limit is handed out again after {visible} s, though it"
                " may still run: two workers do it at once."
            ),
            hint="Set a time limit below visibility_timeout, or leave that at its default.",
            location=_place(project),
            severity=Severity.WARNING,
        )
    elif visible < RETRY and project.celery_tasks:
        yield Finding(
            message=(
                f"A task that waits for {visible} s in a worker is handed out again, and runs"
                f" twice: one that is tried again waits {RETRY} s."
            ),
            hint="Set visibility_timeout above the longest time limit and the longest countdown.",
            location=_place(project),
            severity=Severity.WARNING,
        )


def _is_endless(project: Project) -> bool:
    """Whether a task that is acknowledged late has no time limit at all."""
    conf = project.celery.conf if project.celery else None
    if conf is None or conf.task_time_limit or conf.task_soft_time_limit or limits_all(project):
        return False
    late = conf.task_acks_late
    return any(
        (late if task.acks_late is None else task.acks_late)
        and not (task.time_limit or task.soft_time_limit)
        for task in project.celery_tasks
    )


def _place(project: Project) -> Location:
    for source, fact in project.code.facts("celery-conf"):
        if fact.data[0] == OPTIONS:
            return Location(source.path, fact.line)
    return project.celery_place(OPTIONS)


RULE = Rule("scaleready.W089", "celery-visibility", find, leak=Leak.WORK)
