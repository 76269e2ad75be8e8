"""Scanning a repository: which settings are judged, and that nothing of it is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.scans import found, places, scan

NO_ENGINE = "gives it no ENGINE that can be read; without one Django connects to nothing"
SQLITE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db'}}\n"
POSTGRES = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'db'}}\n"
BASE = "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
BOOM = "raise SystemExit('imported')\n"
FALLS_BACK = {
    "manage.py": "DJANGO_SETTINGS_MODULE='conf.settings'",
    "conf/settings/__init__.py": "try:\n  from .settings import *\nexcept ImportError:\n"
    "  from .d.settings_dev import *\n",
    "conf/settings/base.py": BASE,
    "conf/settings/d/settings_dev.py": "from ..base import *\n" + SQLITE,
}


HUEY = "HUEY = {'huey_class': 'shop.queue.Queue', 'immediate': False}\n"


@pytest.mark.parametrize(
    ("base", "expected"), [("SqliteHuey", ["settings.py:6"]), ("RedisHuey", []), ("Huey", [])]
)
def test_a_queue_of_its_own_class(tmp_path: Path, base: str, expected: list[str]) -> None:
    settings = BASE.replace("APPS = []", "APPS = ['huey.contrib.djhuey']") + POSTGRES + HUEY
    code = f"import huey\nclass Queue(huey.{base}):\n    storage_class = Own\n"
    said = found(tmp_path, {"settings.py": settings, "shop/queue.py": code, "manage.py": ""})
    assert places(said, "huey-local") == expected
    assert said["unknown"] == []


DISK = "django.core.files.storage.FileSystemStorage"


@pytest.mark.parametrize(
    ("backend", "expected"), [("A_STORAGE", []), (repr(DISK), ["settings.py:8"])]
)
def test_a_storage_that_a_setting_names(tmp_path: Path, backend: str, expected: list[str]) -> None:
    named = f"A_STORAGE = {DISK!r}\nSTORAGES = {{'default': {{'BACKEND': 'storages.S3Storage'}}}}\n"
    entry = f"STORAGES['a'] = {{'BACKEND': {backend}}}\n"
    said = found(tmp_path, {"settings.py": BASE + POSTGRES + named + entry, "manage.py": ""})
    assert len(places(said, "media-extra")) == 1
    assert places(said, "media-local") == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/app/media", []), ("/app/shop/media", ["docker-compose.yml:4"])],
)
def test_uploads_are_kept_in_a_volume(tmp_path: Path, target: str, expected: list[str]) -> None:
    folder = "import os\nROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
    media = f"{folder}MEDIA_ROOT = os.path.join(ROOT, 'media')\n"
    service = f"services:\n  web:\n    build: ./server\n    volumes: ['media:{target}']\n"
    files = {
        "server/shop/settings.py": BASE + POSTGRES + media,
        "server/shop/views.py": "from django.core.files.storage import default_storage\n",
        "server/manage.py": "",
        "server/Dockerfile": "FROM python\nWORKDIR /app\nCOPY . .\nCMD gunicorn shop.wsgi\n",
        "docker-compose.yml": service,
    }
    said = found(tmp_path, files)
    assert len(places(said, "media-local")) == 1
    assert places(said, "volume-state") == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/opt/media", []), ("/opt/shop/data", ["docker-compose.yml:4"])],
)
def test_uploads_are_kept_in_a_volume_beside_the_code(
    tmp_path: Path, target: str, expected: list[str]
) -> None:
    folder = "from pathlib import Path\nROOT = Path(__file__).parent.parent.parent\n"
    media = f"{folder}MEDIA_ROOT = ROOT / 'media'\nDATA = '/opt/shop/data'\n"
    service = f"services:\n  web:\n    build: .\n    volumes: ['media:{target}']\n"
    files = {
        "conf/settings.py": BASE + POSTGRES + media,
        "shop/views.py": "from django.core.files.storage import default_storage\n",
        "manage.py": "",
        "Dockerfile": "FROM python\nWORKDIR /opt/shop\nCOPY . .\nCMD gunicorn shop.wsgi\n",
        "docker-compose.yml": service,
    }
    said = found(tmp_path / "checkout", files)
    assert len(places(said, "media-local")) == 1
    assert places(said, "volume-state") == expected


CHOICE = (
    "import os\nif os.environ.get('SHOP_ENV', 'two') == 'one':\n    from .one import *\n"
    "else:\n    from .two import *\n"
)


def test_nothing_is_imported(tmp_path: Path) -> None:
    said = found(tmp_path, {"settings.py": BASE + SQLITE + BOOM, "shop/models.py": BOOM})
    assert places(said, "db-sqlite") == ["settings.py:5"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # What production overrides is not production's.
        ({"conf/base.py": BASE + SQLITE, "conf/prod.py": "from .base import *\n" + POSTGRES}, []),
        # Nor is what the image is built with.
        ({"conf/base.py": BASE + SQLITE, "conf/prod.py": "from .base import *\n" + POSTGRES,
          "Dockerfile": "FROM x\nRUN DJANGO_SETTINGS_MODULE=conf.base ./manage.py collectstatic\n"},
         []),
        # A package that puts its parts together is the deployment's where something names it.
        ({"manage.py": "DJANGO_SETTINGS_MODULE='conf.settings'",
          "conf/settings/base.py": BASE + SQLITE, "conf/settings/data.py": POSTGRES,
          "conf/settings/__init__.py": "from .base import *\nfrom .data import *\n"},
         []),
        # One of the parts may be for tests; if it is the last it decides.
        ({"manage.py": "DJANGO_SETTINGS_MODULE='conf.settings'",
          "conf/settings/base.py": BASE + SQLITE, "conf/settings/data.py": POSTGRES,
          "conf/settings/__init__.py": "from .base import *\nfrom .testing import *\n"
          "from .data import *\n"}, []),
        ({"manage.py": "DJANGO_SETTINGS_MODULE='conf.settings'", "conf/prod.py": BASE + POSTGRES,
          "conf/settings/base.py": SQLITE, "conf/settings/dev.py": BASE,
          "conf/settings/__init__.py": "from enum import Enum\nclass E(Enum): ...\n"
          "from .base import *\nfrom .dev import *\n"}, []),
        # One that tries what a deployment writes falls back to a developer's, where nobody has.
        ({**FALLS_BACK,
          "conf/settings/d/settings_prod.py": "from ..base import *\n" + POSTGRES}, []),
        ({**FALLS_BACK, "conf/settings/d/settings_prod.py": "from ..base import *\n" + SQLITE},
         ["conf/settings/d/settings_prod.py:2"]),
        ({**FALLS_BACK, "conf/settings/d/other.py": "from ..base import *\n" + POSTGRES},
         ["conf/settings/d/settings_dev.py:2"]),
        ({**FALLS_BACK, "conf/settings/settings.py": POSTGRES + "from .base import *\n",
          "conf/settings/d/settings_prod.py": "from ..base import *\n" + POSTGRES},
         ["conf/settings/d/settings_dev.py:2"]),
        # So it does where it is tried first.
        ({"manage.py": "DJANGO_SETTINGS_MODULE='conf.settings'", "conf/settings/prod.py": BASE,
          "conf/settings/dev.py": BASE + SQLITE, "conf/settings/__init__.py":
          "try:\n  from .dev import *\nexcept ImportError:\n  from .prod import *\n"}, []),
        # A machine of one's own is no deployment.
        ({"conf/base.py": BASE + POSTGRES, "conf/dev.py": "from .base import *\n" + SQLITE}, []),
        ({"conf/base.py": BASE + POSTGRES, "conf/test.py": "from .base import *\n" + SQLITE}, []),
        ({"conf/base.py": BASE + POSTGRES,
          "conf/migration_base.py": f"from .base import *\n{SQLITE}"}, []),
        # The image that is deployed says which settings are taken.
        ({"conf/a.py": f"{BASE}{CHOICE}", "conf/one.py": POSTGRES, "conf/two.py": SQLITE,
          "Dockerfile": "FROM python:3.13\nENV SHOP_ENV one\n"}, []),
        ({"conf/a.py": f"{BASE}{CHOICE}", "conf/one.py": POSTGRES, "conf/two.py": SQLITE,
          "Dockerfile": "FROM python:3.13\nENV OTHER=one\n"}, ["conf/two.py:1"]),
        ({"conf/a.py": f"{BASE}{CHOICE}", "conf/one.py": POSTGRES, "conf/two.py": SQLITE,
          "Dockerfile": "FROM python:3.13\nENV SHOP_ENV=one\n",
          "web/Dockerfile": "FROM python:3.13\nENV SHOP_ENV=two\n"}, ["conf/two.py:1"]),
        ({"conf/base.py": BASE + POSTGRES, "conf/test.py": "from .base import *\n" + SQLITE,
          "conf/codeship.py": "from .test import *\nDEBUG = False\n"}, []),
        # Nor is what builds on it.
        ({"conf/base.py": BASE + POSTGRES, "conf/dev.py": "from .base import *\n" + SQLITE,
          "conf/docker.py": "from .dev import *\nDEBUG = False\n"}, []),
        ({"conf/base.py": BASE + SQLITE, "conf/prod.py": "from .base import *\nDEBUG = False\n"},
         ["conf/base.py:5"]),
        # What is filled in to deploy is judged, and so is what it builds on.
        ({"conf/base.py": BASE + POSTGRES, "conf/p.py.example": "from .base import *\n" + SQLITE},
         ["conf/p.py.example:2"]),
        # Of several templates one is production's, and those with DEBUG are developers'.
        ({"conf/s.py.prod": BASE + POSTGRES, "conf/s.py.pg": BASE + SQLITE + "DEBUG = True\n"}, []),
        ({"conf/s.py.prod": BASE + POSTGRES, "conf/s.py.pg": BASE + SQLITE}, ["conf/s.py.pg:5"]),
        ({"conf/s.py.old": BASE + POSTGRES, "conf/s.py.pg": BASE + SQLITE + "DEBUG = True\n"},
         ["conf/s.py.pg:5"]),
        # Unless it builds on what is a developer's: then it is a developer's, too.
        ({"conf/base.py": BASE + POSTGRES, "conf/local.py": "from .base import *\n" + SQLITE,
          "conf/prod.py": "from .base import *\nDEBUG = False\n",
          "conf/mine.example.py": "from .local import *\nDATABASES['default']['PORT'] = 1\n"}, []),
        # Nor is what builds on an example for developers; on another one a deployment may build.
        ({"conf/prod.py": BASE + POSTGRES, "conf/staging_example.py": BASE,
          "conf/mine.py": "from .staging_example import *\n" + SQLITE}, []),
        ({"conf/prod.py": BASE + POSTGRES, "conf/app_example.py": BASE,
          "conf/mine.py": "from .app_example import *\n" + SQLITE}, ["conf/mine.py:2"]),
        ({"conf/prod.py": BASE + POSTGRES, "conf/staging.py": BASE,
          "conf/mine.py": "from .staging import *\n" + SQLITE}, ["conf/mine.py:2"]),
        # What is no Python before it is filled in tells nothing; what it builds on does.
        ({"conf/base.py": BASE + SQLITE, "conf/p.py.default": "from .base import *\nX = %(x)\n"},
         ["conf/base.py:5"]),
        # A file that is copied beside the settings when the image is built.
        ({"conf/base.py": BASE + POSTGRES, "docker/config.py": "from .base import *\n" + SQLITE},
         ["docker/config.py:2"]),
        # The file that a deployment names is judged, whatever builds on it.
        ({"conf/base.py": BASE + SQLITE, "conf/prod.py": "from .base import *\n" + POSTGRES,
          "wsgi.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.base')"},
         ["conf/base.py:5"]),
        ({"views.py": "x = 1"}, []),
    ],
)  # fmt: skip
def test_which_settings_are_judged(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    assert places(found(tmp_path, files), "db-sqlite") == expected


BY_MANAGE = {"manage.py": "DJANGO_SETTINGS_MODULE='conf.base'"}
PROD = "from .base import *\n"
CONNECTED = PROD + POSTGRES
REDIS = (
    "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache',"
    " 'LOCATION': 'redis://r'}}\n"
)
CACHED = "MIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware']\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        # No process starts with a base that has no databases, whoever names it.
        ({"conf/prod.py": CONNECTED + REDIS}, 0),
        ({"conf/base.py": BASE + CACHED + "READ_DATABASES = []\n",
          "conf/prod.py": CONNECTED + REDIS}, 0),
        ({"conf/common.py": CONNECTED, "conf/prod.py": "from .common import *\n" + REDIS}, 0),
        # It may be deployed as it is: nobody else has databases, or only who develops or fills in.
        ({"conf/prod.py": PROD + REDIS}, 1),
        ({"conf/dev.py": CONNECTED + REDIS}, 1),
        ({"conf/prod_example.py": CONNECTED + REDIS}, 1),
        ({"conf/base.py": BASE + CACHED + POSTGRES, "conf/prod.py": CONNECTED + REDIS}, 1),
        # A file that is not here may bring them.
        ({"conf/base.py": BASE + CACHED + "from .here import *\n",
          "conf/prod.py": CONNECTED + REDIS}, 1),
    ],
)  # fmt: skip
def test_a_base_without_databases_is_not_deployed(
    tmp_path: Path, files: dict[str, str], count: int
) -> None:
    said = found(tmp_path, {"conf/base.py": BASE + CACHED, **BY_MANAGE, **files})
    assert len(places(said, "cache-local")) == count


def test_what_two_modules_share_is_said_once(tmp_path: Path) -> None:
    said = found(
        tmp_path,
        {
            "conf/base.py": BASE + SQLITE,
            "conf/eu.py": "from .base import *\n",
            "conf/us.py": "from .base import *\n",
        },
    )
    assert places(said, "db-sqlite") == ["conf/base.py:5"]


def test_what_is_said_alike_of_several_settings_is_one_finding(tmp_path: Path) -> None:
    text = BASE + "DEBUG = True\n"
    said = found(tmp_path, {f"{name}/settings.py": text for name in ("one", "two", "three")})
    assert places(said, "debug") == ["one/settings.py:5"]
    (debug,) = [f for f in said["findings"] if f["slug"] == "debug"]
    assert [place["path"] for place in debug["related"]] == ["three/settings.py", "two/settings.py"]


def test_what_one_project_silences_the_other_shows(tmp_path: Path) -> None:
    silent = "SILENCED_SYSTEM_CHECKS = ['scaleready.E001']\n"
    files = {"a/settings.py": BASE + SQLITE + silent, "b/settings.py": BASE + SQLITE}
    assert places(found(tmp_path, files), "db-sqlite") == ["b/settings.py:5"]


@pytest.mark.parametrize("value", ["5", "None", "'scaleready.E001'", "{'scaleready.E001': 1}"])
def test_what_is_silenced_by_no_list_ends_no_run(tmp_path: Path, value: str) -> None:
    said = found(tmp_path, {"settings.py": BASE + SQLITE + f"SILENCED_SYSTEM_CHECKS = {value}\n"})
    assert any(f["slug"] == "db-sqlite" for f in said["findings"]) == ("{" not in value)


def test_the_verdict_counts_the_declared_replicas(tmp_path: Path) -> None:
    declared = BASE + SQLITE + "SCALEREADY = {'REPLICAS': 5}\n"
    assert "would break with 5 replicas" in scan(tmp_path, {"settings.py": declared}).stdout


def test_apps_and_one_more_are_settings(tmp_path: Path) -> None:
    apps = "INSTALLED_APPS = ['django.contrib.auth']\n"
    assert places(found(tmp_path, {"settings.py": apps + SQLITE}), "db-sqlite") == ["settings.py:2"]
    assert places(found(tmp_path, {"settings.py": SQLITE}), "db-sqlite") == []


def test_what_cannot_be_told_is_said(tmp_path: Path) -> None:
    said = found(tmp_path, {"settings.py": BASE + "DATABASES = load_databases()\n"})
    assert [u["subject"] for u in said["unknown"]] == ["DATABASES"]


@pytest.mark.parametrize(
    ("entry", "reasons"),
    [
        ("{'NAME': 'x'}", [NO_ENGINE]),
        ("{'ENGINE': pick()}", ["computes it, so only running it would tell"]),
        ("{**load(), 'NAME': 'x'}", ["computes it, so only running it would tell"]),
        ("{**{'HOST': 'db'}, 'NAME': 'x'}", [NO_ENGINE]),
        ("{}", []),
    ],
)
def test_a_database_without_an_engine(tmp_path: Path, entry: str, reasons: list[str]) -> None:
    said = found(tmp_path, {"settings.py": BASE + f"DATABASES = {{'default': {entry}}}\n"})
    assert [(u["subject"], u["reason"]) for u in said["unknown"]] == [
        ("DATABASES['default']", f"settings.py {reason}") for reason in reasons
    ]


@pytest.mark.parametrize(
    ("settings", "level", "code"),
    [(SQLITE, "ERROR", 1), (POSTGRES, "ERROR", 0), (SQLITE, "INFO", 1)],
)
def test_the_exit_code(tmp_path: Path, settings: str, level: str, code: int) -> None:
    done = scan(tmp_path, {"settings.py": BASE + settings}, "--fail-level", level)
    assert done.returncode == code, done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none", "No such file or directory"),
        ("file", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
def test_no_folder(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    done = scan(tmp_path / name, {})
    assert done.returncode == 2
    assert done.stderr == f"scan: {tmp_path / name}: {said}.\n"


def test_empty_folder(tmp_path: Path) -> None:
    done = scan(tmp_path, {})
    assert done.returncode == 0
    assert "no Python file of the project's own was found" in done.stdout
    assert "no Python file" not in scan(tmp_path, {"Procfile": "web: gunicorn shop"}).stdout
    assert "no Python file" not in scan(tmp_path, {"one.py": ""}).stdout


def test_no_name_is_not_the_folder_here(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django_scaleready", "scan", ""],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "got '', accepts the path of a folder" in done.stderr


@pytest.mark.parametrize(("logger", "silent"), [("root", True), ("shop", False)])
def test_a_logger_that_is_called_root_is_the_root(
    tmp_path: Path, logger: str, silent: bool
) -> None:
    logging = (
        "LOGGING = {'version': 1, 'handlers': {'out': {'class': 'logging.StreamHandler'}},"
        f" 'loggers': {{'{logger}': {{'handlers': ['out'], 'level': 'INFO'}}}}}}\n"
    )
    said = found(tmp_path, {"settings.py": BASE + POSTGRES + logging})
    assert (not places(said, "log-no-stdout")) is silent


LOGS = {"shop/apps.py": "import logging.config\ndef ready():\n  logging.config.dictConfig(LOGS)\n"}
SCRIPT = {"manage.py": "import logging\nlogging.basicConfig()\n"}


@pytest.mark.parametrize(("more", "silent"), [(LOGS, True), (SCRIPT, False), ({}, False)])
def test_logging_that_code_configures_is_unknown(
    tmp_path: Path, more: dict[str, str], silent: bool
) -> None:
    said = found(tmp_path, {"settings.py": BASE + POSTGRES, **more})
    assert (not places(said, "log-no-stdout")) is silent
    assert ("LOGGING" in {unknown["subject"] for unknown in said["unknown"]}) is silent


def test_a_scheduler_that_is_not_installed_here_is_known_by_name(tmp_path: Path) -> None:
    celery = (
        "from celery import Celery\napp = Celery('shop')\n"
        "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
    )
    settings = (
        "CELERY_BEAT_SCHEDULE = {'x': {}}\n"
        "CELERY_BEAT_SCHEDULER = 'unheard_of.schedulers:DatabaseScheduler'\n"
    )
    said = found(tmp_path, {"settings.py": BASE + POSTGRES + settings, "shop/celery.py": celery})
    assert not places(said, "beat-schedule-file")
    assert not said["unknown"]


REST = (
    "INSTALLED_APPS = ['rest_framework']\nCACHES = {'default': {'BACKEND':"
    " 'django.core.cache.backends.locmem.LocMemCache'}, 'counts': {'BACKEND':"
    " 'django.core.cache.backends.redis.RedisCache'}}\n"
    "REST_FRAMEWORK = {'DEFAULT_THROTTLE_CLASSES': ['shop.throttles.Slow']}\n"
)
THROTTLE = (
    "from django.core.cache import caches\nfrom rest_framework import throttling\n"
    "class Base(throttling.AnonRateThrottle):\n  {}\nclass Slow(Base): ...\n"
)


@pytest.mark.parametrize(("body", "count"), [("cache = caches['counts']", 0), ("rate = '1/s'", 1)])
def test_a_throttle_may_have_a_cache_of_its_own(tmp_path: Path, body: str, count: int) -> None:
    files = {"settings.py": BASE + POSTGRES + REST, "shop/throttles.py": THROTTLE.format(body)}
    said = found(tmp_path, files)["findings"]
    errors = [f for f in said if f["slug"] == "cache-local" and f["severity"] == "error"]
    assert len(errors) == count


@pytest.mark.parametrize(
    ("name", "severity"), [("settings.py", "warning"), ("settings_example.py", "info")]
)
def test_debug_in_an_example_is_information(tmp_path: Path, name: str, severity: str) -> None:
    said = found(tmp_path, {name: BASE + POSTGRES + "DEBUG = True\n"})
    assert [f["severity"] for f in said["findings"] if f["slug"] == "debug"] == [severity]


def test_mail_in_files_names_the_backend(tmp_path: Path) -> None:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    files = {"settings.py": BASE + POSTGRES + f"EMAIL_BACKEND = {backend!r}\n"}
    (finding,) = (f for f in found(tmp_path, files)["findings"] if f["slug"] == "email-local")
    assert backend in finding["message"]


def test_a_search_engine_that_cannot_be_told_is_no_error(tmp_path: Path) -> None:
    search = "INSTALLED_APPS = ['haystack']\nHAYSTACK_CONNECTIONS = {'default': {'PATH': 'x'}}\n"
    said = found(tmp_path, {"settings.py": BASE + POSTGRES + search})
    assert not [u for u in said["unknown"] if "haystack" in u["subject"]]


SHOP = "from django.db import models\nclass Order(models.Model):\n  scan = models.FileField()\n"


def test_an_entry_of_a_union_of_dictionaries_has_a_place_of_its_own(tmp_path: Path) -> None:
    text = (
        "OWN = {}\n"
        "DEFAULTS = {\n"
        "  'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'},\n"
        "}\n"
        "STORAGES = {}\n"
        "STORAGES = DEFAULTS | OWN | STORAGES\n"
    )
    said = found(tmp_path, {"settings.py": BASE + text, "shop/models.py": SHOP})
    line = BASE.count("\n") + 3
    assert places(said, "media-local") == [f"settings.py:{line}"]


@pytest.mark.parametrize(
    ("base", "field", "severity"),
    [
        ("X", "models.FileField()", "error"),
        ("X", "factory.FileField()", "info"),
        # A form's and a serializer's, whatever package the field is of.
        ("X", "MultiFileField()", "error"),
        ("forms.Form", "MultiFileField()", "info"),
        ("PaperSerializer", "UploadedFileField()", "info"),
        ("wagtail.contrib.forms.models.AbstractForm", "models.FileField()", "error"),
    ],
)
def test_a_factory_and_a_form_keep_no_uploads(
    tmp_path: Path, base: str, field: str, severity: str
) -> None:
    names = "import factory, wagtail\nfrom django import forms\nfrom django.db import models\n"
    names += "from uploads.fields import MultiFileField, UploadedFileField\n"
    code = f"{names}class Paper({base}):\n    file = {field}\n"
    said = found(tmp_path, {"settings.py": BASE, "shop/papers.py": code})
    uploads = [f for f in said["findings"] if f["slug"] == "media-local"]
    assert [f["severity"] for f in uploads] == [severity]


@pytest.mark.parametrize(
    ("meta", "severity"),
    [
        ("managed = False", "info"),
        ("managed = True", "error"),
        ("db_table = 'orders'", "error"),
    ],
)
def test_a_table_of_another_system_keeps_no_uploads(
    tmp_path: Path, meta: str, severity: str
) -> None:
    code = f"{SHOP}  class Meta:\n    {meta}\n"
    said = found(tmp_path, {"settings.py": BASE, "shop/models.py": code})
    uploads = [f for f in said["findings"] if f["slug"] == "media-local"]
    assert [f["severity"] for f in uploads] == [severity]


@pytest.mark.parametrize(
    ("one", "two", "severity"),
    [
        ("False", "False", "info"),
        ("False", "True", "warning"),
        ("True", "False", "warning"),
        ("os.environ.get('SENDS', False)", "False", "info"),
        ("os.environ['SENDS']", "False", "warning"),
    ],
)
def test_what_some_settings_switch_on_is_told(
    tmp_path: Path, one: str, two: str, severity: str
) -> None:
    code = "import requests\nfrom django.conf import settings\n"
    code += "def view(request):\n  if settings.SENDS: requests.get('x')\n"
    files = {
        "east/settings.py": f"import os\n{BASE}SENDS = {one}\n",
        "west/settings.py": f"import os\n{BASE}SENDS = {two}\n",
        "shop/views.py": code,
    }
    said = found(tmp_path, files)
    assert [f["severity"] for f in said["findings"] if f["slug"] == "http-no-timeout"] == [severity]


def test_a_log_file_whose_name_is_computed_is_a_file(tmp_path: Path) -> None:
    text = (
        "import own\nLOGGING = {'version': 1, 'root': {'handlers': ['f']}, 'handlers':"
        " {'f': {'class': 'logging.FileHandler', 'filename': own.path('x.log')}}}\n"
    )
    said = found(tmp_path, {"settings.py": BASE + text})
    (finding,) = [f for f in said["findings"] if f["slug"] == "log-file"]
    assert "writes to a file:" in finding["message"]


def test_an_entry_whose_key_is_a_name_has_a_place_of_its_own(tmp_path: Path) -> None:
    locmem = "{'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}"
    text = f"NAME = 'feeds'\nCACHES = {{\n  'default': {locmem},\n  NAME: {locmem},\n}}\n"
    code = "from django.core.cache import caches\nstore = caches['feeds']\n"
    said = found(tmp_path, {"settings.py": BASE + text, "shop/models.py": code})
    line = BASE.count("\n") + 4
    assert f"settings.py:{line}" in places(said, "cache-local")


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [("FileSystemStorage", "S3Storage", 1), ("S3Storage", "FileSystemStorage", 0)],
)
def test_a_storage_derives_from_what_holds_where_no_setting_says_else(
    tmp_path: Path, first: str, second: str, count: int
) -> None:
    code = (
        "from django.conf import settings\n"
        "from django.core.files.storage import FileSystemStorage\n"
        "from storages.backends.s3 import S3Storage\n"
        f"Base = {first}\nif settings.BUCKET: Base = {second}\nclass Renamed(Base): ...\n"
    )
    text = "STORAGES = {'default': {'BACKEND': 'shop.storage.Renamed'}}\n"
    files = {"settings.py": BASE + text, "shop/storage.py": code, "shop/models.py": SHOP}
    assert len(places(found(tmp_path, files), "media-local")) == count


@pytest.mark.parametrize(("name", "count"), [("NoVarySession", 1), ("NoVary", 0)])
def test_what_calls_itself_the_session_middleware_is_one(
    tmp_path: Path, name: str, count: int
) -> None:
    text = (
        f"MIDDLEWARE = ['commonware.middleware.{name}Middleware']\n"
        "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\n"
    )
    said = found(tmp_path, {"settings.py": BASE + text})
    errors = [f for f in said["findings"] if f["severity"] == "error"]
    assert [f["slug"] for f in errors] == ["cache-local"] * count


@pytest.mark.parametrize("level", ["WARNING", "INFO"])
def test_only_what_is_certain_fails(tmp_path: Path, level: str) -> None:
    files = {"views.py": "def view(request, path):\n    open(path, 'w').write('x')\n"}
    said = found(tmp_path, files)["findings"]
    assert {finding["confidence"] for finding in said} == {"medium"}
    assert scan(tmp_path, {}, "--fail-level", level).returncode == 0


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("SECRET_KEY = None\n", []),
        ("SECRET_KEY = vault.read('key')\n", []),
        ("SECRET_KEY = vault.read('key') or SECRET_KEY\n", ["prod.py:2"]),
        ("", ["base.py:2"]),
        ("SECRET_KEY = os.urandom(9).hex()\n", ["prod.py:2"]),
    ],
)
def test_a_random_key_that_was_taken_away_is_silent(
    tmp_path: Path, key: str, lines: list[str]
) -> None:
    base = "import os\nSECRET_KEY = os.urandom(9).hex()\n" + BASE.partition("\n")[2]
    said = found(
        tmp_path, {"base.py": base, "prod.py": f"from base import *\n{key}DEBUG = False\n"}
    )
    assert places(said, "secret-random") == lines


@pytest.mark.parametrize(
    ("makes", "setting", "count"),
    [
        ("return token_hex(9).strip()", "SECRET_KEY = os.environ.get('K', make())", 1),
        ("return token_hex(9)", "PUBLIC_ID_SALT = make()", 1),
        ("return token_hex(9)", "RELEASE = make()", 0),
        ("token_hex(9)\n    return 'x'", "SECRET_KEY = make()", 0),
        ("return os.environ['K']", "SECRET_KEY = make()", 0),
        ("return token_hex(9)", "SECRET_KEY = os.make()", 0),
    ],
)
def test_a_key_that_a_function_of_the_settings_makes(
    tmp_path: Path, makes: str, setting: str, count: int
) -> None:
    text = f"import os\nfrom secrets import token_hex\n\ndef make():\n    {makes}\n\n"
    said = found(tmp_path, {"settings.py": f"{text}{BASE.partition(chr(10))[2]}{setting}\n"})
    assert len(places(said, "secret-random")) == count


@pytest.mark.parametrize(
    ("version", "silent"), [("'version': 1, ", False), ("'dynaconf_merge': True, ", True)]
)
def test_a_part_of_a_log_configuration_tells_nothing(
    tmp_path: Path, version: str, silent: bool
) -> None:
    handlers = "'handlers': {'x': {'class': 'logging.NullHandler'}}"
    loggers = "'loggers': {'django': {'handlers': ['x'], 'propagate': False}}"
    text = f"{BASE}LOGGING = {{{version}{handlers}, {loggers}}}\n"
    said = found(tmp_path, {"settings.py": text})
    assert (not places(said, "log-no-stdout")) is silent


@pytest.mark.parametrize(
    ("code", "subject", "reason"),
    [
        ("CACHES = {'default': 'redis://:pw@h'}", "CACHES['default']",
         "got a str, accepts a dictionary"),
        ("MIDDLEWARE = None", "MIDDLEWARE", "got None, accepts a list of strings"),
        ("SCALEREADY = 'x'", "SCALEREADY", "got a str, accepts a dictionary"),
        ("SCALEREADY = {'REPLICAS': 'two'}", "SCALEREADY['REPLICAS']",
         "got 'two', accepts a whole number of at least 1."),
        ("SCALEREADY = {'DRAIN': 'two'}", "SCALEREADY['DRAIN']",
         "got 'two', accepts a number of seconds from 0 upwards."),
    ],
)  # fmt: skip
def test_a_setting_of_the_wrong_type_is_undecided(
    tmp_path: Path, code: str, subject: str, reason: str
) -> None:
    said = found(tmp_path, {"settings.py": BASE + SQLITE + code})
    assert {"subject": subject, "reason": reason, "known": False} in said["unknown"]
    assert not any(each["subject"].startswith("scaleready.") for each in said["unknown"])
    assert places(said, "db-sqlite")


def test_an_option_that_scaleready_has_not_is_undecided(tmp_path: Path) -> None:
    said = found(tmp_path, {"settings.py": BASE + SQLITE + "SCALEREADY = {'REPLICA': 2}"})
    (unknown,) = said["unknown"]
    assert unknown["subject"] == "SCALEREADY"
    assert unknown["reason"].endswith("Did you mean 'REPLICAS'?")


@pytest.mark.parametrize(
    "code",
    [
        "from configuration import CACHE\nCACHES = {'default': CACHE}",
        "import configuration\nCACHES = {'default': getattr(configuration, 'CACHE', None)}",
        "import os\nMEDIA_ROOT = os.environ.get('MEDIA')",
        "MIDDLEWARE = ('a.B',)",
        "from rates import REPLICAS\nSCALEREADY = {'REPLICAS': REPLICAS}",
    ],
)
def test_a_type_that_only_running_would_tell_is_not_judged(tmp_path: Path, code: str) -> None:
    said = found(tmp_path, {"settings.py": BASE + SQLITE + code})
    assert not any("accepts" in each["reason"] for each in said["unknown"])


FILES = "django.core.mail.backends.filebased.EmailBackend"
SENDS = "from django.core.mail import send_mail\n"
CHOSEN = f"""
import os
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "{FILES}")
if os.environ.get("EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
"""


def test_mail_that_a_variable_decides_is_not_judged_both_ways(tmp_path: Path) -> None:
    said = found(tmp_path, {"settings.py": BASE + CHOSEN, "shop/views.py": SENDS})
    (local,) = (f for f in said["findings"] if f["slug"] == "email-local")
    assert (local["line"], local["severity"], local["confidence"]) == (7, "warning", "medium")
    assert "unless a variable chooses what does" in local["message"]
    assert places(said, "email-no-timeout") == ["settings.py:9"]


@pytest.mark.parametrize(
    ("name", "expected"), [("compress_prod", []), ("shop_prod", ["conf/base.py:5"])]
)
def test_settings_that_compress_assets_are_not_the_deployment_s(
    tmp_path: Path, name: str, expected: list[str]
) -> None:
    files = {
        "conf/base.py": BASE + SQLITE,
        "conf/production.py": "from .base import *\n" + POSTGRES,
        f"conf/{name}.py": "from .base import *\nSTATIC_ROOT = 'static'\n",
    }
    said = found(tmp_path, files)
    assert places(said, "db-sqlite") == expected


def test_settings_of_a_job_that_migrates_are_not_the_deployment_s(tmp_path: Path) -> None:
    files = {
        "conf/base.py": BASE,
        "conf/production.py": "from .base import *\n" + POSTGRES,
        "conf/migration_production.py": "from .base import *\n" + SQLITE,
    }
    assert places(found(tmp_path, files), "db-sqlite") == []
