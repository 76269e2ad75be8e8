"""What services are asked, and with what: each by its own client, and nothing is written."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.answering import serving
from support.projects import Projects, run_python

from django_scaleready.checks.project import Project
from django_scaleready.checks.services.databases import ask
from django_scaleready.drill.project import Project as DrillProject
from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor

pytestmark = pytest.mark.live

CELERY = {
    "shop/celery.py": """
from celery import Celery
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""
}
# What Redis' clients send when they connect, and what only reads.
HARMLESS = {
    "auth", "client|setinfo", "client|setname", "command", "config|get", "hello", "info", "ping",
    "select",
}  # fmt: skip


@pytest.fixture
def make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[Callable[..., Project]]:
    projects = Projects(tmp_path)
    # They read the settings when they are imported, which another test may have had done.
    monkeypatch.delitem(sys.modules, "huey.contrib.djhuey", raising=False)

    def made(files: dict[str, str], **settings: Any) -> Project:
        monkeypatch.setattr("django_q.conf.Conf.REDIS", settings.get("Q_CLUSTER", {}).get("redis"))
        project = projects.make(files, **settings)
        project.ask_services = True
        return project

    with django_db_blocker.unblock():
        yield made
    projects.close()


def configured(port: int, name: str = "postgres", **options: Any) -> dict[str, dict[str, Any]]:
    engine = "django.db.backends.postgresql"
    entry = {"ENGINE": engine, "NAME": name, "USER": USER, "HOST": "127.0.0.1", "PORT": port}
    return {"default": {**entry, **options}}


def in_redis(valkey: Valkey, backend: str, password: str = "") -> dict[str, Any]:
    url = valkey.url().replace("redis://", f"redis://:{password}@" if password else "redis://")
    return {
        "CACHES": {
            "default": {"BACKEND": backend, "LOCATION": url},
            "kept": {"BACKEND": backend, "LOCATION": url.removesuffix("0") + "1"},
        },
        "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"],
        "SESSION_ENGINE": "django.contrib.sessions.backends.cache",
        "SESSION_CACHE_ALIAS": "kept",
        "CELERY_BROKER_URL": url,
        "CELERY_RESULT_BACKEND": url,
        "CELERY_BEAT_SCHEDULER": "django_scaleready.celery.scheduler.Scheduler",
        "CELERY_REDBEAT_REDIS_URL": url,
        "CELERY_REDBEAT_LOCK_TIMEOUT": 15,
        "CELERY_BEAT_MAX_LOOP_INTERVAL": 5,
        "CELERY_BEAT_SCHEDULE": {"sweep": {"task": "sweep", "schedule": 60}},
        "HUEY": {"huey_class": "huey.RedisHuey", "name": "shop", "connection": {"url": url}},
        "Q_CLUSTER": {"redis": url},
        "INSTALLED_APPS": ["huey.contrib.djhuey", "django_q"],
    }


@pytest.mark.parametrize(
    ("backend", "scheduler"),
    [
        ("django.core.cache.backends.redis.RedisCache", "redbeat.RedBeatScheduler"),
        ("django_redis.cache.RedisCache", "django_scaleready.celery.scheduler.Scheduler"),
    ],
)
def test_one_server_is_one_however_much_is_kept_there(
    make: Callable[..., Project], own_valkey: Valkey, backend: str, scheduler: str
) -> None:
    settings = {**in_redis(own_valkey, backend), "CELERY_BEAT_SCHEDULER": scheduler}
    project = make(CELERY, **settings)
    (server,) = project.services.redis
    assert project.unknown == []
    assert [use.name for use in server.uses] == [
        "the cache 'default'",
        "the sessions",
        "Celery's tasks",
        "Celery's results",
        "beat's schedule",
        "huey's tasks",
        "django-q's tasks",
    ]
    assert server.facts.product.startswith("Valkey ")
    with own_valkey.client() as client:
        assert client.dbsize() == 0
        asked = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
    assert asked - {"dbsize"} <= HARMLESS


@pytest.mark.parametrize("password", ["swordfish", "herring"])
def test_a_password_is_the_client_s_own(
    make: Callable[..., Project], supervisor: Supervisor, password: str
) -> None:
    valkey = Valkey(supervisor, settings={"requirepass": "swordfish"})
    valkey.process.start()
    valkey.process.wait_until(lambda: "Ready to accept" in valkey.process.tail(), 10, "ready")
    backend = "django.core.cache.backends.redis.RedisCache"
    project = make(CELERY, **in_redis(valkey, backend, password))
    right = password == "swordfish"
    assert len(project.services.redis) == right
    assert len(project.unknown) == (0 if right else 7)
    assert password not in str(project.unknown)


