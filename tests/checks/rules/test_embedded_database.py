"""embedded-database: a database in a file is one per replica."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
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
        "from whoosh.index import create_in\ndef f(): create_in(dirname='/srv/index', schema=S)",
        "from whoosh.filedb.filestore import FileStorage\ndef f(): FileStorage('/srv/index')",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    ("opened", "severity"),
    [
        ("sqlite3.connect('/srv/data/seen.db')", Severity.ERROR),
        ("sqlite3.connect(path)", Severity.INFO),
        ("sqlite3.connect(copied())", Severity.INFO),
        ("TinyDB(path)", Severity.WARNING),
    ],
)
def test_a_path_that_somebody_gives_may_be_of_a_copy(
    make_project: Callable[..., Project], opened: str, severity: Severity
) -> None:
    code = f"{HEAD}def f(path): {opened}"
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert finding.severity is severity


CONNECT = "def f():\n  con = sqlite3.connect(PATH)\n  cur = con.cursor()\n"
ASK = "  rows = cur.execute(query, (1,)).fetchall()\n  con.close()\n  return rows"


@pytest.mark.parametrize(
    "body",
    [
        "  cur.execute('INSERT INTO seen VALUES (1)')",
        "  cur.execute(query)",
        "  cur.execute('SELECT 1')\n  con.commit()",
        "  cur.execute('WITH x AS (SELECT 1) DELETE FROM seen')",
        "  cur.execute('SELECT 1')\n  keep(con)",
        "  cur.execute('SELECT 1')\n  return cur",
        "  pass",
    ],
)
def test_finds_what_may_write(make_project: Callable[..., Project], body: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + CONNECT + body})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        CONNECT + '  query = "\\n SELECT a FROM b WHERE c = ?"\n' + ASK,
        "query = 'select 1'\n" + CONNECT + ASK,
        CONNECT + "  return cur.execute('SELECT 1').fetchone()",
        "def f():\n  with sqlite3.connect(P) as c:\n    return c.execute('SELECT 1').fetchone()",
        "def f():\n  with closing(sqlite3.connect(P)) as c:\n    c.execute('PRAGMA user_version')",
        "def f():\n  con = sqlite3.connect(P)\n  for row in con.execute('SELECT 1'): g(row)",
    ],
)
def test_what_only_asks_is_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(): sqlite3.connect(':memory:')",
        "def f(): sqlite3.connect('file:words.db?mode=ro', uri=True)",
        "def f(): sqlite3.connect(os.path.join(tempfile.mkdtemp(), 'x.db'))",
        "def f(): sqlite3.connect('code.py')",
        "from whoosh.index import open_dir\ndef f(): open_dir(tempfile.mkdtemp())",
        "from whoosh.index import open_dir\ndef f(): open_dir(dirname=tempfile.mkdtemp())",
        "def f(psycopg): psycopg.connect('dbname=shop')",
        "import duckdb\ndef f(): duckdb.connect('/srv/x', read_only=True)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_the_setting_that_holds_the_path_is_related(make_project: Callable[..., Project]) -> None:
    code = HEAD + "from django.conf import settings\ndef f(): sqlite3.connect(settings.SEEN_PATH)"
    (finding,) = RULE.find(make_project({"shop/code.py": code}, SEEN_PATH="/srv/seen.db"))
    assert len(finding.related) == 1


def test_a_folder_of_the_settings_is_one_finding(make_project: Callable[..., Project]) -> None:
    code = (
        "from django.conf import settings\nfrom whoosh.index import create_in, open_dir\n"
        "def f(): return open_dir(settings.INDEX)\ndef g(): return create_in(settings.INDEX, S)"
    )
    (finding,) = RULE.find(make_project({"shop/code.py": code}, INDEX="/srv/index"))
    places = [place for place in finding.related if place.path == "shop/code.py"]
    assert {finding.location.line, *(place.line for place in places)} == {3, 4}


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD + "def f(): sqlite3.connect('/srv/data/seen.db')"
    }
    assert list(RULE.find(make_project(files))) == []


def test_a_file_of_the_repository_is_data(make_project: Callable[..., Project]) -> None:
    files = {"words.db": "", "shop/code.py": HEAD + "def f(): sqlite3.connect('words.db')"}
    assert list(RULE.find(make_project(files))) == []


IMAGE = 'FROM x\nWORKDIR /app\nCOPY . /app\nCMD ["/app/start.sh"]\n'
INI = "[program:web]\ncommand=gunicorn shop.wsgi\n[program:store]\ncommand={}\n"
SUPERVISED = "#!/bin/sh\nexec supervisord -c /app/all.conf\n"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"start.sh": "redis-server &\nexec gunicorn shop.wsgi"}, "start.sh:1"),
        ({"start.sh": "rabbitmq-server -detached\nexec celery -A shop worker"}, "start.sh:1"),
        ({"start.sh": SUPERVISED, "all.conf": INI.format("redis-server")}, "all.conf:4"),
        ({"start.sh": SUPERVISED, "all.conf": INI.format("/pg/postgres -D /d")}, "all.conf:4"),
        ({"start.sh": SUPERVISED, "run.sh": '#!/bin/sh\nexec "$@"\n',
          "all.conf": INI.format("/app/run.sh mysqld_safe")}, "all.conf:4"),
        ({"Dockerfile": "FROM x\nCOPY root /\nCMD gunicorn shop.wsgi\n",
          "root/etc/services.d/redis/run": "#!/bin/execlineb -P\nvalkey-server\n"},
         "root/etc/services.d/redis/run:2"),
        # What Cloud Foundry is given has no image of its own.
        ({"Dockerfile": "FROM x\n", "start.sh": "./redis-server a &\nexec gunicorn shop.wsgi",
          "manifest.yml": "applications:\n- name: shop\n  command: ./start.sh\n"}, "start.sh:1"),
    ],
)  # fmt: skip
def test_a_server_in_the_container(
    make_project: Callable[..., Project], files: dict[str, str], place: str
) -> None:
    (finding,) = RULE.find(make_project({"Dockerfile": IMAGE, **files}))
    assert str(finding.location) == place


@pytest.mark.parametrize(
    "files",
    [
        # Of its own, or nothing of it is here.
        {"compose.yaml": "services:\n  redis:\n    image: redis\n    command: redis-server\n"
         "  web:\n    build: .\n", "start.sh": "exec gunicorn shop.wsgi"},
        {"Procfile": "web: gunicorn shop.wsgi\nredis: redis-server\n", "Dockerfile": "FROM x\n"},
        {"start.sh": "redis-cli ping\npg_isready\npsql -c 'SELECT 1'\nexec gunicorn shop.wsgi"},
        {"start.sh": SUPERVISED, "all.conf": INI.format("celery -A shop worker")},
        # Off, for development, or where nothing of the project's runs beside it.
        {"start.sh": 'if [ "$EMBED" = 1 ]; then redis-server & fi\nexec gunicorn shop.wsgi'},
        {"start.sh": "exec redis-server"},
        {"Dockerfile": "FROM x\n", "start.sh": "exec gunicorn shop.wsgi",
         "manifest.yml": "applications:\n- name: redis\n  command: redis-server\n"
         "- name: shop\n  command: ./start.sh\n"},
        {"Dockerfile": "FROM x\n", "task-definition.json": '{"containerDefinitions": [{"name": '
         '"a", "image": "other/a", "command": ["sh", "-c", "redis-server & serve"]}]}'},
        {"Dockerfile": "FROM x\n", "Dockerfile.dev": IMAGE,
         "start.sh": "redis-server &\nexec gunicorn shop.wsgi"},
    ],
)  # fmt: skip
def test_a_server_elsewhere(make_project: Callable[..., Project], files: dict[str, str]) -> None:
    started = {
        name: f"#!/bin/sh\n{text}" if name == "start.sh" and text[0] != "#" else text
        for name, text in files.items()
    }
    assert list(RULE.find(make_project({"Dockerfile": IMAGE, **started}))) == []
