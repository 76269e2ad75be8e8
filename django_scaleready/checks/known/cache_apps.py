"""What installed apps keep in which cache, so that a local one is known to be relied on.

Each line was read in the package's own source: the setting that names the alias, its default, and
what has to hold for the app to use a cache at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.packages import has_package

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

Condition = Callable[["Project"], bool]


def on(setting: str, default: Any = True) -> Condition:
    """Return a condition: the setting, or its default, is true."""
    return lambda project: bool(project.setting(setting, default))


def is_class(setting: str, default: str, dotted: str) -> Condition:
    """Return a condition: the class that a setting names is the given one, or derives from it.

    What cannot be imported is noted, and costs nothing but this condition.
    """

    def holds(project: Project) -> bool:
        named = project.setting(setting) or default
        if isinstance(named, str):
            found = project.known(iter([attempt(setting, project.imported, named)]))
            named = next(iter(found), None)
        return is_a(named, dotted)

    return holds


def all_of(*conditions: Condition) -> Condition:
    """Return a condition: all of them hold."""
    return lambda project: all(condition(project) for condition in conditions)


@dataclass(frozen=True, slots=True)
class CachingApp:
    """An app that needs a cache to be shared.

    ``keeps`` is what it keeps there, as the report says it. ``setting``, and below it ``key``, name
    the alias; "" means that nothing does. ``own`` is an alias that is used if CACHES has it, and
    ``default`` the one without either, None for no cache. ``minor`` is whether a local one does
    little harm, and ``saves_work`` whether it saves no more than work.
    """

    app: str
    keeps: str
    setting: str = ""
    key: str = ""
    own: str = ""
    default: str | None = "default"
    when: Condition = lambda _: True
    minor: bool = False
    saves_work: Condition = lambda _: False

    def alias(self, project: Project) -> str | None:
        """Return the alias that the app uses in this project."""
        value = project.setting(self.setting) if self.setting else None
        if self.key:
            value = value.get(self.key) if isinstance(value, dict) else None
        if self.own and value not in project.caches:
            # Such an app asks whether there is the cache, and goes on with the default.
            value = self.own if self.own in project.caches else None
        return value or self.default


# What comes to allauth's rate limits, where a URLconf includes it or code imports it. Providers,
# adapters, models and signals do not.
ALLAUTH = re.compile(
    r"allauth\.(?!(account\.)?app_settings|socialaccount\.(?!forms|helpers|urls|views)"
    r"|account\.(adapter\.Default|auth_backends|models|signals))"
)
# Who signs up there is counted where a mail is sent that asks for a confirmation.
REGISTRATION = re.compile(r"(dj_)?rest_auth\.registration\.(urls|views($|\.(?!Social)))")


def answers_allauth(project: Project) -> bool:
    """Whether pages of allauth are served, or called by code, as far as the URLconfs are here."""
    included = [fact.data[0] for _, fact in project.code.facts("included-urls")]
    if not included:
        return True
    named = [*included, *(name for source in project.code for name in source.imported)]
    mails = project.setting("ACCOUNT_EMAIL_VERIFICATION", "optional") != "none"
    return any(ALLAUTH.match(name) or (mails and REGISTRATION.match(name)) for name in named)


# They delete entries of sorl's record: by a call, and when a row is changed or deleted.
SORL_DELETES = (
    *("sorl.thumbnail.ImageField", "sorl.thumbnail.delete", "sorl.thumbnail.fields"),
    *("sorl.thumbnail.admin", "sorl.thumbnail.shortcuts.delete"),
)


def imports(project: Project, *names: str) -> bool:
    """Whether a file of the project imports one of these, or all that its module has."""
    wanted = (*names, *(f"{name.rpartition('.')[0]}.*" for name in names))
    return any(dotted.startswith(wanted) for source in project.code for dotted in source.imported)


APPS = (
    CachingApp(
        "allauth.account",
        "allauth's rate limits",
        when=all_of(
            lambda project: project.setting("ACCOUNT_RATE_LIMITS", {}) is not False,
            answers_allauth,
        ),
    ),
    CachingApp("allauth.idp.oidc", "allauth's authorization codes"),
    CachingApp("allauth.mfa", "allauth's record of used codes"),
    CachingApp(
        "axes",
        "axes' counters",
        "AXES_CACHE",
        when=is_class(
            "AXES_HANDLER",
            "axes.handlers.database.AxesDatabaseHandler",
            "axes.handlers.cache.AxesCacheHandler",
        ),
    ),
    CachingApp(
        "cachalot", "cachalot's query results", "CACHALOT_CACHE", when=on("CACHALOT_ENABLED")
    ),
    CachingApp("cms", "django CMS's pages and permissions"),
    CachingApp(
        "constance",
        "constance's settings",
        "CONSTANCE_DATABASE_CACHE_BACKEND",
        default=None,
        when=is_class(
            "CONSTANCE_BACKEND",
            "constance.backends.redisd.RedisBackend",
            "constance.backends.database.DatabaseBackend",
        ),
    ),
    CachingApp(
        "django_cron",
        "django-cron's locks",
        "DJANGO_CRON_CACHE",
        when=is_class(
            "DJANGO_CRON_LOCK_BACKEND",
            "django_cron.backends.lock.cache.CacheLock",
            "django_cron.backends.lock.cache.CacheLock",
        ),
    ),
    CachingApp(
        "django_q",
        "Django Q's statistics",
        "Q_CLUSTER",
        "cache",
        when=on("Q_CLUSTER", None),
        # A monitor shows the clusters of its own process alone; tasks and results are elsewhere.
        minor=True,
    ),
    CachingApp(
        "django_ratelimit",
        "django-ratelimit's counters",
        "RATELIMIT_USE_CACHE",
        when=on("RATELIMIT_ENABLE"),
    ),
    CachingApp("django_select2", "django-select2's widgets", "SELECT2_CACHE_BACKEND"),
    CachingApp("django_tus", "django-tus's upload offsets"),
    CachingApp(
        "post_office", "post-office's templates", own="post_office", when=on("POST_OFFICE_CACHE")
    ),
    CachingApp(
        "extra_settings", "extra settings", "EXTRA_SETTINGS_CACHE_NAME", own="extra_settings"
    ),
    CachingApp(
        "dynamic_preferences",
        "dynamic preferences",
        "DYNAMIC_PREFERENCES",
        "CACHE_NAME",
        when=lambda project: bool(
            (project.setting("DYNAMIC_PREFERENCES") or {}).get("ENABLE_CACHE", True)
        ),
    ),
    # A form that is sent anew, after an error elsewhere in it, takes its upload from there.
    CachingApp(
        "file_resubmit",
        "the uploads of forms to be sent again",
        own="file_resubmit",
        default=None,
        when=lambda project: imports(project, "file_resubmit."),
    ),
    # Here and with sorl: which files exist is also looked up in the storage or the database. What
    # one replica deletes the others go on linking to.
    CachingApp("imagekit", "imagekit's record of its files", "IMAGEKIT_CACHE_BACKEND", minor=True),
    CachingApp(
        "import_export",
        "the files of unconfirmed imports",
        when=is_class(
            "IMPORT_EXPORT_TMP_STORAGE_CLASS",
            "import_export.tmp_storages.TempFolderStorage",
            "import_export.tmp_storages.CacheStorage",
        ),
    ),
    CachingApp(
        "maintenance_mode",
        "maintenance mode",
        "MAINTENANCE_MODE_CACHE_BACKEND",
        own="maintenance_mode",
        when=all_of(
            lambda project: project.setting("MAINTENANCE_MODE") is None,
            is_class(
                "MAINTENANCE_MODE_STATE_BACKEND",
                "maintenance_mode.backends.LocalFileBackend",
                "maintenance_mode.backends.CacheBackend",
            ),
        ),
    ),
    CachingApp("parler", "parler's translations", when=on("PARLER_ENABLE_CACHING")),
    CachingApp("solo", "solo's settings", "SOLO_CACHE", default=None),
    CachingApp(
        "sorl.thumbnail",
        "sorl-thumbnail's record of its files",
        "THUMBNAIL_CACHE",
        when=is_class(
            "THUMBNAIL_KVSTORE",
            "sorl.thumbnail.kvstores.cached_db_kvstore.KVStore",
            "sorl.thumbnail.kvstores.cached_db_kvstore.KVStore",
        ),
        minor=True,
        # The record is in the database; the cache before it is wrong once an entry is deleted.
        saves_work=lambda project: not imports(project, *SORL_DELETES),
    ),
    CachingApp("waffle", "waffle's flags", "WAFFLE_CACHE_NAME"),
    CachingApp("wagtail", "wagtail's site roots"),
    CachingApp(
        "wagtail.contrib.redirects",
        "the files of unconfirmed imports",
        when=lambda project: project.setting("WAGTAIL_REDIRECTS_FILE_STORAGE") == "cache",
    ),
    CachingApp(
        "wagtailcache", "wagtail-cache's pages", "WAGTAIL_CACHE_BACKEND", when=on("WAGTAIL_CACHE")
    ),
)
# Decorators that work without an entry in INSTALLED_APPS.
IMPORTED = frozenset({"django_ratelimit"})


def app_users(project: Project, alias: str) -> Iterator[tuple[CachingApp, Location]]:
    """Yield the apps that keep something under an alias, with the place that decides it."""
    for known in APPS:
        place = _place(project, known)
        if place is not None and known.when(project) and known.alias(project) == alias:
            yield known, place


def _place(project: Project, known: CachingApp) -> Location | None:
    if has_package(project, known.app):
        if known.setting and project.is_set(known.setting):
            return project.where(known.setting, known.key)
        return project.where("INSTALLED_APPS", known.app)
    if known.app in IMPORTED:
        prefix = f"{known.app}."
        users = (s for s in project.code if any(n.startswith(prefix) for n in s.imported))
        return next((Location(source.path) for source in users), None)
    return None
