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
    *("django_filters", "graphene_django", "knox", "oauth2_provider", "rest_framework"),
    *("rest_framework_api_key", "rest_framework_gis", "rest_framework_jwt"),
    *("rest_framework_simplejwt", "rest_framework_swagger", "url_filter"),
    # Who logs in, and what one may do: the project's own pipeline says whether mail goes out.
    *("django_cas_ng", "django_otp", "helusers", "hijack", "mozilla_django_oidc", "rules"),
    *("social_django",),
    # Models and fields.
    *("actstream", "auditlog", "django_cleanup", "django_countries", "django_read_only"),
    *("easyaudit", "guardian", "modelcluster", "modeltranslation", "mptt", "ordered_model"),
    *("parler", "pghistory", "pgtrigger", "phonenumber_field", "polymorphic", "product_details"),
    *("reversion", "reversion_compare", "simple_history", "smart_selects", "sortedm2m"),
    *("taggit", "timezone_field", "treebeard"),
    # The admin's pages.
    *("admin_auto_filters", "adminsortable2", "colorfield", "django_admin_listfilter_dropdown"),
    *("django_json_widget", "django_object_actions", "grappelli", "import_export", "jazzmin"),
    *("nested_admin", "rangefilter", "tinymce"),
    # Forms, templates, static files, images.
    *("bootstrap3", "bootstrap4", "captcha", "ckeditor", "compressor", "crispy_bootstrap3"),
    *("crispy_bootstrap4", "crispy_bootstrap5", "crispy_forms", "crispy_tailwind", "dal"),
    *("dal_select2", "django_bleach", "django_bootstrap5", "django_htmx", "django_jinja"),
    *("django_select2", "django_tables2", "django_vite", "easy_thumbnails", "fontawesomefree"),
    *("formtools", "hcaptcha", "imagekit", "leaflet", "markdownx", "mathfilters", "pipeline"),
    *("sekizai", "sorl", "statici18n", "storages", "webpack_loader", "whitenoise"),
    *("widget_tweaks",),
    # What serves and watches a site.
    *("axes", "cacheops", "channels", "constance", "csp", "daphne", "debug_toolbar"),
    *("django_browser_reload", "django_celery_beat", "django_celery_results"),
    *("django_elasticsearch_dsl", "django_extensions", "django_hosts", "django_prometheus"),
    *("django_rq", "dockerflow", "elasticapm", "haystack", "health_check", "maintenance_mode"),
    *("nplusone", "robots", "silk", "solo", "waffle", "watchman"),
)
# Parts of these that do.
SENDING = ("django_otp.plugins.otp_email",)
# A check of the site that sends a mail each time, where it is asked for.
_BY_MAIL = "watchman.checks.email"


def may_send(project: Project) -> bool:
    """Whether an installed app, or one whose URLs are included, is not known to send no mail."""
    if not project.is_known("INSTALLED_APPS"):
        return True
    apps = [app for app in project.setting("INSTALLED_APPS") or () if isinstance(app, str)]
    urls = [fact.data[0] for _, fact in project.code.facts("included-urls")]
    if RESETS in urls or ("watchman" in apps and _checks_by_mail(project)):
        return True
    # shop.apps.ShopConfig, and shop.urls.
    packages = [app.partition(".apps.")[0] for app in apps] + [u.rpartition(".")[0] for u in urls]
    return not all(is_own(project, name) or _is_silent(name) for name in packages if name)


def _checks_by_mail(project: Project) -> bool:
    asked = project.setting("WATCHMAN_CHECKS") or ()
    known = project.is_known("WATCHMAN_CHECKS") or not project.is_set("WATCHMAN_CHECKS")
    paid = project.setting("WATCHMAN_ENABLE_PAID_CHECKS")
    return not known or _BY_MAIL in asked or (bool(paid) and not asked)


def _is_silent(name: str) -> bool:
    return name not in SENDING and any(
        name == known or name.startswith(f"{known}.") for known in SILENT
    )
