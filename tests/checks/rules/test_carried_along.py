"""carried-along: what Django brings along is used, or can go."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.carried_along import RULE

CONTRIB = "django.contrib."
SESSIONS = f"{CONTRIB}sessions.middleware.SessionMiddleware"
AUTH = f"{CONTRIB}auth.middleware.AuthenticationMiddleware"
MESSAGES = f"{CONTRIB}messages.middleware.MessageMiddleware"
SITE = f"{CONTRIB}sites.middleware.CurrentSiteMiddleware"
LOCALE = "django.middleware.locale.LocaleMiddleware"
APPS = [f"{CONTRIB}{name}" for name in ("auth", "contenttypes", "sessions", "messages")]
ALL = {
    "INSTALLED_APPS": [*APPS, f"{CONTRIB}admin"],
    "MIDDLEWARE": [SESSIONS, AUTH, MESSAGES],
    "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
}
NOTHING: dict[str, Any] = {"INSTALLED_APPS": APPS, "MIDDLEWARE": [], "TEMPLATES": []}
PARTS = {"django.contrib.admin", SESSIONS, AUTH, MESSAGES, "the engine"}
TEMPLATES = {**NOTHING, "TEMPLATES": ALL["TEMPLATES"]}
ADMIN = {**NOTHING, "INSTALLED_APPS": ALL["INSTALLED_APPS"]}
API = """
from django.http import JsonResponse
from django.urls import path
def prices(request):
    return JsonResponse({})