@pytest.mark.needs("redis-server")
def test_so_is_tls(make: Callable[..., Project], supervisor: Supervisor) -> None:
    issuer = trustme.CA()
    authority, key, chain = (supervisor.directory / f"{n}.pem" for n in ("ca", "key", "chain"))
    issuer.cert_pem.write_to_path(authority)
    certificate = issuer.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(key)
    certificate.cert_chain_pems[0].write_to_path(chain)
    port = supervisor.port()
    process = supervisor.process(
        "redis-tls",
        [str(shutil.which("redis-server")), "--bind", "127.0.0.1", "--port", "0", "--save", "",
         "--tls-port", port, "--tls-cert-file", chain, "--tls-key-file", key,
         "--tls-ca-cert-file", authority, "--tls-auth-clients", "no"],
    )  # fmt: skip
    process.start()
    process.wait_until(lambda: "Ready to accept" in process.tail(), 10, "ready")
    url, trusted = f"rediss://localhost:{port}/0", {"ssl_ca_certs": str(authority)}
    settings = {
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": url,
                "OPTIONS": trusted,
            }
        },
        "CELERY_BROKER_URL": url,
        "CELERY_BROKER_USE_SSL": {**trusted, "ssl_cert_reqs": ssl.CERT_REQUIRED},
    }
    (server,) = make(CELERY, **settings).services.redis
    assert [use.name for use in server.uses] == ["the cache 'default'", "Celery's tasks"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (False, False, False)),
        ({"maxmemory": "50mb", "maxmemory-policy": "allkeys-lfu"}, (True, True, False)),
        ({"maxmemory": "50mb", "maxmemory-policy": "volatile-lru"}, (False, True, False)),
        ({"maxmemory-policy": "allkeys-lfu"}, (False, False, False)),
        ({"save": ""}, (False, False, True)),
        ({"save": "", "appendonly": "yes"}, (False, False, False)),
        ({"save": "", "rename-command CONFIG": ""}, (False, False, False)),
    ],
    ids=["snapshots", "allkeys", "volatile", "no limit", "nothing", "append-only", "no CONFIG"],
)
def test_what_a_server_keeps(
    make: Callable[..., Project],
    supervisor: Supervisor,
    settings: dict[str, str],
    expected: tuple[bool, bool, bool],
) -> None:
    given = {"save": "3600 1", **settings}
    if given.pop("rename-command CONFIG", None) is not None:
        file = supervisor.folder("config") / "valkey.conf"
        file.write_text('rename-command CONFIG ""\n')
        given["include"] = str(file)
    valkey = Valkey(supervisor, settings=given)
    valkey.start()
    url = valkey.url()
    backend = "django.core.cache.backends.redis.RedisCache"
    project = make({}, CACHES={"default": {"BACKEND": backend, "LOCATION": url}})
    (server,) = project.services.redis
    facts = server.facts
    assert (facts.evicts_anything, facts.evicts_what_expires, facts.forgets) == expected


def test_a_role_that_may_nothing_else_may_ask(
    make: Callable[..., Project], new_database: Callable[[], str], shared_postgres: Postgres
) -> None:
    name = new_database()
    shared_postgres.execute("CREATE ROLE reader LOGIN CONNECTION LIMIT 7")
    # Whatever wrote would be refused, and unknown.
    shared_postgres.execute("ALTER ROLE reader SET default_transaction_read_only = on")
    shared_postgres.execute("CREATE ROLE owner_of_all NOLOGIN")
    project = make({}, DATABASES=configured(shared_postgres.port, name, USER="reader"))
    (facts,) = project.services.databases
    assert project.unknown == []
    assert (facts.pooled, facts.unsupported) == (False, "")
    assert abs(facts.skew) < 1
    assert facts.limit is not None
    assert (facts.limit.connections, facts.limit.source) == (7, "the CONNECTION LIMIT of the role")
    (server,) = facts.servers
    assert server.cluster is not None
    assert str(server) == f"127.0.0.1:{shared_postgres.port}"


def test_its_connections_are_not_those_of_the_pool(
    shared_postgres: Postgres, django_db_blocker: Any
) -> None:
    # Two of the pool's would be more than there are, and the wait for the second long.
    pool = {"min_size": 1, "max_size": 1, "timeout": 60}
    began = time.monotonic()
    with django_db_blocker.unblock():
        facts = ask("default", configured(shared_postgres.port, OPTIONS={"pool": pool}))
    assert facts.servers
    assert time.monotonic() - began < 30


