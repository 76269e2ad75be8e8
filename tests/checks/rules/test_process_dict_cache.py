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
        # Of a visitor, whatever is kept, and however long.
        "def f(request): _CACHE[request.session.session_key] = make()",
        "def f(request, form):\n  k = request.session.session_key\n  _CACHE[k] = form.save()",
        "def f(self):\n  request = current()\n  _CACHE[str(request.user.id)] = self",
        "def f(ip):\n  if _CACHE.get(ip, 0) < time.time(): _CACHE[ip] = time.time() + 300",
        "def f(client_ip):\n  _CACHE[client_ip] += 1\n  return time.time()",
        # When one person last did something tells how often he may.
        (
            "def f(user_id):\n  now = time.time()\n  if now - _CACHE.get(user_id, 0) < 30: return\n"
            "  if len(_CACHE) > 9:\n    for k in [k for k in _CACHE if now > k]: del _CACHE[k]\n"
            "  _CACHE[user_id] = now"
        ),
        # Filled here, and replaced there.
        (
            "class C:\n  kept = {}\n  def f(self, pk): self.kept[pk] = Order.objects.get(pk=pk)\n"
            "  def g(self): C.kept = {o.pk: o for o in Order.objects.all()}"
        ),
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


OBJECTS = (
    HEAD
    + """
import threading
from types import SimpleNamespace
from asgiref.local import Local
from shop.elsewhere import made
class Stats:
  hits = 0
class Own(threading.local):
  hits = 0
STATS, NAMES, OWN, SHARED, LOCAL = Stats(), SimpleNamespace(), Own(), made(), Local()
COUNT = 0
LAST = None
"""
)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f(request): STATS.hits += 1", "STATS.hits counts in each"),
        ("def f(request):\n  def g(): STATS.hits -= 1\n  g()", "STATS.hits counts in each"),
        ("def f(request): Stats.hits += 1", "hits counts in each"),
        ("def f(request):\n  global COUNT\n  COUNT += 1", "COUNT counts in each"),
        ("@shared_task\ndef f():\n  global COUNT\n  COUNT += 1", "COUNT counts in each"),
        ("@receiver(saved)\ndef f(sender, **kwargs): NAMES.saved += 1", "NAMES.saved counts in"),
        ("def f(request): NAMES.last = request.user", "NAMES.last remembers values from"),
        ("def f(request):\n  global LAST\n  LAST = request.user", "LAST remembers values from"),
        (
            "def f():\n  global LAST\n  if LAST is None: LAST = Order.objects.get(pk=1)",
            "LAST remembers values from",
        ),
        (
            "def load(): return Order.objects.first()\ndef f():\n  global LAST\n  LAST = load()",
            "LAST remembers values from",
        ),
        (
            "class C:\n  @classmethod\n  def f(cls): cls.kept = list(Order.objects.all())",
            "kept remembers values from",
        ),
        ("def f(request):\n  global LAST\n  LAST += request.GET['x']", "LAST remembers values"),
        # A dictionary that is made anew, and never filled.
        (
            "KEPT = {}\ndef f():\n  global KEPT\n  KEPT = {o.pk: o for o in Order.objects.all()}",
            "KEPT remembers values",
        ),
        (
            (
                "def f(request):\n  global COUNT\n  COUNT += 1\n"
                "def g():\n  global COUNT\n  COUNT = Order.objects.first()"
            ),
            "COUNT remembers values",
        ),
    ],
)
def test_finds_a_variable(make_project: Callable[..., Project], code: str, message: str) -> None:
    (finding,) = find(make_project, OBJECTS + code)
    assert finding.message.startswith(message)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "code",
    [
        # Made once, whatever for.
        "def f(request):\n  global LAST\n  if LAST is None: LAST = Client()",
        "def f(request):\n  global LAST\n  LAST = True",
        # Each thread has its own.
        "def f(request): OWN.hits += 1",
        "def f(request): LOCAL.user = request.user",
        # What it is, its module says.
        "def f(request): SHARED.user = request.user",
        # Not the module's.
        "def f(request):\n  COUNT = 0\n  COUNT += 1",
        "def f(request, STATS): STATS.hits += 1",
        "def f(request):\n  STATS = Stats()\n  STATS.hits += 1",
        "def f(request): request.hits = 1",
        "class C:\n  def f(self, request): self.user = request.user",
        "class C:\n  def f(self, request):\n    cls = type(self)()\n    cls.user = request.user",
        # A primary key, and a row that the code describes.
        "def f():\n  global LAST\n  LAST = Order.objects.get(name='x').pk",
        "def f():\n  global LAST\n  LAST, made = Order.objects.get_or_create(name='x')",
        # What another host says of itself.
        "def f():\n  global LAST\n  LAST = requests.get('https://a.com/keys', timeout=5).json()",
        (
            "def ask(): return requests.get('https://a.com', timeout=5).json()\n"
            "def f():\n  global LAST\n  LAST = ask()"
        ),
        # Emptied by whoever asks, which may be a message to all.
        (
            "def f():\n  global LAST\n  LAST = Order.objects.first()\n"
            "def forget():\n  global LAST\n  LAST = None"
        ),
        (
            "KEPT = {}\ndef f():\n  global KEPT\n  KEPT = {o.pk: o for o in Order.objects.all()}\n"
            "def forget():\n  global KEPT\n  KEPT = {}"
        ),
        "KEPT = {}\ndef f():\n  global KEPT\n  KEPT = {name: C() for name in NAMES}",
        # Left by one signal for the next.
        (
            "@receiver(deleting)\ndef f(sender, **kwargs):\n  global LAST\n"
            "  LAST = Order.objects.first()\n"
            "@receiver(deleted)\ndef g(sender, **kwargs):\n  global LAST\n  LAST = None"
        ),
        # Numbers what is declared, at import.
        "class C:\n  def __init__(self): Stats.hits += 1",
        "def f():\n  global COUNT\n  COUNT += 1",
        # Expires.
        (
            "def f():\n  global LAST, AT\n  if time.time() > AT:\n"
            "    LAST, AT = Order.objects.first(), time.time() + 60"
        ),
        "from django.conf import settings\nif settings.DEBUG:\n  def f(request): STATS.hits += 1",
        "def f(request):\n  if settings.DEBUG: STATS.hits += 1",
    ],
)
def test_leaves_other_variables_alone(make_project: Callable[..., Project], code: str) -> None:
    assert find(make_project, OBJECTS + code) == []


