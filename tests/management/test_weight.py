"""``manage.py scaleready weight`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.projects import run_manage

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """
print("settings are loaded")
SECRET_KEY = "x"
INSTALLED_APPS = [
    "django_scaleready",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin.apps.AdminConfig",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "mysite.urls"
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
def page(request):
    return HttpResponse("page")
urlpatterns = [path("page/", page)]
"""
USES_ALL = """
from django.contrib import admin
from django.urls import path
urlpatterns = [path("admin/", admin.site.urls)]
"""
QUICK = ("--rounds", "1", "--requests", "20")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "manage.py": MANAGE,
        "mysite/__init__.py": "",
        "mysite/settings.py": SETTINGS,
        "mysite/urls.py": URLS,
    }
    (tmp_path / "mysite").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def document(site: Path, *options: str) -> dict[str, Any]:
    done = run_manage(site, "scaleready", "weight", "--json", *QUICK, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.removeprefix("settings are loaded\n"))
    return found


def test_each_unused_part_is_weighed(site: Path) -> None:
    found = document(site)
    assert found["project"]["bytes"] > 5e6
    assert 0 < found["project"]["seconds"] < 0.1
    parts = {part["name"]: part for part in found["parts"]}
    assert list(parts) == ["the admin", "messages", "request.user", "sessions"]
    assert not any(part["problem"] or part["used"] for part in parts.values())
    # Its modules, those of the forms and the widgets: a megabyte or so.
    assert parts["the admin"]["bytes"]["median"] > 200_000
    # Some microseconds, which a busy machine may turn into less than none.
    assert 0 < abs(parts["messages"]["seconds"]["median"]) < 0.1


def test_the_table_is_for_people(site: Path) -> None:
    done = run_manage(site, "scaleready", "weight", *QUICK)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("the admin")]
    assert "the project as it is" in done.stdout
    assert " MB" in done.stdout
    assert " µs" in done.stdout


def test_where_all_is_used_nothing_is_started(site: Path) -> None:
    (site / "mysite" / "urls.py").write_text(USES_ALL)
    done = run_manage(site, "scaleready", "weight")
    assert "Nothing of Django's that can be left out seems to be unused." in done.stdout
    assert done.returncode == 0


def test_what_the_project_needs_is_said(site: Path) -> None:
    (site / "mysite" / "urls.py").write_text(
        f"{URLS}from django.contrib.admin.models import LogEntry\n"
    )
    admin, *_ = document(site, "--all")["parts"]
    assert (admin["name"], admin["used"]) == ("the admin", True)
    assert "LogEntry" in admin["problem"]


def test_an_answer_that_is_none_costs_the_time_alone(site: Path) -> None:
    (site / "mysite" / "gate.py").write_text(
        "from django.http import HttpResponse\n"
        "def gate(get_response):\n"
        "    return lambda request: HttpResponse(status=403)\n"
    )
    settings = SETTINGS.replace("MIDDLEWARE = [", 'MIDDLEWARE = ["mysite.gate.gate",')
    (site / "mysite" / "settings.py").write_text(settings)
    found = document(site)
    assert found["project"]["problem"] == "an empty page was answered with 403 Forbidden"
    assert all(part["bytes"] and part["seconds"] is None for part in found["parts"])


@pytest.mark.parametrize("option", ["--rounds", "--requests"])
def test_a_bad_number_is_refused(site: Path, option: str) -> None:
    done = run_manage(site, "scaleready", "weight", option, "0")
    assert done.returncode == 2
    assert f"{option}: got '0', accepts a whole number of at least 1" in done.stderr


def test_a_urlconf_that_fails_is_named(site: Path) -> None:
    (site / "mysite" / "urls.py").write_text("import nothing_of_the_kind\n")
    done = run_manage(site, "scaleready", "weight")
    assert done.returncode == 1
    assert "ROOT_URLCONF" in done.stderr
    assert "nothing_of_the_kind" in done.stderr
