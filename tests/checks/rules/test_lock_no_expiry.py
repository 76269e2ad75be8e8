"""lock-no-expiry: a lock has to end when its holder dies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.lock_no_expiry import RULE

HEAD = """import redis
import redis_lock
from django.core.cache import cache, caches
from django_redis import get_redis_connection
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  with cache.lock('x'): ...",
        "def f():\n  with cache.lock('x', blocking_timeout=3): ...",
        "def f():\n  with cache.lock('x', timeout=None): ...",
        "def f(): caches['locks'].lock('x').acquire()",
        "def f():\n  with redis.Redis().lock('x'): ...",
        "client = redis.from_url('redis://x')\ndef f():\n  with client.lock('x'): ...",
        "def f():\n  c = get_redis_connection()\n  c.setnx('lock:x', 1)",
        "def f(): get_redis_connection().set('lock:x', 1, nx=True)",
        "def f(redis_client): redis_client.lock('x').acquire()",
        "def f(c):\n  with redis_lock.Lock(c, 'x'): ...",
        "from redis.lock import Lock as L\ndef f(c):\n  with L(c, 'x'): ...",
        "def f(c):\n  k = redis_lock.Lock(c, 'x')\n  k.acquire()\n  k.release()",
        "def f(c):\n  k = redis_lock.Lock(c, 'x')\n  if k.locked(): return\n  with k: ...",
        "def f(me):\n  k = cache.lock('x', id=me)\n  if k.get_owner_id() != me: k.acquire()",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is Severity.WARNING
    assert finding.location.path == "shop/code.py"


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  with cache.lock('x', timeout=300): ...",
        "def f():\n  with cache.lock('x', 300): ...",
        "def f(o):\n  with cache.lock('x', **o): ...",
        "def f(c):\n  with redis_lock.Lock(c, 'x', expire=60): ...",
        "def f(c):\n  with redis_lock.Lock(c, 'x', 60): ...",
        "def f():\n  c = get_redis_connection()\n  c.setnx('lock:x', 1)\n  c.expire('lock:x', 9)",
        "def f(): get_redis_connection().set('lock:x', 1, nx=True, ex=60)",
        "def f(): get_redis_connection().set('greeted', 1, nx=True)",
        "def f(): get_redis_connection().set('lock:x', 1)",
        "def f(order): order.lock('x')",
        "def f(profile): profile.cache.lock()",
        "def f(c): return redis_lock.Lock(c, 'x').locked()",
        "def f(c, token):\n  k = redis_lock.Lock(c, 'x')\n  k.do_release(token)",
        "def f():\n  k = cache.lock('x')\n  if k.locked(): k.release()",
        "def f(me):\n  k = cache.lock('x', id=me)\n  if k.get_owner_id() == me: k.release()",
        "def f(c): return redis_lock.Lock(c, 'x').get_owner_id()",
        "import threading\ndef f():\n  with threading.Lock(): ...",
        "import settings\ndef f():\n  if settings.DEBUG: cache.lock('x')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": f"{HEAD}def f():\n  with cache.lock('x'): ..."}
    assert list(RULE.find(make_project(files))) == []
