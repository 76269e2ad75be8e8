"""cache-local: an error only where something relies on the cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.utils.connection import ConnectionProxy
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle
from support.stand_ins import StandIns

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cache_local import RULE

LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
REDIS = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://localhost/0"}
CACHED_SESSIONS = {
    "SESSION_ENGINE": "django.contrib.sessions.backends.cache",
    "SESSION_CACHE_ALIAS": "default",
    "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"],
}
LOGGED_OUT = "A visitor is logged out on the next replica."
# cached_db asks the database for a session that its cache does not have.
OWN_COPY = "A replica goes on serving its own copy: it sees no logout on another."
CACHE_MIDDLEWARE = {"MIDDLEWARE": ["django.middleware.cache.UpdateCacheMiddleware"]}
AUTH = ["django.contrib.contenttypes", "django.contrib.auth"]
THROTTLES = {
    "INSTALLED_APPS": [*AUTH, "rest_framework"],
    "REST_FRAMEWORK": {"DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"]},
}
IMPORTS = "from django.core.cache import cache"
ALIAS = "from django.core.cache import caches; store = caches['other']"
PAGE = "from django.views.decorators.cache import cache_page"


@pytest.mark.parametrize(
    ("settings", "code"),
    [(CACHED_SESSIONS, ""), (CACHE_MIDDLEWARE, ""), (THROTTLES, ""), ({}, IMPORTS), ({}, PAGE)],
    ids=["sessions", "middleware", "throttles", "import", "cache_page"],
)
def test_a_used_local_default_is_an_error(
    make_project: Callable[..., Project], settings: dict[str, Any], code: str
) -> None:
    project = make_project({"shop/views.py": code}, CACHES={"default": LOCMEM}, **settings)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR
    assert finding.related


@pytest.mark.parametrize(
    ("engine", "lost"),
    [
        ("django.contrib.sessions.backends.cache", LOGGED_OUT),
        ("django.contrib.sessions.backends.cached_db", OWN_COPY),
        ("django_scaleready.sessions", OWN_COPY),
    ],
)
def test_sessions_are_known_by_the_class_of_their_store(
    make_project: Callable[..., Project], engine: str, lost: str
) -> None:
    settings = {**CACHED_SESSIONS, "SESSION_ENGINE": engine}
    (finding,) = RULE.find(make_project(CACHES={"default": LOCMEM}, **settings))
    assert f"used by sessions. {lost}" in finding.message


@pytest.mark.parametrize(
    "settings",
    [
        {"SESSION_ENGINE": "django.contrib.sessions.backends.db"},
        {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"},
        {"SESSION_CACHE_ALIAS": "shared"},
        {"MIDDLEWARE": []},
    ],
)
def test_sessions_elsewhere_leave_it_information(
    make_project: Callable[..., Project], settings: dict[str, Any]
) -> None:
    caches = {"default": LOCMEM, "shared": REDIS}
    (finding,) = RULE.find(make_project(CACHES=caches, **{**CACHED_SESSIONS, **settings}))
    assert finding.severity is Severity.INFO


def test_messages_in_cached_sessions_are_named_with_them(
    make_project: Callable[..., Project],
) -> None:
    storage = "django.contrib.messages.storage.session.SessionStorage"
    caches = {"default": LOCMEM}
    project = make_project(CACHES=caches, MESSAGE_STORAGE=storage, **CACHED_SESSIONS)
    (finding,) = RULE.find(project)
    assert "used by sessions and messages." in finding.message


def test_an_unused_local_default_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.INFO
    assert finding.message == "The cache 'default' is kept in the memory of each process."


def test_a_local_alias_beside_a_shared_default_is_information(
    make_project: Callable[..., Project],
) -> None:
    project = make_project({"shop/views.py": ALIAS}, CACHES={"default": REDIS, "other": LOCMEM})
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.INFO


BY_SETTING = (
    "from django.conf import settings\nfrom django.core.cache import caches\n"
    "store = caches[settings.FEED_CACHE]"
)


def test_an_alias_that_a_setting_names_is_used(make_project: Callable[..., Project]) -> None:
    caches = {"default": LOCMEM, "feeds": LOCMEM}
    project = make_project({"shop/views.py": BY_SETTING}, CACHES=caches, FEED_CACHE="feeds")
    found = {str(f.message.split("'")[1]): f.severity for f in RULE.find(project)}
    assert found == {"default": Severity.INFO, "feeds": Severity.ERROR}


@pytest.mark.parametrize(
    "settings", [{"FEED_CACHE": "other"}, {"FEED_CACHE": "shared"}, {"FEED_CACHE": None}]
)
def test_an_alias_that_no_setting_names_is_not_used(
    make_project: Callable[..., Project], settings: dict[str, Any]
) -> None:
    caches = {"default": REDIS, "feeds": LOCMEM, "shared": REDIS}
    project = make_project({"shop/views.py": BY_SETTING}, CACHES=caches, **settings)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.INFO


def test_what_is_kept_for_no_time_is_silent(make_project: Callable[..., Project]) -> None:
    project = make_project({"views.py": IMPORTS}, CACHES={"default": {**LOCMEM, "TIMEOUT": 0}})
    assert list(RULE.find(project)) == []


def test_the_rates_of_throttles_are_named(make_project: Callable[..., Project]) -> None:
    views = "class Login:\n    throttle_classes = [ScopedRateThrottle]\n"
    settings = {
        "INSTALLED_APPS": [*AUTH, "rest_framework"],
        "REST_FRAMEWORK": {"DEFAULT_THROTTLE_RATES": {"login": "20/min"}},
    }
    project = make_project({"shop/views.py": views}, CACHES={"default": LOCMEM}, **settings)
    (finding,) = RULE.find(project)
    assert [place.path for place in finding.related][1:] == ["shop/views.py"]


@pytest.mark.parametrize(
    ("base", "listed", "found"),
    [
        ("BaseThrottle", "[ByRows]", Severity.INFO),
        ("BaseThrottle", "(ByRows, UserRateThrottle)", Severity.ERROR),
        ("UserRateThrottle", "[ByRows]", Severity.ERROR),
    ],
)
def test_a_throttle_that_counts_rows_is_no_use(
    make_project: Callable[..., Project], base: str, listed: str, found: Severity
) -> None:
    views = f"""from rest_framework.throttling import BaseThrottle, UserRateThrottle