def test_a_variable_that_a_signal_empties(make_project: Callable[..., Project]) -> None:
    code = """
def f():
  global LAST
  if LAST is None: LAST = Order.objects.first()

@receiver(saved)
def forget(sender, **kwargs):
  global LAST
  LAST = None
"""
    (finding,) = find(make_project, OBJECTS + code)
    assert finding.severity is Severity.ERROR


def test_a_command_may_count(make_project: Callable[..., Project]) -> None:
    name = "shop/management/commands/load.py"
    assert find(make_project, OBJECTS + "def f(request): STATS.hits += 1", name) == []


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
        "def f(lang): _CACHE[lang] = make(lang)",
        "def f(zip): _CACHE[zip] = make(zip)",
        "def f(script): _CACHE[script.ip_range] = make()",
        "def f(request): _CACHE[request.user.pk] = time.time(), request.user.groups.all()",
        "def f(request): _CACHE.pop(request.session.session_key, None)",
        "def f(pk):\n  now = time.monotonic()\n  _CACHE[pk] = (now, Order.objects.get(pk=pk))",
        "def f(user_id): _SEEN[user_id] = order(); _CACHE[user_id] = time.time()",
        "def f(user_id): _CACHE[user_id] = time.time(), Order.objects.get(pk=user_id)",
        "def f(key):\n  if time.time() - _CACHE.get(key, 0) > 9: _CACHE[key] = time.time()",
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
RUNS = "from shop.load import Load\ndef go(k): Load().run(k)\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({COMMAND: "from shop.load import Load"}, 0),
        (
            {COMMAND: "from shop.steps import Load", "shop/steps.py": "from shop.load import Load"},
            0,
        ),
        ({COMMAND: "from shop.load import Load", "shop/tasks.py": RUNS}, 1),
        ({"shop/tasks.py": RUNS}, 1),
        # Nobody fills it.
        ({"shop/tasks.py": "from shop.load import Load"}, 0),
    ],
)
def test_what_only_commands_import_ends_with_them(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/load.py": FILLS, **files})))) == count


def test_what_is_loaded_by_its_name_does_not(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/signals.py": f"{FILLS}\ndef go(k): Load().run(k)\n",
        COMMAND: "from shop.signals import Load",
    }
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


IMPORTER = """
class Importer:
    slugs = {}
    def __init__(self, REQUEST): self.request = REQUEST
    def load(self, kind):
        FILL
    def run(self): return READ
"""
FILL = "self.slugs[kind] = Order.objects.get(kind=kind)"


@pytest.mark.parametrize(
    ("request_name", "fill", "read", "count"),
    [
        ("request", FILL, "self.slugs['food']", 0),
        # What stands there already is asked for.
        ("request", FILL, "self.slugs.get('food')", 1),
        ("request", FILL, "'food' in self.slugs", 1),
        ("request", f"if kind: {FILL}", "self.slugs['food']", 1),
        # Whoever makes it may keep it.
        ("shop", FILL, "self.slugs['food']", 1),
    ],
)
def test_entries_that_each_object_puts_there_anew(
    make_project: Callable[..., Project], request_name: str, fill: str, read: str, count: int
) -> None:
    code = IMPORTER.replace("REQUEST", request_name).replace("FILL", fill).replace("READ", read)
    assert len(find(make_project, HEAD + code)) == count


DIGEST = """
class Digest:
    counts = {"orders": 0}
    def collect(self):
        self.counts["orders"] = Order.objects.count()
        return self.counts
    def subject(self): return self.counts["orders"]
"""


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("Digest:", "Digest(Mail):", 0),
        ("        return self.counts\n", "", 1),
        ('self.counts["orders"] =', 'if self.late: self.counts["orders"] =', 1),
        ('return self.counts["orders"]', 'return self.counts.get("orders")', 1),
        ('return self.counts["orders"]', 'return Digest.counts["orders"]', 1),
        ("def collect(self)", "def collect(self, kind)", 0),
        ('self.counts["orders"] =', "self.counts[self.kind] =", 1),
    ],
)
def test_entries_that_a_method_fills_and_returns(
    make_project: Callable[..., Project], old: str, new: str, count: int
) -> None:
    assert len(find(make_project, HEAD + DIGEST.replace(old, new))) == count


