"""A request or a task was seen to start a process that outlives it.

Nobody stops such a process, starts it again, or knows on which replica it runs; it is killed with
the container in the middle of its work. A program that ends within its request is information: it
has to be in the image, and to be given up in time.

## Bad

```python title="shop/views.py"
import subprocess

from django.http import HttpResponse


def page(request):
    page.process = subprocess.Popen(["sleep", "5"])
    return HttpResponse("started")
```

## Good

```python title="shop/views.py"
from django.http import HttpResponse

from shop.tasks import export


def page(request):
    export()
    return HttpResponse("queued")
```

```python title="shop/tasks.py"
from celery import shared_task


@shared_task
def export():
    return "exported"
```

## Stays silent when

- Python itself asks the machine something (`platform`, `uuid`, `ctypes.util`);
- no request and no task was running, or a test or a management command did it by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.witnessed import Fate, Kind, Seen, finding

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what was seen of it."""
    for seen in project.witnessed or ():
        if seen.kind is Kind.PROCESS:
            yield judge(seen)


def judge(seen: Seen) -> Finding:
    """Return the finding that one place amounts to."""
    if seen.fate is Fate.ENDED:
        return finding(
            seen,
            f"{seen.who} runs {seen.target} inside a {seen.moment}.",
            "Have the image bring the program, and give it a timeout.",
            Severity.INFO,
        )
    return finding(
        seen,
        f"{seen.who} starts {seen.target}, which outlives the {seen.moment}: nobody stops it, and"
        " it is killed with the replica.",
        "Make it a Celery task, or a service of its own.",
        Severity.WARNING,
    )


RULE = Rule("scaleready.W143", "witnessed-process", find, Area.RUN, leak=Leak.WORK)
