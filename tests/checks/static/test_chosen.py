"""Which settings modules a deployment loads, where its servers are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.static.scan import scan

BASE = """
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "urls"
SECRET_KEY = "x"
DEBUG = False
"""
WSGI = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
NAMED = "env = DJANGO_SETTINGS_MODULE=shop.settings"
IMAGE = 'FROM python:3.13\nCOPY . /app\nCMD ["uwsgi", "--ini", "/app/shop.ini"]\n'


def ini(line: str) -> str:
    return f"[uwsgi]\nmodule = shop.wsgi\nhttp-socket = :8000\n{line}\n"


def judged(folder: Path, files: dict[str, str]) -> list[str]:
    """Return where DEBUG is found to be on."""
    held = {
        "shop/__init__.py": "",
        "shop/wsgi.py": WSGI,
        "shop/settings/__init__.py": "from .base import *\n",
        "shop/settings/base.py": BASE,
        "shop/settings/production.py": "from .base import *\nDEBUG = True\n",
        **files,
    }
    for name, text in held.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [
        found.finding.location.path for found in scan(folder).found if found.rule.slug == "debug"
    ]


FOUND = ["shop/settings/production.py"]


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": IMAGE, "shop.ini": ini(NAMED)},
        {"Dockerfile": IMAGE, "shop.ini": ini(NAMED.replace(" ", ""))},
        {"Procfile": f"web: uwsgi --module shop.wsgi --http :80 --{NAMED.replace(' = ', ' ')}\n"},
    ],
)
def test_what_no_server_is_told_to_load_is_nobodys(tmp_path: Path, files: dict[str, str]) -> None:
    assert judged(tmp_path, files) == []


@pytest.mark.parametrize(
    "files",
    [
        {},
        # What wsgi.py says holds where the environment says nothing.
        {"Dockerfile": IMAGE, "shop.ini": ini("env = LANG=C.UTF-8")},
        {"Procfile": "web: gunicorn shop.wsgi\n"},
        # Another server may be told by its environment.
        {"Dockerfile": IMAGE, "shop.ini": ini(NAMED), "Procfile": "web: gunicorn shop.wsgi\n"},
        # A module for tests says nothing of the deployment, nor one that is not here.
        {"Dockerfile": IMAGE, "shop.ini": ini(f"{NAMED}.test"), "shop/settings/test.py": BASE},
        {"Dockerfile": IMAGE, "shop.ini": ini(f"{NAMED}.elsewhere")},
        # Something else names it.
        {
            "Dockerfile": IMAGE,
            "shop.ini": ini(NAMED),
            "worker.sh": f"export {NAMED[6:]}.production\nexec celery -A shop worker\n",
        },
    ],
)
def test_what_a_server_may_load_is_judged(tmp_path: Path, files: dict[str, str]) -> None:
    assert judged(tmp_path, files) == FOUND


JOINED = {
    "shop/settings/__init__.py": "",
    "shop/settings/base.py": "",
    "shop/settings/parts/__init__.py": "from .django import *\nfrom .shop import *\n",
    "shop/settings/parts/django.py": BASE + "DEBUG = True\n",
    "shop/settings/parts/shop.py": "PAGE_SIZE = 20\n",
}


@pytest.mark.parametrize(
    ("production", "expected"),
    [
        ("from .parts import *\nDEBUG = False\n", []),
        ("from shop.settings.parts import *\nDEBUG = False\n", []),
        ("from .parts import *\nDATABASES = {}\n", ["shop/settings/parts/django.py"]),
        # Nothing builds on it.
        (BASE, ["shop/settings/parts/django.py"]),
    ],
)
def test_parts_that_a_package_joins_are_no_settings_of_their_own(
    tmp_path: Path, production: str, expected: list[str]
) -> None:
    assert judged(tmp_path, {**JOINED, "shop/settings/production.py": production}) == expected
