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
