"""Dramatiq's tasks, results or limits are in the memory of one process.

The stub backends are there for tests. A task put into `StubBroker` is never seen by a worker; a
result in `StubBackend` stays in the worker that made it; a limit there holds for one process.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_dramatiq"]
DRAMATIQ_BROKER = {"BROKER": "dramatiq.brokers.stub.StubBroker"}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready"]
DRAMATIQ_BROKER = {
    "BROKER": "dramatiq.brokers.rabbitmq.RabbitmqBroker",
    "OPTIONS": {"url": "amqp://localhost:5672"},
}
```

## Stays silent when

- the broker and the backends are servers;
- results or limits are not configured at all: then there are none;
- the app is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


class Part(NamedTuple):
    """A setting of django-dramatiq, the key of the class in it, and that class's default."""

    setting: str
    key: str
    default: str
    stub: str
    lost: str


PARTS = (
    Part(
        "DRAMATIQ_BROKER",
        "BROKER",
        "dramatiq.brokers.rabbitmq.RabbitmqBroker",
        "dramatiq.brokers.stub.StubBroker",
        "tasks in the memory of the process that sends them: no worker sees them",
    ),
    Part(
        "DRAMATIQ_RESULT_BACKEND",
        "BACKEND",
        "dramatiq.results.backends.stub.StubBackend",
        "dramatiq.results.backends.stub.StubBackend",
        "results in the memory of the worker: nobody else gets them",
    ),
    Part(
        "DRAMATIQ_RATE_LIMITER_BACKEND",
        "BACKEND",
        "dramatiq.rate_limits.backends.stub.StubBackend",
        "dramatiq.rate_limits.backends.stub.StubBackend",
        "the counts of its limits in memory: each process has its own",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each part of dramatiq that is a stub."""
    if not project.installed("django_dramatiq"):
        return
    for part in PARTS:
        config = project.setting(part.setting)
        if not isinstance(config, dict) or not config:
            # Without results and limits there are none; only a dictionary has a default.
            continue
        if is_a(project.imported(config.get(part.key, part.default)), part.stub):
            yield Finding(
                message=f"Dramatiq keeps {part.lost}.",
                hint=f"Name a class for Redis or another server in {part.setting}.",
                location=project.where(part.setting, part.key),
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E047", "dramatiq-local", find, leak=Leak.WORK)