class ByRows({base}): ...
class Login:
    throttle_classes = {listed}
"""
    settings = {"INSTALLED_APPS": [*AUTH, "rest_framework"], "CACHES": {"default": LOCMEM}}
    (finding,) = RULE.find(make_project({"shop/views.py": views}, **settings))
    assert finding.severity is found


def test_a_subclass_of_another_name_is_found(make_project: Callable[..., Project]) -> None:
    caches = {"default": {"BACKEND": f"{__name__}.Renamed"}}
    (finding,) = RULE.find(make_project({"views.py": IMPORTS}, CACHES=caches))
    assert finding.severity is Severity.ERROR


def test_a_file_cache_on_a_shared_mount_is_silent(make_project: Callable[..., Project]) -> None:
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    caches = {"default": {"BACKEND": backend, "LOCATION": "/mnt/shared/cache"}}
    project = make_project(CACHES=caches, SCALEREADY={"SHARED_PATHS": ["/mnt/shared"]})
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    "backend",
    [
        REDIS,
        {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
        {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    ],
)
def test_a_shared_cache_is_silent(
    make_project: Callable[..., Project], backend: dict[str, Any]
) -> None:
    assert list(RULE.find(make_project({"views.py": IMPORTS}, CACHES={"default": backend}))) == []


@pytest.mark.parametrize("file", ["tests/test_views.py", "shop/migrations/0001_initial.py"])
def test_tests_and_migrations_are_no_use(make_project: Callable[..., Project], file: str) -> None:
    (finding,) = RULE.find(make_project({file: IMPORTS}, CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.INFO


KVSTORE = "sorl.thumbnail.kvstores.{}_kvstore.KVStore"
CRON = "django_cron.backends.lock.{}"
AXES = "axes.handlers.{}"
WITH_CELERY = {
    "shop/celery.py": "from celery import Celery\napp = Celery('shop')\n",
}


@dataclass(frozen=True)
class App:
    """An app with its settings. Nothing of it is real but its name, and the paths of classes."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.settings}"


