"""Celery's queue is in memory or in a file.

A task sent by one replica waits where no worker of another one looks.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "memory://"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- the broker is a server: Redis, RabbitMQ, SQS;
- tasks run eagerly, so that no broker is used: that is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.celery_names import broker_urls

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

LOCAL = ("memory:", "filesystem:", "sqla+sqlite:", "sqlalchemy+sqlite:")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding for a broker that is no server."""
    if project.celery is None or project.celery.conf.task_always_eager:
        return
    for url in broker_urls(project.celery.conf):
        if url.startswith(LOCAL):
            scheme = url.partition(":")[0]
            yield Finding(
                message=f"Celery's broker is {scheme}: a worker elsewhere never sees the tasks.",
                hint="Use Redis or RabbitMQ; with the kit's settings, set CELERY_BROKER_URL.",
                location=project.celery_place("broker_url"),
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E083", "celery-broker-local", find, leak=Leak.WORK)
