"""Which installed apps send mail: those that are known to, and those that are called so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django_scaleready.checks.known.packages import is_own

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# Their URLs have the page that mails a new password.
RESETS = "django.contrib.auth.urls"
# Accounts: a new password, an address to be confirmed, an invitation.
_ACCOUNTS = (
    *("account", "allauth", "dj_rest_auth", "djoser", "organizations", "password_policies"),
    *("pinax", "rest_auth", "trench", "userena"),
)
# What visitors write, and who is told of it.
_PAGES = (
    *("aldryn_forms", "cms", "contact_form", "django_comments", "django_comments_xtd"),
    *("django_messages", "django_nyt", "djangocms_forms", "fobi", "form_designer"),
    *("forms_builder", "helpdesk", "machina", "mezzanine", "misago", "newsletter", "notification"),
    *("oscar", "post_office", "postman", "pybb", "shuup", "spirit", "threadedcomments", "wagtail"),
    *("wiki", "zinnia"),
)
# Products that a site is built on.
_PRODUCTS = ("explorer", "pretalx", "pretix", "saleor")
SENDING = frozenset((*_ACCOUNTS, *_PAGES, *_PRODUCTS))
# What an app is called that sends: django_otp.plugins.otp_email, django_registration.
_NAMED = re.compile(r"mail|invit|newsletter|registration|passwordless|magic_?link")
# It asks whether the relay answers, and gives it a time.
_ASKS = "health_check"
# A check of the site that sends a mail each time, where it is asked for.
_BY_MAIL = "watchman.checks.email"


def may_send(project: Project) -> bool:
    """Whether an installed app, or one whose URLs are included, sends mail."""
    if not project.is_known("INSTALLED_APPS"):
        return True
    apps = [app for app in project.setting("INSTALLED_APPS") or () if isinstance(app, str)]
    urls = [fact.data[0] for _, fact in project.code.facts("included-urls")]
    if RESETS in urls or ("watchman" in apps and _checks_by_mail(project)):
        return True
    # shop.apps.ShopConfig, and shop.urls.
    packages = [app.partition(".apps.")[0] for app in apps] + [u.rpartition(".")[0] for u in urls]
    return any(_is_sending(name) and not is_own(project, name) for name in packages)


def _checks_by_mail(project: Project) -> bool:
    asked = project.setting("WATCHMAN_CHECKS") or ()
    known = project.is_known("WATCHMAN_CHECKS") or not project.is_set("WATCHMAN_CHECKS")
    paid = project.setting("WATCHMAN_ENABLE_PAID_CHECKS")
    return not known or _BY_MAIL in asked or (bool(paid) and not asked)


def _is_sending(name: str) -> bool:
    start = name.partition(".")[0]
    return start != _ASKS and (start in SENDING or _NAMED.search(name) is not None)
