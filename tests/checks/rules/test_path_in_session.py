"""path-in-session: the next request may reach another replica."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.path_in_session import RULE

HEAD = """import tempfile
from pathlib import Path
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
"""
WRITES = "def store(name): (settings.FOLDER / name).write_text('x')\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): request.session['x'] = tempfile.mkdtemp()",
        "def f(self):\n  t = tempfile.mkstemp()[1]\n  self.request.session['x'] = t",
        "def f(request, form): request.session['x'] = form.scan.path",
        "def f(session, upload): session['x'] = upload.temporary_file_path()",
        "def f(): cache.set('x', tempfile.mkdtemp())",
        WRITES + "def f(): cache.set('x', (settings.FOLDER / 'x').resolve())",
        "def f(): Order.objects.create(path=tempfile.mkdtemp())",
        "def f(order):\n  order.pdf_path = tempfile.mkdtemp() + '/x.pdf'\n  order.save()",
        "def f():\n  fd, path = tempfile.mkstemp()\n  Order.objects.update_or_create(path=path)",
        "def f(pk): Order.objects.filter(pk=pk).exclude(a=1).update(path=tempfile.mkdtemp())",
        WRITES + "def f(request): request.session['x'] = str(settings.FOLDER / 'x')",
        WRITES
        + "class B:\n  def stored(self):\n    path = settings.FOLDER / 'x'\n    return path\n"
        "def f(request, form): request.session['x'] = form.data['b'].stored_path()\n"
        "class C:\n  def stored_path(self): return (settings.FOLDER / 'x').as_posix()",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(request, form): request.session['x'] = form.scan.name",
        "def f(order): order.pdf_path = tempfile.mkdtemp()",
        "def f(order):\n  order.scan = tempfile.NamedTemporaryFile()\n  order.save()",
        "def f(request, u): request.session['x'] = default_storage.save('x', u)",
        "def f(request): request.session['x'] = request.path",
        "def f(request): request.session['x'] = settings.HOME_PATH",
        "def f(request): request.META['x'] = tempfile.mkdtemp()",
        "def f(): cache.set(tempfile.mkdtemp(), 1)",
        "def f(u): Order.objects.create(path=default_storage.save('x', u))",
        (
            "from django.core.files import File\ndef f():\n  with tempfile.TemporaryFile() as t:\n"
            "    Order.objects.create(file=File(t, name='x'))"
        ),
        (
            "from django.core.files import File\ndef f():\n  t = tempfile.mkstemp()[1]\n"
            "  made = File(open(t))\n  Order.objects.create(file=made)"
        ),
        (
            "def f():\n  with tempfile.NamedTemporaryFile() as t:\n"
            "    Order.objects.create(size=t.tell())"
        ),
        "def f(form): Order.objects.create(path=form.scan.path)",
        "def f(): {}.update(path=tempfile.mkdtemp())",
        "def f(zipped): zipped.create(path=tempfile.mkdtemp())",
        WRITES + "def f(request): request.session['x'] = settings.OTHER_PATH",
        WRITES + "def f(request): request.session['x'] = (settings.FOLDER / 'x').read_text()",
        WRITES + "def f():\n  path = settings.FOLDER / 'x'\n  cache.set('x', path.read_bytes())",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    code = HEAD + "def f(): cache.set('x', tempfile.mkdtemp())"
    files = {"shop/management/commands/work.py": code}
    assert list(RULE.find(make_project(files))) == []