def test_entries_of_an_object_that_the_module_makes(make_project: Callable[..., Project]) -> None:
    code = DIGEST + "    def __init__(self): ...\nDIGEST = Digest()\n"
    assert len(find(make_project, HEAD + code)) == 1


INDEX = """
from django.db.models import Max
from shop.models import Change, Item
class Index:
    _index = None
    _version = None

    @classmethod
    def _build(cls):
        newest = Change.objects.aggregate(top=Max('id'))['top']
        cls._index = make(list(Item.objects.all()))
        cls._version = newest
        return cls._index

    @classmethod
    def _changes(cls):
        {asks}

    @classmethod
    def latest(cls):
        if cls._index is None:
            return cls._build()
        for change in cls._changes():
            cls._index.add(change)
        return cls._index
"""
NEWER = "return list(Change.objects.filter(id__gt=cls._version))"
COMPARED = (
    "newest = Change.objects.aggregate(top=Max('id'))['top']\n"
    "        return list(Change.objects.all()) if newest != cls._version else []"
)
UNCHECKED = "\n    @classmethod\n    def first(cls):\n        return cls._index\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (INDEX.format(asks=NEWER), 0),
        (INDEX.format(asks=COMPARED), 0),
        (INDEX.format(asks="return []"), 1),
        (INDEX.format(asks=NEWER) + UNCHECKED, 1),
    ],
)
def test_what_is_brought_up_to_date_before_it_is_given(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(find(make_project, code)) == count


def test_what_one_method_keeps_in_a_class_is_one_finding(
    make_project: Callable[..., Project],
) -> None:
    (finding,) = find(make_project, INDEX.format(asks="return []"))
    assert finding.message.startswith("_index ")
    assert [place.line for place in finding.related] == [4, 12]


MAKER = """
class Form:
    OPTIONS = {}

    def __init__(self, user):
        self.user = user
        for order in Order.objects.all():
            self.fields[order.pk] = Field()
            self.OPTIONS[order.pk] = order
        self.names = [order.name for order in self.OPTIONS.values()]

    def clean(self):
        return [self.OPTIONS[key] for key in self.chosen]
"""


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("", "", 0),
        ("Order.objects.all()", "Order.objects.filter(public=True)", 0),
        ("Order.objects.all()", "list(Order.objects.all())", 0),
        ("OPTIONS[order.pk] = ", "OPTIONS[f'order_{order.pk}'] = ", 0),
        ("self.user = user", "self.user = user or 'nobody'", 0),
        ("OPTIONS = {}", "OPTIONS = dict()", 0),
        # It is asked first, or fills what is missing, or hands out what is there.
        ("self.user = user", "if self.OPTIONS: return", 1),
        ("self.user = user", "if not user: return", 1),
        ("Order.objects.all()", "Order.objects.filter(user=user)", 1),
        ("    self.OPTIONS[order.pk] = ", "    if order.pk: self.OPTIONS[order.pk] = ", 1),
        (
            "    self.fields[",
            "    if order.pk in self.OPTIONS: continue\n            self.fields[",
            1,
        ),
        ("[self.OPTIONS[key] for key in self.chosen]", "self.chosen in self.OPTIONS", 1),
        ("self.chosen]", "self.chosen]\ndef known(pk): return Form.OPTIONS[pk]", 1),
    ],
)
def test_rows_that_each_object_goes_through(
    make_project: Callable[..., Project], old: str, new: str, count: int
) -> None:
    assert len(find(make_project, HEAD + MAKER.replace(old, new))) == count


