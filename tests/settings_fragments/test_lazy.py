"""The star of the package, and that one fragment does not evaluate another."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FRAGMENTS = ("cache", "celery", "core", "database", "logging", "proxy", "sessions", "storage")


def python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_one_fragment_does_not_evaluate_the_others() -> None:
    # No DATABASE_URL, no REDIS_URL: the database fragment would refuse.
    code = """
import sys
from django_scaleready.settings.logging import *
from django_scaleready.settings import logging as again
assert LOGGING["version"] == 1
for name in ("__wrapped__", "no_such_name"):
    assert not hasattr(sys.modules["django_scaleready.settings"], name)
print(sorted(name for name in sys.modules if name.startswith("django_scaleready.settings.")))
"""
    done = python(code)
    assert done.stdout == "['django_scaleready.settings.logging']\n", done.stderr


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_each_fragment_can_be_imported_alone(fragment: str) -> None:
    code = f"""
import json, logging, sys
import django_scaleready.settings.{fragment} as fragment
from django_scaleready.settings.{fragment} import *
assert json.dumps and logging.getLogger
known = {{"known", "fragment", "json", "logging", "sys", *fragment.__all__}}
print([name for name in dir() if not name.startswith("__") and name not in known])
"""
    done = python(code, DEBUG="true")
    assert done.stdout == "[]\n", done.stderr


def test_the_star_leaves_the_names_of_the_project_alone() -> None:
    code = """
env = logging = secrets = annotations = Path = Any = "mine"
from django_scaleready.settings import *
assert {env, logging, secrets, annotations, Path, Any} == {"mine"}
print([name for name in dir() if not name.startswith("__") and name.upper() != name])
"""
    done = python(code, DEBUG="true")
    assert done.stdout == "['Any', 'Path', 'annotations', 'env', 'logging', 'secrets']\n", (
        done.stderr
    )


def test_no_two_fragments_set_one_name() -> None:
    code = f"""
import collections, importlib
names = [n for f in {FRAGMENTS} for n in importlib.import_module(
    "django_scaleready.settings." + f).__all__]
import django_scaleready.settings as settings
print([n for n, count in collections.Counter(names).items() if count > 1])
assert settings.__all__ == sorted(names)
"""
    assert python(code, DEBUG="true").stdout == "[]\n"


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL"])
def test_production_does_not_start_without_a_service(missing: str) -> None:
    variables = {"DATABASE_URL": "postgres://h/db", "REDIS_URL": "redis://h/0"}
    del variables[missing]
    done = python("from django_scaleready.settings import *", **variables)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"django_scaleready.env.EnvError: {missing} is not set"
    )


def test_an_image_is_built_without_any_service() -> None:
    code = """
from django_scaleready.settings import *
assert DATABASES["default"]["HOST"] == "build.invalid", DATABASES
assert "sqlite" not in str(DATABASES) and "locmem" not in str(CACHES).lower()
print(DEBUG, STORAGES["staticfiles"]["BACKEND"].rpartition(".")[2], bool(SECRET_KEY))
"""
    done = python(code, SCALEREADY_BUILD="1")
    assert done.stdout == "False CompressedManifestStaticFilesStorage True\n", done.stderr


def test_the_settings_make_a_project(tmp_path: object) -> None:
    code = """
import os, sys, types
module = types.ModuleType("site_settings")
exec("from django_scaleready.settings import *; INSTALLED_APPS = []", vars(module))
sys.modules["site_settings"] = module
os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
import django
django.setup()
from django.db import connection
from django.core.cache import caches
from django.core.files.storage import default_storage, storages
caches["default"], caches["sessions"], storages["staticfiles"], default_storage.exists("x")
print(connection.vendor)
"""
    variables = {"REDIS_URL": "redis://h/0", "SECRET_KEY": "x"}
    done = python(code, DATABASE_URL="postgres://h/db", **variables)
    assert done.stdout == "postgresql\n", done.stderr
    done = python(code, DATABASE_URL="sqlite:///:memory:", **variables)
    assert done.stdout == "sqlite\n", done.stderr