RELIES = [
    App("allauth.account"),
    App("allauth.idp.oidc"),
    App("allauth.mfa"),
    App(
        "axes",
        {"AXES_HANDLER": AXES.format("cache.AxesCacheHandler")},
        (AXES.format("cache.AxesCacheHandler"),),
    ),
    App("cachalot"),
    App("cms"),
    App("django_cron", {}, (CRON.format("cache.CacheLock"),)),
    App("django_q", {"Q_CLUSTER": {"redis": "redis://localhost"}}),
    App("django_ratelimit"),
    App("django_select2"),
    App("django_tus"),
    App("dynamic_preferences"),
    App("imagekit"),
    App(
        "import_export",
        {"IMPORT_EXPORT_TMP_STORAGE_CLASS": "import_export.tmp_storages.CacheStorage"},
    ),
    App("extra_settings"),
    # It sets this itself, and uses the default where there is no such cache.
    App("extra_settings", {"EXTRA_SETTINGS_CACHE_NAME": "extra_settings"}),
    App(
        "maintenance_mode",
        {"MAINTENANCE_MODE_STATE_BACKEND": "maintenance_mode.backends.CacheBackend"},
    ),
    App("parler"),
    App("post_office"),
    App("solo", {"SOLO_CACHE": "default"}),
    App("sorl.thumbnail", {}, (KVSTORE.format("cached_db"),)),
    App("waffle"),
    App("wagtail"),
    App("wagtail.contrib.redirects", {"WAGTAIL_REDIRECTS_FILE_STORAGE": "cache"}),
    App("wagtailcache"),
]
LEAVES_ALONE = [
    App("allauth.account", {"ACCOUNT_RATE_LIMITS": False}),
    App("allauth.socialaccount"),
    App("axes", {}, (AXES.format("database.AxesDatabaseHandler"),)),
    App("axes", {"AXES_CACHE": "default"}, (AXES.format("database.AxesDatabaseHandler"),)),
    App("cachalot", {"CACHALOT_ENABLED": False}),
    App("cachalot", {"CACHALOT_CACHE": "shared"}),
    App("constance", {"CONSTANCE_BACKEND": "constance.backends.database.DatabaseBackend"}),
    App(
        "django_cron",
        {"DJANGO_CRON_LOCK_BACKEND": CRON.format("database.DatabaseLock")},
        (CRON.format("database.DatabaseLock"),),
    ),
    App("django_cron", {"DJANGO_CRON_CACHE": "shared"}, (CRON.format("cache.CacheLock"),)),
    App("django_q"),
    App("django_q", {"Q_CLUSTER": {"redis": "redis://localhost", "cache": "shared"}}),
    App("django_ratelimit", {"RATELIMIT_ENABLE": False}),
    App("django_ratelimit", {"RATELIMIT_USE_CACHE": "shared"}),
    App("django_select2", {"SELECT2_CACHE_BACKEND": "shared"}),
    App("dynamic_preferences", {"DYNAMIC_PREFERENCES": {"ENABLE_CACHE": False}}),
    App("dynamic_preferences", {"DYNAMIC_PREFERENCES": {"CACHE_NAME": "shared"}}),
    App("imagekit", {"IMAGEKIT_CACHE_BACKEND": "shared"}),
    App("import_export"),
    App("extra_settings", {"EXTRA_SETTINGS_CACHE_NAME": "shared"}),
    App("maintenance_mode"),
    App(
        "maintenance_mode",
        {
            "MAINTENANCE_MODE_STATE_BACKEND": "maintenance_mode.backends.CacheBackend",
            "MAINTENANCE_MODE_CACHE_BACKEND": "shared",
        },
    ),
    App(
        "maintenance_mode",
        {
            "MAINTENANCE_MODE": False,
            "MAINTENANCE_MODE_STATE_BACKEND": "maintenance_mode.backends.CacheBackend",
        },
    ),
    App("parler", {"PARLER_ENABLE_CACHING": False}),
    App("post_office", {"POST_OFFICE_CACHE": False}),
    App("solo"),
    App(
        "sorl.thumbnail",
        {"THUMBNAIL_KVSTORE": KVSTORE.format("redis")},
        (KVSTORE.format("redis"),),
    ),
    App("waffle", {"WAFFLE_CACHE_NAME": "shared"}),
    App("wagtail.contrib.redirects"),
    App("wagtailcache", {"WAGTAIL_CACHE": False}),
]


