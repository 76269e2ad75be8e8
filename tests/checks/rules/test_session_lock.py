"""session-lock: what lives in a connection is lost behind a transaction pooler."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.session_lock import RULE

HEAD = """from django_pglocks import advisory_lock
import pglock
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  with advisory_lock('x'): ...",
        "def f():\n  with advisory_lock('x', wait=False) as got: ...",
        "def f(): pglock.advisory('x').acquire()",
        "def f(c): c.execute('SELECT pg_advisory_lock(%s)', [1])",
        "def f(c): c.execute('SELECT pg_try_advisory_lock(1)')",
        "def f(c): c.execute('LISTEN orders')",
        "def f(c): c.execute('LISTEN \"orders\";')",
        "def f(c): c.execute('SET SESSION work_mem = 1')",
        "def f(c): c.execute('SET SESSION app.tenant TO %s', [1])",
        "def f(c): c.execute('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY')",
        "def f(c): c.execute('SET statement_timeout = 0')",
        "def f(c): c.execute('SET search_path TO tenant, public')",
        "def f(c): c.execute('SET ROLE reader')",
        "def f(c): c.execute('SET search_path TO public, tenant')",
        "def f(c, x): c.execute(f'SET search_path TO public, {x}')",
        "def f(c): c.execute('SET search_path = tenant'); c.execute('SET search_path = public')",
        "def f(c): c.execute('SET ROLE reader')\ndef g(c): c.execute('SET ROLE NONE')",
        "def f(c): c.execute('CREATE TEMPORARY TABLE t (id int)')",
        "def f(c, q): c.execute(f'CREATE TEMPORARY VIEW v AS {q}'); c.execute('DROP VIEW v')",
        "def f(c, v): c.execute(f'CREATE OR REPLACE TEMP VIEW {v} AS SELECT 1')",
        "from warehouse.db import advisory_lock as lock\ndef f():\n  with lock('x'): ...",
        "from warehouse.db import pg_advisory_lock\ndef f(): pg_advisory_lock('x', xact=False)",
        "from warehouse import db\ndef f():\n  with db.advisory_lock('x', wait=False): ...",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(c): c.execute('SELECT pg_advisory_xact_lock(%s)', [1])",
        "def f(c): c.execute('SELECT pg_try_advisory_xact_lock(1)')",
        "def f(): pglock.advisory('x', xact=True).acquire()",
        "def f(c): c.execute('SET LOCAL work_mem = 1')",
        "def f(apps, schema_editor): schema_editor.execute('SET lock_timeout = 0')",
        "NAME = 'set-session-state', 'Set Session State'",
        "def f(c): c.execute('NOTIFY orders')",
        "def f(c): c.execute('SET LOCAL statement_timeout = 0')",
        "def f(log): log.info('Set role for %s', 1)",
        "def f(log): log.info('Set session_timeout to %s', 1)",
        "def f(c): c.execute('UPDATE a SET role = 1')",
        "def f(c): c.execute('CREATE TEMP TABLE t (id int) ON COMMIT DROP')",
        "def f(log): log.info('Listening on port 25')",
        "def f():\n  'LISTEN orders'",
        "# pg_advisory_lock(1)",
        "def f(c): c.execute('SET SESSION AUTHORIZATION shop')",
        "def f(c): c.execute('SELECT locked, session FROM orders')",
        "def f(c): c.execute('SET search_path = public;')",
        "def f(c): c.execute('SET search_path TO \"$user\", public')",
        "def f(c): c.execute('SET SESSION search_path TO DEFAULT')",
        "def f(c): c.execute('SET statement_timeout TO DEFAULT')",
        "def f(c): c.execute('SET ROLE NONE')",
        "def f(c): c.execute('SET session_replication_role = origin')",
        "def f(c): c.execute('CREATE VIEW v AS SELECT 1')",
        "def f(c): c.execute('CREATE TEMP VIEW v AS SELECT 1; SELECT * FROM v; DROP VIEW v')",
        "from warehouse.db import pg_advisory_lock\ndef f(): pg_advisory_lock('x', xact=True)",
        "from warehouse.db import pg_advisory_lock as l\ndef f(): l('x', scope='transaction')",
        "from warehouse.db import pg_advisory_lock as l, Kind\ndef f(): l('x', Kind, by=Kind.XACT)",
        "from warehouse.db import transaction_lock\ndef f(): transaction_lock('x')",
        "def f(self): self.pg_advisory_lock('x')",
        "from warehouse.db import pg_advisory_lock\nLOCK = pg_advisory_lock",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


