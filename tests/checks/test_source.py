"""Finding the project's own files, and what a name and a place in them mean."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.source import Moment, Source, Sources


@pytest.fixture
def sources(tmp_path: Path) -> Callable[[dict[str, str]], Sources]:
    def make(files: dict[str, str]) -> Sources:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Sources(tmp_path)

    return make


@pytest.mark.parametrize(
    "name",
    [
        "shop/tests/test_x.py",
        "shop/test_x.py",
        "shop/tests.py",
        "conftest.py",
        "shop/migrations/0001_initial.py",
        "node_modules/x/y.py",
        ".tox/x.py",
        "shop/vendor/lib.py",
        "lib/site-packages/x.py",
        "shop/readme.txt",
    ],
)
def test_what_is_not_the_projects_code_is_left_out(
    sources: Callable[[dict[str, str]], Sources], name: str
) -> None:
    found = sources(
        {name: "x = 1", "shop/views.py": "", "mycode/pyvenv.cfg": "", "mycode/z.py": ""}
    )
    assert [source.name for source in found] == ["shop/views.py"]


def test_links_are_not_followed(
    sources: Callable[[dict[str, str]], Sources], tmp_path: Path
) -> None:
    found = sources({"shop/views.py": ""})
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [source.name for source in found] == ["shop/views.py"]


@pytest.mark.parametrize("text", ["def (", "x = '\0'", "# -*- coding: nonsense -*-\n"])
def test_a_file_that_cannot_be_parsed_is_unknown(
    sources: Callable[[dict[str, str]], Sources], text: str
) -> None:
    found = sources({"shop/views.py": text, "shop/urls.py": "x = 1"})
    assert [source.name for source in found] == ["shop/urls.py"]
    assert "shop/views.py" in found.unknown[0].subject


def only(found: Sources, name: str = "shop/code.py") -> Source:
    return next(source for source in found if source.name == name)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import requests\nrequests.get()", "requests.get"),
        ("import requests as r\nr.get()", "requests.get"),
        ("import urllib.request\nurllib.request.urlopen()", "urllib.request.urlopen"),
        ("from urllib import request\nrequest.urlopen()", "urllib.request.urlopen"),
        ("from . import feeds\nfeeds.load()", "shop.feeds.load"),
        ("from .feeds import load\nload()", "shop.feeds.load"),
        ("from ..common import feeds\nfeeds.load()", "common.feeds.load"),
        ("def f():\n  from shop.feeds import load\nload()", "shop.feeds.load"),
        ("load()", "load"),
        ("x[0]()", ""),
    ],
)
def test_a_name_is_resolved_through_the_imports(
    sources: Callable[[dict[str, str]], Sources], code: str, name: str
) -> None:
    source = only(sources({"shop/code.py": code}))
    assert source.resolve(source.calls[-1].func) == name


@pytest.mark.parametrize(
    ("code", "moment"),
    [
        ("mark()", Moment.IMPORT),
        ("class C:\n  x = mark()", Moment.IMPORT),
        ("def view(request): mark()", Moment.REQUEST),
        ("from celery import shared_task\n@shared_task\ndef t(): mark()", Moment.TASK),
        ("from .celery import app\n@app.task(bind=True)\ndef t(self): mark()", Moment.TASK),
        (
            "from django.apps import AppConfig\nclass C(AppConfig):\n  def ready(self): mark()",
            Moment.READY,
        ),
        ("class C:\n  def ready(self): mark()", Moment.REQUEST),
        ("if __name__ == '__main__': mark()", Moment.COMMAND),
    ],
)
def test_the_moment_at_which_code_runs(
    sources: Callable[[dict[str, str]], Sources], code: str, moment: Moment
) -> None:
    source = only(sources({"shop/code.py": code}))
    (call,) = [call for call in source.calls if ast.unparse(call.func) == "mark"]
    assert source.moment(call) is moment


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("shop/management/commands/sync.py", Moment.COMMAND),
        ("scripts/sync.py", Moment.COMMAND),
        ("shop/commands/sync.py", Moment.REQUEST),
        ("shop/tools/sync.py", Moment.REQUEST),
    ],
)
def test_a_file_that_an_operator_runs(
    sources: Callable[[dict[str, str]], Sources], name: str, moment: Moment
) -> None:
    source = only(sources({name: "def f(): mark()"}), name)
    assert source.moment(source.calls[0]) is moment


@pytest.mark.parametrize(
    ("test", "only_debug"),
    [
        ("settings.DEBUG", True),
        ("DEBUG and x", True),
        ("'runserver' in sys.argv", True),
        ("not settings.DEBUG", False),
        ("settings.DEBUG or x", False),
    ],
)
def test_code_under_debug(
    sources: Callable[[dict[str, str]], Sources], test: str, only_debug: bool
) -> None:
    source = only(sources({"shop/code.py": f"if {test}:\n  mark()\nelse:\n  other()"}))
    mark, other = sorted(source.calls, key=lambda call: call.lineno)
    assert source.is_debug_only(mark) is only_debug
    assert not source.is_debug_only(other)


def test_functions_are_found_below_a_source_folder(
    sources: Callable[[dict[str, str]], Sources],
) -> None:
    found = sources({"src/shop/feeds.py": "class C:\n  def load(self): ..."})
    source, function = found.function("shop.feeds.C.load") or (None, None)
    assert source is not None
    assert function is not None
    assert source.name == "src/shop/feeds.py"
    assert found.function("shop.feeds.missing") is None
