"""Which storage installed apps use, each as read in the package's own source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.packages import has_package

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project

LOCAL_STORAGES = (
    "django.core.files.storage.FileSystemStorage",
    "django.core.files.storage.InMemoryStorage",
)
# Aliases of STORAGES that belong to one app, whose own rule knows what is lost.
OWNERS = {
    "compressor": "compressor",
    "compressor-offine": "compressor",  # spelt so in its COMPRESS_OFFLINE_MANIFEST_STORAGE_ALIAS
    "dbbackup": "dbbackup",
    "SILKY_STORAGE": "silk",
}
# What they store, and the setting that names another alias. Those with models of their own are for
# projects that are only read: nothing is known of their fields then.
STORING = (
    ("sorl.thumbnail", "sorl-thumbnail", "THUMBNAIL_STORAGE"),
    ("easy_thumbnails", "easy-thumbnails", "THUMBNAIL_DEFAULT_STORAGE_ALIAS"),
    ("imagekit", "ImageKit", "IMAGEKIT_DEFAULT_FILE_STORAGE"),
    ("chunked_upload", "django-chunked-upload", "CHUNKED_UPLOAD_STORAGE_CLASS"),
    ("drf_chunked_upload", "drf-chunked-upload", "DRF_CHUNKED_UPLOAD_STORAGE_CLASS"),
    ("attachments", "django-attachments", ""),
    ("ckeditor_uploader", "django-ckeditor's uploads", ""),
    ("filer", "django-filer", ""),
    ("photologue", "django-photologue", ""),
    ("wagtail.images", "wagtail's images", ""),
    ("wagtail.documents", "wagtail's documents", ""),
)
ALIAS = "easy_thumbnails"
STATE = "MAINTENANCE_MODE_STATE_BACKEND"
STORED_STATE = "maintenance_mode.backends.DefaultStorageBackend"


def is_local_storage(project: Project, storage: Any) -> bool:
    """Whether a storage keeps its files on the replica's own disk, or in its memory."""
    if not is_a(storage, *LOCAL_STORAGES):
        return False
    folder = getattr(storage, "location", None)
    return not (folder and project.is_shared(folder))


def is_kept_here(project: Project, alias: str, named: Any, folder: Any) -> bool:
    """Whether an app's files stay on one replica.

    Its storage is an alias of STORAGES, or else a class, or the dotted path of one, that writes to
    ``folder``.
    """
    if alias in project.storages:
        return is_local_storage(project, project.storages[alias])
    storage = project.imported(named) if isinstance(named, str) else named
    return is_a(storage, *LOCAL_STORAGES) and not (folder and project.is_shared(str(folder)))


def app_users(project: Project, alias: str) -> Iterator[tuple[str, Location]]:
    """Yield the apps that store files under an alias, with the place that decides it."""
    if alias == "default" and _is_mode_stored(project):
        yield "maintenance mode", project.where(STATE)
    models = project.code.once(_models)
    for app, shown, setting in STORING:
        given = project.setting(setting) if setting else None
        used = given or (ALIAS if app == ALIAS and ALIAS in project.storages else "default")
        # An AppConfig of the project's own may stand for the app's; its models tell.
        there = has_package(project, app) or app in models
        if there and used == alias:
            where = project.where(setting) if given else project.where("INSTALLED_APPS", app)
            yield shown, where


def _models(code: Codebase) -> set[str]:
    """Return the apps whose models are imported."""
    return {name.partition(".models.")[0] for name in code.importing if ".models." in name}


def _is_mode_stored(project: Project) -> bool:
    named = project.setting(STATE)
    if not named or not has_package(project, "maintenance_mode"):
        return False
    chosen = project.setting("MAINTENANCE_MODE") is None
    return chosen and is_a(project.imported(named), STORED_STATE)


def has_rule_of_its_own(project: Project, alias: str) -> bool:
    """Whether an alias is one app's, and that app is installed."""
    return alias in OWNERS and has_package(project, OWNERS[alias])
