"""Which finding speaks of a storage that several settings name: each leak is told once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.storage_apps import (
    LOCAL_STORAGES,
    has_rule_of_its_own,
    is_local_storage,
)
from django_scaleready.checks.usage import User, storage_users

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# Judged by media-local, or by an app's own rule.
OTHERS = ("DEFAULT_FILE_STORAGE", "COMPRESS_", "DBBACKUP_", "SILKY_", "STORAGES")
OLD = "DEFAULT_FILE_STORAGE"
# A = B, B = C: names of one storage.
DEPTH = 5


def local_settings(project: Project) -> dict[str, Any]:
    """Return the settings that name a local storage, but for those that other rules judge."""
    return {
        name: value
        for name, value in project.settings_named("STORAGE").items()
        if "STATIC" not in name and not name.startswith(OTHERS) and _is_local(project, value)
    }


def _is_local(project: Project, value: Any) -> bool:
    if isinstance(value, str):
        if "." not in value:
            return False
        (value,) = project.known(iter([attempt(value, project.imported, value)])) or [None]
    folder = project.setting("MEDIA_ROOT")
    return is_a(value, *LOCAL_STORAGES) and not (folder and project.is_shared(folder))


def named_by(project: Project, name: str, *keys: Hashable) -> str:
    """Return the setting that an entry has its local storage from, as ``A_STORAGE = B_STORAGE``.

    "" if there is none that a finding speaks of: the entry names a storage by itself.
    """
    local = local_settings(project)
    found = ""
    for _ in range(DEPTH):
        name, keys = project.places.written_as(name, *keys), ()
        if name in local or (name == OLD and keeps_uploads(project)):
            found = name
    return found


def of_uploads(project: Project) -> set[str]:
    """Return the settings that name the storage of uploads: ``media-local`` speaks of them."""
    if not keeps_uploads(project):
        return set()
    return {OLD, named_by(project, "STORAGES", "default", "BACKEND")} - {""}


def judged_users(project: Project, alias: str) -> list[User] | None:
    """Return who stores uploads under an alias; None if it is not for ``media-local`` to judge.

    Of an alias other than Django's own the setting speaks that its storage comes from.
    """
    storage = project.storages[alias]
    if has_rule_of_its_own(project, alias) or not is_local_storage(project, storage):
        return None
    if alias != "default" and named_by(project, "STORAGES", alias, "BACKEND"):
        return None
    return storage_users(project, alias)


def keeps_uploads(project: Project, alias: str = "default") -> bool:
    """Whether uploads are known to be stored under an alias, on the replica's own disk."""
    users = judged_users(project, alias) if alias in project.storages else None
    return bool(users) and is_chosen(project)


def is_chosen(project: Project) -> bool:
    """Whether the settings are known to have their storage, be it by leaving Django's."""
    return project.is_known("STORAGES") or any(project.is_set(name) for name in (OLD, "MEDIA_ROOT"))
