"""What lives as long as its process, in the shapes that it takes, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.process_dict_cache import RULE

HEAD = """
import functools, os, requests, threading, time
from django.conf import settings
from django.db import models
from prometheus_client import Gauge
from rest_framework import serializers, viewsets
from shop.models import Order
_KEPT = {}
"""
MIDDLEWARE = """
class M:
  def __init__(self, get_response):
    self.get_response = get_response
    self.kept = []
    self.local = threading.local()
  def __call__(self, request):
"""
DECORATOR = """
def limit(view):
  calls = []
  @functools.wraps(view)
  def inner(request):
    {}
    return view(request)
  return inner
"""


INNER = (
    "def f(pks):\n  def inner(pk, cache={{}}):\n"
    "    cache[pk] = Order.objects.get(pk=pk)\n    return cache[pk]\n  {}"
)
DEFAULT = """def f(pk, {}):
  if pk in rows:
    row = rows[pk]
  else:
    {}
  return {}
"""
LOAD = "def load(pk): return {'a': Order.objects.get(pk=pk)}\n"
INITIAL = "class V({}):\n  def get_initial(self):\n    {}\n    return self.initial"


@pytest.mark.parametrize(
    "code",
    [
        "_KEPT = {}\ndef f(request): _KEPT[request.user.pk].append(1)",
        "def f(request): _KEPT[request.GET['id']] = {'state': 'running'}",
        MIDDLEWARE + "    self.kept.append(request.path)",
        MIDDLEWARE + "    began = time.time()\n    self.kept.append(request.path)",
        (
            "class C:\n  def __init__(self): self.kept = {}\n  def f(self, user): "
            "self.kept.setdefault(user, []).append(1)\ncarts = C()"
        ),
        (
            "class C:\n  _instance = None\n  def __new__(cls):\n    cls._instance = object()\n"
            "    cls._instance.kept = {}\n  def f(self, request): self.kept[1] = request.user"
        ),
        DECORATOR.format("calls.append(time.time())"),
        DECORATOR.format("now = time.time()\n    if len(calls) < 9: calls.append(now)"),
        (
            "class S(serializers.ModelSerializer):\n  kept = {}\n"
            "  def to_representation(self, obj): self.kept[obj.pk] = obj.name"
        ),
        "class V(viewsets.ModelViewSet):\n  kept = set()\n  def run(self, pk): self.kept.add(pk)",
        (
            "class C(AsyncWebsocketConsumer):\n  kept = {}\n"
            "  def connect(self): self.kept.setdefault(self.scope['path'], []).append(self)"
        ),
        (
            "class C(AsyncWebsocketConsumer):\n  kept = {}\n"
            "  def connect(self): self.kept[self.room] = [self.channel_name]"
        ),
        (
            "class T(Task):\n  kept = {}\n@app.task(base=T, bind=True)\n"
            "def f(self, pk): self.kept[pk] = Order.objects.get(pk=pk)"
        ),
        (
            "class N(models.Manager):\n  kept = {}\n"
            "  def f(self, name): self.kept[name] = self.get(name=name)"
        ),
        # A manager is its model's, and asks for its own rows.
        (
            "class N(models.Manager):\n  def __init__(self): self.kept = {}\n"
            "  def f(self, name): self.kept[name] = self.get(name=name)"
        ),
        (
            "class N(models.Manager):\n  kept = None\n  def f(self):\n"
            "    if self.kept is None: self.kept = tuple(row.a for row in self.open())"
        ),
        (
            "class C(metaclass=Singleton):\n  def __init__(self): self.kept = {}\n"
            "  def f(self, pk): self.kept[pk] = Order.objects.get(pk=pk)"
        ),
        MIDDLEWARE + "    if not self.names: self.names = list(Order.objects.all())",
        MIDDLEWARE + "    if a: self.user = request.user\n    if self.user: return self.user",
        (
            "def m(get_response):\n  hits = {}\n  def inner(request):\n"
            "    hits[request.user.pk] = 1\n    return get_response(request)\n  return inner"
        ),
        "def f(request):\n  global LAST\n  LAST = request.user",
        # The settings, changed in place.
        "def f(request): settings.FLAGS['a'] = request.POST['x']",
        "def f(request):\n  options = settings.OPTIONS\n  options.update(request.POST)",
        "def f(request): getattr(settings, 'SEEN', []).append(request.user.pk)",
        "class R:\n  def f(self):\n    o = settings.OPTIONS\n    o.update(self.options)",
        (
            "class R:\n  def f(self):\n    o = settings.OPTIONS\n    o.update(self.options)\n"
            "    return o.items()"
        ),
        "def f(sender, user, **kwargs): _KEPT[1] = user.pk\nuser_logged_in.connect(f)",
        "def f(sender, instance, **kwargs): _KEPT[1] = instance.pk\npost_save.connect(f)",
        (
            "class A(ModelAdmin):\n  readonly_fields = []\n"
            "  def changeform_view(self, request):\n    self.readonly_fields.extend(['a'])"
        ),
        (
            "class A(BaseAdmin):\n  list_display = []\n"
            "  def get_list(self, request):\n    self.list_display += ['a']"
        ),
        "LAST = None\ndef f():\n  global LAST\n  LAST = Order.objects.all()[0]",
        "def load(): return Order.objects.order_by('at')[0]\ndef f(): _KEPT[1] = load()",
        "JOB = None\ndef f():\n  global JOB\n  JOB = work.delay()",
        "def f(request): settings.FEATURE = request.POST['x']",
        "def f(request): os.environ['X'] = request.POST['x']",
        "def f(request): f.last = request.user.pk",
        "def f(request, _cache={}): _cache[request.GET['a']] = Order.objects.get(pk=1)",
        # A default that the function looks into first.
        (
            "def f(rows=[]):\n  if rows and len(rows): return rows\n"
            "  for row in Order.objects.all(): rows.append(row.at)\n  return rows"
        ),
        (
            "def f(pk, known={}):\n  if pk in known: return known[pk]\n"
            "  known[pk] = Order.objects.get(pk=pk)\n  return known[pk]"
        ),
        DEFAULT.format("rows={}", "rows[pk] = Order.objects.get(pk=pk)", "row"),
        DEFAULT.format("rows={}", "rows[pk] = row = Order.objects.get(pk=pk)", "{'rows': rows}"),
        DEFAULT.format("rows={}", "a = load(pk)\n    rows[a.pk] = a", "row") + LOAD,
        DEFAULT.format("rows={}", "a = load(pk)['a']\n    rows[a.pk] = a", "row") + LOAD,
        DEFAULT.format("rows={}", "a = load(pk)\n    b = a['b'].pk\n    rows[b] = b", "row") + LOAD,
        INNER.format("return inner"),
        INNER.format("post_save.connect(inner)"),
        # What Django's views with a form have in common.
        INITIAL.format("UpdateView", "self.initial.update({'a': self.request.user.pk})"),
        INITIAL.format("generic.FormView", "self.initial['a'] = self.object.pk"),
        INITIAL.format("CreateView", "first = self.initial\n    first['a'] = self.object.pk"),
        "class Own: pass\ndef f(request): Own.names = list(Order.objects.all())",
        "G = Gauge('x', 'y')\ndef f(request): G.set(Order.objects.count())",
        "G = Gauge('x', 'y', ['a'])\ndef f(request): G.labels(a=1).set(Order.objects.count())",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): _KEPT[request.LANGUAGE_CODE] = build()",
        "def f(name): _KEPT[name] = {'state': 'running'}",
        MIDDLEWARE + "    self.local.user = request.user",
        MIDDLEWARE + "    kept = []\n    kept.append(request.path)",
        MIDDLEWARE + "    if time.time() > 9: self.kept.append((request.path, time.time()))",
        "class C:\n  def __init__(self): self.kept = {}\n  def f(self, user): self.kept[1] = user",
        (
            "class C:\n  def __init__(self): self.kept = {}\n"
            "  def register(self, kind): self.kept[kind.name] = kind\nkinds = C()"
        ),
        (
            "class C(threading.local):\n  def __init__(self): self.kept = {}\n"
            "  def f(self, user): self.kept[1] = user\nhere = C()"
        ),
        DECORATOR.format("pass"),
        # Made anew by each call, or handed down by the function itself.
        INNER.format("return inner(1)"),
        INNER.format("return [inner(pk) for pk in pks]"),
        (
            "def f(pk, known={}):\n  if pk in known: return known[pk]\n"
            "  known[pk] = Order.objects.get(pk=pk)\n  return f(known[pk].above, known)"
        ),
        (
            "def f(rows=[]):\n  rows = list(rows)\n  if rows: return rows\n"
            "  for row in Order.objects.all(): rows.append(row.at)\n  return rows"
        ),
        # What is there already, what is nobody's row, and what each call brings along.
        DEFAULT.format("rows={1: 2}", "rows[pk] = Order.objects.get(pk=pk)", "row"),
        DEFAULT.format("rows", "rows[pk] = Order.objects.get(pk=pk)", "row"),
        DEFAULT.format("rows={}", "rows = {pk: Order.objects.get(pk=pk)}", "row"),
        DEFAULT.format("rows={}", "rows[pk] = build(pk)", "row"),
        DEFAULT.format("rows={}", "a = build(pk)\n    rows[pk] = a['b']", "row") + LOAD,
        DEFAULT.format("rows={}", "rows[pk] = Order.objects.get(pk=pk)", "f(pk, rows)"),
        "def f(pk, rows={}):\n  rows[pk] = Order.objects.get(pk=pk)\n  return rows",
        "def f(pk, rows={}):\n  if pk in rows: return\n  rows[pk] = Order.objects.get(pk=pk)",
        "def f(pk, rows={}):\n  if pk in rows: return rows[pk]\n  return Order.objects.get(pk=pk)",
        (
            DEFAULT.format("rows={}", "rows[pk] = Order.objects.get(pk=pk)", "row")
            + "def view(request): return f(1, {}), f(2, rows={})\n"
        ),
        "def f(pk, rows=[]):\n  rows.append(Order.objects.get(pk=pk))\n  return rows",
        # A view's copy, what is the same for all, and a form, which has its own.
        INITIAL.format("UpdateView", "f = super().get_initial()\n    f['a'] = self.request.user"),
        INITIAL.format("UpdateView", "f = self.initial.copy()\n    f['a'] = self.request.user"),
        INITIAL.format("UpdateView", "self.initial = {}\n    self.initial['a'] = self.object.pk"),
        INITIAL.format("UpdateView", "self.initial['a'] = 'b'"),
        INITIAL.format("ModelForm", "self.initial['a'] = self.instance.pk"),
        INITIAL.format("OrderFormMixin", "self.initial['a'] = self.instance.pk"),
        INITIAL.format("LocatedModelFormMixin", "self.initial['a'] = self.instance.pk"),
        # Of one request, of a copy, or the same in all processes.
        MIDDLEWARE + "    self.user = request.user",
        MIDDLEWARE + "    self.user = request.user\n    if self.user.name: return 1",
        MIDDLEWARE + "    try: self.a = request\n    finally:\n      if self.a.user: f()",
        (
            "class N(models.Manager):\n  def f(self):\n"
            "    if self.kept is None: self.kept = make_client()"
        ),
        "class N(models.Manager):\n  def f(self): return [row.a for row in self.open()]",
        (
            "def open_session(key): return requests.get('x', timeout=5)\n"
            "class C(metaclass=Singleton):\n  def __init__(self): self.kept = {}\n"
            "  def f(self, session_key): self.kept[session_key] = open_session(session_key)"
        ),
        "class C(SingletonModel):\n  def f(self, pk): self.kept = Order.objects.get(pk=pk)",
        "def m(get_response):\n  def inner(request):\n    hits = [request.user]\n  return inner",
        "def f(request):\n  last = 1\n  def g():\n    nonlocal last\n    last = request.user",
        "def f(request):\n  o = dict(settings.OPTIONS)\n  o.update(request.POST)",
        "def f(request):\n  o = settings.OPTIONS.copy()\n  o['a'] = request.user",
        "def f(request):\n  o = p['x']\n  p = o['x']\n  o.update(request.POST)",
        "def f(): settings.FLAGS['a'] = True",
        # A client: no container has indices, or a connection.
        (
            "class R:\n  def f(self):\n    es = settings.ES\n    es.update(id=self.pk, doc={})\n"
            "    es.indices.refresh()"
        ),
        "def f(request):\n  settings.ES.update(request.POST)\n  settings.ES.indices.refresh()",
        (
            "from django.apps import AppConfig\nclass C(AppConfig):\n"
            "  def ready(self): settings.OPTIONS.update(self.options)"
        ),
        "def f(request, settings): settings.FLAGS['a'] = request.user",
        (
            "def make(request):\n  kept = {}\n  def inner(pk): kept[pk] = Order.objects.get()\n"
            "  return inner"
        ),
        (
            "class R:\n  def __init__(self): self.kept = {}\n"
            "  def register(self, m): self.kept[m] = m.objects.filter(a=1)\nR = R()"
        ),
        (
            "class V(viewsets.ModelViewSet):\n  kept = {}\n  @classmethod\n"
            "  def __init_subclass__(cls, name): cls.kept[name] = cls"
        ),
        "class K:\n  kept = {}\n  def register(self, obj): self.kept[obj.name] = obj",
        "def f(): settings.FEATURE = 5",
        (
            "class A(ModelAdmin):\n  def get_fields(self, request):\n    fields = []\n"
            "    fields.extend(['a'])\n    self.fields = fields"
        ),
        "class A(ModelAdmin):\n  def f(self): self.readonly_fields.extend(['a'])",
        "class I(TabularInline):\n  def f(self, request): self.readonly_fields.extend(['a'])",
        "class F(Form):\n  def f(self, request): self.fields.update(a=1)",
        "def f(rows): _KEPT[1] = rows.all()[0]",
        (
            "class V(View):\n  kept = set()\n  @classmethod\n"
            "  def register_counter(cls, counter): cls.kept.add(counter)"
        ),
        (
            "def f(sender, user, **kwargs): _KEPT[user.pk] = 1\npre_clear.connect(f)\n"
            "def g(sender, user, **kwargs): _KEPT.pop(user.pk)\npost_add.connect(g)"
        ),
        "os.environ.setdefault('X', '1')\n_KEPT.update(Order.objects.first().names)",
        "def f(): os.environ['X'] = '1'",
        "def f(request): request.last = request.user.pk",
        "def f(request):\n  order = Order()\n  order.by = request.user",
        "def f(request, data={}): return data.get(request.GET['a'])",
        "G = Gauge('x', 'y')\ndef f(request): G.set(1)",
        "G = Gauge('x', 'y', registry=own())\ndef f(request): G.set(Order.objects.count())",
        (
            "from prometheus_client import generate_latest\nG = Gauge('x', 'y')\n"
            "def f(request):\n  G.set(Order.objects.count())\n  return generate_latest()"
        ),
        "def f(request): cache.set('x', Order.objects.count())",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


OPTIONS = """
class Options(metaclass=Kept):
  pass
