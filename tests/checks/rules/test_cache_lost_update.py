"""cache-lost-update: what is read from the cache, changed, and written back."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cache_lost_update import RULE

HEAD = "from django.core.cache import cache, caches\nstore = caches['store']\n"
REDIS = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://localhost/0"}
LOCAL = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
DUMMY = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
TASK = "from celery import shared_task\n@shared_task\n"
CACHES = {"default": REDIS, "store": REDIS, "local": LOCAL, "none": DUMMY}


def function(body: str) -> dict[str, str]:
    return {"shop/views.py": HEAD + "def f(k, x, request):\n" + indent(body, "    ")}


@pytest.mark.parametrize(
    "body",
    [
        "cache.set(k, cache.get(k, 0) + 1)",
        "v = cache.get(k, [])\nv.append(x)\ncache.set(k, v)",
        "v = cache.get(k)\nif v is None:\n    v = []\nv.append(x)\ncache.set(k, v, timeout=5)",
        "v = cache.get(k) or {}\nv[x] = 1\ncache.set(k, v)",
        "v = cache.get(k, {})\nv.update(x)\ncache.set(key=k, value=v)",
        "v = cache.get(k, 0)\nv += 1\ncache.set(k, v)",
        "v = cache.get(k, [])\nif x not in v:\n    v.append(x)\n    cache.set(k, v)",
        "v = set(cache.get(k, []))\nv.add(x)\ncache.set(k, list(v))",
        "v = cache.get(k, set())\ncache.set(k, v | {x})",
        "v = cache.get(k, [])\ncache.set(k, [*v, x])",
        "v = cache.get(k)\nif v:\n    n, t = v\n    cache.set(k, (n + 1, t))",
        "v = cache.get(k)\nw = v + 1\ncache.set_many({k: w})",
        "v = cache.get(k, {})\nentry = v['a']\nentry.append(x)\ncache.set(k, v)",
        "v = store.get(k, {})\ndel v[x]\nstore.set(k, v)",
        "v = caches['store'].get(k, 0)\ncaches['store'].set(k, v + 1)",
        "for k in x:\n    cache.set(k, cache.get(k, 0) + 1)",
        "k = 'users:online'\nv = cache.get(k, [])\nv.append(request.user.pk)\ncache.set(k, v)",
        "k = f'seen-{livesession.pk}'\nv = cache.get(k, [])\nv.append(x)\ncache.set(k, v)",
        "try:\n    v = cache.get(k, 0)\nfinally:\n    pass\ncache.set(k, v + 1)",
        "if not cache.add(k, 1):\n    cache.set(k, cache.get(k) + 1)",
        "if (v := cache.get(k)) is not None:\n    cache.set(k, v + 1)",
        "cache.add('seen', 1)\ncache.set(k, cache.get(k, 0) + 1)",
        "if x.add('busy'):\n    cache.set(k, cache.get(k, 0) + 1)",
    ],
)
def test_finds(make_project: Callable[..., Project], body: str) -> None:
    assert len(list(RULE.find(make_project(function(body), CACHES=CACHES)))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "v = cache.get(k)\nif v is None:\n    v = load()\n    cache.set(k, v)",
        "v = cache.get(k)\nif not v:\n    v = []\n    v.append(x)\n    cache.set(k, v)\nreturn v",
        "v = cache.get(k)\nif v:\n    return v\nv = load()\nv.append(x)\ncache.set(k, v)",
        "v = cache.get(k)\nif v == MISS:\n    v = {}\n    v[x] = 1\n    cache.set(k, v)",
        "if (v := cache.get(k)) is None:\n    v = load() + 1\n    cache.set(k, v)",
        "v = cache.get(k)\nif v:\n    pass\nelse:\n    v = load()\n    v += 1\n    cache.set(k, v)",
        "v = cache.get(k, {})\nif not v:\n    v[x] = load()\n    cache.set(k, v)",
        "v = cache.get(k)\ncache.set(k, v, timeout=60)",
        "v = cache.get(k, {})\nif x not in v:\n    v[x] = load()\n    cache.set(k, v)\nreturn v[x]",
        "v = cache.get(k, [])\nv.append(x)\ncache.set(x, v)",
        "v = cache.get(k, [])\nv.append(x)\nk = 'other'\ncache.set(k, v)",
        "v = cache.get(k, [])\nv.append(x)\nstore.set(k, v)",
        "v = cache.get(k, [])\nv.append(x)\ncache.delete(k)",
        "v = cache.get(k, 0)\nreturn v + 1",
        "cache.add(k, 0)\ncache.incr(k)",
        "v = {}\nv[k] = v.get(k, 0) + 1\nv.set(k, v.get(k) + 1)",
        "with cache.lock('l', timeout=5):\n    cache.set(k, cache.get(k, 0) + 1)",
        "with store_lock(k):\n    v = cache.get(k, [])\n    v.append(x)\n    cache.set(k, v)",
        "if cache.add('busy', 1, 60):\n    cache.set(k, cache.get(k, 0) + 1)",
        "held = store.lock('l')\nheld.acquire()\ncache.set(k, cache.get(k, 0) + 1)",
        "Shop.objects.select_for_update().get()\ncache.set(k, cache.get(k, 0) + 1)",
        "k = f'tries:{request.user.pk}'\ncache.set(k, cache.get(k, 0) + 1)",
        "k = request.session.session_key\nv = cache.get(k, [])\nv.append(x)\ncache.set(k, v)",
        "k = f'tries:{session_key}'\ncache.set(k, cache.get(k, 0) + 1)",
        "k = progress_key(task_id)\nv = cache.get(k, {})\nv[x] = 1\ncache.set(k, v)",
        "none = caches['none']\nnone.set(k, none.get(k, 0) + 1)",
    ],
)
def test_leaves_alone(make_project: Callable[..., Project], body: str) -> None:
    assert not list(RULE.find(make_project(function(body), CACHES=CACHES)))


@pytest.mark.parametrize("head", [f"{TASK}def f(k):\n", "def f():\n    k = 'sent'\n"])
def test_finds_a_function(make_project: Callable[..., Project], head: str) -> None:
    code = HEAD + head + "    cache.set(k, cache.get(k, 0) + 1)"
    assert len(list(RULE.find(make_project({"shop/views.py": code}, CACHES=CACHES)))) == 1


@pytest.mark.parametrize(
    "head",
    [
        f"{TASK}def f():\n    k = 'sent'\n",
        "@lock_for('prices')\ndef f(k):\n",
        "from rest_framework.throttling import BaseThrottle\nclass T(BaseThrottle):\n  def f(k):\n",
    ],
)
def test_leaves_a_function_alone(make_project: Callable[..., Project], head: str) -> None:
    code = HEAD + head + "    cache.set(k, cache.get(k, 0) + 1)"
    assert not list(RULE.find(make_project({"shop/views.py": code}, CACHES=CACHES)))


def test_leaves_commands_alone(make_project: Callable[..., Project]) -> None:
    code = HEAD + "def f(k):\n    cache.set(k, cache.get(k, 0) + 1)"
    files = {"shop/management/commands/count.py": code}
    assert not list(RULE.find(make_project(files, CACHES=CACHES)))


def test_one_finding_for_a_function(make_project: Callable[..., Project]) -> None:
    body = "v = cache.get(k, 0)\nif x:\n    cache.set(k, v + 1)\nelse:\n    cache.set(k, v + 2)"
    (finding,) = RULE.find(make_project(function(body), CACHES=CACHES))
    assert finding.location.line == 6
    assert [place.line for place in finding.related] == [8]


def test_a_cache_of_one_process_leaves_it_information(make_project: Callable[..., Project]) -> None:
    code = HEAD + "local = caches['local']\ndef f(k): local.set(k, local.get(k, 0) + 1)"
    (finding,) = RULE.find(make_project({"shop/views.py": code}, CACHES=CACHES))
    assert finding.severity is Severity.INFO
    assert finding.message.endswith("once they share it.")


@pytest.mark.parametrize(
    ("alias", "severities"),
    [
        ("store", [Severity.WARNING]),
        ("local", [Severity.INFO]),
        ("none", []),
        (None, [Severity.WARNING]),
    ],
)
@pytest.mark.parametrize(
    "body",
    ["views.set(k, views.get(k, 0) + 1)", "c = caches[settings.VIEWS]\nc.set(k, c.get(k, 0) + 1)"],
)
def test_a_setting_may_name_the_cache(
    make_project: Callable[..., Project], body: str, alias: str | None, severities: list[Severity]
) -> None:
    head = "from django.conf import settings\nfrom django.core.cache import caches\n"
    code = f"{head}views = caches[settings.VIEWS]\ndef f(k):\n" + indent(body, "    ")
    project = make_project({"shop/views.py": code}, CACHES=CACHES, VIEWS=alias)
    assert [finding.severity for finding in RULE.find(project)] == severities