def with_app(
    make_project: Callable[..., Project], stand_ins: StandIns, app: App, **caches: Any
) -> Project:
    installed = stand_ins.app(app.name)
    stand_ins.classes(*app.classes)
    return make_project(INSTALLED_APPS=[*AUTH, installed], CACHES=caches, **app.settings)


@pytest.mark.parametrize("app", RELIES, ids=str)
def test_an_app_that_relies_on_it_makes_it_serious(
    make_project: Callable[..., Project], stand_ins: StandIns, app: App
) -> None:
    (finding,) = RULE.find(with_app(make_project, stand_ins, app, default=LOCMEM))
    little = {"django_q": Severity.WARNING, "imagekit": Severity.WARNING}
    little["sorl.thumbnail"] = Severity.INFO
    assert finding.severity is little.get(app.name, Severity.ERROR)
    assert "is used by" in finding.message
    assert "until the time is over" not in finding.message


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("from sorl.thumbnail import get_thumbnail\n", Severity.INFO),
        ("from sorl.thumbnail import delete\n", Severity.WARNING),
        ("from sorl.thumbnail.shortcuts import delete\n", Severity.WARNING),
        ("from sorl.thumbnail import *\n", Severity.WARNING),
        # Its field deletes the thumbnails of an image that is replaced.
        ("from sorl.thumbnail import ImageField as Image, get_thumbnail\n", Severity.WARNING),
        ("from sorl.thumbnail.fields import ImageField\n", Severity.WARNING),
        ("from sorl.thumbnail.templatetags.thumbnail import margin\n", Severity.INFO),
        ("from sorl.thumbnail.images import ImageFile\n", Severity.INFO),
        ("from django.db.models import ImageField\n", Severity.INFO),
    ],
)
def test_sorl_s_record_is_wrong_once_a_thumbnail_is_deleted(
    make_project: Callable[..., Project], stand_ins: StandIns, code: str, severity: Severity
) -> None:
    app = next(app for app in RELIES if app.name == "sorl.thumbnail")
    installed = stand_ins.app(app.name)
    stand_ins.classes(*app.classes)
    project = make_project(
        {"shop/images.py": code}, INSTALLED_APPS=[*AUTH, installed], CACHES={"default": LOCMEM}
    )
    (finding,) = RULE.find(project)
    assert finding.severity is severity


@pytest.mark.parametrize("app", LEAVES_ALONE, ids=str)
def test_an_app_that_does_not_rely_on_it_leaves_it_information(
    make_project: Callable[..., Project], stand_ins: StandIns, app: App
) -> None:
    caches = {"default": LOCMEM, "shared": REDIS}
    (finding,) = RULE.find(with_app(make_project, stand_ins, app, **caches))
    assert finding.severity is Severity.INFO


def test_an_app_on_a_local_alias_beside_a_shared_default_is_an_error(
    make_project: Callable[..., Project], stand_ins: StandIns
) -> None:
    app = App("django_select2", {"SELECT2_CACHE_BACKEND": "widgets"})
    (finding,) = RULE.find(with_app(make_project, stand_ins, app, default=REDIS, widgets=LOCMEM))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("own", "severity"), [(REDIS, Severity.INFO), (LOCMEM, Severity.ERROR)], ids=["redis", "local"]
)
def test_an_alias_that_an_app_looks_for_counts_instead(
    make_project: Callable[..., Project],
    stand_ins: StandIns,
    own: dict[str, Any],
    severity: Severity,
) -> None:
    caches = {"default": REDIS if own is LOCMEM else LOCMEM, "post_office": own}
    project = with_app(make_project, stand_ins, App("post_office"), **caches)
    assert [finding.severity for finding in RULE.find(project)] == [severity]


