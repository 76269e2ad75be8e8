"""db-sqlite: each replica has a database of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.db_sqlite import RULE

SQLITE = "django.db.backends.sqlite3"
POSTGRES = "django.db.backends.postgresql"


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASES": {"default": {"ENGINE": SQLITE, "NAME": "db.sqlite3"}}},
        {"DATABASES": {"default": {"ENGINE": SQLITE, "NAME": ":memory:"}}},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASES": {"default": {"ENGINE": POSTGRES, "NAME": "shop"}}},
        {"DATABASES": {"default": {"ENGINE": SQLITE, "NAME": "file:words.db?mode=ro"}}},
        {"DATABASES": {}},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("import MySQLdb", Severity.INFO),
        ("import pymysql\npymysql.install_as_MySQLdb()", Severity.INFO),
        ("import pymysql\npymysql.connect()", Severity.ERROR),
    ],
)
def test_who_loads_the_driver_of_mysql_has_mysql(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    settings = {"DATABASES": {"default": {"ENGINE": SQLITE, "NAME": "db.sqlite3"}}}
    (finding,) = RULE.find(make_project({"shop/__init__.py": code}, **settings))
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ({"sslmode": "require"}, Severity.INFO),
        ({"timeout": 20, "charset": "utf8mb4"}, Severity.INFO),
        ({"timeout": 20}, Severity.ERROR),
        # SQLite knows it since Django 5.1.
        ({"init_command": "PRAGMA journal_mode=WAL"}, Severity.ERROR),
    ],
)
def test_what_cannot_be_opened_is_not_what_is_deployed(
    make_project: Callable[..., Project], options: dict[str, Any], severity: Severity
) -> None:
    database = {"ENGINE": SQLITE, "NAME": "db.sqlite3", "OPTIONS": options}
    (finding,) = RULE.find(make_project(DATABASES={"default": database}))
    assert finding.severity is severity


def test_another_alias_is_a_warning(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(
        make_project(
            {
                "settings.py": """
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"},
    "scratch": {"ENGINE": "django.db.backends.sqlite3", "NAME": "scratch.db"},
}
"""
            }
        )
    )
    assert finding.severity is Severity.WARNING
    assert str(finding.location) == "settings.py:4"


def test_an_engine_that_cannot_be_loaded_is_unknown(make_project: Callable[..., Project]) -> None:
    project = make_project(DATABASES={"default": {"ENGINE": "no.such.engine", "NAME": "x"}})
    assert list(RULE.find(project)) == []
    assert project.unknown[0].subject == "DATABASES['default']"


SHARED = {"default": {"ENGINE": POSTGRES, "NAME": "shop"}}
ADDS = "from django.db import connections\nimport dj_database_url\ndef add(path):\n"
ENTRY = "{'ENGINE': 'django.db.backends.sqlite3', 'NAME': path}"
MIXED = "{**connections.databases['default'], **dj_database_url.parse(f'sqlite:///{path}')}"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (f"{ADDS}  connections.databases['words'] = {ENTRY}\n", 4),
        (f"{ADDS}  entry = {MIXED}\n  connections.databases[path] = entry\n", 5),
        (f"from django import db\ndef add(path):\n  db.connections.databases[1] = {ENTRY}\n", 3),
    ],
)
def test_finds_one_that_code_adds(
    make_project: Callable[..., Project], code: str, line: int
) -> None:
    (finding,) = RULE.find(make_project({"shop/words.py": code}, DATABASES=SHARED))
    assert finding.severity is Severity.WARNING
    assert str(finding.location) == f"shop/words.py:{line}"


@pytest.mark.parametrize(
    "files",
    [
        {"shop/words.py": f"{ADDS}  connections.databases['words'] = entry\n"},
        {"shop/words.py": f"{ADDS}  connections.databases['words'] = {{'ENGINE': {POSTGRES!r}}}\n"},
        {"shop/words.py": f"{ADDS}  connections.databases['words']['NAME'] = {ENTRY}\n"},
        {"shop/words.py": f"{ADDS}  shop.databases['words'] = {ENTRY}\n"},
        {
            "shop/words.py": f"{ADDS}  connections.databases[1] = {ENTRY}\n".replace(
                "path}", "path + '?mode=ro'}"
            )
        },
        {
            "shop/words.py": f"{ADDS}  connections.databases[1] = {ENTRY}\n".replace(
                "path}", "':memory:'}"
            )
        },
        {"shop/words.py": f"{ADDS}  print(connections.databases['words'], {ENTRY})\n"},
        {"shop/management/commands/words.py": f"{ADDS}  connections.databases[1] = {ENTRY}\n"},
    ],
)
def test_what_code_adds_otherwise_is_left_alone(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert list(RULE.find(make_project(files, DATABASES=SHARED))) == []