# Whose connection it is.
SITES = "from django.db import connection, connections\n"
SETS = "c.execute('SET statement_timeout = 0')"


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  with advisory_lock('x'): ...",
        f"{SITES}def f():\n  with connection.cursor() as c: {SETS}",
        f"{SITES}def f(name):\n  c = connections[name].cursor()\n  {SETS}",
        f"{SITES}class C:\n  def f(self):\n    with self.made.cursor() as c: {SETS}",
        f"{SITES}def f(c): {SETS}",
        f"{SITES}def f(): return 'SET statement_timeout = 0'",
        f"from django import db\ndef f():\n  with db.connection.cursor() as c: {SETS}",
        (
            "from django.db import transaction\ndef f():\n"
            f"  c = transaction.get_connection().cursor()\n  {SETS}"
        ),
        (
            "from django.db.backends.signals import connection_created\n"
            f"def f(sender, connection, **kw):\n  with connection.cursor() as c: {SETS}"
        ),
        (
            "import psycopg\nfrom django.conf import settings\ndef f():\n"
            f"  with psycopg.connect(settings.DATABASES['default']['NAME']) as c: {SETS}"
        ),
        (
            "from os import environ\nimport psycopg\ndef f():\n"
            f"  c = psycopg.connect(environ['DATABASE_URL'])\n  {SETS}"
        ),
    ],
)
def test_warns_of_the_sites_connection(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "code",
    [
        f"def f(c): {SETS}",
        f"import psycopg2\ndef f(shop):\n  c = psycopg2.connect(shop.dsn).cursor()\n  {SETS}",
        f"class C(Engine):\n  def f(self):\n    c = self.get_connection().cursor()\n    {SETS}",
        f"{SITES}def f(warehouse):\n  c = warehouse.cursor()\n  {SETS}",
        f"{SITES}def f(connection):\n  with connection.cursor() as c: {SETS}",
        f"{SITES}def f(dsn):\n  with connect(dsn) as other, other.cursor() as c: {SETS}",
        (
            f"{SITES}import MySQLdb\ndef f(shop):\n  other = MySQLdb.connect(shop.host)\n"
            f"  c = other.cursor()\n  {SETS}"
        ),
        f"from django.db import models, transaction\ndef f(c): {SETS}",
        "async def f(conn): await conn.execute('LISTEN orders')",
        f"from shop.db import connection\ndef f():\n  with connection.cursor() as c: {SETS}",
        "import sqlalchemy\ndef f(dsn): sqlalchemy.create_engine(dsn).execute('SET ROLE shop')",
    ],
)
@pytest.mark.parametrize("pooler", ["none", "transaction"])
def test_only_tells_of_another_connection(
    make_project: Callable[..., Project], code: str, pooler: str
) -> None:
    project = make_project({"shop/code.py": HEAD + code}, SCALEREADY={"POOLER": pooler})
    (finding,) = RULE.find(project)
    assert finding.severity == "info"