@pytest.mark.needs("pgbouncer")
@pytest.mark.parametrize("turns", ["0", "1"], ids=["last", "in turn"])
@pytest.mark.parametrize("mode", ["transaction", "statement", "session"])
def test_a_pooler_is_told_from_none(
    supervisor: Supervisor,
    shared_postgres: Postgres,
    django_db_blocker: Any,
    mode: str,
    turns: str,
) -> None:
    settings = {"pool_mode": mode, "server_round_robin": turns}
    pooler = PgBouncer(supervisor, shared_postgres, settings=settings)
    pooler.start()
    with django_db_blocker.unblock():
        assert ask("default", configured(pooler.port)).pooled is (mode != "session")


def test_a_standby_is_known_as_one(supervisor: Supervisor, django_db_blocker: Any) -> None:
    primary, standby = Postgres(supervisor, "primary"), Postgres(supervisor, "standby")
    data, copy = primary.process.directory, standby.process.directory
    assert data is not None
    assert copy is not None
    shutil.rmtree(copy)
    shutil.copytree(data, copy)
    (copy / "standby.signal").touch()
    for path in (copy, *copy.rglob("*")):
        shutil.chown(path, data.stat().st_uid, data.stat().st_gid)
    for postgres in (primary, standby):
        postgres.start()
    with django_db_blocker.unblock():
        found = [ask("default", configured(each.port)).servers for each in (primary, standby)]
    (first,), (second,) = found
    assert (first.standby, second.standby) == (False, True)
    assert first.cluster == second.cluster
    assert str(second).endswith("(a standby)")


def test_a_database_that_never_answers_is_undecided(
    make: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, own_valkey: Valkey
) -> None:
    monkeypatch.setattr("django_scaleready.checks.services.view.SECONDS", 2.0)
    backend = "django.core.cache.backends.redis.RedisCache"
    with serving(lambda _server, connection: _swallow(connection)) as silent:
        project = make(
            {},
            DATABASES=configured(silent.port),
            CACHES={"default": {"BACKEND": backend, "LOCATION": own_valkey.url()}},
        )
        began = time.monotonic()
        services = project.services
        took = time.monotonic() - began
    # The other one is not lost with it.
    assert services.databases == ()
    assert len(services.redis) == 1
    (unknown,) = project.unknown
    assert unknown.subject == "the server of DATABASES['default']"
    assert "no answer within 2 s" in unknown.reason
    assert took < 6


def _swallow(connection: Any) -> None:
    while connection.recv(65536):
        pass


def check(project: DrillProject, *options: str) -> subprocess.CompletedProcess[str]:
    live = ("--deploy-scale", "--live", "--tag", "scaleready-live")
    return project.manage("check", *live, *options, accept=(0, 1))


def test_a_deployment_is_asked_by_its_own_settings(after: DrillProject) -> None:
    done = check(after, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    # The drill's Valkey is to forget everything, and its pooler is somewhere else.
    found = {finding["slug"]: finding["severity"] for finding in document["findings"]}
    assert found == {"redis-forgets": "warning", "pooler-mismatch": "info"}
    postgres, valkey = document["services"]
    assert postgres.startswith("PostgreSQL ")
    assert valkey.endswith(
        "(the cache 'default', the cache 'sessions', Celery's tasks and beat's schedule)"
    )
    assert document["unknown"] == []
    with_level = check(after, "--fail-level", "WARNING")
    assert with_level.returncode == 1
    assert (
        "Nothing found that would break with 3 replicas (1 warning, 1 info)." in with_level.stdout
    )


def test_one_that_hangs_holds_the_command_for_seconds(tmp_path: Path, own_valkey: Valkey) -> None:
    with serving(lambda _server, connection: _swallow(connection)) as silent:
        # No time-out of its own, as Django leaves it.
        database = configured(silent.port, PASSWORD="swordfish")
        backend = "django.core.cache.backends.redis.RedisCache"
        caches = {"default": {"BACKEND": backend, "LOCATION": own_valkey.url()}}
        (tmp_path / "settings.py").write_text(
            f"SECRET_KEY = 'x'\nDATABASES = {database!r}\nCACHES = {caches!r}\n"
        )
        began = time.monotonic()
        done = run_python(
            tmp_path,
            *("-m", "django_scaleready", "check", "--deploy-scale", "--live"),
            *("--tag", "scaleready-live"),
            DJANGO_SETTINGS_MODULE="settings",
        )
        took = time.monotonic() - began
    assert "undecided the server of DATABASES['default']\n    no answer within 10 s" in done.stdout
    assert "Valkey" in done.stdout
    assert "swordfish" not in done.stdout + done.stderr
    assert done.returncode == 0
    # A start of Django on a busy machine, besides.
    assert 10 <= took < 40
