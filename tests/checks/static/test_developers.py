"""The only settings of a repository may be those of whoever works on a packaged app."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.written import write

from django_scaleready.checks.base import Severity
from django_scaleready.checks.engine import Result
from django_scaleready.checks.static.scan import scan

APPS = "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = ['shop']\nMIDDLEWARE = []\n"
SQLITE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db'}}\n"
ON = APPS + SQLITE + "DEBUG = True\n"
OFF = APPS + SQLITE
TRIED = "FROM python\nCOPY . /app\nCMD python manage.py runserver 0.0.0.0:8000\n"
SERVED = "FROM python\nCOPY . /app\nCMD gunicorn shop.wsgi\n"


def scanned(folder: Path, files: dict[str, str]) -> Result:
    write(folder, files)
    return scan(folder)


def severities(result: Result, slug: str) -> list[Severity]:
    return [found.finding.severity for found in result.found if found.rule.slug == slug]


@pytest.mark.parametrize(
    ("module", "files"),
    [
        ("devproject/settings.py", {"Dockerfile": TRIED}),
        ("devproject/settings.py", {"manage.py": "DJANGO_SETTINGS_MODULE='devproject.settings'"}),
        ("sandbox/settings.py", {}),
        ("demo/settings.py", {}),
        ("example/settings.py", {}),
        ("example_project/settings.py", {}),
        ("sample-site/settings.py", {}),
        ("local_settings.py", {}),
        ("testproject/settings.py", {}),
        ("dev/settings.py", {"dev/Dockerfile": SERVED}),
    ],
)
def test_what_development_sets_is_information(
    tmp_path: Path, module: str, files: dict[str, str]
) -> None:
    result = scanned(tmp_path, {module: ON, "shop/models.py": "import os\n", **files})
    assert severities(result, "db-sqlite") == [Severity.INFO]
    assert severities(result, "debug") == [Severity.INFO]
    assert [unknown.subject for unknown in result.unknown] == [module]


@pytest.mark.parametrize("module", ["testproject/settings.py", "shop/test_settings.py"])
def test_tests_need_no_debug_to_be_that(tmp_path: Path, module: str) -> None:
    result = scanned(tmp_path, {module: OFF, "shop/models.py": "import os\n"})
    assert severities(result, "db-sqlite") == [Severity.INFO]


@pytest.mark.parametrize(
    ("module", "files"),
    [
        # A site whose only settings have DEBUG on has them overridden where it is deployed.
        ("shop/settings.py", {"shop/settings.py": ON, "Dockerfile": TRIED}),
        # A name alone says little,
        ("devices/settings.py", {"devices/settings.py": OFF}),
        ("demo/settings.py", {"demo/settings.py": f"{ON}from .local_settings import *\n"}),
        # and nothing where it is what is deployed.
        ("devices/settings.py", {"devices/settings.py": ON, "Dockerfile": SERVED}),
        ("devices/settings.py", {"devices/settings.py": ON, "Procfile": "web: uvicorn s.asgi\n"}),
    ],
)
def test_what_a_site_sets_is_not(tmp_path: Path, module: str, files: dict[str, str]) -> None:
    result = scanned(tmp_path, files)
    assert severities(result, "db-sqlite") == [Severity.ERROR]
    assert module not in {unknown.subject for unknown in result.unknown}


def test_what_the_package_itself_sets_is_not(tmp_path: Path) -> None:
    settings = f"from shop.settings import *\n{APPS}DEBUG = True\n"
    files = {"devproject/settings.py": settings, "shop/settings.py": SQLITE, "shop/m.py": ""}
    assert severities(scanned(tmp_path, files), "db-sqlite") == [Severity.ERROR]


def test_an_example_beside_a_site_is_not_judged(tmp_path: Path) -> None:
    files = {"conf/settings.py": APPS, "example/settings.py": ON}
    result = scanned(tmp_path, files)
    assert severities(result, "db-sqlite") == []
    assert severities(result, "debug") == []