MAKES = "DROP TABLE IF EXISTS t; CREATE TEMP TABLE t AS SELECT 1;"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (f"c.execute('{MAKES} SELECT * FROM t')", 0),
        (f"c.execute(f'{MAKES} SELECT {{x}} FROM t')", 0),
        (f"q = f'{MAKES} SELECT {{x}} FROM t'\n  c.execute(q); c.execute('SELECT t FROM u')", 0),
        ("c.execute('CREATE TEMP TABLE t AS SELECT 1; SELECT * FROM t; DROP TABLE t')", 0),
        ("c.execute(f'CREATE TEMP TABLE t AS SELECT {x} ON COMMIT DROP; SELECT * FROM t')", 0),
        (f"c.execute('{MAKES}'); c.execute('SELECT * FROM t')", 1),
        (f"c.execute('{MAKES} SELECT * FROM t'); c.execute('INSERT INTO t VALUES (1)')", 1),
        (f"c.execute('{MAKES} CREATE TEMP TABLE u (id int); SELECT * FROM t')", 1),
        ("c.execute('CREATE TEMP TABLE t AS SELECT 1; SELECT * FROM t')", 1),
        ("c.execute(f'CREATE TEMP TABLE {x} AS SELECT 1; SELECT * FROM {x}; DROP TABLE {x}')", 1),
    ],
)
def test_a_temporary_table_of_one_text(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert (
        len(list(RULE.find(make_project({"shop/code.py": f"def f(c, x):\n  {code}\n"})))) == count
    )


FILLS = "c.execute('CREATE TEMP TABLE t (id int)'); c.execute('SELECT * FROM t')"
NAMES = "c.execute(f'CREATE TEMP VIEW {v} AS SELECT 1')"
SHOWS = "c.execute('CREATE TEMP VIEW v AS SELECT 1'); c.execute('SELECT * FROM v')"
DROPS = "c.execute('DROP TABLE IF EXISTS t')"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (f"@atomic\ndef f(c):\n  {DROPS}; {FILLS}\n", 0),
        (f"@atomic\ndef f(c):\n  {SHOWS}; c.execute('DROP VIEW v')\n", 0),
        (f"@atomic\ndef f(c, v):\n  {NAMES}\n  c.execute(f'DROP VIEW IF EXISTS {{v}}')\n", 0),
        (f"@atomic\ndef f(c, v):\n  {NAMES}\n", 1),
        (f"def f(c):\n  {SHOWS}; c.execute('DROP VIEW v')\n", 1),
        (f"@transaction.atomic()\ndef f(c):\n  {FILLS}; {DROPS}\n", 0),
        (f"def f(c):\n  with transaction.atomic():\n    {DROPS}\n    {FILLS}\n", 0),
        (f"def f(c):\n  with atomic(), db.cursor() as c:\n    {DROPS}\n    {FILLS}\n", 0),
        (f"def f(c):\n  {DROPS}; {FILLS}\n", 1),
        # The next transaction on that connection finds it there.
        (f"@atomic\ndef f(c):\n  {FILLS}\n", 1),
        (f"def f(c):\n  with atomic():\n    {FILLS}\n  {DROPS}\n", 1),
        (f"@atomic\ndef f(c):\n  {DROPS}; {FILLS}\ndef g(c): c.execute('TABLE t')\n", 1),
    ],
)
def test_a_temporary_table_of_one_transaction(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    head = "from django.db import transaction\nfrom django.db.transaction import atomic\n"
    assert len(list(RULE.find(make_project({"shop/code.py": head + code})))) == count


@pytest.mark.parametrize(("started", "count"), [("migrate", 0), ("work", 1)])
@pytest.mark.parametrize("statement", ["SET statement_timeout = 0", "SELECT pg_advisory_lock(1)"])
def test_a_command_counts_where_a_container_starts_it(
    make_project: Callable[..., Project], statement: str, started: str, count: int
) -> None:
    files = {
        "shop/management/commands/work.py": f"def f(c): c.execute('{statement}')",
        "entrypoint.sh": f"#!/bin/sh\npython manage.py {started}\nexec gunicorn shop.wsgi\n",
        "Dockerfile": 'FROM x\nCOPY . /app\nENTRYPOINT ["/app/entrypoint.sh"]\n',
    }
    assert len(list(RULE.find(make_project(files)))) == count


def test_a_worker_of_its_own_counts(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD + "def f():\n  with advisory_lock('x'): ...",
        "Procfile": "worker: python manage.py work\n",
    }
    assert len(list(RULE.find(make_project(files)))) == 1


def test_what_an_operators_script_sets_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"scripts/fill.py": HEAD + "def f(c): c.execute('SET statement_timeout = 0')"}
    assert list(RULE.find(make_project(files))) == []


def test_a_declared_pooler_makes_it_an_error(make_project: Callable[..., Project]) -> None:
    code = HEAD + "def f():\n  with advisory_lock('x'): ..."
    project = make_project({"shop/code.py": code}, SCALEREADY={"POOLER": "transaction"})
    (finding,) = RULE.find(project)
    assert finding.severity == "error"


WRAPPER = """from contextlib import contextmanager
from django.db import connection
from django_pglocks import advisory_lock as package_lock

@contextmanager
def advisory_lock(name, timeout=0):
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    with package_lock(name) as held:
        yield held
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 9")
"""
CALLER = """from shop.locks import advisory_lock

def recount():
    with advisory_lock("recount"): ...
"""


