"""embedded-database: a database in a file is one per replica."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.embedded_database import RULE

HEAD = """import sqlite3, shelve, tempfile, os
from tinydb import TinyDB
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(): sqlite3.connect('/srv/data/seen.db')",
        "def f(): shelve.open('/srv/seen')",
        "def f(): TinyDB('seen.json')",
        "def f(path): sqlite3.connect(path)",
        "from whoosh.index import open_dir\ndef f(): open_dir('/srv/index')",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(): sqlite3.connect(':memory:')",
        "def f(): sqlite3.connect('file:words.db?mode=ro', uri=True)",
        "def f(): sqlite3.connect(os.path.join(tempfile.mkdtemp(), 'x.db'))",
        "def f(): sqlite3.connect('code.py')",
        "from whoosh.index import open_dir\ndef f(): open_dir(tempfile.mkdtemp())",
        "def f(psycopg): psycopg.connect('dbname=shop')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_the_setting_that_holds_the_path_is_related(make_project: Callable[..., Project]) -> None:
    code = HEAD + "from django.conf import settings\ndef f(): sqlite3.connect(settings.SEEN_PATH)"
    (finding,) = RULE.find(make_project({"shop/code.py": code}, SEEN_PATH="/srv/seen.db"))
    assert len(finding.related) == 1


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD + "def f(): sqlite3.connect('/srv/data/seen.db')"
    }
    assert list(RULE.find(make_project(files))) == []


def test_a_file_of_the_repository_is_data(make_project: Callable[..., Project]) -> None:
    files = {"words.db": "", "shop/code.py": HEAD + "def f(): sqlite3.connect('words.db')"}
    assert list(RULE.find(make_project(files))) == []
