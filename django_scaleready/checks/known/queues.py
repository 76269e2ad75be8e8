"""Where a task queue that is not Celery's keeps its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

APP = "huey.contrib.djhuey"
LOCAL_HUEYS = (
    "huey.storage.BlackHoleStorage",
    "huey.storage.CySqliteStorage",
    "huey.storage.FileStorage",
    "huey.storage.MemoryStorage",
    "huey.storage.SqliteStorage",
)


def huey_storage(project: Project) -> Any | None:
    """Return the class of huey's storage, None if huey is not in use or it cannot be told."""
    huey = project.setting("HUEY")
    if huey is None or not project.installed(APP):
        return None
    if isinstance(huey, dict):
        huey = project.imported(huey.get("huey_class", "huey.RedisHuey"))
    # The file that names the storage of a project's own class is not run.
    return getattr(huey, "storage_class", None)


def is_local_queue(project: Project) -> bool:
    """Whether huey's tasks are in a file or in the memory of one process."""
    storage = huey_storage(project)
    return storage is not None and is_a(storage, *LOCAL_HUEYS)
