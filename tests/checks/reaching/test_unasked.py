"""What a function does only if it is asked, and no replica asks: information, as what is off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

LOAD = (
    "import requests\ndef load(file=None, url=None):\n  if {}:\n    requests.get(url)\n"
    "  return file\n"
)
VIEW = "from shop.load import load\ndef view(r): load({})\n"
COMMAND = (
    "from shop.load import load\nclass Command(BaseCommand):\n"
    "  def handle(self, **o): load(url='x')\n"
)


def severity(
    make: Callable[..., Project], given: str, test: str = "url", more: dict[str, str] | None = None
) -> Severity:
    files = {
        "shop/load.py": LOAD.format(test),
        "shop/views.py": VIEW.format(given),
        "shop/management/commands/load_all.py": COMMAND,
        **(more or {}),
    }
    (each,) = run_all([RULE], make(files)).found
    return each.finding.severity


@pytest.mark.parametrize("given", ["", "r.FILES", "file=r.FILES"])
@pytest.mark.parametrize("test", ["url", "url is not None", "url and file"])
def test_only_a_command_asks_for_it(
    make_project: Callable[..., Project], given: str, test: str
) -> None:
    assert severity(make_project, given, test) is Severity.INFO


@pytest.mark.parametrize(
    ("given", "test"),
    [
        ("url=r.GET['url']", "url"),
        ("None, 'x'", "url"),
        ("**r.data", "url"),
        ("*r.data", "url"),
        ("", "not url"),
        ("", "url or file"),
    ],
)
def test_a_view_may_ask_for_it(make_project: Callable[..., Project], given: str, test: str) -> None:
    assert severity(make_project, given, test) is Severity.WARNING


@pytest.mark.parametrize(
    "more",
    [
        {"shop/hooks.py": "from shop.load import load\nhook = load\n"},
        {"shop/tasks.py": "from shop.load import load\ndef later(): enqueue(load, url='x')\n"},
        {"shop/load.py": LOAD.format("url").replace("def", "@shared_task\ndef")},
        {"shop/load.py": LOAD.format("url").replace("  if", "  url = url or 'x'\n  if")},
        {"shop/load.py": LOAD.format("url").replace("url=None", "url='x'")},
    ],
)
def test_somebody_else_may_ask_for_it(
    make_project: Callable[..., Project], more: dict[str, str]
) -> None:
    assert severity(make_project, "", more=more) is Severity.WARNING


def test_a_method_counts_its_arguments_without_itself(
    make_project: Callable[..., Project],
) -> None:
    load = "import requests\nclass Loader:\n  def load(self, url=None):\n    if url:\n"
    load += "      requests.get(url)\n"
    view = "from shop.load import Loader\ndef view(r): Loader().load({})\n"
    for given, expected in (("", Severity.INFO), ("'x'", Severity.WARNING)):
        files = {"shop/load.py": load, "shop/views.py": view.format(given)}
        (each,) = run_all([RULE], make_project(files)).found
        assert each.finding.severity is expected


BASE = """class Shipper:
  def ship_all(self, *args, **kwargs):
    {before}
    return self.ship({hands_on})
  def ship(self, order, trial=False):
    raise NotImplementedError
"""
POST = """import requests
from shop.base import Shipper
class Post(Shipper):
  def ship(self, order, trial=False):
    if trial:
      requests.delete(order.url)
"""
SHIP = "from shop.post import Post\nALL = {{'post': Post}}\ndef view(r): ALL[r.GET['by']]().{}\n"


def of_a_method(
    make: Callable[..., Project],
    call: str,
    before: str = "pass",
    hands_on: str = "*args, **kwargs",
    **more: str,
) -> Severity:
    files = {
        "manage.py": "",
        "shop/base.py": BASE.format(before=before, hands_on=hands_on),
        "shop/post.py": more.get("post", POST),
        "shop/views.py": SHIP.format(call),
        "tests/test_post.py": "def test_trial(post): post.ship_all('x', trial=True)\n",
        "shop/urls.py": "from shop import views\nurlpatterns = [path('', views.view)]\n",
        "shop/more.py": more.get("code", ""),
    }
    (each,) = run_all([RULE], make(files)).found
    return each.finding.severity


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("ship(1)", {}),
        ("ship(1, False)", {}),
        ("ship(1, trial=False)", {}),
        ("ship_all(1)", {}),
        ("ship_all(1, trial=None)", {}),
        # One more comes before it.
        ("ship_all()", {"hands_on": "1, *args, **kwargs"}),
        # Another one's.
        ("ship(1)", {"code": "def f(s): s.sell(trial=True)"}),
        # A class that derives from it hands it on in its turn.
        (
            "ship(1)",
            {
                "code": "from shop.post import Post\nclass Fast(Post):\n"
                "  def ship(self, *a, **k): return super().ship(*a, **k)"
            },
        ),
    ],
)
def test_nobody_gives_it_to_a_method_of_its_name(
    make_project: Callable[..., Project], call: str, more: dict[str, str]
) -> None:
    assert of_a_method(make_project, call, **more) is Severity.INFO


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("ship(1, trial=r.GET)", {}),
        ("ship(1, True)", {}),
        ("ship(*r.GET)", {}),
        ("ship_all(1, True)", {}),
        ("ship_all(1, trial=True)", {}),
        ("ship_all(1, **r.GET)", {}),
        ("ship_all(True)", {"hands_on": "1, *args, **kwargs"}),
        ("ship_all(1)", {"before": "kwargs['trial'] = True"}),
        ("ship_all(1)", {"before": "kwargs.update(self.options)"}),
        ("ship_all(1)", {"before": "kwargs = self.options"}),
        # Handed on, or asked for by a text.
        ("ship(1)", {"code": "def f(s): run(s.ship, True)"}),
        ("ship_all(1)", {"code": "def f(s): run(s.ship_all, 1, True)"}),
        ("ship(1)", {"code": "def f(s): getattr(s, 'ship')(1, True)"}),
        ("ship_all(1)", {"code": "def f(s, how): getattr(s, f'ship_{how}')(1, True)"}),
        # A class of a package calls it.
        ("ship(1)", {"post": POST.replace("(Shipper)", "(Shipper, other.Shipper)")}),
        ("ship(1)", {"post": POST.replace("  def", "  @other.told\n  def")}),
        ("ship_all(1)", {"hands_on": "1, trial=True"}),
    ],
)
def test_somebody_may_give_it_to_a_method_of_its_name(
    make_project: Callable[..., Project], call: str, more: dict[str, str]
) -> None:
    assert of_a_method(make_project, call, **more) is Severity.WARNING
