"""What ``SCALEREADY`` declares in settings that are only read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.declared import Declared
from django_scaleready.checks.static.stand_ins import number
from django_scaleready.checks.static.values.undecided import plain
from django_scaleready.conf import Conf


class StaticDeclared(Declared):
    """The part of a project that its code cannot know; an option that is wrong counts as none."""

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting's value; what the project does."""
        raise NotImplementedError

    @property
    def _declared(self) -> dict[str, Any]:
        value = self.setting("SCALEREADY", {})
        return value if isinstance(value, dict) else {}

    @property
    def replicas(self) -> int | None:
        """How many replicas are declared."""
        return number(self._declared.get("REPLICAS"))

    @property
    def workers(self) -> int | None:
        """How many worker processes of each replica are declared."""
        return number(self._declared.get("WORKERS"))

    @property
    def db_max_connections(self) -> int | None:
        """How many connections the database, or the pooler before it, accepts."""
        return number(self._declared.get("DB_MAX_CONNECTIONS"))

    @property
    def pooler(self) -> str | None:
        """The declared pool mode, also where the kit's settings name it."""
        value = self._declared.get("POOLER") or self.setting("DATABASE_POOLER")
        return value if isinstance(value, str) else None

    def is_shared(self, path: str | Path) -> bool:
        """Whether every replica sees the same file there, by declaration."""
        shared = self._declared.get("SHARED_PATHS") or ()
        return any(isinstance(s, str) and Path(path).is_relative_to(s) for s in shared)

    @property
    def threads(self) -> int | None:
        """How many threads of each worker process are declared."""
        return number(self._declared.get("THREADS"))

    @property
    def task_processes(self) -> int | None:
        """How many processes work on tasks in all, as declared."""
        return number(self._declared.get("TASK_PROCESSES"))


def fault(declared: dict[str, Any]) -> Unknown | None:
    """Return what is wrong with the first option that is; a process would refuse to start."""
    try:
        Conf(plain(declared)).validate_declared()
    except ImproperlyConfigured as error:
        option, _, problem = str(error).partition(": ")
        return Unknown(option, problem)
    return None
