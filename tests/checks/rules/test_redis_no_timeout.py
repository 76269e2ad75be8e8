"""redis-no-timeout: a Redis that does not answer may be waited for without end."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.redis_no_timeout import RULE
from django_scaleready.checks.static.scan import scan

DJANGO = "django.core.cache.backends.redis.RedisCache"
DJANGO_REDIS = "django_redis.cache.RedisCache"
URL = "redis://redis/0"
USED = "from django.core.cache import cache, caches\ndef f(): return caches['other'], cache"


def redis_is(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: version)


def cache(backend: str = DJANGO, location: Any = URL, **options: Any) -> dict[str, Any]:
    return {"BACKEND": backend, "LOCATION": location, "OPTIONS": options}


@pytest.mark.parametrize(
    "entry",
    [
        cache(),
        cache(DJANGO_REDIS),
        cache(DJANGO_REDIS, SOCKET_CONNECT_TIMEOUT=5),
        cache(DJANGO_REDIS, CONNECTION_POOL_CLASS="redis.BlockingConnectionPool"),
    ],
)
def test_finds_a_cache_of_an_older_client(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]
) -> None:
    redis_is(monkeypatch, "7.4.1")
    (finding,) = RULE.find(make_project({"shop/views.py": USED}, CACHES={"default": entry}))
    assert "The cache 'default' has no time-out" in finding.message


@pytest.mark.parametrize(
    "entry",
    [
        cache(socket_timeout=5),
        cache(DJANGO_REDIS, SOCKET_TIMEOUT=5),
        cache(DJANGO_REDIS, CONNECTION_POOL_KWARGS={"socket_timeout": 5}),
        cache(DJANGO_REDIS, CONNECTION_FACTORY="shop.pools.Factory"),
        cache(location=f"{URL}?socket_timeout=5"),
        cache(location=[f"{URL}?socket_timeout=5"]),
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    ],
)
def test_leaves_a_cache_alone(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]
) -> None:
    redis_is(monkeypatch, "7.4.1")
    assert not list(RULE.find(make_project({"shop/views.py": USED}, CACHES={"default": entry})))


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (cache(), 0),
        (cache(DJANGO_REDIS, SOCKET_TIMEOUT=None), 0),
        (cache(socket_timeout=None), 1),
        (cache(DJANGO_REDIS, CONNECTION_POOL_KWARGS={"socket_timeout": None}), 1),
    ],
)
def test_a_client_with_a_time_out_of_its_own_may_be_told_none(
    make_project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    entry: dict[str, Any],
    found: int,
) -> None:
    redis_is(monkeypatch, "8.0.0")
    project = make_project({"shop/views.py": USED}, CACHES={"default": entry})
    assert len(list(RULE.find(project))) == found


def test_one_finding_for_all_caches(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_is(monkeypatch, "7.4.1")
    files = {"shop/views.py": USED}
    (finding,) = RULE.find(make_project(files, CACHES={"default": cache(), "other": cache()}))
    assert finding.message.startswith("The caches 'default' and 'other' have no time-out")


def test_a_cache_that_nobody_uses(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_is(monkeypatch, "7.4.1")
    assert not list(RULE.find(make_project(CACHES={"default": cache()})))


@pytest.mark.parametrize(
    "code",
    [
        "import redis\ndef f(): return redis.Redis('h').get('k')",
        "import redis\nclient = redis.from_url('redis://h')\ndef f(): return client.get('k')",
        "import redis\nKEPT = redis.from_url('redis://h')\n__all__ = ['KEPT']",
        "from redis import StrictRedis\ndef f(url): return StrictRedis.from_url(url)",
        "import redis\npool = redis.ConnectionPool()\nr = redis.Redis(connection_pool=pool)",
        "import redis\ndef f(h):\n  o = {'host': h}\n  o['port'] = 1\n  redis.Redis(**o)",
    ],
)
def test_finds_a_client(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    redis_is(monkeypatch, "7.4.1")
    assert len(list(RULE.find(make_project({"shop/views.py": code})))) == 1


@pytest.mark.parametrize(
    ("code", "version"),
    [
        ("import redis\ndef f(): return redis.Redis('h')", "8.0.1"),
        ("import redis\ndef f(): return redis.Redis('h', socket_timeout=5)", "7.4.1"),
        ("import redis\ndef f(): return redis.Redis('h', 6379, 0, None, 5)", "7.4.1"),
        ("import redis\ndef f(**o): return redis.Redis('h', **o)", "7.4.1"),
        ("import redis\ndef f(): return redis.Redis(**options())", "7.4.1"),
        ("import redis\ndef f(h): redis.Redis(**{'host': h, 'socket_timeout': 5})", "7.4.1"),
        ("import redis\ndef f(p): return redis.Redis(connection_pool=p)", "7.4.1"),
        ("import redis\ndef f(): return redis.from_url('redis://h?socket_timeout=5')", "7.4.1"),
        ("import redis\ndef f(): return redis.Redis('h').pubsub()", "7.4.1"),
        ("import redis\ndef f(): return redis.Redis('h').blpop('jobs')", "7.4.1"),
        ("import redis\nfrom rq import Worker\nWorker([], connection=redis.Redis('h'))", "7.4.1"),
        ("import redis.asyncio\ndef f(): return redis.asyncio.from_url('redis://h')", "7.4.1"),
        ("from shop.stand_in import Redis\ndef f(): return Redis('h')", "7.4.1"),
    ],
)
def test_leaves_a_client_alone(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, code: str, version: str
) -> None:
    redis_is(monkeypatch, version)
    assert not list(RULE.find(make_project({"shop/views.py": code})))


UNUSED = "import redis\nclient = redis.Redis('h')\nCLIENT_OF_ALL = redis.Redis('h')\n"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, 0),
        ({"shop/tasks.py": "from shop.clients import other\nclient = other()\nclient.get('k')"}, 0),
        ({"shop/tests/test_clients.py": "from shop.clients import client"}, 0),
        ({"shop/tasks.py": "from shop.clients import client\nclient.get('k')"}, 1),
        ({"shop/tasks.py": "from shop import clients\nclients.client.get('k')"}, 1),
        ({"shop/tasks.py": "from shop.clients import *\nclient.get('k')"}, 2),
    ],
)
def test_a_client_that_nobody_asks(
    make_project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, str],
    found: int,
) -> None:
    redis_is(monkeypatch, "7.4.1")
    findings = list(RULE.find(make_project({"shop/clients.py": UNUSED, **more})))
    assert sum(1 + len(finding.related) for finding in findings) == found


def test_a_client_that_a_library_may_take_from_the_settings(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_is(monkeypatch, "7.4.1")
    settings = "import redis\nINSTALLED_APPS = ['shop']\nLOCKS = redis.Redis('h')\n"
    assert len(list(RULE.find(make_project({"shop/settings.py": settings})))) == 1


def test_a_client_that_is_told_none(make_project: Callable[..., Project]) -> None:
    code = "import redis\ndef f(): return redis.Redis('h', socket_timeout=None)"
    assert len(list(RULE.find(make_project({"shop/views.py": code})))) == 1


def test_clients_of_commands(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_is(monkeypatch, "7.4.1")
    code = "import redis\nclient = redis.Redis('h')"
    assert not list(RULE.find(make_project({"shop/management/commands/load.py": code})))


@pytest.mark.parametrize(
    ("asked", "options", "found"),
    [
        ("redis==7.4.1", "{}", 1),
        ("redis>=5,<6", "{'MAX_ENTRIES': limit()}", 1),
        ("redis==8.0.0", "{}", 0),
        ("redis>=5", "{}", 0),
        ("celery[redis]==5.3", "{}", 0),
        ("redis==7.4.1", "{'SOCKET_TIMEOUT': env.int('REDIS_TIMEOUT')}", 0),
        ("redis==7.4.1", "{**options()}", 0),
        ("redis==7.4.1", "options()", 0),
    ],
)
def test_what_a_repository_asks_for(tmp_path: Path, asked: str, options: str, found: int) -> None:
    (tmp_path / "requirements.txt").write_text(asked)
    (tmp_path / "views.py").write_text(USED)
    (tmp_path / "settings.py").write_text(
        "from shop.deploy import env, limit, options\n"
        "INSTALLED_APPS = ['shop']\nROOT_URLCONF = 'urls'\nCACHES = {'default': {\n"
        f"'BACKEND': '{DJANGO_REDIS}', 'LOCATION': env('REDIS'), 'OPTIONS': {options}}}}}\n"
    )
    assert len([f for f in scan(tmp_path).found if f.rule.slug == RULE.slug]) == found
