"""Not asking a file about what it cannot hold changes nothing that is found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from support.projects import examples

from django_scaleready.checks.code.clients.http import http_calls
from django_scaleready.checks.code.queries.database import queries
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.walk import parse
from django_scaleready.checks.registry import COLLECTORS, RULES

EXAMPLE = Path(__file__).parents[3] / "example_project"
# What is asked of some files only, as it is asked and as it would be of any file.
GATED = {slug: (c, c.__wrapped__) for slug, c in COLLECTORS if hasattr(c, "__wrapped__")}
# One of each that no rule's example shows.
MORE = {
    "shop/urls.py": "urlpatterns = [path('', include('shop.other'))]\n",
    "shop/logs.py": "import logging\nlogging.basicConfig()\nlog = logging.getLogger('shop')\n",
    "shop/counts.py": "from django.core.cache import cache\ndef f(): cache.incr('n')\n",
    "shop/lti.py": (
        "from pylti1p3.contrib.django import DjangoCacheDataStorage as Kept\nKEPT = Kept()\n"
    ),
    "shop/below.py": (
        "from django.conf import settings\ndef f(name): return settings.MEDIA_ROOT / name\n"
    ),
    "shop/beat.py": "app.conf.beat_schedule['x'] = {}\napp.add_periodic_task(1, f)\n",
    "shop/calls.py": "def f(): call_command('shop_sync')\n",
    "shop/queue.py": "def f(): enqueue('shop.tasks.sync')\n",
    "shop/scans.py": "def f(order): return open(order.scan.path)\n",
}


@cache
def readings() -> tuple[Reading, ...]:
    """Return the files of all rules' examples, of the example project, and those above."""
    texts = dict(MORE)
    for rule in RULES:
        page = sys.modules[rule.find.__module__].__doc__ or ""
        for heading in ("Bad", "Good"):
            for name, text in examples(page, heading).items():
                if name.endswith(".py"):
                    texts[f"{rule.slug}/{heading}/{name}"] = text
    for file in EXAMPLE.rglob("*.py"):
        texts[f"example/{file.relative_to(EXAMPLE).as_posix()}"] = file.read_text()
    modules = [parse(name, text.encode()) for name, text in texts.items()]
    return tuple(Reading(m, http_calls(m), list(queries(m))) for m in modules)


@pytest.mark.parametrize("slug", GATED)
def test_nothing_is_lost(slug: str) -> None:
    asked, anywhere = GATED[slug]
    expected = [list(anywhere(reading)) for reading in readings()]
    assert any(expected)
    assert [list(asked(reading)) for reading in readings()] == expected


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("call()", True),
        ("this.call", True),
        ("if settings.DEBUG:\n  this.call", True),
        ("this.call()()", True),
        ("call", False),
        ("call = 1", False),
        ("other()", False),
        ("", False),
    ],
)
def test_a_file_that_says_no_such_name_is_not_asked(
    module: Callable[[str], Module], text: str, is_asked: bool
) -> None:
    @only_with("call", "unheard_of")
    def collect(reading: Reading) -> Iterator[Fact]:
        yield Fact(1, "")

    assert list(collect(Reading(module(text), [], []))) == [Fact(1, "")] * is_asked
