"""A task's result is stored where only its worker finds it.

Whoever asks on another replica waits for ever: the state stays PENDING.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_RESULT_BACKEND = "file:///var/celery/results"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_RESULT_BACKEND = "redis://localhost:6379/3"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- the backend is a server or Django's database, or there is none;
- it is one of Django's caches: `cache-local` finds a local one;
- results are ignored (`CELERY_TASK_IGNORE_RESULT`);
- a file backend lies below one of `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

LOCAL = ("file:", "db+sqlite:", "cache+memory:", "cache+locmem:")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding for a result backend that is local."""
    if project.celery is None or project.celery.conf.task_ignore_result:
        return
    backend = str(project.celery.conf.result_backend or "")
    shared = backend.startswith("file:") and project.is_shared(urlsplit(backend).path)
    if backend.startswith(LOCAL) and not shared:
        yield Finding(
            message=(
                f"Celery's results are kept in {backend.partition(':')[0]}: another replica waits"
                " for them for ever."
            ),
            hint="Use Redis or the database, or ignore results.",
            location=project.celery_place("result_backend"),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E084", "celery-results-local", find, leak=Leak.DATA)
