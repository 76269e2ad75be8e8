"""What ``SCALEREADY`` declares, as a rule asks for it."""

from __future__ import annotations

from pathlib import Path

from django_scaleready.conf import conf


class Declared:
    """The part of a project that its code cannot know."""

    @property
    def replicas(self) -> int | None:
        """How many replicas are declared."""
        return conf.replicas

    @property
    def workers(self) -> int | None:
        """How many worker processes of each replica are declared."""
        return conf.workers

    @property
    def db_max_connections(self) -> int | None:
        """How many connections the database, or the pooler before it, accepts."""
        return conf.db_max_connections

    @property
    def pooler(self) -> str | None:
        """The declared pool mode: transaction, session, none."""
        return conf.pooler

    @property
    def threads(self) -> int | None:
        """How many threads of each worker process are declared."""
        return conf.threads

    @property
    def task_processes(self) -> int | None:
        """How many children of Celery's workers are declared for each replica."""
        return conf.task_processes

    def is_shared(self, path: str | Path) -> bool:
        """Whether every replica sees the same file there, by declaration."""
        resolved = Path(path).resolve()
        return any(resolved.is_relative_to(Path(shared).resolve()) for shared in conf.shared_paths)