EITHER = """
class Rules:
    kept = {"a": None, "b": None}

    def apply(self, kind, text):
        if self.cached and self.kept[kind] is None:
            self.kept[kind] = {}
            for order in Order.objects.filter(kind=kind):
                self.kept[kind][order.pk] = order.text
        else:
            self.kept[kind] = {}
        return self.kept[kind].values()
"""


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("", "", 0),
        ("self.kept[kind] is None", "kind not in self.kept", 0),
        ("else:\n            self.kept[kind] = {}", "else:\n            self.kept[kind] = None", 0),
        ("self.kept", "KEPT", 0),
        ("self.cached and ", "", 0),
        (".values()", "", 0),
        ("order.text", "order", 0),
        ("kind] = {}\n            for", "kind] = dict()\n            for", 0),
        # One way leaves it, or it is read before, elsewhere or under another key.
        ("        else:\n            self.kept[kind] = {}\n", "", 1),
        ("None:\n            self.kept[kind] = {}", "None:\n            kind = str(kind)", 1),
        ("None:\n            self.kept[kind] = {}", "None:\n            send(self.kept[kind])", 1),
        ("else:\n            self.kept[kind]", "else:\n            self.kept['b']", 1),
        ("return self.kept[kind]", "return self.kept['a']", 1),
        ("return self.kept[kind].values()", "return self.kept.get('a')", 1),
        ("self.kept[kind].values()", "1\n    def all(self): return self.kept", 1),
    ],
)
def test_an_entry_that_is_written_whichever_way_it_goes(
    make_project: Callable[..., Project], old: str, new: str, count: int
) -> None:
    code = "KEPT = {}\n" + EITHER.replace(old, new)
    assert len(find(make_project, HEAD + code)) == count


