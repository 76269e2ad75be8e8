"""What is set anew before it is read, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.process_dict_cache import RULE

HEAD = """
import os, subprocess
from django.views.generic import UpdateView
from shop.models import Order
"""
PLAN = """
class Plan:
    rows = None

    @classmethod
    def run(cls, request):
        cls.rows = list(Order.objects.all())
        if not cls.rows:
            return None
        return len(cls.rows)

    @classmethod
    def tell(cls):
        pass
"""
OWN = "class Own(Plan):\n  def f(self): return self.rows\n"
RATES = """
def show(request):
    global rates
    rates = list(Order.objects.all())
    return rates[0]

def tell(request):
    pass
"""
VIEW = """
class Edit(UpdateView):
    model = Order
    _before = {}

    def get_object(self, queryset=None):
        found = super().get_object(queryset)
        for field in self.model._meta.fields:
            self._before[field.name] = getattr(found, field.name, Order.objects.get(pk=1))
        return found

    def form_valid(self, form):
        return self._before["name"] != form.cleaned_data["name"]
"""
STARTED = """
def work(request):
    order = Order.objects.first()
    os.environ["ORDER"] = str(order)
    subprocess.run(["work"])
"""
GIVEN = """
def label(request, kept={}):
    if "one" not in kept:
        kept["one"] = Order.objects.first()
    return kept["one"]
def _label(request, _kept={}):
    if "one" not in _kept:
        _kept["one"] = Order.objects.first()
    return _kept["one"]
"""


def find(make_project: Callable[..., Project], code: str, **others: str) -> int:
    files = {f"shop/{name}.py": text for name, text in others.items()}
    return len(list(RULE.find(make_project({"shop/code.py": HEAD + code, **files}))))


@pytest.mark.parametrize(
    ("code", "old", "new", "count"),
    [
        (PLAN, "", "", 0),
        # What changes the rows gives nobody any.
        (PLAN, "        pass", "        cls.rows.level = 2", 0),
        (PLAN, "        pass", "        return [rows for rows in ()]", 0),
        # Another one reads them, or it does so first, or sets them but perhaps.
        (PLAN, "        pass", "        return cls.rows", 1),
        (PLAN, "        pass", "        return getattr(cls, 'rows')", 1),
        (
            PLAN,
            "        cls.rows =",
            "        if request.GET: return cls.rows\n        cls.rows =",
            1,
        ),
        (PLAN, "        cls.rows =", "        if request.GET:\n            cls.rows =", 1),
        (PLAN, "list(", "cls.rows or list(", 1),
        # Who reads what a view has is the framework.
        (PLAN, "class Plan:", "class Plan(UpdateView):", 1),
        (RATES, "", "", 0),
        (RATES, "    pass", "    return rates", 1),
        (RATES, "    rates =", "    if not rates:\n        rates =", 1),
        (VIEW, "", "", 0),
        # Of some fields, of what is there already, and in a method that nobody calls first.
        (VIEW, "self.model._meta.fields", "self.fields", 1),
        (VIEW, 'self._before["name"]', 'self._before.get("name")', 1),
        (VIEW, "get_object", "get_other", 1),
        (STARTED, "", "", 0),
        (STARTED, "run([", "Popen([", 0),
        (STARTED, 'subprocess.run(["work"])', "os.system('work')", 0),
        # No process is started, or not from there, or the variable is asked for here, too.
        (STARTED, 'subprocess.run(["work"])', "pass", 1),
        (STARTED, "def work", "def start(): subprocess.run([])\ndef work", 0),
        (STARTED, "    subprocess", "\ndef start(request):\n    subprocess", 1),
        (STARTED, "    order =", "    print(os.environ.get('ORDER'))\n    order =", 1),
        (STARTED, "    order =", "    print(os.environ['ORDER'])\n    order =", 1),
        (STARTED, '"ORDER"', "request.GET['name']", 1),
    ],
)
def test_set_before_it_is_read(
    make_project: Callable[..., Project], code: str, old: str, new: str, count: int
) -> None:
    assert old in code
    assert find(make_project, code.replace(old, new, 1) if old else code) == count


@pytest.mark.parametrize(
    ("code", "other", "count"),
    [
        (PLAN, "def f(request): Plan.run(request)\ndef g(): return Plan.rows", 1),
        (PLAN, f"{OWN}def g(request): return Own.run(request)", 1),
        (PLAN, "def f(request): return Plan.run(request)", 0),
        (PLAN, "from shop import code\ndef f(request, table): return code.run(), table.rows", 0),
        (RATES, "from shop.code import rates, show\nurlpatterns = [show]", 1),
        (RATES, "from shop.code import show\nurlpatterns = [show]", 0),
    ],
)
def test_what_another_file_reads(
    make_project: Callable[..., Project], code: str, other: str, count: int
) -> None:
    imported = "" if "import" in other else "from shop.code import Plan\n"
    assert find(make_project, code, other=imported + other) == count


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("_label(request, {})", 0),
        ("_label(request, _kept=request.kept)", 0),
        ("_label(request)", 1),
        ("_label(request, {}), _label(request)", 1),
        ("map(_label, [request])", 1),
    ],
)
def test_a_default_that_every_call_gives(
    make_project: Callable[..., Project], call: str, count: int
) -> None:
    views = f"from shop.code import _label\ndef show(request): return {call}"
    assert find(make_project, GIVEN, views=views) == count


OBJECT = """
class Rules:
    def __init__(self):
        self.rules = {}
        for order in Order.objects.all():
            self.rules[order.pk] = order

rules = Rules()

def show(request):
    global rules
    if request.GET["id"] not in rules.rules:
        rules = Rules()
    return rules.rules
"""
OTHERS = """
class Other:
    def __init__(self):
        self.first = Order.objects.first()

one = two = None

def other(request):
    global one, two
    if not one:
        one = Other()
    if not two:
        two = Other()
"""


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("", 1),
        # Two objects of a class whose __init__ keeps nothing are two.
        (OTHERS, 3),
    ],
)
def test_an_object_and_what_it_is_given_is_one_finding(
    make_project: Callable[..., Project], more: str, count: int
) -> None:
    found = list(RULE.find(make_project({"shop/code.py": HEAD + OBJECT + more})))
    assert len(found) == count
    lines = (HEAD + OBJECT).splitlines()
    assert lines[(found[0].location.line or 0) - 1] == "        rules = Rules()"
