"""Where a cache only saves work, and where it hands something on, counts or locks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project

IMPORTS = "from django.core.cache import cache"
PAGE = "from django.views.decorators.cache import cache_page"
READS = (
    IMPORTS
    + """

def rates(key):
    found = cache.get(key)
    if found is None:
        found = load(key)
        cache.set(key, found, 60)
    return found
"""
)
ASKS = (
    IMPORTS
    + """

def rates(k):
    if cache.has_key(k):
        return cache.get(k)
    new = load(k)
    cache.set(k, new, 60)
    return new
"""
)


@pytest.mark.parametrize(
    ("code", "noted"),
    [
        (READS, [False]),
        (READS.replace("60", "timeout=HOUR"), [False]),
        (
            READS.replace("if found is None:", "if not found:").replace(
                "load(key)", "[]\n        found.append(load(key))"
            ),
            [False],
        ),
        (
            IMPORTS + "\ndef f(k):\n  v = cache.get(k)\n  if v: return v\n"
            "  new = load(k)\n  cache.set(k, new, 60)\n  return new",
            [False],
        ),
        (IMPORTS + "\ndef f(): return cache.get_or_set('x', load, 60)", [False]),
        (PAGE + "\n@cache_page(60)\ndef f(request): ...", [True]),
        (PAGE + "\n@cache_page(None)\ndef f(request): ...", []),
        (READS.replace(", 60", ""), [False]),
        (READS.replace("get(key)", "get(key, None)"), [False]),
        (ASKS, [False]),
        (ASKS.replace(", 60", ""), [False]),
        (ASKS.replace("cache.set(k, new, 60)", "cache.set(k, new, None)"), []),
        (ASKS.replace("cache.set(k, new, 60)", "cache.set(k, new, **options)"), []),
        # What is set is not what is answered, or what is there is only asked for.
        (ASKS.replace("return new", "return None"), []),
        (ASKS.replace("return cache.get(k)", "raise Locked(cache.get(k))"), []),
        (ASKS.replace("cache.set(k, new", "cache.set(k, True"), []),
        (ASKS.replace("cache.get(k)", "cache.get(k, 0)"), []),
        (READS.replace("60", "None"), []),
        (READS + "\ndef changed(key): cache.delete(key)", []),
        (READS + "\ndef done(key): cache.set(key, 'done', 60)", []),
        (READS + "\nhand_on(cache)", []),
        (READS.replace("load(key)", "found + 1"), []),
        (READS.replace("        cache", "    found += 1\n    cache"), []),
        (READS.replace("        cache", "    found.append(1)\n    cache"), []),
        (READS.replace("        cache", "    found[1] = 2\n    cache"), []),
        (READS.replace("get(key)", "get(key, 0)"), []),
        (
            IMPORTS + "\ndef f(k):\n  n = cache.get(k)\n  if n: return\n  cache.set(k, True, 60)\n",
            [],
        ),
        (
            IMPORTS + "\ndef f(k):\n  last = cache.get(k)\n  if last: return\n"
            "  cache.set(k, now(), 60)\n",
            [],
        ),
        (IMPORTS + "\ndef f(k):\n  if cache.get(k): return\n", []),
    ],
)
def test_notes_a_file_that_only_saves_work_for_a_time(
    make_project: Callable[..., Project], code: str, noted: list[bool]
) -> None:
    project = make_project({"shop/views.py": code})
    found = [fact.data[0] for _, fact in project.code.facts("cache-reads-through")]
    assert found == noted
