"""process-dict-cache: each process remembers by itself."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.process_dict_cache import RULE


def find(make_project: Callable[..., Project], code: str, name: str = "shop/code.py") -> list[Any]:
    return list(RULE.find(make_project({name: textwrap.dedent(code)})))


HEAD = """
import time, requests
from collections import defaultdict
from django.dispatch import receiver
from django.shortcuts import get_object_or_404
from shop.models import Order
_CACHE = {}
_ITEMS = []
_SEEN = defaultdict(list)
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(pk): _CACHE[pk] = Order.objects.get(pk=pk)",
        "def f(pk):\n  order = get_object_or_404(Order, pk=pk)\n  _CACHE[pk] = order.total",
        "def f(request): _CACHE['user'] = request.user",
        "def f(request): _ITEMS.append(request.POST['x'])",
        "def f(request): _CACHE[request.META['REMOTE_ADDR']] += 1",
        "import queue\nJOBS = queue.Queue()\ndef f(request): JOBS.put(request.body)",
        "def f(k):\n  r = requests.get(k, timeout=5)\n  _CACHE.update(r.json())",
        "def f(request): _SEEN[request.user.pk].append(request.path)",
        "def load(): return Order.objects.first()\ndef f(): _CACHE.setdefault('x', load())",
        "def f():\n  for order in Order.objects.all(): _CACHE[order.pk] = order",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = find(make_project, HEAD + code)
    assert finding.severity is Severity.WARNING
    assert finding.related


def test_a_signal_that_clears_it_makes_it_an_error(make_project: Callable[..., Project]) -> None:
    code = """
def f(pk): _CACHE[pk] = Order.objects.get(pk=pk)

@receiver(saved)
def forget(sender, instance, **kwargs): _CACHE.pop(instance.pk, None)
"""
    (finding,) = find(make_project, HEAD + code)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "code",
    [
        (
            "class C(Base):\n  kept: dict[int, str] = {}\n"
            "  def f(self, pk): self.kept[pk] = Order.objects.get(pk=pk)"
        ),
        (
            "class C(BaseModel):\n  kept: ClassVar[dict[int, str]] = {}\n"
            "  def f(self, pk): self.kept[pk] = Order.objects.get(pk=pk)"
        ),
        (
            "def f(pk):\n  global _CACHE\n  if _CACHE is None:\n    _CACHE = {}\n"
            "  _CACHE[pk] = Order.objects.get(pk=pk)"
        ),
    ],
)
def test_what_all_objects_share_is_found(make_project: Callable[..., Project], code: str) -> None:
    assert len(find(make_project, HEAD + code)) == 1


def test_a_connected_receiver_counts_too(make_project: Callable[..., Project]) -> None:
    code = """
def f(pk): _CACHE[pk] = Order.objects.get(pk=pk)
def forget(sender, **kwargs): _CACHE.clear()
saved.connect(forget)
"""
    (finding,) = find(make_project, HEAD + code)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "code",
    [
        "def register(cls):\n  _CACHE[cls.name] = cls\n  return cls",
        "def f(name): _CACHE[name] = name.upper()",
        "def f(name): _CACHE[name] += 1",
        "def f(request):\n  counts = {}\n  counts[request.path] += 1\n  return counts",
        "import queue\nJOBS = queue.Queue()\ndef f(): JOBS.put(None)",
        "import queue\ndef f(request):\n  jobs = queue.Queue()\n  jobs.put(request.body)",
        "def f(pk):\n  now = time.monotonic()\n  _CACHE[pk] = (now, Order.objects.get(pk=pk))",
        "def f(pk):\n  _CACHE = {}\n  _CACHE[pk] = Order.objects.get(pk=pk)",
        "def f(_CACHE, pk): _CACHE[pk] = Order.objects.get(pk=pk)",
        "def f(pk): return _CACHE.get(pk)",
        "class C:\n  def f(self, pk): self.cache[pk] = Order.objects.get(pk=pk)",
        "_CACHE['x'] = 1",
        "def f(pk): return {**_CACHE, pk: Order.objects.get(pk=pk)}",
        "def f(pk):\n  found = []\n  found.append(Order.objects.get(pk=pk))\n  return found",
        (
            "class S(BaseModel):\n  seen: dict[int, str] = {}\n"
            "  def f(self, pk): self.seen[pk] = Order.objects.get(pk=pk)"
        ),
        (
            "class C:\n  kept = {}\n  version = 0\n  @classmethod\n  def f(cls, pk):\n"
            "    if cls.version != current():\n      cls.kept = {}\n"
            "    cls.kept[pk] = Order.objects.get(pk=pk)"
        ),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert find(make_project, HEAD + code) == []


FILLS = (
    HEAD + "class Load:\n  kept = {}\n  def run(self, k): self.kept[k] = Order.objects.get(pk=k)"
)
COMMAND = "shop/management/commands/load.py"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({COMMAND: "from shop.load import Load"}, 0),
        (
            {COMMAND: "from shop.steps import Load", "shop/steps.py": "from shop.load import Load"},
            0,
        ),
        ({COMMAND: "from shop.load import Load", "shop/tasks.py": "from shop.load import Load"}, 1),
        ({"shop/tasks.py": "from shop.load import Load"}, 1),
    ],
)
def test_what_only_commands_import_ends_with_them(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/load.py": FILLS, **files})))) == count


def test_what_is_loaded_by_its_name_does_not(make_project: Callable[..., Project]) -> None:
    files = {"shop/signals.py": FILLS, COMMAND: "from shop.signals import Load"}
    assert len(list(RULE.find(make_project(files)))) == 1


BASE = "from copy import deepcopy\nclass Base:\n  def __init__(self): self.rows = {}\n"
FORM = (
    "from shop.base import Base\nclass Form(Base):\n  rows = []\n"
    "  def f(self, pk): self.rows.append(Order.objects.get(pk=pk))"
)


@pytest.mark.parametrize(("made", "count"), [("deepcopy(self.rows)", 0), ("load(self)", 1)])
def test_what_a_base_class_copies_is_of_each_object(
    make_project: Callable[..., Project], made: str, count: int
) -> None:
    files = {"shop/base.py": BASE.format(made), "shop/form.py": HEAD + FORM}
    assert len(list(RULE.find(make_project(files)))) == count