SCRATCH = """
MENUS = {}
def fill(request):
    MENUS[request.session.session_key] = [row.name for row in Order.objects.all()]

def menus(request):
    MENUS[request.session.session_key] = []
    fill(request)
    return {"menus": MENUS.get(request.session.session_key)}
"""


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("", "", 0),
        (".get(request.session.session_key)", "[request.session.session_key]", 0),
        ("def fill", "def more(request): MENUS[request.user.pk] = 1\n\ndef fill", 0),
        # Perhaps, another entry, all of them, or of another function.
        ("def menus(request):\n", "def menus(request):\n    if request.GET:\n    ", 1),
        ("] = []", "] = MENUS.get(request.session.session_key)", 1),
        ("MENUS.get(request.session.session_key)", "MENUS.get(request.user.pk)", 1),
        ("MENUS.get(request.session.session_key)", "MENUS", 1),
        ("def fill", "def more(request): return MENUS[request.GET['a']]\n\ndef fill", 1),
    ],
)
def test_an_entry_that_is_written_before_it_is_read(
    make_project: Callable[..., Project], old: str, new: str, count: int
) -> None:
    assert len(find(make_project, HEAD + SCRATCH.replace(old, new))) == count


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("from shop.code import menus", 0),
        ("from shop.code import menus\nfrom shop.other import MENUS", 0),
        ("from shop.code import MENUS, menus", 1),
        ("from shop import code\ndef f(): return code.MENUS", 1),
    ],
)
def test_an_entry_that_another_file_may_read(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    project = make_project({"shop/code.py": HEAD + SCRATCH, "shop/views.py": code})
    assert len(list(RULE.find(project))) == count


SHARED = """
from django.db import models

class Emoji(models.Model):
    def save(self):
        if not hasattr(Emoji, "local"):
            Emoji.local = {e.name: e for e in Emoji.objects.all()}
        return self.name in Emoji.local
"""
FORGETS = """
from shop.models import Emoji

def changed(view):
    Emoji.{name} = {{e.name: e for e in Emoji.objects.all()}}
"""


@pytest.mark.parametrize(("name", "places"), [("local", [3]), ("other", [1, 2])])
def test_an_attribute_that_several_files_fill_is_one_finding(
    make_project: Callable[..., Project], name: str, places: list[int]
) -> None:
    filled = FORGETS.format(name=name)
    files = {"shop/admin.py": filled, "shop/models.py": SHARED, "shop/views.py": filled}
    found = list(RULE.find(make_project(files)))
    assert found[0].location.path == "shop/models.py"
    filling = [{at.path for at in (one.location, *one.related)} for one in found]
    assert [len(paths) for paths in filling] == places


def test_the_first_of_several_places_is_named(make_project: Callable[..., Project]) -> None:
    code = (
        "SITES = {}\ndef site(request, key):\n  if key not in SITES:\n"
        "    SITES[key] = Order.objects.get(pk=key)\n  if request.GET:\n"
        "    SITES[request.GET['key']] = Order.objects.get(pk=request.GET['key'])\n"
        "  return SITES[key]\n"
    )
    (finding,) = RULE.find(make_project({"shop/sites.py": HEAD + code}))
    assert finding.location.line == min(place.line or 0 for place in finding.related) + 3


SITES = (
    "from django.contrib.sites.models import Site\nfrom django.db.models.signals import pre_save\n"
)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def f(sender, **kwargs): Site.objects.clear_cache()\npre_save.connect(f)", 1),
        ("def f(request): Site.objects.clear_cache()", 0),
        ("def f(sender, **kwargs): Other.objects.clear_cache()\npre_save.connect(f)", 0),
    ],
)
def test_the_sites_that_a_signal_clears(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    found = find(make_project, SITES + code)
    assert [each.severity for each in found] == [Severity.ERROR] * count


JOBS = """
import uuid
JOBS = {}
def start(request):
  job = uuid.uuid4().hex
  JOBS[job] = {'state': 'running'}
"""


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def state(request, job): return JsonResponse(JOBS[job])", 1),
        ("def state(request, job=None): return JsonResponse(JOBS.get(job, {}))", 1),
        ("def state(request): return JsonResponse(JOBS['x'])", 0),
        ("def state(job): return JOBS[job]", 0),
        ("def state(request, job):\n  JOBS = rows()\n  return JOBS[job]", 0),
        ("KINDS = {}\ndef register(n, k): KINDS[n] = {'k': k}\ndef f(request, n): KINDS[n]", 0),
    ],
)
def test_what_a_view_asks_for_by_its_address(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(find(make_project, JOBS + code)) == count


ADDS = "urlpatterns.append(path('a', b))"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("from shop.urls import urlpatterns\ndef f(request): urlpatterns.append(path(A, b))", 1),
        ("def f(pk):\n  from shop import urls\n  urls.urlpatterns.extend(A)", 1),
        ("urlpatterns = []\ndef f(sender, **kw): urlpatterns.insert(0, a)\nsaved.connect(f)", 1),
        # The same in all processes, or a list of its own.
        ("from shop.urls import urlpatterns\n" + ADDS, 0),
        ("urlpatterns = []\ndef add(a): urlpatterns.append(a)\nadd(1)", 0),
        ("from shop.urls import urlpatterns\nclass C(AppConfig):\n  def ready(self): " + ADDS, 0),
        ("def f(request):\n  urlpatterns = []\n  urlpatterns.append(request.path)", 0),
        ("def f(request, urlpatterns): urlpatterns.append(request.path)", 0),
        ("from shop.urls import urlpatterns\ndef register_routes(app): " + ADDS, 0),
        ("class S:\n  def f(self, a): self.urlpatterns.append(a)", 0),
    ],
)
def test_routes_that_a_request_adds(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    found = find(make_project, "from django.apps import AppConfig\n" + code)
    assert [one.severity for one in found] == [Severity.WARNING] * count
    assert all("gets routes" in one.message for one in found)


STORE = """
class Graph:
  def __init__(self, poll):
    rows = Order.objects.filter(poll=poll)
    {}

class Store:
  graphs = {{}}

  def graph(self, poll):
    if poll not in self.graphs:
      self.graphs[poll] = Graph(poll)
    return self.graphs[poll]
"""


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("for row in rows: self.add(row.left, row.right)", 1),
        ("self.pairs = {row.left: row.right for row in rows}", 1),
        ("self.size = rows.exclude(late=True).count()", 1),
        ("self.rows = rows", 0),
        ("self.rows = rows.exclude(late=True).order_by('at')", 0),
        ("for row in poll.rows: self.add(row.left, row.right)", 0),
    ],
)
def test_what_is_made_of_rows_that_a_name_is_bound_to(
    make_project: Callable[..., Project], line: str, count: int
) -> None:
    assert len(find(make_project, HEAD + STORE.format(line))) == count


