"""After how long Celery ends the tasks that come to a function, be it with what it waits for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Key
    from django_scaleready.checks.project import Project

Limits = tuple[float | None, float | None]


class TaskLimits:
    """The time limits of one project's tasks."""

    def __init__(self, project: Project) -> None:
        """Take the project."""
        self._project = project

    @cached_property
    def _of_all(self) -> Limits:
        """The hard and the soft limit that the settings give to all tasks."""
        celery = self._project.celery
        if celery is None:
            return None, None
        hard, soft = celery.conf.task_time_limit, celery.conf.task_soft_time_limit
        return _number(hard), _number(soft)

    @cached_property
    def _own(self) -> dict[Key, Limits]:
        facts = self._project.code.facts("celery-tasks")
        return {(source.path, fact.function): fact.data[4:6] for source, fact in facts}

    def of(self, path: str, function: str) -> float:
        """Return the longest limit of the tasks that come to a function, in seconds.

        0 if one has none, or anything else comes there, too.
        """
        code = self._project.code
        if not function or code.moments(code.by_path[path], function) != {Moment.TASK}:
            return 0
        limits: list[float] = []
        seen: set[Key] = set()
        pending: set[Key] = {(path, function)}
        while pending:
            key = pending.pop()
            seen.add(key)
            if key in self._own:
                limits.append(self._limit(self._own[key]))
            elif callers := code.callers(key):
                pending |= callers - seen
            else:
                return 0
        return max(limits, default=0) if all(limits) else 0

    def _limit(self, own: Limits) -> float:
        """Return the shorter limit of a task; 0 if it has none, or it cannot be told."""
        pairs = zip(own, self._of_all, strict=True)
        held = [of_all if given is None else given for given, of_all in pairs]
        return min((limit for limit in held if limit), default=0)


def _number(value: object) -> float | None:
    # A scan has 1 for a limit that only running the settings would tell.
    return value if isinstance(value, int | float) and value > 1 else None
