"""What a project's settings say, read without connecting to anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from django_scaleready.drill.target import Target, facts
from django_scaleready.drill.waiting import DrillError

SETTINGS = """
import os
print("settings print")
SECRET_KEY = "x"
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
MIDDLEWARE = ["django_scaleready.middleware.ProbeMiddleware"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "real", "HOST": "db", "PORT": 1},
    "files": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/var/lib/shop/db.sqlite3"},
}
CACHES = {"default": {"BACKEND": "x", "LOCATION": os.environ["REDIS"]}}
MEDIA_ROOT = "/srv/media"
LOGGING = {"version": 1, "handlers": {"file": {"filename": "/var/log/shop/shop.log"}, "out": {}}}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
"""
WSGI = """
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "settings.py").write_text(SETTINGS)
    (package / "wsgi.py").write_text(WSGI)
    return tmp_path


def target(project: Path, **options: str) -> Target:
    environment = {"REDIS": "redis://:secret@redis:6379/1"}
    return Target(project, "shop.settings", environment, **options)  # type: ignore[arg-type]


def test_the_facts_of_a_project(project: Path) -> None:
    found = facts(target(project))
    assert (found.wsgi, found.asgi) == ("shop.wsgi:application", "")
    assert found.databases["default"]["HOST"] == "db"
    assert found.redis == ["redis://:secret@redis:6379/1"]
    assert found.uses_kit
    assert list(found.proxy_header) == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert {str(path) for path in found.paths.values()} == {
        "/srv/media",
        "/var/lib/shop/db.sqlite3",
        "/var/log/shop/shop.log",
    }
    assert "secret" not in repr(found)


def test_an_asgi_application_beside_the_settings_is_found(project: Path) -> None:
    (project / "shop" / "asgi.py").write_text(WSGI.replace("wsgi", "asgi"))
    assert facts(target(project)).asgi == "shop.asgi:application"


def test_what_the_caller_says_wins(project: Path) -> None:
    found = facts(target(project, wsgi="other:app", asgi="other:asgi"))
    assert (found.wsgi, found.asgi) == ("other:app", "other:asgi")


@pytest.mark.parametrize("module", ["wsgi", "asgi"])
def test_a_module_that_chooses_the_settings_itself_is_refused(project: Path, module: str) -> None:
    line = 'os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"\n'
    (project / "shop" / f"{module}.py").write_text("import os\n" + line)
    with pytest.raises(DrillError, match=rf"{module}\.py, line 2, sets DJANGO_SETTINGS_MODULE"):
        facts(target(project))


@pytest.mark.parametrize(
    "line",
    [
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
        'settings = os.environ["DJANGO_SETTINGS_MODULE"]',
        'os.environ["OTHER"] = "x"',
    ],
)
def test_one_that_does_not_is_not(project: Path, line: str) -> None:
    (project / "shop" / "wsgi.py").write_text(f"import os\n{line}\n")
    assert facts(target(project)).wsgi == "shop.wsgi:application"


def test_settings_that_cannot_be_read_are_shown(project: Path) -> None:
    with pytest.raises(DrillError, match="KeyError: 'REDIS'"):
        facts(Target(project, "shop.settings", {}, sys.executable))