SYNCS = "from shop.work import sync\nclass Command(BaseCommand):\n  def handle(self): sync(1)"
CALLS = "from django.core.management import call_command\n"


@pytest.mark.parametrize(
    ("path", "code", "count"),
    [
        ("shop/tasks.py", "@shared_task\ndef work(): call_command('sync_all')", 1),
        ("shop/views.py", "def view(request): call_command('sync_all')", 1),
        ("shop/tasks.py", "@shared_task\ndef work(): call_command('other')", 0),
        ("shop/views.py", "def view(request): call_command(request.name)", 0),
        (
            "shop/management/commands/all.py",
            "class Command(BaseCommand):\n  def handle(self): call_command('sync_all')",
            0,
        ),
        ("shop/tasks.py", "@shared_task\ndef work(): subprocess.run(['sync_all'])", 0),
    ],
)
def test_a_command_may_be_called_in_a_worker(
    make_project: Callable[..., Project], path: str, code: str, count: int
) -> None:
    files = {
        "shop/work.py": HEAD + "def sync(pk): _CACHE[pk] = Order.objects.get(pk=pk)",
        "shop/management/commands/sync_all.py": SYNCS,
        path: CALLS + code,
    }
    assert len(list(RULE.find(make_project(files)))) == count


QUERYSET = """from django.db.models import F
from shop.models import Order
from shop.serializers import OrderSerializer

class Orders(ViewSet):
    queryset = Order.objects.filter(late=True)
    empty = Order.objects.none()

    def all(self, request):
        {}
"""


