"""Two time-outs contradict each other, and a deploy or a slow moment loses requests.

How long a request, a statement, a drain, an idle connection, a task may take is told to gunicorn,
Django, Celery, the balancer and the orchestrator, each in its own place. If the orchestrator kills
a replica before the requests in flight have ended, or gunicorn closes a connection before the
balancer does, every figure looks right by itself. `manage.py scaleready ladder` draws them all.

## Bad

```python title="settings.py"
SCALEREADY = {"GRACE_PERIOD": 30, "REQUEST_TIMEOUT": 60, "BALANCER_IDLE_TIMEOUT": 75}
```

## Good

```python title="settings.py"
SCALEREADY = {"GRACE_PERIOD": 90, "REQUEST_TIMEOUT": 60, "BALANCER_IDLE_TIMEOUT": 75}
```

## Stays silent when

- nothing is declared: what is derived fits what Kubernetes gives by default;
- the figures stand in order, wherever they are written: `SCALEREADY`, the environment, the Celery
  and database settings, the options of gunicorn and Celery in a `Procfile`.

Against a figure that was not declared and is not the project's to choose, such as the grace period,
it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.budget import Ladder, Problem
from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.figures import strongest

if TYPE_CHECKING:
    from django_scaleready.checks.in_force import Held
    from django_scaleready.checks.project import Project

OF_CELERY = frozenset({"task_soft_limit", "task_hard_limit", "worker_shutdown"})
# A rule of its own, which knows the broker and each task.
ELSEWHERE = ("task_hard_limit", "visibility_timeout")


def find(project: Project) -> Iterator[Finding]:
    """Yield each pair of figures in force that does not go together."""
    held = project.ladder_declarations
    by_figure = strongest(held)
    for problem in Ladder.of(held).problems():
        unused = project.celery is None and OF_CELERY & set(problem.figures)
        if problem.figures == ELSEWHERE or unused:
            continue
        yield _finding(project, problem, by_figure)


def _finding(project: Project, problem: Problem, held: dict[str, Held]) -> Finding:
    given = [held[figure] for figure in problem.figures if figure in held]
    by = f" Given by {' and '.join(one.source for one in given)}." if given else ""
    places = [one.location for one in given] or [project.where("SCALEREADY")]
    return Finding(
        message=f"{problem.what}{by}",
        hint=problem.change,
        location=places[0],
        severity=Severity.ERROR if problem.certain else Severity.WARNING,
        related=tuple(place for place in places[1:] if place != places[0]),
    )


RULE = Rule("scaleready.E110", "ladder", find, leak=Leak.CONNECTIONS)