def test_names_who_takes_a_lock_by_a_context_manager_of_the_project(
    make_project: Callable[..., Project],
) -> None:
    files = {
        "shop/locks.py": WRAPPER,
        "shop/stock.py": CALLER,
        "shop/management/commands/count.py": CALLER,
    }
    lock, setting = RULE.find(make_project(files))
    assert [str(lock.location), *map(str, lock.related)] == ["shop/locks.py:9", "shop/stock.py:4"]
    # What is set and set back is one finding.
    assert [str(setting.location), *map(str, setting.related)] == [
        "shop/locks.py:8",
        "shop/locks.py:12",
    ]


RECOUNT = "shop/management/commands/recount.py"
LOCKING = """from shop.locks import advisory_lock

class Command(BaseCommand):
    def recount(self):
        with advisory_lock("recount"): ...

    def handle(self, **options): self.recount()
"""


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        ({"shop/management/commands/all.py": "recount.Command().recount()"}, 0),
        ({"shop/tasks.py": "from {} import Command\ndef later(): Command().handle_all()\n"}, 0),
        ({"scripts/once.py": "from {} import Command\nCommand().recount()\n"}, 0),
        ({"shop/tasks.py": "from {} import Command\ndef task(): Command().recount()\n"}, 1),
        (
            {
                "shop/tasks.py": "from shop.counts import later\nlater()\n",
                "shop/counts.py": "from {} import Command\ndef later(): Command().recount()\n",
            },
            1,
        ),
        ({"Procfile": "release: python manage.py recount\n"}, 1),
        ({"Procfile": "release: python manage.py other\n"}, 0),
    ],
)
def test_names_a_command_that_something_else_calls(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    module = RECOUNT.removesuffix(".py").replace("/", ".")
    given = {path: text.replace("{}", module) for path, text in files.items()}
    files = {"shop/locks.py": WRAPPER, RECOUNT: LOCKING, **given}
    if not count:
        assert list(RULE.find(make_project(files))) == []
        return
    lock, _ = RULE.find(make_project({**files, "shop/stock.py": CALLER}))
    assert [*map(str, lock.related)] == [f"{RECOUNT}:5", "shop/stock.py:4"]


def test_names_no_caller_of_a_function_that_lets_go_of_its_lock(
    make_project: Callable[..., Project],
) -> None:
    work = HEAD + "def work():\n  with advisory_lock('x'): ..."
    (finding,) = RULE.find(
        make_project({"shop/work.py": work, "shop/code.py": "from shop.work import work\nwork()"})
    )
    assert finding.related == ()


@pytest.mark.parametrize(
    "code",
    [
        "from pglock import Timeout\ndef f(): raise Timeout('x')",
        "from pglock import timeout as limit\ndef f():\n  with limit(seconds=1): ...",
        "from shop.locks import advisory_lock as lock\ndef f():\n  with lock('x'): ...",
        "from .locks import advisory_lock\ndef f():\n  with advisory_lock('x'): ...",
        "from locks import advisory_lock\ndef f():\n  with advisory_lock('x'): ...",
        "from shop.locks import lock\ndef f():\n  with lock('x'): ...",
        "import threading\nlock = threading.Lock()\ndef f():\n  with lock: ...",
    ],
)
def test_leaves_alone_what_is_no_lock_of_these_packages(
    make_project: Callable[..., Project], code: str
) -> None:
    files = {"shop/code.py": code, "shop/locks.py": "def advisory_lock(name): ..."}
    assert list(RULE.find(make_project(files))) == []


def test_what_helps_depends_on_what_is_left(make_project: Callable[..., Project]) -> None:
    hints = {
        "SELECT pg_advisory_lock(1)": "pg_advisory_xact_lock",
        "LISTEN orders": "a connection of its own",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY": "SET TRANSACTION",
        "SET search_path TO tenant": "SET LOCAL",
        "CREATE TEMP TABLE t (id int)": "ON COMMIT DROP",
        "CREATE TEMP VIEW v AS SELECT 1": "drop it in one transaction",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1": "without WITH HOLD",
    }
    files = {
        f"shop/code{number}.py": f"def f(c): c.execute('{text}')"
        for number, text in enumerate(hints)
    }
    found = {each.location.path: each.hint for each in RULE.find(make_project(files))}
    for path, hint in zip(files, hints.values(), strict=True):
        assert hint in found[path]