"""


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("from django.db import models\nclass Options(models.Model): pass", 1),
        (OPTIONS, 0),
    ],
)
def test_a_class_that_is_imported_keeps_what_a_model_does(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    view = "from shop.options import Options\ndef f(request): Options.mail = request.POST['x']"
    files = {"shop/options.py": code, "shop/code.py": view}
    assert len(list(RULE.find(make_project(files)))) == count


def test_a_method_of_a_model_is_no_dictionarys(make_project: Callable[..., Project]) -> None:
    model = "from django.db import models\nclass Options(models.Model):\n  def update(x): f(x)"
    view = "from shop.options import Options\ndef f(request): Options.update(request.POST['x'])"
    files = {"shop/options.py": model, "shop/code.py": view}
    assert list(RULE.find(make_project(files))) == []


@pytest.mark.parametrize(
    ("more", "count"),
    [("", 1), ("def g(): settings._wrapped = FromDatabase()", 0), ("settings.LAST = 1", 1)],
)
def test_settings_that_requests_change_are_one_leak(
    make_project: Callable[..., Project], more: str, count: int
) -> None:
    code = "def f(request):\n  settings.A = request.POST['a']\n  settings.B = request.POST['b']\n"
    findings = list(RULE.find(make_project({"shop/code.py": HEAD + code + more})))
    assert len(findings) == count
    for finding in findings:
        assert finding.location.line + 1 in {place.line for place in finding.related}


@pytest.mark.parametrize(
    ("begun", "code", "count"),
    [
        ("JOBS = {}", "from shop.state import JOBS\ndef f(request): JOBS[1] = request.user", 1),
        ("JOBS = []", "from shop import state\ndef f(request): state.JOBS.append(request.user)", 1),
        ("JOBS = {}", "from .state import JOBS as J\ndef f(pk): J[pk] = Order.objects.get()", 1),
        ("JOBS = {}", "from shop.state import JOBS\ndef f(request): JOBS[1] = 'running'", 0),
        ("JOBS = {}", "from shop.state import JOBS\ndef f(pk): return JOBS[pk]", 0),
        ("JOBS = Jobs()", "from shop.state import JOBS\ndef f(request): JOBS[1] = request.user", 0),
        ("", "from shop.state import JOBS\ndef f(request): JOBS[1] = request.user", 0),
        (
            "JOBS = {}",
            "from shop.state import JOBS\ndef f(request, JOBS): JOBS[1] = request.user",
            0,
        ),
    ],
)
def test_a_container_of_another_module(
    make_project: Callable[..., Project], begun: str, code: str, count: int
) -> None:
    files = {"shop/__init__.py": "", "shop/state.py": begun, "shop/code.py": HEAD + code}
    assert len(list(RULE.find(make_project(files)))) == count


QUEUE = """import queue, threading
from queue import SimpleQueue
JOBS = queue.Queue()
OTHER = SimpleQueue()
KEPT = []
def send(jobs): ask(jobs.get())
def work(): ask(JOBS.get())
def idle(): pass
class M:
  def __init__(self, get_response):
    self.jobs = queue.Queue()
    {}
  def __call__(self, request): self.jobs.put(request.path)
"""
GIVEN = "threading.Thread(target=send, args=(self.jobs,)).start()"


@pytest.mark.parametrize(
    ("start", "code", "count"),
    [
        (GIVEN, "", 0),
        (GIVEN, "def f(request): OTHER.put(request.path)", 1),
        (GIVEN, "def f(request): KEPT.append(request.path)", 1),
        (GIVEN, "def f(request): JOBS.put(request.path)\nthreading.Thread(None, work).start()", 0),
        (GIVEN, "def f(request): JOBS.put(request.path)\nthreading.Thread(None, idle).start()", 1),
        (GIVEN, "def f(request): JOBS.put(request.path)", 1),
        ("pass", "", 1),
        ("threading.Thread(target=send, args=(JOBS,)).start()", "", 1),
    ],
)
def test_a_queue_that_a_thread_empties_is_no_memory(
    make_project: Callable[..., Project], start: str, code: str, count: int
) -> None:
    project = make_project({"shop/code.py": HEAD + QUEUE.format(start) + code})
    assert len(list(RULE.find(project))) == count