urlpatterns = [path("prices/", prices)]
"""


def alone(middleware: str) -> dict[str, Any]:
    """Settings with one part."""
    return {**NOTHING, "MIDDLEWARE": [middleware]}


_numbers = itertools.count(1)
Find = Callable[..., set[str]]


@pytest.fixture
def entries(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Find:
    """Returns what can be left out of a project whose pages are these."""

    def find(urls: str = API, files: dict[str, str] | None = None, **settings: Any) -> set[str]:
        name = f"carried_{next(_numbers)}"
        monkeypatch.syspath_prepend(tmp_path)
        given = {**ALL, "ROOT_URLCONF": name, **settings}
        project = make_project({f"{name}.py": urls, **(files or {})}, **given)
        found = list(RULE.find(project))
        assert all(finding.severity is Severity.INFO for finding in found)
        assert project.unknown == []
        return {finding.message.split(", and ")[0].partition(" holds ")[2] for finding in found}

    return find


def test_a_service_that_answers_with_json_needs_none_of_it(entries: Find) -> None:
    assert entries() == PARTS


@pytest.mark.parametrize(
    "code",
    [
        "from django.contrib.auth import get_user_model",
        "from django.contrib.auth.models import AbstractUser",
        "from django.contrib import admin",
    ],
)
def test_code_that_needs_none_of_it_keeps_none(entries: Find, code: str) -> None:
    assert entries(files={"shop/views.py": code}) == PARTS


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (alone(SESSIONS), "def f(request): request.session['x'] = 1"),
        (alone(SESSIONS), "from django.contrib import messages"),
        (alone(AUTH), "def f(request): return request.user"),
        (alone(AUTH), "async def f(request): return await request.auser()"),
        (alone(AUTH), "from django.contrib.auth.decorators import login_required"),
        (alone(AUTH), "from django.shortcuts import render"),
        (alone(MESSAGES), "from django.contrib import messages"),
        (alone(MESSAGES), "from django.contrib.messages.views import SuccessMessageMixin"),
        (alone(SITE), "def f(request): return request.site"),
        (TEMPLATES, "from django.shortcuts import render"),
        (TEMPLATES, "from django.template.loader import get_template"),
        (TEMPLATES, "from django import shortcuts\ndef f(r): return shortcuts.render(r, 'x')"),
        (ADMIN, "from django.contrib.admin.models import LogEntry"),
    ],
)
def test_code_that_uses_a_part_keeps_it(entries: Find, part: dict[str, Any], code: str) -> None:
    assert entries(files={"shop/views.py": code}, **part) == set()


def test_the_admin_s_own_modules_do_not_keep_it(entries: Find) -> None:
    code = "from django.contrib.admin import ModelAdmin"
    assert "django.contrib.admin" in entries(files={"shop/admin.py": code})
    assert "django.contrib.admin" not in entries(files={"shop/views.py": code})


def test_the_admin_with_a_url_keeps_all(entries: Find) -> None:
    urls = "from django.contrib import admin\nfrom django.urls import path\n"
    assert entries(f"{urls}urlpatterns = [path('admin/', admin.site.urls)]") == set()


def test_pages_of_others_keep_all_but_the_admin(entries: Find) -> None:
    urls = "from django.urls import include, path\nurlpatterns = [path('', include({!r}))]"
    assert entries(urls.format("rest_framework.urls")) == {"django.contrib.admin", MESSAGES}
    foreign = "from celery import Celery\nfrom django.urls import path\n"
    assert entries(f"{foreign}urlpatterns = [path('', Celery)]") == {"django.contrib.admin"}


def test_some_pages_of_others_are_known_to_need_none(entries: Find) -> None:
    urls = "from whitenoise import WhiteNoise\nfrom django.urls import path\n"
    assert entries(f"{urls}urlpatterns = [path('', WhiteNoise)]") == PARTS


def test_a_template_view_is_a_template(entries: Find) -> None:
    urls = "from django.urls import path\nfrom django.views import generic\n"
    found = entries(f"{urls}urlpatterns = [path('', generic.TemplateView.as_view())]")
    assert found == PARTS - {"the engine", AUTH, SESSIONS}


def test_a_template_s_file_is_one_too(entries: Find) -> None:
    assert "the engine" not in entries(files={"shop/templates/mail.html": "{{ user }}"})


@pytest.mark.parametrize(
    ("added", "left"),
    [
        ("whitenoise.middleware.WhiteNoiseMiddleware", PARTS),
        ("django_scaleready.middleware.ProbeMiddleware", PARTS),
        ("allauth.account.middleware.AccountMiddleware", {"django.contrib.admin"}),
    ],
)
def test_middleware_of_others_may_need_anything(entries: Find, added: str, left: set[str]) -> None:
    assert entries(MIDDLEWARE=[*ALL["MIDDLEWARE"], added]) == left


@pytest.mark.parametrize("part", [*map(alone, (SESSIONS, AUTH, MESSAGES, SITE)), TEMPLATES, ADMIN])
def test_each_part_is_found_alone(entries: Find, part: dict[str, Any]) -> None:
    assert len(entries(**part)) == 1


@pytest.mark.parametrize("part", [*map(alone, (SESSIONS, AUTH, MESSAGES, SITE)), TEMPLATES, ADMIN])
def test_each_is_kept_by_the_admin(entries: Find, part: dict[str, Any]) -> None:
    urls = "from django.contrib import admin\nfrom django.urls import path\n"
    urls += "urlpatterns = [path('admin/', admin.site.urls)]"
    assert entries(urls, **{**part, "INSTALLED_APPS": ALL["INSTALLED_APPS"]}) == set()


@pytest.mark.parametrize("part", [alone(n) for n in (SESSIONS, AUTH, MESSAGES, SITE)])
def test_with_middleware_of_others_a_part_is_left_alone(
    entries: Find, part: dict[str, Any]
) -> None:
    foreign = "allauth.account.middleware.AccountMiddleware"
    assert entries(**{**part, "MIDDLEWARE": [*part["MIDDLEWARE"], foreign]}) == set()


@pytest.mark.parametrize("part", [alone(n) for n in (SESSIONS, AUTH, MESSAGES)])
def test_with_pages_of_others_too(entries: Find, part: dict[str, Any]) -> None:
    urls = "from celery import Celery\nfrom django.urls import path\n"
    assert entries(f"{urls}urlpatterns = [path('', Celery)]", **part) == set()


@pytest.mark.parametrize(
    "settings",
    [
        {**alone(SESSIONS), "CSRF_USE_SESSIONS": True},
        alone("django.contrib.auth.middleware.LoginRequiredMiddleware"),
        NOTHING,
    ],
)
def test_settings_that_need_a_part_keep_it(entries: Find, settings: dict[str, Any]) -> None:
    assert entries(**settings) == set()


@pytest.mark.parametrize(
    ("options", "used"),
    [
        ({}, {AUTH, SESSIONS, "the engine"}),
        ({"DEFAULT_RENDERER_CLASSES": []}, {AUTH, SESSIONS}),
        ({"DEFAULT_RENDERER_CLASSES": [], "DEFAULT_AUTHENTICATION_CLASSES": []}, set()),
    ],
)
def test_rest_framework_logs_in_by_session_unless_told_not_to(
    entries: Find, options: dict[str, Any], used: set[str]
) -> None:
    apps = [*ALL["INSTALLED_APPS"], "rest_framework"]
    assert entries(INSTALLED_APPS=apps, REST_FRAMEWORK=options) == PARTS - used


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"USE_I18N": False}, True),
        ({"LANGUAGES": [("de", "Deutsch")]}, True),
        ({"LANGUAGES": [("de", "Deutsch"), ("en", "English")]}, False),
        ({}, False),
    ],
)
def test_one_language_needs_no_choice(entries: Find, settings: dict[str, Any], found: bool) -> None:
    assert (LOCALE in entries(MIDDLEWARE=[LOCALE], **settings)) is found


def test_what_protects_is_never_found(entries: Find) -> None:
    protecting = [
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
    assert entries(MIDDLEWARE=protecting, INSTALLED_APPS=[], TEMPLATES=[]) == set()


def test_a_urlconf_that_cannot_be_imported_is_undecided(
    make_project: Callable[..., Project],
) -> None:
    project = make_project(**ALL, ROOT_URLCONF="no.such.urls")
    assert list(RULE.find(project)) == []
    assert [unknown.subject for unknown in project.unknown] == ["ROOT_URLCONF"]
