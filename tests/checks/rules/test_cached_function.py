"""cached-function: an answer from outside that is kept for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cached_function import RULE

HEAD = """import functools, requests
from functools import lru_cache, cache
from shop.models import Rate
"""


@pytest.mark.parametrize(
    "code",
    [
        "@lru_cache\ndef f(c): return Rate.objects.get(c=c)",
        "@functools.cache\ndef f(): return requests.get('x', timeout=5).json()",
        "@lru_cache(maxsize=None)\ndef f(): return list(Rate.objects.all())",
        "class C:\n  @classmethod\n  @cache\n  def f(cls): return Rate.objects.first()",
        "class C:\n  @cache\n  def f(self): return Rate.objects.first()\nrates = C()",
        "def load(): return Rate.objects.first()\n@cache\ndef f(): return load()",
        (
            "def ask(): return requests.get('x', timeout=5)\ndef load(): return ask()\n"
            "@cache\ndef f(): return load()"
        ),
        (
            "from django.db import models\nclass Price(models.Model): name = models.TextField()\n"
            "class C:\n  @staticmethod\n  @cache\n  def f(price: Price): return {'n': price.name}"
        ),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "@lru_cache\ndef f(c): return c.upper()",
        (
            "def ask(): return Rate.objects.first()\ndef load(): return ask()\n"
            "@cache\ndef f(): return load()"
        ),
        "class Price:\n  name = 1\n@lru_cache\ndef f(price: Price): return price.name",
        (
            "from django.db import models\nclass Price(models.Model): name = models.TextField()\n"
            "@cache\ndef f(price: Price): return type(price)"
        ),
        "@lru_cache\ndef f(c, ttl_hash=None): return Rate.objects.get(c=c)",
        "@lru_cache\ndef f(c): return Rate.objects.get(c=c)\ndef g(): f.cache_clear()",
        "def f(c): return Rate.objects.get(c=c)",
        "@cache\ndef f(request): return Rate.objects.get(c=request.GET['c'])",
        "class V(View):\n  @lru_cache(maxsize=1)\n  def f(self): return Rate.objects.first()",
        "@lru_cache\ndef f(): return str(Rate.objects.first().pk)",
        "@lru_cache\ndef client(): return requests.Session()",
        "from shop.lib import memo\n@memo\ndef f(): return Rate.objects.first()",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "@lru_cache\ndef f(c): return Rate.objects.get(c=c)"
    }
    assert list(RULE.find(make_project(files))) == []


def test_what_only_a_command_imports_is_silent(make_project: Callable[..., Project]) -> None:
    code = (
        "import functools, requests\n@functools.cache\ndef f(k): return requests.get(k, timeout=5)"
    )
    files = {"shop/feed.py": code, "shop/management/commands/load.py": "from shop.feed import f"}
    assert list(RULE.find(make_project(files))) == []
