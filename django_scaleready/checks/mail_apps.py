"""Which installed apps are known to send no mail. Of all others nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_scaleready.checks.packages import is_own

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# Their URLs have the page that mails a new password.
RESETS = "django.contrib.auth.urls"
SILENT = (
    # The admin's log-in page links to a reset of passwords only where URLs have one.
    *("django", "django_scaleready"),
    # APIs.
    *("corsheaders", "drf_redesign", "drf_spectacular", "drf_spectacular_sidecar", "drf_yasg"),
    *("django_filters", "graphene_django", "oauth2_provider", "rest_framework"),
    *("rest_framework_gis", "rest_framework_simplejwt", "rest_framework_swagger", "url_filter"),
    # Models and fields.
    *("django_countries", "django_read_only", "guardian", "modeltranslation", "mptt"),
    *("ordered_model", "phonenumber_field", "polymorphic", "reversion", "reversion_compare"),
    *("simple_history", "smart_selects", "taggit", "timezone_field", "treebeard"),
    # The admin's pages.
    *("admin_auto_filters", "adminsortable2", "colorfield", "django_admin_listfilter_dropdown"),
    *("import_export", "jazzmin", "nested_admin", "rangefilter", "tinymce"),
    # Forms, templates, static files, images.
    *("bootstrap4", "ckeditor", "compressor", "crispy_forms", "dal", "dal_select2"),
    *("django_bootstrap5", "django_htmx", "django_select2", "django_tables2", "django_vite"),
    *("easy_thumbnails", "imagekit", "leaflet", "pipeline", "sekizai", "sorl", "storages"),
    *("webpack_loader", "whitenoise", "widget_tweaks"),
    # What serves and watches a site.
    *("axes", "cacheops", "channels", "constance", "csp", "daphne", "debug_toolbar"),
    *("django_celery_beat", "django_celery_results", "django_extensions", "django_prometheus"),
    *("django_elasticsearch_dsl", "elasticapm", "haystack", "silk", "solo", "waffle"),
)


def may_send(project: Project) -> bool:
    """Whether an installed app, or one whose URLs are included, is not known to send no mail."""
    if not project.is_known("INSTALLED_APPS"):
        return True
    apps = [app for app in project.setting("INSTALLED_APPS") or () if isinstance(app, str)]
    urls = [fact.data[0] for _, fact in project.code.facts("included-urls")]
    if RESETS in urls:
        return True
    # shop.apps.ShopConfig, and shop.urls.
    packages = [app.partition(".apps.")[0] for app in apps] + [u.rpartition(".")[0] for u in urls]
    return not all(is_own(project, name) or _is_silent(name) for name in packages if name)


def _is_silent(name: str) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in SILENT)
