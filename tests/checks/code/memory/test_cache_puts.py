"""What is put into a cache for others to find is named with a cache that is local."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cache_local import RULE

LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
HEAD = "from django.core.cache import cache\n"
LTI = "from pylti1p3.contrib.django import DjangoCacheDataStorage\n"


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (f"{HEAD}def f(): cache.set('x', 1)\n", [1, 2]),
        # The first one speaks for those that end.
        (f"{HEAD}def f(): cache.set('x', 1)\ndef g(): cache.set('y', 1, 60)\n", [1, 2]),
        (f"{HEAD}def f(): cache.set('x', 1)\ndef g(): cache.set('y', 1, None)\n", [1, 3, 2]),
        (f"{HEAD}def f(): cache.set_many(rows, timeout=None)\n", [1, 2]),
        (f"{HEAD}RATES = cache.get('rates')\n", [1, 2]),
        (f"{LTI}def f(): return DjangoCacheDataStorage()\n", [2]),
        (f"{LTI}def f(): return DjangoCacheDataStorage('default')\n", [2]),
        # Nothing is put there, it is another's, or nobody knows which it is.
        (f"{HEAD}def f(): return cache.get('x')\n", [1]),
        (f"{HEAD}def f(basket): basket.set('x', cache.get('x'), None)\n", [1]),
        (f"{HEAD}def f(): return cache.get_or_set('x', load, 60)\n", [1]),
        (f"{HEAD}if settings.DEBUG: cache.set('x', 1, None)\n", [1]),
        (f"{LTI}def f(): return DjangoCacheDataStorage('lti')\n", []),
        (f"{LTI}def f(name): return DjangoCacheDataStorage(name)\n", []),
        (f"{LTI}def f(): return isinstance(x, DjangoCacheDataStorage)\n", []),
    ],
)
def test_the_places_that_are_named(
    make_project: Callable[..., Project], code: str, lines: list[int]
) -> None:
    code = f"{code}from django.conf import settings\n"
    (finding,) = RULE.find(make_project({"shop/code.py": code}, CACHES={"default": LOCMEM}))
    assert [place.line for place in finding.related] == lines


def test_what_saves_work_for_a_time_stays_little(make_project: Callable[..., Project]) -> None:
    code = f"{HEAD}def f():\n  x = cache.get('x')\n  if x is None:\n    x = load()\n"
    code += "    cache.set('x', x, 60)\n  return x\n"
    (finding,) = RULE.find(make_project({"shop/code.py": code}, CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.INFO
    assert [place.line for place in finding.related] == [1]