@pytest.mark.parametrize(
    ("source", "alias", "severity"),
    [
        ("from file_resubmit.widgets import ResubmitImageWidget\n", "file_resubmit", "error"),
        ("from file_resubmit import widgets as given\n", "file_resubmit", "error"),
        ("from shop.file_resubmit import widgets\n", "file_resubmit", "info"),
        ("", "file_resubmit", "info"),
        ("from file_resubmit.widgets import ResubmitImageWidget\n", "other", "info"),
    ],
)
def test_forms_to_be_sent_again_keep_their_uploads(
    make_project: Callable[..., Project],
    stand_ins: StandIns,
    source: str,
    alias: str,
    severity: str,
) -> None:
    app = stand_ins.app("file_resubmit")
    caches = {"default": REDIS, alias: LOCMEM}
    project = make_project(
        {"shop/forms.py": source}, INSTALLED_APPS=[app], CACHES=caches, MIDDLEWARE=[]
    )
    (finding,) = RULE.find(project)
    assert finding.severity == severity


def test_a_class_that_cannot_be_imported_hides_nothing(
    make_project: Callable[..., Project], stand_ins: StandIns
) -> None:
    apps = [stand_ins.app("axes"), stand_ins.app("waffle")]
    caches = {"default": LOCMEM}
    project = make_project(
        INSTALLED_APPS=apps, CACHES=caches, MIDDLEWARE=[], AXES_HANDLER="nowhere.Handler"
    )
    (finding,) = RULE.find(project)
    assert "used by waffle's flags." in finding.message
    assert [unknown.subject for unknown in project.unknown] == ["AXES_HANDLER"]


def test_constance_in_files_is_an_error(make_project: Callable[..., Project]) -> None:
    # With a cache in memory it refuses to start.
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    project = make_project(
        CACHES={"default": REDIS, "settings": {"BACKEND": backend, "LOCATION": "/var/tmp/shop"}},
        INSTALLED_APPS=["constance"],
        CONSTANCE_BACKEND="constance.backends.database.DatabaseBackend",
        CONSTANCE_DATABASE_CACHE_BACKEND="settings",
    )
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR


def test_a_decorator_counts_without_an_entry_in_installed_apps(
    make_project: Callable[..., Project],
) -> None:
    code = "from django_ratelimit.decorators import ratelimit"
    (finding,) = RULE.find(make_project({"shop/views.py": code}, CACHES={"default": LOCMEM}))
    assert "django-ratelimit's counters" in finding.message


