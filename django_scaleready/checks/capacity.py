"""How many database connections the declared replicas may hold at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_scaleready.budget import connections

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


@dataclass(frozen=True, slots=True)
class Demand:
    """A sum in words, and what it comes to; what is not declared counts least."""

    words: str
    connections: int


def demand(project: Project) -> Demand | None:
    """Return what each alias may take; None unless replicas and workers are declared."""
    if not (project.replicas and project.workers):
        return None
    threads, tasks = project.threads or 1, project.task_processes or 0
    each = f"{project.workers} workers" + (f" x {threads} threads" if threads > 1 else "")
    each = f"({each} + {tasks} Celery processes)" if tasks else each
    needed = connections(
        replicas=project.replicas,
        workers=project.workers,
        threads=threads,
        task_processes=tasks,
    )
    return Demand(f"{project.replicas} replicas x {each}", needed)