@pytest.mark.parametrize(
    "line",
    [
        "return Response(OrderSerializer(self.queryset, many=True).data)",
        "return Response(self.get_serializer(instance=self.queryset, many=True).data)",
        "rows = self.queryset; return Response(OrderSerializer(rows, many=True).data)",
        "return Response([row.pk for row in self.queryset])",
        "return Response(len(Orders.queryset))",
    ],
)
def test_a_queryset_of_a_class_keeps_its_rows(
    make_project: Callable[..., Project], line: str
) -> None:
    (finding,) = find(make_project, QUERYSET.format(line))
    assert (finding.location.line, finding.related[0].line) == (10, 6)
    assert "keeps its first rows" in finding.message


@pytest.mark.parametrize(
    "line",
    [
        "return Response(OrderSerializer(self.queryset.all(), many=True).data)",
        "return Response(OrderSerializer(self.queryset.get(pk=request.GET['pk'])).data)",
        "rows = self.queryset\n        rows = rows.filter(of=request.user); return list(rows)",
        "self.queryset = Order.objects.filter(of=request.user); return list(self.queryset)",
        "return list(self.empty)",
        "return list(self.orders)",
        "return self.queryset.count()",
        "return list(Order.objects.filter(pk__in=self.queryset))",
    ],
)
def test_a_copy_of_a_queryset_asks_anew(make_project: Callable[..., Project], line: str) -> None:
    assert find(make_project, QUERYSET.format(line)) == []


ADMIN = """from django.contrib import admin
from django.urls import path

class OrderAdmin(admin.ModelAdmin):
    def changelist_view(self, request, extra_context=None):
        self.importer = make_importer()
        return super().changelist_view(request, extra_context)

    def save_model(self, request, obj, form, change):
        self.changed = obj.pk

    def response_change(self, request, obj):
        return str(self.changed)

    def update(self, request, queryset):
        self.importer.update(queryset)

    def get_urls(self):
        return [path("load/", self.admin_site.admin_view(self.load)), *super().get_urls()]

    def load(self, request):
        {}
"""


def test_what_a_view_of_the_admin_leaves_for_another(make_project: Callable[..., Project]) -> None:
    code = ADMIN.format("return self.importer.load()")
    (finding,) = find(make_project, code)
    assert finding.location.line == 6
    base = code.replace("admin.ModelAdmin", "OrdersMixin")
    assert find(make_project, base) == []


@pytest.mark.parametrize(
    "line",
    [
        "return make_importer().load()",
        "self.importer = make_importer(); return self.importer.load()",
        "page = self.changelist_view(request); return page, self.importer",
        "return self.changed",
    ],
)
def test_what_the_same_request_has_left(make_project: Callable[..., Project], line: str) -> None:
    assert find(make_project, ADMIN.format(line)) == []


OWN = "shop.loaders.RowLoader"
ROW_LOADER = {
    "shop/loaders.py": """
from django.template.loaders.base import Loader
from shop.models import Mail
class RowLoader(Loader):
    def get_contents(self, origin): return Mail.objects.get(name=origin.name).text
class FolderLoader(Loader):
    def get_contents(self, origin): return origin.folder.read(origin.name)
"""
}
CACHED = "django.template.loaders.cached.Loader"
FILES = "django.template.loaders.filesystem.Loader"


@pytest.mark.parametrize(
    ("loaders", "count"),
    [
        ([(CACHED, [FILES, OWN])], 1),
        ([(CACHED, [FILES, "dbtemplates.loader.Loader"])], 1),
        ([(CACHED, [(OWN, ["mails"])])], 1),
        ([(CACHED, [FILES]), OWN], 0),
        ([(CACHED, [FILES, "shop.loaders.FolderLoader"])], 0),
        ([(CACHED, [FILES, "other.loaders.RowLoader"])], 0),
        ([FILES, "dbtemplates.loader.Loader"], 0),
        ([], 0),
    ],
)
def test_a_loader_of_rows_is_asked_once_by_the_cached_one(
    make_project: Callable[..., Project], loaders: list[Any], count: int
) -> None:
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates"}
    project = make_project(ROW_LOADER, TEMPLATES=[{**engine, "OPTIONS": {"loaders": loaders}}])
    found = list(RULE.find(project))
    assert [each.severity for each in found] == [Severity.WARNING] * count