def test_what_loses_little_does_not_hide_what_loses_much(
    make_project: Callable[..., Project], stand_ins: StandIns
) -> None:
    apps = [stand_ins.app(name) for name in ("imagekit", "waffle")]
    (finding,) = RULE.find(make_project(INSTALLED_APPS=apps, CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.ERROR


def test_celerys_results_count(make_project: Callable[..., Project]) -> None:
    settings = {"CELERY_BROKER_URL": "redis://localhost", "CELERY_RESULT_BACKEND": "django-cache"}
    project = make_project(WITH_CELERY, CACHES={"default": LOCMEM}, **settings)
    assert [f.severity for f in RULE.find(project)] == [Severity.ERROR]


def test_ignored_results_do_not_count(make_project: Callable[..., Project]) -> None:
    settings = {"CELERY_RESULT_BACKEND": "django-cache", "CELERY_TASK_IGNORE_RESULT": True}
    project = make_project(WITH_CELERY, CACHES={"default": LOCMEM}, **settings)
    assert [f.severity for f in RULE.find(project)] == [Severity.INFO]


@pytest.mark.parametrize(
    ("throttle", "severity"),
    [
        ("rest_framework.throttling.AnonRateThrottle", Severity.ERROR),
        (f"{__name__}.InShared", Severity.INFO),
        (f"{__name__}.InLocal", Severity.ERROR),
        (f"{__name__}.InDatabase", Severity.INFO),
    ],
)
def test_a_throttle_may_have_a_cache_of_its_own(
    make_project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    throttle: str,
    severity: Severity,
) -> None:
    project = make_project(
        CACHES={"default": LOCMEM, "shared": REDIS},
        INSTALLED_APPS=[*AUTH, "rest_framework"],
        REST_FRAMEWORK={"DEFAULT_THROTTLE_CLASSES": [throttle]},
    )
    monkeypatch.setattr(InShared, "cache", project.caches["shared"])
    assert [finding.severity for finding in RULE.find(project)] == [severity]


def test_all_who_use_it_are_named_up_to_a_point(
    make_project: Callable[..., Project], stand_ins: StandIns
) -> None:
    apps = ["cachalot", "cms", "parler", "waffle", "wagtail"]
    installed = [stand_ins.app(name) for name in apps]
    project = make_project(INSTALLED_APPS=installed, CACHES={"default": LOCMEM})
    (finding,) = RULE.find(project)
    assert "used by cachalot's query results, django CMS's pages" in finding.message
    assert finding.message.endswith("waffle's flags and 1 more.")


class Renamed(LocMemCache):
    pass


class InShared(SimpleRateThrottle):
    """Its cache is given by the test: there is none before the settings are in force."""


class InLocal(SimpleRateThrottle):
    cache = ConnectionProxy(caches, "default")


class InDatabase(BaseThrottle):
    pass


COUNTS = """from django.core.cache import cache
def attempt(user):
    if not cache.add(user, 1, 60):
        return cache.incr(user)
    return cache.get(user)
"""


def test_locks_and_counters_are_named_where_they_are(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": COUNTS}, CACHES={"default": LOCMEM}))
    assert [str(place) for place in finding.related] == [
        "shop/code.py:1",
        "shop/code.py:3",
        "shop/code.py:4",
    ]


def test_what_only_looks_like_a_counter_is_not_named(make_project: Callable[..., Project]) -> None:
    code = "from django.core.cache import cache\ndef f(basket): basket.add(cache.get('x'))\n"
    (finding,) = RULE.find(make_project({"shop/code.py": code}, CACHES={"default": LOCMEM}))
    assert [str(place) for place in finding.related] == ["shop/code.py:1"]


READS = IMPORTS + "\ndef f(): return cache.get_or_set('x', load, 60)"


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (READS, Severity.INFO),
        (READS.replace("60", "timeout=HOUR"), Severity.INFO),
        (f"{READS}\ndef g(): return cache.get_or_set('y', load, 9)", Severity.INFO),
        (PAGE + "\n@cache_page(60)\ndef f(request): ...", Severity.WARNING),
        (READS + "\ndef changed(): cache.delete('x')", Severity.ERROR),
    ],
)
def test_what_saves_work_for_a_time_costs_little(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    (finding,) = RULE.find(make_project({"shop/views.py": code}, CACHES={"default": LOCMEM}))
    assert finding.severity is severity
    assert finding.message.endswith("until the time is over.") is (severity is not Severity.ERROR)


CATALOGUE = (
    PAGE + "\nfrom django.views.i18n import JavaScriptCatalog\nfrom shop.models import Product\n"
)
WRAPPED = CATALOGUE + "page = cache_page(60)(JavaScriptCatalog.as_view())\n"
DECORATED = CATALOGUE + (
    "@cache_page(60, key_prefix=f'js-{get_language()}')\n@last_modified(lambda r: now())\n"
    "def page(request, **kw):\n  'Texts.'\n  return JavaScriptCatalog.as_view()(request, **kw)\n"
)


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (WRAPPED, Severity.INFO),
        (DECORATED, Severity.INFO),
        (WRAPPED + "prices = cache_page(60)(Prices.as_view())", Severity.WARNING),
        (DECORATED.replace("'Texts.'", "log(Product.objects.first())"), Severity.WARNING),
        (DECORATED.replace("JavaScriptCatalog.as", "Prices.as"), Severity.WARNING),
    ],
)
def test_a_catalogue_of_texts_is_the_same_in_each_process(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    (finding,) = RULE.find(make_project({"shop/views.py": code}, CACHES={"default": LOCMEM}))
    assert finding.severity is severity


SIGN_IN = (
    "from dj_rest_auth.registration.views import SocialLoginView\n"
    "from allauth.socialaccount.providers.okta.views import OktaOAuth2Adapter\n"
)
INCLUDES = "from django.urls import include, path\nx = [path('', include({!r}))]"


@pytest.mark.parametrize(
    ("included", "code", "severity"),
    [
        ("shop.urls", "", Severity.INFO),
        ("shop.urls", "from allauth.socialaccount.models import SocialAccount", Severity.INFO),
        ("dj_rest_auth.urls", "from allauth.account.signals import user_logged_in", Severity.INFO),
        ("shop.urls", SIGN_IN, Severity.INFO),
        ("allauth.urls", "", Severity.ERROR),
        ("dj_rest_auth.registration.urls", "", Severity.ERROR),
        ("shop.urls", "from allauth.account.views import LoginView", Severity.ERROR),
        ("shop.urls", "from allauth.account.adapter import get_adapter", Severity.ERROR),
    ],
)
def test_allauth_counts_where_something_comes_to_it(
    make_project: Callable[..., Project],
    stand_ins: StandIns,
    included: str,
    code: str,
    severity: Severity,
) -> None:
    files = {"shop/site.py": INCLUDES.format(included), "shop/views.py": code}
    apps = [*AUTH, stand_ins.app("allauth.account")]
    project = make_project(files, INSTALLED_APPS=apps, CACHES={"default": LOCMEM})
    (finding,) = RULE.find(project)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("setting", "severity"),
    [("none", Severity.INFO), ("optional", Severity.ERROR), ("mandatory", Severity.ERROR)],
)
def test_who_registers_is_counted_where_a_mail_is_sent(
    make_project: Callable[..., Project], stand_ins: StandIns, setting: str, severity: Severity
) -> None:
    files = {"shop/site.py": INCLUDES.format("dj_rest_auth.registration.urls")}
    apps = [*AUTH, stand_ins.app("allauth.account")]
    project = make_project(
        files,
        INSTALLED_APPS=apps,
        CACHES={"default": LOCMEM},
        ACCOUNT_EMAIL_VERIFICATION=setting,
    )
    (finding,) = RULE.find(project)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("timeout", "severity"),
    [({}, Severity.INFO), ({"TIMEOUT": 60}, Severity.INFO), ({"TIMEOUT": None}, Severity.ERROR)],
)
def test_a_value_is_kept_as_long_as_its_alias_says(
    make_project: Callable[..., Project], timeout: dict[str, int | None], severity: Severity
) -> None:
    files = {"shop/views.py": READS.replace(", 60", "")}
    (finding,) = RULE.find(make_project(files, CACHES={"default": {**LOCMEM, **timeout}}))
    assert finding.severity is severity


