"""task-local-path: the worker may be on another replica."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.task_local_path import RULE

HEAD = """import tempfile
from django.conf import settings
from shop.tasks import load
"""
UPLOAD = "import os\ndef f(u):\n  path = os.path.join(settings.FOLDER, u.name)\n"
KEEP = "def keep(u, path): open(path, 'wb').write(u.read())\n"
READ = "def page(r): return show(settings.FOLDER)\n"
WRITES = "def store(name): (settings.FOLDER / name).write_text('x')\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  t = tempfile.NamedTemporaryFile(delete=False)\n  load.delay(t.name)",
        "def f():\n  d = tempfile.mkdtemp()\n  load.apply_async(args=[d])",
        "def f(order): load.delay(order.scan.path)",
        "def f():\n  p = tempfile.mkstemp()[1]\n  load.delay(Job(path=p))",
        "def f():\n  j = Job(tempfile.mkdtemp())\n  load.delay(j)",
        "def f():\n  p = tempfile.mkdtemp()\n  load.apply_async(kwargs={'job': Job(path=p)})",
        "def f():\n  j = Job(tempfile.mkdtemp())\n  load.apply_async([j])",
        "def f(upload): load.delay(path=upload.temporary_file_path())",
        WRITES + "def f(name):\n  p = settings.FOLDER / name\n  load.delay(path=str(p))",
        "def f(app):\n  p = tempfile.mkstemp()[1]\n  app.send_task('load', [p])",
        "def f(order): on_commit(partial(load.delay, order.scan.path))",
        "def f(o): on_commit(functools.partial(load.apply_async, kwargs={'p': o.scan.path}))",
        "def f(o):\n  told = {'path': o.scan.path}\n  load.apply_async(kwargs=told)",
        # Nothing but the task reads it.
        f"{UPLOAD}  open(path, 'wb').write(u.read())\n  load.delay(path)",
        "import os\ndef f():\n  p = tempfile.mkstemp()[1]\n  load.delay(p)\n  os.remove(p)",
        (
            "import shutil\ndef f():\n  d = tempfile.mkdtemp()\n  shutil.rmtree(d)\n"
            "  d = tempfile.mkdtemp()\n  load.delay(d)"
        ),
        (
            "import shutil\ndef f():\n  d = tempfile.mkdtemp()\n  try: fill(d)\n"
            "  except OSError:\n    shutil.rmtree(d)\n    raise\n  load.delay(d)"
        ),
        f"{UPLOAD}  keep(u, path)\n  load.delay(path)\n{KEEP}",
        f"{UPLOAD}  open(path, 'wb').write(u.read())\n  load.delay(os.path.dirname(path))",
        (
            "import os, uuid\ndef keep(u):\n  path = os.path.join('/tmp', uuid.uuid4().hex)\n"
            "  open(path, 'wb').write(u.read())\n  return path\n"
            "def f(request):\n  p = keep(request.FILES['x'])\n  load.delay(p)"
        ),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(order): load.delay(order.pk)",
        f"{READ}{UPLOAD}  open(path, 'wb').write(u.read())\n  load.delay(path)",
        f"{READ}{UPLOAD}  with open(path, 'wb') as out: out.write(u.read())\n  load.delay(path)",
        (
            "import shutil\ndef f():\n  d = tempfile.mkdtemp()\n  try: fill(d)\n"
            "  finally: shutil.rmtree(d)\n  load.delay({'folder': d})"
        ),
        "import os\ndef f():\n  p = tempfile.mkstemp()[1]\n  os.remove(p)\n  load.delay(p)",
        "def f(order): load.delay(order.scan.name)",
        "def f(order): on_commit(partial(load.delay, order.pk))",
        "def f(order): on_commit(partial(load, order.scan.path))",
        "def f(o):\n  told = {'name': o.scan.name}\n  load.apply_async(kwargs=told)",
        "def f(upload): load.delay(upload.read())",
        "def keep(u): return u.pk\ndef f(u):\n  p = keep(u)\n  load.delay(p)",
        "def f(request): load.delay(request.path)",
        "def f(order): load.apply_async(kwargs={'job': Job(pk=order.pk)})",
        "def f(order): load.apply_async([Job(order.scan.name), order.pk])",
        "def f(): load.delay(settings.HOME_PATH)",
        WRITES + "def f(): load.delay(settings.OTHER_PATH)",
        "def f():\n  with tempfile.TemporaryFile() as t: t.write(b'x')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "def f():\n  t = tempfile.NamedTemporaryFile(delete=False)\n  load.delay(t.name)"
    }
    assert list(RULE.find(make_project(files))) == []


TOLD = """def f(pk):
  told = {
    'pk': pk,
    'export_dir': settings.FOLDER + pk,
  }
  chain(
    load.si(told),
    load.s(told=told),
  ).delay()
  load.delay(pk)
"""


def test_a_path_that_several_tasks_are_told_is_one_finding(
    make_project: Callable[..., Project],
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + WRITES + TOLD}))
    first = HEAD.count("\n") + 1
    assert finding.message.startswith("settings.FOLDER + pk")
    assert sorted({finding.location.line, *(p.line for p in finding.related)}) == [
        first + 4,
        first + 7,
        first + 8,
    ]


def test_two_paths_are_two_findings(make_project: Callable[..., Project]) -> None:
    code = f"{TOLD}def g(order):\n  load.delay(order.scan.path)\n  load.delay(order.bill.path)\n"
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + WRITES + code})))) == 3


@pytest.mark.parametrize("path", ["pk", "str(pk)", "pk + '.csv'", "settings.LANGUAGE_CODE + pk"])
def test_a_dictionary_without_a_path_is_silent(
    make_project: Callable[..., Project], path: str
) -> None:
    code = TOLD.replace("settings.FOLDER + pk", path)
    assert list(RULE.find(make_project({"shop/code.py": HEAD + WRITES + code}))) == []
