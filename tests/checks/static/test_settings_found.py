"""What rules say of settings that are only read, where a running project would have objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.static.scan import scan

BASE = """
import os, random, secrets, socket
SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
MIDDLEWARE = []
INSTALLED_APPS = ["shop", "huey.contrib.djhuey"]
"""
REFUSED = "if C.KEY.startswith('auto') and not DEBUG:\n    sys.exit(1)\n"
FIELD = "class C(BaseSettings):\n    KEY: str = Field(%s)\n\nC = C()\nSECRET_KEY = C.KEY\n"
VALIDATED = FIELD.replace("\n\n", "\n    @field_validator('KEY')\n    def f(cls, v): ...\n\n")
REDIS = (
    "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache',"
    " 'LOCATION': 'redis://r', 'KEY_PREFIX': %s}}\n"
)
LOGGING = {
    "version": 1,
    "handlers": {"f": {"class": "logging.FileHandler", "filename": "x"}},
    "root": {"handlers": ["f"]},
}
ADMIN = (
    "from import_export.admin import ImportExportModelAdmin\n\n\n"
    "class A(ImportExportModelAdmin):\n    pass\n"
)
TASK = "from django.tasks import task\n\n\n@task()\ndef work():\n    pass\n"
CACHED = "<p>\n{% load cache %}\n{% cache 500 sidebar %}x{% endcache %}\n"


def places(folder: Path, slug: str, text: str, **files: str) -> list[str]:
    """Return where a rule finds something above an information."""
    (folder / "shop").mkdir()
    (folder / "settings.py").write_text(BASE + text)
    for name, content in files.items():
        (folder / "shop" / name.replace("_", ".")).write_text(content)
    return [
        str(each.finding.location)
        for each in scan(folder).found
        if each.rule.slug == slug and each.finding.severity is not Severity.INFO
    ]


@pytest.mark.parametrize(
    ("slug", "text", "line"),
    [
        ("huey-local", "import huey\nHUEY = huey.SqliteHuey('shop')\n", 8),
        ("huey-local", "from huey import RedisHuey\nHUEY = RedisHuey(immediate=True)\n", 8),
        ("setting-differs", REDIS % "socket.gethostname()", 7),
        ("setting-differs", REDIS % "f'shop-{socket.getfqdn()}'", 7),
        ("setting-differs", "SESSION_COOKIE_NAME = 'id' + socket.gethostname()\n", 7),
        ("setting-differs", "host = socket.gethostname()\n" + REDIS % "'shop-' + host", 8),
        ("setting-differs", REDIS % "os.environ.get('HOSTNAME', '')", 7),
        ("secret-random", "key = secrets.token_hex()\nSECRET_KEY = os.getenv('K', key)\n", 8),
        ("secret-random", "SECRET_KEY = os.getenv('K') or ''.join(random.choices('ab', k=9))\n", 7),
        ("secret-random", FIELD % "default_factory=get_random_secret_key", 11),
        ("secret-random", FIELD % "default_factory=lambda: secrets.token_hex(9)", 11),
        ("log-file", f"import logging.config as c\nc.dictConfig({LOGGING})\n", 8),
    ],
)
def test_finds(tmp_path: Path, slug: str, text: str, line: int) -> None:
    assert places(tmp_path, slug, text) == [f"settings.py:{line}"]


@pytest.mark.parametrize(
    ("slug", "text"),
    [
        ("huey-local", "from huey import RedisHuey\nHUEY = RedisHuey('shop')\n"),
        ("huey-local", "from shop.queue import HUEY\n"),
        ("setting-differs", REDIS % "'shop'"),
        ("setting-differs", REDIS % "'a' if socket.gethostname() == 'b' else 'c'"),
        ("setting-differs", "HOST = socket.gethostname()\n"),
        ("setting-differs", "host = socket.gethostname()\nhost = 'a'\n" + REDIS % "host"),
        ("secret-random", "key = secrets.token_hex()\nSECRET_KEY = os.environ['K']\n"),
        ("setting-differs", "LOGGING = {'formatters': {'x': {'prefix_': socket.gethostname()}}}\n"),
        ("secret-random", "QUOTE = random.choice(['a', 'b'])\n"),
        ("secret-random", "SECRET_KEY = os.environ['KEY']\n"),
        ("secret-random", FIELD % "alias='KEY'"),
        ("secret-random", FIELD % "default_factory=uuid4" + REFUSED),
        ("secret-random", VALIDATED % "default_factory=uuid4"),
        ("secret-random", FIELD.replace("C.KEY", "C.ID") % "default_factory=uuid4"),
    ],
)
def test_leaves_alone(tmp_path: Path, slug: str, text: str) -> None:
    assert places(tmp_path, slug, text) == []


def test_tasks_that_are_left_to_djangos_default(tmp_path: Path) -> None:
    assert places(tmp_path, "tasks-immediate", "", tasks_py=TASK) == ["settings.py"]


def test_tasks_with_a_queue_of_their_own(tmp_path: Path) -> None:
    text = "TASKS = {'default': {'BACKEND': 'django_tasks.backends.database.DatabaseBackend'}}\n"
    assert places(tmp_path, "tasks-immediate", text, tasks_py=TASK) == []


def test_a_template_that_keeps_a_part_of_itself(tmp_path: Path) -> None:
    assert places(tmp_path, "cache-local", "", page_html=CACHED) == ["settings.py"]


@pytest.mark.parametrize(("seconds", "expected"), [(600, ["settings.py"]), (0, [])])
def test_the_cache_middleware_under_its_old_name(
    tmp_path: Path, seconds: int, expected: list[str]
) -> None:
    text = (
        "del MIDDLEWARE\nMIDDLEWARE_CLASSES = ['django.middleware.cache.UpdateCacheMiddleware']\n"
        f"CACHE_MIDDLEWARE_SECONDS = {seconds}\n"
    )
    assert places(tmp_path, "cache-local", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DEBUG = True\n", ["settings.py:7"]),
        ("DEBUG = True\nfrom local_settings import *\n", []),
        ("DEBUG = True\ntry:\n  from .local_settings import *\nexcept ImportError:\n  pass\n", []),
        ("try:\n  from developers_local import *\nexcept ImportError:\n  pass\n", []),
        ("from local_settings import *\nDEBUG = True\n", ["settings.py:8"]),
        ("DEBUG = True\nfrom oscar.defaults import *\n", ["settings.py:7"]),
    ],
)
def test_debug_is_left_to_what_each_machine_has(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    (tmp_path / "developers_local.py").write_text("DEBUG = True\n")
    assert places(tmp_path, "debug", text) == expected


def test_a_template_that_says_that_it_is_not_to_be_kept(tmp_path: Path) -> None:
    text = "{% block cache %}{% endblock %} {# {{ cache }} #}\n"
    assert places(tmp_path, "cache-local", "", page_html=text) == []


def test_a_template_that_keeps_a_part_in_a_cache_of_its_own(tmp_path: Path) -> None:
    text = (
        "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'},"
        " 'template_fragments': {'BACKEND': 'django.core.cache.backends.redis.RedisCache'}}\n"
    )
    assert places(tmp_path, "cache-local", text, page_html=CACHED) == []


@pytest.mark.parametrize(
    "text",
    [
        "OTHERS = [\n    'import_export',\n]\nINSTALLED_APPS = ['a'] + OTHERS\n",
        "OTHERS = (\n    'import_export',\n)\nINSTALLED_APPS = ['a', *OTHERS]\n",
        "INSTALLED_APPS += [\n    'import_export',\n]\nINSTALLED_APPS = ['a'] + INSTALLED_APPS\n",
        "OTHERS = [\n    'import_export.apps.X',\n]\nMORE = OTHERS\nINSTALLED_APPS = [] + MORE\n",
    ],
)
def test_an_app_stands_where_its_name_is_written(tmp_path: Path, text: str) -> None:
    found = places(tmp_path, "import-export-tmp", text, admin_py=ADMIN)
    assert found == ["settings.py:8"]


def test_the_admins_that_import_are_named_too(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(f"{BASE}INSTALLED_APPS += ['import_export']\n")
    (tmp_path / "admin.py").write_text(ADMIN)
    (found,) = (each for each in scan(tmp_path).found if each.rule.slug == "import-export-tmp")
    assert [str(place) for place in found.finding.related] == ["admin.py:4"]