def test_work_that_is_saved_does_not_hide_what_is_handed_on(
    make_project: Callable[..., Project],
) -> None:
    files = {"shop/views.py": READS, "shop/tasks.py": f"{IMPORTS}\ncache.set('x', 1)"}
    (finding,) = RULE.find(make_project(files, CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.ERROR
    assert list(RULE.find(make_project(files, CACHES={"default": REDIS}))) == []


@pytest.mark.parametrize("seconds", ["500", "None"])
def test_a_part_of_a_template_is_kept_for_a_time(
    make_project: Callable[..., Project], seconds: str
) -> None:
    template = f"{{% load cache %}}{{% cache {seconds} menu %}}...{{% endcache %}}"
    files = {"shop/templates/base.html": template}
    (finding,) = RULE.find(make_project(files, CACHES={"default": LOCMEM}))
    assert finding.severity is (Severity.ERROR if seconds == "None" else Severity.WARNING)
    assert list(RULE.find(make_project(files, CACHES={"default": REDIS}))) == []


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("def fork():\n    cache.close()", Severity.INFO),
        ("from os import register_at_fork\nregister_at_fork(before=cache.close)", Severity.INFO),
        ("def fork():\n    cache.close()\n    cache.set('a', 1)", Severity.ERROR),
        ("def fork():\n    cache.close()\n    prepare(cache)", Severity.ERROR),
        # Another file may import it from here.
        ("def fork(file):\n    file.close()", Severity.ERROR),
    ],
)
def test_a_cache_that_is_only_closed_keeps_nothing(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    files = {"shop/fork.py": f"from django.core.cache import cache\n{code}\n"}
    (finding,) = RULE.find(make_project(files, CACHES={"default": LOCMEM}))
    assert finding.severity is severity


ALIASED = "from django.conf import settings\nfrom django.core.cache import caches\n"
PAGES = ALIASED + "pages = caches[settings.PAGES]\n"
BEFORE = "def f(k):\n  v = pages.get(k)\n  if not v:\n    v = load(k)\n"
THROUGH = BEFORE + "    pages.set(k, v, timeout=settings.SECONDS)\n  return v\n"


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (PAGES + THROUGH, Severity.INFO),
        (PAGES.replace("settings.PAGES", "'pages'") + THROUGH, Severity.INFO),
        (PAGES + "class View:\n  " + THROUGH.replace("\n", "\n  "), Severity.INFO),
        (PAGES + "def f(k): return pages.get_or_set(k, load, 60)", Severity.INFO),
        (PAGES + THROUGH + "def g(k): return pages.get_or_set(k, load, 60)", Severity.INFO),
        (PAGES + THROUGH + THROUGH.replace("def f", "def g"), Severity.INFO),
        (PAGES + THROUGH.replace("if not v", "if v is None"), Severity.INFO),
        (PAGES + THROUGH + "prices = caches['prices']\nprices.clear()\n", Severity.INFO),
        (PAGES + "async " + THROUGH, Severity.INFO),
        (PAGES + THROUGH.replace(", timeout=settings.SECONDS", ""), Severity.ERROR),
        (PAGES + THROUGH + "def changed(k): pages.delete(k)\n", Severity.ERROR),
        (PAGES + THROUGH + "def changed(k): caches[settings.PAGES].delete(k)\n", Severity.ERROR),
        (PAGES + THROUGH + "watch(pages)\n", Severity.ERROR),
        (PAGES + THROUGH + "def seen(k): pages.set(k, pages.get(k) + 1, 60)\n", Severity.ERROR),
        (PAGES + THROUGH + "def set_up():\n  pages = {}\n  pages.get(1)\n", Severity.ERROR),
        (PAGES, Severity.ERROR),
    ],
)
def test_an_alias_may_only_save_work(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    aliases = {"default": LOCMEM, "pages": LOCMEM}
    project = make_project({"shop/views.py": code}, CACHES=aliases, PAGES="pages")
    found = {str(f.message.split("'")[1]): f.severity for f in RULE.find(project)}
    assert found == {"default": Severity.INFO, "pages": severity}


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        ("from shop.views import f\nf(1)", Severity.INFO),
        ("from shop import views\nviews.f(1)", Severity.INFO),
        ("import shop.views", Severity.INFO),
        ("pages = {}\npages.pop(1)", Severity.INFO),
        ("from shop.views import pages\npages.delete(1)", Severity.ERROR),
        ("from shop import views\nviews.pages.delete(1)", Severity.ERROR),
        ("from django.core.cache import caches\ncaches['pages'].delete(1)", Severity.ERROR),
    ],
)
def test_what_another_file_takes_from_an_alias_is_handed_on(
    make_project: Callable[..., Project], other: str, severity: Severity
) -> None:
    files = {"shop/views.py": PAGES + THROUGH, "shop/work.py": other}
    aliases = {"default": LOCMEM, "pages": LOCMEM}
    project = make_project(files, CACHES=aliases, PAGES="pages")
    found = {str(f.message.split("'")[1]): f.severity for f in RULE.find(project)}
    assert found["pages"] is severity
