"""What a name and a place in a file mean."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.paths.removals import paths_removed
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

Make = Callable[..., Module]


def only(module: Module, name: str) -> Site:
    (site,) = module.calls(name)
    return site


def test_what_is_renamed_as_it_is_imported_is_found_by_both_names(module: Make) -> None:
    found = module("from threading import Thread as T\nT()\nThread()\nx.T()")
    assert [site.line for site in found.calls("Thread")] == [3, 2]
    assert [site.line for site in found.calls("T")] == [2, 4]
    assert [site.line for site in found.calls("T", "Thread")] == [2, 4, 3]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import requests\nrequests.load()", "requests.load"),
        ("import requests as r\nr.load()", "requests.load"),
        ("import urllib.request\nurllib.request.load()", "urllib.request.load"),
        ("from urllib import request\nrequest.load()", "urllib.request.load"),
        ("from . import feeds\nfeeds.load()", "shop.feeds.load"),
        ("from .feeds import load\nload()", "shop.feeds.load"),
        ("from ..common import feeds\nfeeds.load()", "common.feeds.load"),
        ("def f():\n  from shop.feeds import load\nload()", "shop.feeds.load"),
        ("try:\n  from fast import load\nexcept ImportError:\n  pass\nload()", "fast.load"),
        ("load()", "load"),
    ],
)
def test_a_name_is_resolved_through_the_imports(module: Make, code: str, name: str) -> None:
    found = module(code)
    assert found.resolve(only(found, "load").call.func) == name


def test_a_name_that_is_bound_to_its_own_method_is_no_circle(module: Make) -> None:
    found = module("import sh\nx = sh.Command('ls')\nx = x.bake('-l')\nx.load()")
    site = only(found, "load")
    assert found.qualified(site.call.func, site.scope) == "sh.Command.load"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def f():\n  feed = Feed()\n  feed.load()", "shop.code.Feed.load"),
        ("def f():\n  feed = make()\n  feed.load()", "shop.code.make.load"),
        # As it was imported, elsewhere, or made of something else.
        ("def f():\n  feed.load()", "lib.feed.load"),
        ("def g(): feed = Feed()\ndef f(): feed.load()", "lib.feed.load"),
        ("def f():\n  feed = other.Feed()\n  feed.load()", "lib.feed.load"),
        ("def f():\n  feed = feed.bind()\n  feed.load()", "lib.feed.load"),
        ("def f(x):\n  feed = Feed()\n  if x: feed = x\n  feed.load()", "lib.feed.load"),
    ],
)
def test_an_object_may_bear_the_name_of_an_import(module: Make, code: str, name: str) -> None:
    found = module(f"from lib import feed, other\nclass Feed: ...\ndef make(): ...\n{code}")
    site = only(found, "load")
    assert found.qualified(site.call.func, site.scope).replace(found.name, "shop.code") == name


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
        ("def f():\n  def g(): mark()", Moment.REQUEST),
        (
            "from django.dispatch import receiver\n@receiver(x)\ndef f(**k): mark()",
            Moment.SIGNAL,
        ),
        ("def f(**k): mark()\npost_save.connect(f)", Moment.SIGNAL),
        ("if __name__ == '__main__':\n  def f(): mark()", Moment.COMMAND),
        (
            "from setuptools.command.build import build\nclass B(build):\n  def run(self): mark()",
            Moment.COMMAND,
        ),
        ("import pytest\ndef helper(): mark()", Moment.COMMAND),
        ("from distutils.util import strtobool\ndef f(): mark()", Moment.REQUEST),
    ],
)
def test_the_moment_at_which_code_runs(module: Make, code: str, moment: Moment) -> None:
    found = module(code)
    assert found.moment(only(found, "mark").scope) is moment


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("shop/management/commands/sync.py", Moment.COMMAND),
        ("scripts/sync.py", Moment.COMMAND),
        ("shop/commands/sync.py", Moment.REQUEST),
        ("shop/tools/sync.py", Moment.REQUEST),
    ],
)
def test_a_file_that_an_operator_runs(module: Make, name: str, moment: Moment) -> None:
    found = module("def f(): mark()", name)
    assert found.moment(only(found, "mark").scope) is moment


@pytest.mark.parametrize(
    ("test", "guarded"),
    [
        ("settings.DEBUG", True),
        ("DEBUG and x", True),
        ("'runserver' in sys.argv", True),
        ("getattr(settings, 'DEBUG', False)", True),
        ("__name__ == '__main__'", True),
        ("TYPE_CHECKING", True),
        ("not settings.DEBUG", False),
        ("settings.DEBUG or x", False),
        ("x == 'runserver' or y", False),
        ("settings.DEBUG or settings.TESTING", True),
        ("settings.ENVIRONMENT == 'dev'", True),
        ("'local' == settings.ENVIRONMENT.lower()", True),
        ("settings.APP_ENV in ('development', 'test')", True),
        ("os.environ['ENV'] == 'local'", True),
        ("os.environ.get('DJANGO_ENV', 'dev') == 'dev'", True),
        ("getattr(settings, 'EDITOR_DEV_MODE', False)", True),
        ("settings.ENVIRONMENT != 'dev'", False),
        ("settings.ENVIRONMENT in ('development', 'production')", False),
        ("settings.ENVIRONMENT in ()", False),
        ("settings.ENVIRONMENT == other", False),
        ("settings.ENVIRONMENT.split() == 'dev'", False),
        ("settings.STORAGE == 'local'", False),
        ("order.environment == 'local'", False),
        ("kind in ('test', 'live')", False),
        ("getattr(settings, 'EDITOR_DEV_MODE', True)", False),
        ("getattr(settings, 'EDITOR_DEV_MODE')", False),
        ("getattr(settings, 'EDITOR_FAST', False)", False),
    ],
)
def test_code_under_a_guard(module: Make, test: str, guarded: bool) -> None:
    found = module(f"if {test}:\n  mark()\nelse:\n  other()")
    assert only(found, "mark").guarded is guarded
    assert not only(found, "other").guarded or test in {
        "not settings.DEBUG",
        "settings.ENVIRONMENT != 'dev'",
    }


@pytest.mark.parametrize(
    ("top", "test", "guarded"),
    [
        ("", "False", True),
        ("", "0", True),
        ("DRY_RUN = False", "DRY_RUN", True),
        ("DRY_RUN: bool = False", "DRY_RUN and x", True),
        ("", "True", False),
        ("DRY_RUN = False", "DRY_RUN or x", False),
        ("DRY_RUN = True", "DRY_RUN", False),
        ("DRY_RUN = None", "DRY_RUN", False),
        ("dry_run = False", "dry_run", False),
        ("DRY_RUN = False\nfrom local import *", "DRY_RUN", False),
        ("DRY_RUN = False\ntry:\n  from local import DRY_RUN\nexcept E: pass", "DRY_RUN", False),
        ("try:\n  import x\n  FAST = True\nexcept E:\n  FAST = False", "FAST", False),
        ("FAST = False\ndef g():\n  global FAST\n  FAST = True", "FAST", False),
    ],
)
def test_code_under_a_constant(module: Make, top: str, test: str, guarded: bool) -> None:
    found = module(f"{top}\ndef f():\n  if {test}:\n    mark()\n  else:\n    other()")
    assert only(found, "mark").guarded is guarded
    assert not only(found, "other").guarded


@pytest.mark.parametrize(
    ("test", "runs", "otherwise"),
    [
        ("platform.system() == 'Windows'", False, True),
        ("platform.system().lower() in ('windows', 'darwin')", False, True),
        ("os.name == 'nt'", False, True),
        ("'win32' == sys.platform", False, True),
        ("sys.platform.startswith('win')", False, True),
        ("running_on == 'Windows'", False, True),
        ("platform.system() != 'Windows'", True, False),
        ("os.name not in ('nt',)", True, False),
        ("platform.system() == 'Linux'", True, True),
        ("platform.system() in ('Windows', 'Linux')", True, True),
        ("sys.platform.startswith('linux')", True, True),
        ("platform.release() == 'Windows'", True, True),
        ("order.system == 'Windows'", True, True),
        ("request.name == 'nt'", True, True),
        ("name.startswith('win')", True, True),
    ],
)
def test_what_a_system_that_nothing_is_deployed_on_runs(
    module: Make, test: str, runs: bool, otherwise: bool
) -> None:
    top = "import os, platform, sys\nfrom sys import platform as running_on\n"
    found = module(f"{top}def f():\n  if {test}:\n    mark()\n  else:\n    other()")
    assert only(found, "mark").guarded is not runs
    assert only(found, "other").guarded is not otherwise


def test_what_follows_an_exit_without_a_constant_is_guarded(module: Make) -> None:
    found = module("ON = False\ndef f():\n  if not ON: return\n  mark()\ndef g(): other()")
    assert only(found, "mark").guarded
    found = module("import os\ndef f():\n  if os.name != 'nt': return\n  mark()\ndef g(): other()")
    assert only(found, "mark").guarded
    assert not only(found, "other").guarded


@pytest.mark.parametrize(
    ("before", "guarded"),
    [
        ("on = getattr(settings, 'DEV_MODE', None)", True),
        ("on = settings.DEBUG", True),
        ("on = settings.DEBUG\n  if x: on = True", False),
        ("on = settings.FAST", False),
        ("on = getattr(settings, 'FAST', None)", False),
    ],
)
def test_code_under_a_switch_that_has_a_name(module: Make, before: str, guarded: bool) -> None:
    found = module(f"def f():\n  {before}\n  if on: mark()\n  else: other()")
    assert only(found, "mark").guarded is guarded
    assert not only(found, "other").guarded


@pytest.mark.parametrize(
    ("test", "guarded"),
    [
        ("settings.ENVIRONMENT != 'dev'", True),
        ("settings.ENV not in ['dev', 'test']", True),
        ("not settings.DEBUG or x", True),
        ("not settings.DEBUG and x", False),
        ("settings.ENV not in ['dev', 'staging']", False),
        ("settings.ENVIRONMENT == 'production'", False),
    ],
)
def test_what_follows_an_exit_of_all_but_developers(module: Make, test: str, guarded: bool) -> None:
    found = module(f"def f():\n  if {test}: return\n  mark()")
    assert only(found, "mark").guarded is guarded


def test_the_else_of_not_debug_is_guarded(module: Make) -> None:
    found = module("if not settings.DEBUG:\n  mark()\nelse:\n  other()")
    assert only(found, "other").guarded


def test_what_follows_an_exit_without_debug_is_guarded(module: Make) -> None:
    found = module("def f():\n  if not settings.DEBUG:\n    raise E\n  mark()\ndef g(): other()")
    assert only(found, "mark").guarded
    assert not only(found, "other").guarded


def test_what_follows_an_exit_with_debug_is_not(module: Make) -> None:
    found = module("def f():\n  if settings.DEBUG:\n    return\n  mark()")
    assert not only(found, "mark").guarded


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("def f(p):\n  mark(p)\n  os.remove(p)", True),
        ("def f(p):\n  try:\n    mark(p)\n  finally:\n    os.unlink(p)", True),
        ("def f(p):\n  mark(p)\n  p.unlink()", True),
        ("def f(p):\n  mark(p)\n  if bad:\n    os.remove(p)\n    return None", False),
        ("def f(p):\n  try:\n    mark(p)\n  except OSError:\n    os.remove(p)", False),
        ("def f(p):\n  mark(p)\ndef g(p):\n  os.remove(p)", False),
        ("def f(p, q):\n  mark(p)\n  os.remove(q)", False),
        ("def f(p):\n  os.remove(p)\n  mark(p)", False),
    ],
)
def test_what_a_function_removes(module: Make, text: str, removed: bool) -> None:
    found = module(text)
    site = only(found, "mark")
    assert ("p" in paths_removed(found, site.scope, site.flags, site.line)) is removed


def test_functions_are_found_below_a_source_folder(
    read: Callable[[dict[str, str]], Codebase],
) -> None:
    found = read({"src/shop/feeds.py": "class C:\n  def load(self): ..."})
    assert (found.function("shop.feeds.C.load") or ("", ""))[1] == "C.load"
    assert found.function("shop.feeds.missing") is None


def test_an_object_made_of_itself_leads_nowhere(read: Callable[[dict[str, str]], Codebase]) -> None:
    text = "name = make()\nname = name.strip()\nname = name.lower()\n"
    code = read({"shop/names.py": text})
    assert code.unknown == []


def test_a_tree_goes_with_its_file(module: Callable[..., Module]) -> None:
    gc.disable()
    try:
        tree = weakref.ref(module("class A:\n  def f(self): self.x = 1\n").top.node)
        assert tree() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("code", "guarded"),
    [
        ("def f():\n  raise Gone\n  mark()", True),
        ("def f():\n  return 1\n  mark()\n  yield", True),
        ("def f():\n  return\n  def g(): mark()\n  g()", True),
        ("def f():\n  return\n  if x:\n    mark()", True),
        ("for x in y:\n  continue\n  mark()", True),
        ("while x:\n  break\n  mark()", True),
        ("def f():\n  if x: return\n  mark()", False),
        ("def f():\n  try: return x\n  finally: mark()", False),
        ("def f():\n  try:\n    raise Gone\n  except Gone:\n    mark()", False),
        ("while x:\n  break\nmark()", False),
        ("def f():\n  with suppress(Gone):\n    raise Gone\n  mark()", False),
        ("def f(): return mark()", False),
        ("def f(): raise mark()", False),
    ],
)
def test_code_below_an_end(module: Make, code: str, guarded: bool) -> None:
    assert only(module(code), "mark").guarded is guarded
