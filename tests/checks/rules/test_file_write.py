"""file-write: what one replica writes the others never see."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.file_write import RULE


def find(make_project: Callable[..., Project], code: str, name: str = "shop/code.py") -> list[Any]:
    return list(RULE.find(make_project({name: textwrap.dedent(code)})))


def read(code: str) -> dict[str, str]:
    """Return another view, which names each folder and each path that some code does."""
    told = {*re.findall(r"settings\.\w+", code), *map(repr, re.findall(r"/srv/[\w./]*", code))}
    view = f"def page(request): show({', '.join(sorted(told))})"
    return {"shop/pages.py": f"from django.conf import settings\n{view}"}


def found(make_project: Callable[..., Project], code: str) -> list[Any]:
    code = textwrap.dedent(code)
    return list(RULE.find(make_project({"shop/code.py": code, **read(code)})))


SURE = Severity.ERROR
HEAD = """
from pathlib import Path
from django.conf import settings
import os, tempfile, io, gzip, zipfile
"""
# Who writes does not know which of them it is.
OF_PARTS = """
import shutil
class Shelf:
  def folder(self): return os.path.join(settings.SHOP["texts_path"], self.name)
class Book:
  def folder(self): return os.path.join(self.shelf.folder(), self.name)
def f(part, text): shutil.copy(text, os.path.join(part.folder(), "text"))
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(): open('/srv/token', 'w').write('x')",
        "def f():\n  with open('/srv/x', 'r+') as x:\n    x.read()\n    x.write('x')",
        "def f():\n  with open('/srv/x', 'rb+') as x:\n    x.read()\n    fill(x)",
        "def f(): open(os.path.join(settings.BASE_DIR, 'x'), mode='ab')",
        "import fcntl\ndef f():\n  l = open('/srv/l', 'w')\n  fcntl.flock(l, 2)\n  l.write('x')",
        "import fcntl\ndef f():\n  l = open('/srv/l', 'w')\n  fcntl.flock(l, 2)\n  g(l.fileno())",
        "def f():\n  with open('/srv/l', 'w') as l:\n    l.close()",
        "def f(): (settings.BASE_DIR / 'x').write_text('x')",
        "TOKEN = Path(__file__).with_name('t.json')\ndef f(): TOKEN.write_text('x')",
        "def f(name): Path(f'/srv/{name}').open('w')",
        "def f(name): gzip.open(settings.FOLDER + name, 'wb')",
        "def path(n): return os.path.join(settings.FOLDER, n)\ndef f(n): open(path(n), 'w')",
        "def f(): zipfile.ZipFile(settings.BASE_DIR / 'x.zip', 'w')",
        "def f(): open(os.environ.get('TOKEN_FILE'), 'w')",
        "def f(t):\n  os.unlink('/srv/list')\n  os.rename(t, '/srv/list')",
        "def f(t): Path(t).replace(settings.FOLDER / 'list')",
        "def f(): os.open('/srv/x', os.O_CREAT | os.O_WRONLY)",
        (
            "import fcntl\nclass A:\n  def f(self):\n    self.l = os.open('/l', os.O_CREAT)\n"
            "    fcntl.lockf(self.l, 2)\n  def g(self): os.write(self.l, b'1')"
        ),
        "def f(document): document.save('/srv/letter.docx')",
        "def f(page): page.write_pdf(settings.FOLDER + '/x.pdf')",
        "import git\ndef f(url): git.Repo.clone_from(url, settings.FOLDER)",
        "from git import Repo\ndef f(url): Repo.clone_from(url, to_path=settings.FOLDER)",
        "def f(t): Path(t).rename(target=settings.FOLDER / 'list')",
        "def f(n): open('{}/{}'.format(settings.FOLDER, n), 'w')",
        "def f(n): open('{folder}/x'.format(folder=settings.FOLDER), 'w')",
        "def f(n): open('%s/%s' % (settings.FOLDER, n), 'w')",
        "def f(): open(os.environ['EXPORTS'] + '/x', 'w')",
        "def f(config): open(config['log_file'], 'a')",
        "import environ\nenv = environ.Env()\ndef f(): open(env.str('EXPORTS', 'x'), 'w')",
        "class UserProfile:\n  def f(self): open('/srv/x.html', 'w')",
        "def f(): open(os.path.join(get_setting('export_dir'), 'x'), 'w')",
        "class C:\n  def f(self): open(self.options.get('paths', 'exports_path'), 'w')",
        "import cairosvg\ndef f(x): cairosvg.svg2png(x, write_to=settings.FOLDER + '/x.png')",
        "import rrdtool\ndef f(): rrdtool.update(settings.FOLDER + '/x.rrd', 'N:1')",
        "def f(): return tempfile.NamedTemporaryFile(dir=settings.FOLDER, delete=False).name",
        (
            "def f(data):\n  out = tempfile.NamedTemporaryFile(dir='/srv', delete=False)\n"
            "  out.write(data)\n  return out.name"
        ),
        "from os import environ\ndef f(): open(environ['EXPORTS'] + '/x', 'w')",
        (
            "from django.core.files.storage import FileSystemStorage\n"
            "def path(n):\n  p = os.path.join(settings.FOLDER, n)\n"
            "  return FileSystemStorage().get_available_name(p)\n"
            "def f(n):\n  with open(path(n), 'wb+') as out: out.write(n)"
        ),
        "def f(n): open('/srv/%s' % n, 'w')",
        "def f(frame): frame.to_csv(settings.FOLDER + '/x.csv')",
        "def f(frame): frame.to_csv(path_or_buf=settings.FOLDER + '/x.csv')",
        "def f(tree): tree.write('/srv/x.xml')",
        "def f(sound): sound.export('/srv/x.mp3', format='mp3')",
        "def f(bucket): bucket.download_file('b', 'k', '/srv/x')",
        "from distutils.dir_util import copy_tree\ndef f(): copy_tree('/srv/a', '/srv/b')",
        "import subprocess\ndef f(p): subprocess.run(['ffmpeg', '-i', p, '/srv/x.mp4'])",
        "import subprocess\ndef f(p):\n  c = ['pandoc', p, '-o', '/srv/x']\n  subprocess.run(c)",
        "def f(): exec_cmd(['openssl', 'genrsa', '-out', settings.FOLDER + '/key', '2048'])",
        "def f(): os.system('pg_dump shop > /srv/shop.sql')",
        (
            "class A:\n  def __init__(self, path=None): self.path = path or settings.FOLDER\n"
            "  def f(self): open(self.path, 'w')"
        ),
        "import subprocess\ndef f(p): subprocess.call(f'pandoc {p} -o {settings.FOLDER}')",
        "def f(p): os.system('convert %s %s' % (p, settings.FOLDER + '/x.png'))",
        (
            "import subprocess\ndef f(p):\n  c = ['ffmpeg', '-i', p]\n"
            "  c += ['-y', settings.FOLDER + '/x.mp4']\n  subprocess.check_call(c)"
        ),
        "def f(): os.system(f'pg_dump shop > {settings.FOLDER}/shop.sql')",
        (
            "def task(): return Task()\nclass Task:\n"
            "  def place(self, n): return os.path.join(settings.FOLDER, n)\n"
            "def f(n):\n  made = task()\n  open(made.place(n), 'w')"
        ),
        "def folder(): return Path(settings.FOLDER)\ndef f(n): open(folder().child(n), 'w')",
        # What is removed in another branch was not written by this one.
        (
            "def f(text):\n  p = settings.FOLDER + 'x'\n  if text is not None: open(p, 'w')\n"
            "  elif text:\n    os.remove(p)"
        ),
        "def f(n):\n  p = '/srv/x'\n  if n: open(p, 'w')\n  else: os.remove(p)",
        OF_PARTS,
        OF_PARTS.replace("part.folder()", "part.top().folder()"),
        "def f(): open('/srv/rapid.json', 'w')",
        (
            "import shutil\ndef f(n):\n  d = os.path.join(settings.FOLDER, n)\n"
            "  z = shutil.make_archive(d, 'zip', d)\n  shutil.rmtree(d)\n  return z"
        ),
        "def f(image): image.write_to_file(settings.FOLDER + '/x.jpg')",
        (
            "def f(n):\n  p = settings.FOLDER + n\n"
            "  with ExitStack() as s:\n    s.callback(print, p)\n    open(p, 'w')"
        ),
        "import uuid\ndef f(): open(f'/srv/{uuid.uuid4()}.json', 'w')",
        (
            "class A:\n  def __init__(self): self.d = settings.FOLDER + '/x'\n"
            "  def delete(self): os.rmdir(self.d)\n  def __exit__(self, *a): ...\n"
            "  def f(self): open(os.path.join(self.d, 'y'), 'w')"
        ),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = found(make_project, HEAD + code)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "code",
    [
        "class C:\n  def __init__(self, p='token'): self.p = p\n  def f(self): open(self.p, 'w')",
        "import xlsxwriter\ndef f(n): xlsxwriter.Workbook(f'/tmp/{n}.xlsx')",
        "def f(n): open(f'/tmp/{n}.json', 'w')",
        "def f(n): open('/tmp/' + '-'.join(n.parts), 'w')",
        "def f(n): open('/tmp/' + random.choice(NAMES), 'w')",
        "def f(): open(os.path.join(tempfile.gettempdir(), 'stats.json'), 'w')",
        "def f(n):\n  p = f'/tmp/{n}'\n  if os.path.exists(p): return open(p)\n  open(p, 'w')",
        # Nobody else says the folder, or only what comes there as well.
        "def f(n): open(settings.FOLDER + n, 'w')",
        "def folder(): return settings.FOLDER\ndef f(n): open(os.path.join(folder(), n), 'w')",
        "def f(x):\n  open('/srv/shop/x', 'w')\n  send(x)",
        "def f(x):\n  open(settings.FOLDER + 'x', 'w')\n  upload(open(settings.FOLDER + 'x'))",
        # What is there is for a while, by what the folder is called.
        (
            "def part(n): return os.path.join(settings.TEMP_DIR, n)\n"
            "def f(n): open(part(n), 'w')\ndef g(n): show(settings.TEMP_DIR)"
        ),
        (
            "def path_for_tempfile(n): return os.environ['PARTS'] + n\n"
            "def f(n): open(path_for_tempfile(n), 'w')"
        ),
        "def f(n): fill(f'/tmp/{n}')\ndef fill(path):\n  with open(path, 'w') as x: send(x)",
        "def f(r, n): open(f'/tmp/{n}', 'w').write(r.FILES['x'].read())",
        # Not the name of the file, but what it holds.
        "def f(n, row):\n  row.text = n.text\n  open(settings.FOLDER + 'x', 'w').write(n.text)",
        "class A:\n  def f(self):\n    self.p = p = settings.FOLDER + 'x'\n    open(p, 'w')",
    ],
)
def test_what_nobody_else_comes_to_is_information(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = find(make_project, HEAD + code)
    assert finding.severity is Severity.INFO
    assert "nothing else" in finding.message


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("def f(): open('/tmp/x.csv', 'w')", "def g(): return open('/tmp/x.csv')"),
        ("def f(n): open(settings.TEMP_DIR + n, 'w')", "def g(n): open(settings.TEMP_DIR + n)"),
        ("def f(n): open(settings.FOLDER + n, 'w')", "def g(r): run(f'ls {settings.FOLDER}')"),
        ("def f(n): open(settings.FOLDER + n, 'w')", "def g(): ls(getattr(settings, 'FOLDER'))"),
        ("def f(): open('/srv/shop/x.csv', 'w')", "def g(): run('scan -c /srv/shop/x.csv')"),
        ("def f(n): open(f'/srv/shop/{n}', 'w')", "def g(): run('ls /srv/shop')"),
        ("def f(n): open(settings.MEDIA_ROOT + n, 'w')", ""),
        ("def f(): open('rates.csv', 'w')\ndef g(): return open('rates.csv')", ""),
        ("def f(n, row):\n  p = settings.FOLDER + n\n  open(p, 'w')\n  row.scan = p", ""),
        ("def f(n, cache):\n  open(f'/tmp/{n}', 'w')\n  cache.set('x', f'/tmp/{n}')", ""),
        ("def f(n):\n  p = f'/tmp/{n}'\n  open(p, 'w')\n  Scan.objects.create(path=p)", ""),
        ("def f(r): open(settings.FOLDER + 'x', 'w').write(r.FILES['x'].read())", ""),
        ("def f(x):\n  o = open('/srv/shop/x', 'wb')\n  for c in x.chunks(): o.write(c)", ""),
        (
            """from django_extensions.management.jobs import DailyJob
class Job(DailyJob):
  def execute(self): open(settings.FOLDER + 'x', 'w')""",
            "",
        ),
    ],
)
def test_what_somebody_else_comes_to_is_lost(
    make_project: Callable[..., Project], code: str, more: str
) -> None:
    files = {"shop/code.py": HEAD + code, "shop/pages.py": HEAD + more}
    assert any(finding.severity is SURE for finding in RULE.find(make_project(files)))


@pytest.mark.parametrize(
    ("deploy", "severity"),
    [
        ("server { location /f/ { alias /srv/shop/; } }", SURE),
        ("server { location /f/ { alias /srv/other/; } }", Severity.INFO),
    ],
)
def test_a_web_server_answers_from_a_folder(
    make_project: Callable[..., Project], deploy: str, severity: Severity
) -> None:
    code = "def f(): open('/srv/shop/orders.csv', 'w')"
    (finding,) = RULE.find(make_project({"shop/code.py": code, "nginx.conf": deploy}))
    assert finding.severity is severity


@pytest.mark.parametrize(
    "code",
    [
        "def f(path): open(path, 'w')",
        "def f(p): p.write_text('x')",
        "def f(path): open('{}_1'.format(path), 'w')",
        "def f(path): open('%s_1' % path, 'w')",
        (
            "class C:\n  def __init__(self, p=None): self.p = p\n"
            "  def f(self): open('{}_{}'.format(self.p, 1), 'w')"
        ),
    ],
)
def test_a_path_that_cannot_be_traced_is_information(
    make_project: Callable[..., Project], code: str
) -> None:
    (finding,) = find(make_project, code)
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "code",
    [
        "def f(): open('/srv/words')",
        "def f(): os.remove('/srv/words')",
        "import subprocess\ndef f(p): subprocess.run(['ffmpeg', '-i', '/srv/x.mp4', p])",
        "import subprocess\ndef f(p): subprocess.run(['ffprobe', '/srv/x.mp4'])",
        "import subprocess\ndef f(): subprocess.run(['rsync', '/srv/x', 'host:/srv/x'])",
        "import subprocess\ndef f(): subprocess.run(['ffmpeg', '-i', 'x', tempfile.mktemp()])",
        "def f(): os.system('sync > /dev/null')",
        "from other.utils import temporary_dir\ndef f():\n  with temporary_dir(): open('x', 'w')",
        (
            "from other.utils import temp_folder\ndef f():\n"
            "  with temp_folder() as d: open(os.path.join(d, 'x'), 'w')"
        ),
        "def f(): os.chdir(settings.FOLDER)\ndef g(): open('x', 'w')",
        "def f(p): os.system('convert %s host:%s' % (p, settings.FOLDER))",
        "def f(p): os.system('pandoc %s | sort' % (settings.FOLDER,))",
        (
            "import uuid\ndef f():\n"
            "  open(os.path.join(tempfile.gettempdir(), f'{uuid.uuid4()}.csv'), 'w')"
        ),
        "def f(n): open(os.path.join(tempfile.gettempdir(), n), 'w')",
        (
            "def f():\n  p = os.path.join(tempfile.gettempdir(), 'x')\n"
            "  open(p, 'w').write('x')\n  return open(p).read()"
        ),
        "import subprocess\ndef f(p): subprocess.run(['soffice', '--outdir', '/tmp', p])",
        "def f(out): out.write('/srv/x')",
        "def f(sheet): sheet.export('orders')",
        (
            "from django.urls import re_path\nfrom django.views.static import serve\n"
            "u = [re_path('^x/', serve, {'document_root': settings.FOLDER})]"
        ),
        "def f(cache): cache.touch('/srv/x')",
        "def f(): Path('/srv/reload').touch()",
        "def f(): open('/srv/app.log', 'a').close()",
        "def f():\n  with open('/srv/wake', 'w'):\n    pass",
        "import fcntl\ndef f():\n  with open('/srv/l', 'w') as l:\n    fcntl.flock(l, 2)",
        "import fcntl\ndef f():\n  l = Path('/srv/l').open('w')\n  fcntl.flock(l.fileno(), 2)",
        "import fcntl\ndef f():\n  l = os.open('/l', os.O_CREAT)\n  fcntl.flock(l)\n  os.close(l)",
        (
            "import fcntl\nclass A:\n  def f(self):\n    self.l = os.open('/l', os.O_CREAT)\n"
            "    fcntl.lockf(self.l, 2)\n  def g(self):\n    os.close(self.l)\n    self.l = None"
        ),
        (
            "class A:\n  def __enter__(self): self.d = settings.FOLDER + '/x'\n"
            "  def __exit__(self, *a): os.rmdir(self.d)\n"
            "  def f(self): open(os.path.join(self.d, 'y'), 'w')"
        ),
        (
            "class A:\n  def __init__(self): self.d = settings.FOLDER + '/x'\n"
            "  def __exit__(self, *a): self.clean()\n  def clean(self): os.rmdir(self.d)\n"
            "  def f(self): open(os.path.join(self.d, 'y'), 'w')"
        ),
        "def f(): os.open('/srv/x', os.O_RDONLY)",
        "def f(form): form.save('draft')",
        "def f(page): return page.write_pdf()",
        "import git\ndef f(path): git.Repo(path)",
        "def f(text): return text.replace('/srv/a', '/srv/b')",
        "def f(table, names): return table.rename(names).rename(columns=names)",
        "def f(): return os.access('/srv/words', os.R_OK) and Path('/srv/words').read_text()",
        "def f(): open('/dev/stdout', 'w')",
        "def f():\n  with open(os.devnull, 'w') as out: run(out)",
        "def f(p):\n  with open(p, 'r+b') as x: return x.read()",
        "def f():\n  x = open('/srv/x', mode='r+')\n  y = x.readlines()\n  x.close()\n  return y",
        "def f(): open('/run/worker.pid', 'w').write(str(os.getpid()))",
        "def f():\n  pidfile = os.environ.get('PIDFILE')\n  open(pidfile, 'w')",
        "def f(): open('%s/x' % tempfile.mkdtemp(), 'w')",
        "def f(): open('{}/x'.format(tempfile.mkdtemp()), 'w')",
        "def f():\n  with tempfile.NamedTemporaryFile() as t: open(t.name, 'wb')",
        "def f():\n  d = tempfile.mkdtemp()\n  open(os.path.join(d, 'x'), 'w')",
        "def f():\n  p = '/srv/x'\n  open(p, 'w')\n  os.remove(p)",
        "def f(n):\n  p = '/srv/x'\n  if n: open(p, 'w')\n  else: g()\n  os.remove(p)",
        "def f(n):\n  p = '/srv/x'\n  if n:\n    open(p, 'w')\n    os.remove(p)\n  else: g()",
        "def f(n):\n  p = '/srv/x'\n  open(p, 'w')\n  if n: g()\n  else: os.remove(p)",
        OF_PARTS.replace('settings.SHOP["texts_path"]', "tempfile.mkdtemp()"),
        OF_PARTS.replace("self.shelf.folder()", "whatever()"),
        OF_PARTS.replace("self.shelf.folder()", "self.shelf.name"),
        OF_PARTS.replace('settings.SHOP["texts_path"]', 'kinds["texts_path"]'),
        (
            "import shutil\ndef f(d):\n  z = shutil.make_archive(settings.FOLDER, 'zip', d)\n"
            "  send(z)\n  os.remove(z)"
        ),
        (
            "import shutil\ndef f(n):\n  d = settings.FOLDER + n\n"
            "  shutil.make_archive(os.path.join(d, 'all'), 'zip', d)\n  shutil.rmtree(d)"
        ),
        (
            "import shutil\ndef f(n):\n  d = settings.FOLDER + n\n"
            "  open(f'{d}/x', 'w')\n  shutil.rmtree(d)"
        ),
        (
            "import shutil\ndef f(n):\n  d = settings.FOLDER + n\n"
            "  with ExitStack() as s:\n    s.callback(shutil.rmtree, d)\n    open(f'{d}/x', 'w')"
        ),
        (
            "def f(n):\n  p = Path(settings.FOLDER, n)\n"
            "  with ExitStack() as s:\n    s.callback(p.unlink)\n    p.write_text('x')"
        ),
        "import uuid\ndef f():\n  p = f'/tmp/{uuid.uuid4()}.json'\n  open(p, 'w')",
        "import uuid\ndef f(): open('/tmp/' + uuid.uuid4().hex, 'w')",
        "def f():\n  p = '/tmp/{}'.format(''.join(random.sample(L, 9)) + '.xls')\n  open(p, 'w')",
        "def f(): open('/tmp/' + ''.join(random.choice(L) for _ in range(9)), 'w')",
        (
            "def f(self, n):\n  t = open(os.path.join('/tmp', n), 'wb')\n  self.page.save(t)\n"
            "  self.preview.save(n, open(os.path.join('/tmp', n), 'rb'))"
        ),
        "import uuid\ndef f(): Path('/tmp', f'{uuid.uuid4()}.json').write_text('x')",
        "import uuid\ndef f(): open('/tmp/{}'.format(uuid.uuid4()), 'w')",
        "def f():\n  p = Path('/srv/x')\n  p.write_text('x')\n  p.unlink()",
        "def f():\n  b = io.BytesIO()\n  zipfile.ZipFile(b, 'w')",
        "def f(episode): episode.audio.open('wb')",
        "from django.core.files import storage\ndef f(): storage.default_storage.open('x', 'w')",
        "def f(response): zipfile.ZipFile(response, 'w')",
        "def f():\n  if settings.DEBUG: open('/srv/x', 'w')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert find(make_project, HEAD + code) == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): open(request.GET.get('path'), 'w')",
        "def f(request): open(request.query_params['options_file'], 'w')",
        "import io, xlsxwriter\ndef f(): xlsxwriter.Workbook(io.BytesIO())",
        "import uuid, xlsxwriter\ndef f(): xlsxwriter.Workbook(f'/tmp/{uuid.uuid4()}.xlsx')",
        "def f(): return tempfile.NamedTemporaryFile(dir=settings.FOLDER)",
        "def f(): return tempfile.NamedTemporaryFile(delete=False).name",
        "def f(): return tempfile.NamedTemporaryFile(dir=settings.TMP_DIR, delete=False).name",
        "def f(): return tempfile.NamedTemporaryFile(dir='.', delete=False).name",
        "import cairosvg\ndef f(x): cairosvg.svg2png(x, write_to=io.BytesIO())",
        "import cairosvg\ndef f(x): return cairosvg.svg2png(x)",
        "class ProfilerMiddleware:\n  def __call__(self, request): open('/srv/x.html', 'w')",
        (
            "from django.contrib.staticfiles.finders import BaseFinder\n"
            "class Vendored(BaseFinder):\n  def list(self, ignored): open('/srv/x.js', 'w')"
        ),
        "def f(): return tempfile.NamedTemporaryFile(dir=settings.WORKING, delete=False).name",
        (
            "def f(folder): return tempfile.NamedTemporaryFile(dir=folder, delete=False).name\n"
            "def g(): return f(settings.TMP_DIR)"
        ),
        (
            "def f(data):\n  out = tempfile.NamedTemporaryFile(dir='/srv', delete=False)\n"
            "  out.write(data)\n  send(out.name)\n  os.unlink(out.name)"
        ),
        (
            "def f(data, path):\n  out = tempfile.NamedTemporaryFile(dir='/srv', delete=False)\n"
            "  out.write(data)\n  os.replace(out.name, path)"
        ),
    ],
)
def test_leaves_what_is_not_its_own_alone(make_project: Callable[..., Project], code: str) -> None:
    assert [f for f in find(make_project, HEAD + code) if f.severity is not Severity.INFO] == []


CHECKED = """
from django.core import checks
from django.core.checks import Tags, register
def make(): open('/srv/key', 'w')
{}
def check(app_configs, **options): make()
"""


@pytest.mark.parametrize(
    ("decorator", "count"),
    [
        ("@register(deploy=True)", 0),
        ("@register(Tags.security, deploy=True)", 0),
        ("@checks.register(deploy=True)", 0),
        ("@register()", 1),
        ("@register(deploy=False)", 1),
        ("@other.register(deploy=True)", 1),
    ],
)
def test_a_check_that_only_a_deployment_asks_is_silent(
    make_project: Callable[..., Project], decorator: str, count: int
) -> None:
    assert len(find(make_project, CHECKED.format(decorator))) == count


def test_commands_are_silent(make_project: Callable[..., Project]) -> None:
    code = "class Command:\n  def handle(self): open('/srv/x', 'w')"
    assert find(make_project, code, "shop/management/commands/export.py") == []


def test_a_shared_mount_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/code.py": "def f(): open('/mnt/shared/x', 'w')"}
    project = make_project(files, SCALEREADY={"SHARED_PATHS": ["/mnt/shared"]})
    assert list(RULE.find(project)) == []


PARTS = "  tmp = os.path.join(settings.PARTS, 'x')\n  open(tmp, 'w').write('x')\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (f"def f(path):\n{PARTS}  os.replace(tmp, path)\n  return path", 0),
        (f"import shutil\ndef f(path):\n{PARTS}  shutil.move(tmp, path)", 0),
        (f"def f():\n{PARTS}  t = tempfile.NamedTemporaryFile()\n  os.rename(tmp, t.name)", 0),
        (f"def f():\n{PARTS}  os.replace(tmp, '/srv/list')", 1),
        (f"def f(path):\n  os.replace(tmp, path)\n{PARTS}", 1),
        (f"def f(text):\n{PARTS}  return text.replace(tmp, '')", 1),
        (f"def f(path):\n{PARTS}  if path:\n    os.replace(tmp, path)\n    return path", 1),
    ],
)
def test_a_file_that_is_moved_is_where_it_comes_to_lie(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    told = found(make_project, HEAD + code)
    assert sum(each.severity is not Severity.INFO for each in told) == count


@pytest.mark.parametrize(("value", "count"), [(None, 0), ("/srv/trash", 1)])
def test_a_folder_that_is_none_is_not_written(
    make_project: Callable[..., Project], value: str | None, count: int
) -> None:
    code = "from django.conf import settings\ndef f(): open(settings.TRASH_DIR + 'x', 'w')"
    assert len(list(RULE.find(make_project({"shop/code.py": code}, TRASH_DIR=value)))) == count


def test_what_looks_at_the_same_folder_is_related(make_project: Callable[..., Project]) -> None:
    code = """
    def f(names): open(settings.LIST, 'w').write(names)
    def g(): return os.path.exists(settings.LIST)
    """
    (finding,) = find(make_project, HEAD + textwrap.dedent(code))
    assert [place.line for place in finding.related] == [7]


def test_what_lists_the_same_folder_is_related(make_project: Callable[..., Project]) -> None:
    code = """
    def f(name, text): (Path(settings.FOLDER) / name).write_text(text)
    def g(): return [path.name for path in Path(settings.FOLDER).glob('*')]
    def h(): return Path(settings.FOLDER).rglob('*.txt')
    def i(): return Path(settings.OTHER).glob('*')
    """
    (finding,) = find(make_project, HEAD + textwrap.dedent(code))
    assert [place.line for place in finding.related] == [7, 8]


@pytest.mark.parametrize(
    ("looks", "related"),
    [
        ("path = Path(settings.FOLDER) / n\n  return path.exists()", True),
        ("return Path(settings.FOLDER, n).is_dir()", True),
        ("rows = Order.objects.filter(folder=settings.FOLDER)\n  return rows.exists()", False),
        ("path = Path(settings.OTHER) / n\n  return path.exists()", False),
    ],
)
def test_who_looks_for_a_file_is_related(
    make_project: Callable[..., Project], looks: str, related: bool
) -> None:
    code = f"def f(n, x): (settings.FOLDER / n).write_text(x)\ndef g(n):\n  {looks}\n"
    (finding,) = find(make_project, HEAD + code)
    assert bool(finding.related) is related


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def f(m):\n  b = mailbox.mbox(settings.BOXES + 'x')\n  b.add(m)\n", 1),
        ("def f(m):\n  b = mailbox.Maildir(settings.BOXES)\n  b.lock()\n  b.add(m)\n", 1),
        ("def f(m): return len(mailbox.mbox(settings.BOXES + 'x'))\n", 0),
        ("def f(m):\n  b = mailbox.mbox(settings.BOXES)\n  return [m for m in b]\n", 0),
        ("def f(m, seen):\n  b = mailbox.mbox(settings.BOXES)\n  seen.add(len(b))\n", 0),
        ("def f(m):\n  b = mailbox.mbox(tempfile.mktemp())\n  b.add(m)\n", 0),
        ("def f(m, boxes):\n  b = mailbox.mbox(boxes)\n  b.add(m)\n", 0),
        ("def f(m):\n  b = settings.BOXES\n  b.add(m)\n", 0),
        ("def f(m):\n  b = mailbox.mbox()\n  b.add(m)\n", 0),
    ],
)
def test_a_mailbox_that_is_filled(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(find(make_project, f"{HEAD}import mailbox\n{code}")) == count


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def f(p):\n  u = shutil.which('unzip')\n  call([u, p, '-d', settings.FOLDER])\n", 1),
        ("def f(p): call([shutil.which('unzip'), p, '-d', settings.FOLDER])\n", 1),
        ("def f(p):\n  u = shutil.which('zipinfo')\n  call([u, p, '-d', settings.FOLDER])\n", 0),
        ("def f(p, u): call([u, p, '-d', settings.FOLDER])\n", 0),
    ],
)
def test_a_program_that_is_looked_for(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    head = f"{HEAD}import shutil\nfrom subprocess import call\n"
    assert len(find(make_project, head + code)) == count


def test_what_only_lists_a_folder_is_silent(make_project: Callable[..., Project]) -> None:
    assert find(make_project, HEAD + "def g(): return settings.FOLDER.glob('*')") == []


@pytest.mark.parametrize(
    ("where", "calls"),
    [
        ("shop/management/commands/load.py", "from shop.loading import copy\n"),
        ("shop/management/commands/__init__.py", ""),
    ],
)
def test_a_folder_is_told_where_a_request_writes_there(
    make_project: Callable[..., Project], where: str, calls: str
) -> None:
    write = "from django.conf import settings\ndef {}(n): open(settings.FOLDER + n, 'w')\n"
    view = f"{write.format('keep')}def view(request):\n  from shop.management import commands\n"
    files = {
        where: calls + write.format("copy"),
        "shop/views.py": f"{view}  commands.load.copy('x')\n  commands.copy('x')\n  keep('x')\n",
    }
    (finding,) = RULE.find(make_project(files))
    assert finding.location.path == "shop/views.py"


def test_a_folder_made_for_a_temporary_file_is_not_related(
    make_project: Callable[..., Project],
) -> None:
    code = """
    def f(text): (settings.FOLDER / 'x').write_text(text)
    def g(): settings.FOLDER.mkdir(exist_ok=True)
    def h():
        settings.FOLDER.mkdir(exist_ok=True)
        return tempfile.mkdtemp(dir=settings.FOLDER)
    """
    (finding,) = find(make_project, HEAD + textwrap.dedent(code))
    assert [place.line for place in finding.related] == [7]


def test_a_folder_is_what_a_function_returns_last(make_project: Callable[..., Project]) -> None:
    code = (
        "def folder(kind):\n  if kind == 'x':\n    return settings.SCRATCH_DIR\n"
        "  return os.path.join(settings.DATA_DIR, kind)\n"
        "def f(kind): open(os.path.join(folder(kind), 'x'), 'w')"
    )
    (finding,) = find(make_project, HEAD + code)
    assert "(DATA_DIR)" in finding.message


def test_one_name_in_one_file_is_one_finding(make_project: Callable[..., Project]) -> None:
    code = """
    def f(log): open(log, 'a').write('begun')
    class C:
        def g(self):
            log = '/srv/' + self.name
            open(log, 'a').write('ended')
    """
    (finding,) = found(make_project, HEAD + textwrap.dedent(code))
    assert (finding.severity, finding.location.line) == (Severity.ERROR, 10)
    assert [place.line for place in finding.related] == [6]


PLACES = """
from os import environ

class Places:
    EXPORT_DIR: str = str(environ.get("EXPORT_DIR", "/exports"))

places = Places()
"""


@pytest.mark.parametrize(
    "code",
    [
        "from shop.places import Places\n\ndef f(n): open(Places.EXPORT_DIR + n, 'w')",
        "from shop import places\n\ndef f(n): open(places.Places.EXPORT_DIR + n, 'w')",
        "from shop.places import places\n\ndef f(n): open(f'{places.EXPORT_DIR}/{n}', 'w')",
        "def f(config, n): open(f'{config.EXPORT_DIR}/{n}', 'w')",
        (
            "import os\nfrom shop.places import Places\n\n"
            "def write(path):\n    os.makedirs(os.path.split(path)[0])\n    open(path, 'w')\n\n"
            "def f(): write(Places.EXPORT_DIR)"
        ),
    ],
)
def test_a_constant_of_a_class_elsewhere(make_project: Callable[..., Project], code: str) -> None:
    files = {"shop/__init__.py": "", "shop/places.py": PLACES, "shop/code.py": code}
    assert [f.severity for f in RULE.find(make_project(files))] in ([SURE], [Severity.WARNING])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("tempfile.mkdtemp()", "def f(config, n): open(f'{config.EXPORT_DIR}/{n}', 'w')"),
        ("'/dev/shm'", "def f(config, n): open(f'{config.EXPORT_DIR}/{n}', 'w')"),
        (
            "tempfile.gettempdir()",
            (
                "from shop.places import Places\n\n"
                "def write(path):\n  open(path, 'w')\n\ndef f(): write(Places.EXPORT_DIR)"
            ),
        ),
        (
            "'/srv'",
            (
                "from shop.places import Places\n\n"
                "def f(n):\n  p = Places.EXPORT_DIR + n\n  open(p, 'w')\n  os.remove(p)"
            ),
        ),
        ("'/srv'", "from shop.places import Places\n\ndef f(n): open(Places.EXPORT_DIR + n)"),
    ],
)
def test_a_constant_that_leads_to_no_place_of_this_replica(
    make_project: Callable[..., Project], value: str, code: str
) -> None:
    places = f"import tempfile\nclass Places:\n  EXPORT_DIR = {value}\n"
    files = {"shop/__init__.py": "", "shop/places.py": places, "shop/code.py": f"import os\n{code}"}
    assert list(RULE.find(make_project(files))) == []


def test_a_constant_that_leads_to_several_places(make_project: Callable[..., Project]) -> None:
    other = "import tempfile\nclass Other:\n  EXPORT_DIR = tempfile.mkdtemp()\n"
    code = "def f(config, n): open(f'{config.EXPORT_DIR}/{n}', 'w')"
    files = {"shop/places.py": PLACES, "shop/other.py": other, "shop/code.py": code}
    assert [f.severity for f in RULE.find(make_project(files))] == [Severity.INFO]


def test_settings_that_are_an_object_of_their_module(make_project: Callable[..., Project]) -> None:
    code = """
    from shop.system_settings import settings
    def f(): open(settings.EXPORTS + 'a', 'w')
    def g(): open(settings.UPLOADS + 'b', 'w')
    """
    found = find(make_project, textwrap.dedent(code))
    assert ["(EXPORTS)" in f.message or "(UPLOADS)" in f.message for f in found] == [True, True]


def test_two_names_are_two_findings(make_project: Callable[..., Project]) -> None:
    code = "def f():\n  open('/srv/a', 'w')\n  open('/srv/b', 'w')"
    assert len(find(make_project, HEAD + code)) == 2


def test_the_settings_of_a_module_whose_name_ends_so(make_project: Callable[..., Project]) -> None:
    code = "from shop.own_settings import settings\ndef f(): open(settings.FOLDER + 'x', 'w')"
    (finding,) = find(make_project, code)
    assert "(FOLDER)" in finding.message


TOOL = "def f(): open('/srv/x', 'w')\nif __name__ == '__main__': f()"


@pytest.mark.parametrize(
    ("more", "count"),
    [({}, 0), ({"shop/views.py": "from shop.tool import f"}, 1), ({"shop/v.py": "import os"}, 0)],
)
def test_a_program_that_nothing_imports_is_an_operators(
    make_project: Callable[..., Project], more: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/tool.py": TOOL, **more})))) == count


BY_HAND = "def save(): open('/srv/x', 'w')\ndef main(): save()\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"shop/train.py": BY_HAND}, 0),
        ({"shop/train.py": "open('/srv/x', 'w')"}, 0),
        ({"shop/train.py": "open('/srv/x', 'w')", "Procfile": "bot: python shop/train.py\n"}, 1),
        ({"shop/train.py": "open('/srv/x', 'w')", "shop/views.py": "import shop.train"}, 1),
        ({"shop/train.py": BY_HAND, "shop/views.py": "from shop.train import save"}, 1),
        ({"shop/tasks.py": BY_HAND}, 1),
        ({"tasks.py": "from invoke import task\ndef build(c): open('/srv/x', 'w')"}, 0),
        ({"ui/scripts/i18n/conflicts.py": "def go(): open('/srv/x', 'w')"}, 0),
        ({"ui/scripts/__init__.py": "", "ui/scripts/go.py": "def go(): open('/srv/x', 'w')"}, 1),
        ({"shop/train.py": "class Feed:\n  def save(self): open('/srv/x', 'w')"}, 1),
    ],
)
def test_what_somebody_starts_by_hand_is_silent(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    files = {"shop/__init__.py": "", **files}
    assert len(list(RULE.find(make_project(files)))) == count


READY = """
import urllib.request, uuid
from pathlib import Path
from django.apps import AppConfig
from django.conf import settings

def fetch(url, path):
    with open(path, "wb") as file:
        file.write(CONTENT)

class ShopConfig(AppConfig):
    def ready(self):
        if not (settings.FONTS / "serif.ttf").exists():
            fetch("https://fonts.example.com/serif.ttf", settings.FONTS / "serif.ttf")
"""


@pytest.mark.parametrize(
    ("content", "elsewhere", "count"),
    [
        ("urllib.request.urlopen(url, timeout=5).read()", "", 0),
        # Each replica makes another one.
        ("uuid.uuid4().bytes", "", 1),
        # A request fetches it, too: for one replica.
        ("urllib.request.urlopen(url, timeout=5).read()", "def view(r): fetch(r.url, '/srv/x')", 1),
    ],
)
def test_what_every_start_writes_alike_is_silent(
    make_project: Callable[..., Project], content: str, elsewhere: str, count: int
) -> None:
    code = READY.replace("CONTENT", content) + elsewhere
    assert len(find(make_project, code, "shop/apps.py")) == count


EXPORT = """
import shutil
from django.conf import settings

def path(name):
    return settings.EXPORTS / name

def export(name):
    (path(name) / "a.html").write_text("x")
    shutil.make_archive(path(name), "zip", path(name))
"""
TAKES = """
from shop.export import export, path

@shared_task
def work(name):
    export(name)
    packed = path(name)
    with packed.open("rb") as file:
        keep(file)
    packed.unlink()
"""


IF_ASKED = """
from shop.export import export, path

@shared_task
def work(name):
    export(name)
    packed = path(name)
    if name:
        keep(packed.read_bytes())
        packed.unlink()
        return name
"""


@pytest.mark.parametrize(
    ("taker", "count"),
    [
        (TAKES, 0),
        (TAKES.replace("@shared_task\n", ""), 0),
        (IF_ASKED, 0),
        # Who made it is another process, perhaps on another replica.
        (TAKES.replace("    export(name)\n", ""), 1),
        (TAKES.replace("    packed.unlink()\n", ""), 1),
        # It is there after all has gone well.
        (TAKES.replace('    with packed.open("rb") as file:', "    if packed.is_file():"), 1),
        # Somebody else reads it, too.
        (TAKES + "\ndef look(name): return path(name).read_text()\n", 1),
    ],
)
def test_what_its_maker_takes_away_is_silent(
    make_project: Callable[..., Project], taker: str, count: int
) -> None:
    files = {"shop/__init__.py": "", "shop/export.py": EXPORT, "shop/tasks.py": taker}
    assert len(list(RULE.find(make_project(files)))) == count


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        # What stands behind is not where a path begins.
        ("def f(p):\n  name = find(p)\n  name += '.html'\n  open(name, 'w')", Severity.INFO),
        ("def f(name):\n  name += '.html'\n  open(name, 'w')", Severity.INFO),
        ("def f():\n  n = ''\n  n += '/srv/x'\n  open(n, 'w')", Severity.ERROR),
        ("def f():\n  n = '/srv/'\n  n += g()\n  open(n, 'w')", Severity.ERROR),
        (
            "def f(x):\n  some = (x.a, x.b)\n  some += ('/srv/x',)\n  for n in some: open(n, 'w')",
            Severity.ERROR,
        ),
    ],
)
def test_a_path_that_something_is_put_behind(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    assert [finding.severity for finding in found(make_project, code)] == [severity]


def test_the_key_that_secret_file_finds_is_silent(make_project: Callable[..., Project]) -> None:
    code = """
    KEY_FILE = Path(__file__).with_name("key.txt")
    if KEY_FILE.exists():
        SECRET_KEY = KEY_FILE.read_text()
    else:
        SECRET_KEY = "".join(["k"])
        KEY_FILE.write_text(SECRET_KEY)
    """
    assert find(make_project, HEAD + textwrap.dedent(code), "settings.py") == []


def test_what_is_removed_after_a_failure_alone_is_found(
    make_project: Callable[..., Project],
) -> None:
    code = """
    def f(p):
        path = settings.FOLDER / p
        try:
            path.write_text(p)
        except OSError:
            if os.path.exists(path):
                os.remove(path)
    """
    assert len(find(make_project, HEAD + textwrap.dedent(code))) == 1


@pytest.mark.parametrize(
    ("value", "written", "found"),
    [
        ({"kept": "/srv/reports", "name": "x"}, "settings.REPORTS['kept'] + '/x'", 1),
        (["/srv/reports"], "settings.REPORTS[0] + '/x'", 1),
        ({"kept": "/mnt/shared/x"}, "settings.REPORTS['kept'] + '/x'", 0),
        ({"name": "x"}, "settings.REPORTS['name']", 0),
        (["x"], "settings.REPORTS[0]", 0),
    ],
)
def test_a_path_in_a_setting_that_holds_several(
    make_project: Callable[..., Project], value: object, written: str, found: int
) -> None:
    code = f"from django.conf import settings\ndef f(r): r.to_csv({written})"
    files = {"shop/code.py": code}
    shared = {"SHARED_PATHS": ["/mnt/shared"]}
    assert len(list(RULE.find(make_project(files, REPORTS=value, SCALEREADY=shared)))) == found


STORE = """
import sqlite3
from django.conf import settings
def known(): return sqlite3.connect(settings.INDEX_DIR / 'index.db')
"""
SWAP = (
    "import os\nfrom django.conf import settings\ndef f(t): os.replace(t, settings.{} / 'x.db')\n"
)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"shop/store.py": STORE + SWAP.format("INDEX_DIR")}, 0),
        ({"shop/store.py": STORE + SWAP.format("EXPORTS")}, 1),
        ({"shop/store.py": STORE, "shop/tasks.py": SWAP.format("INDEX_DIR")}, 1),
    ],
)
def test_an_embedded_database_that_its_module_moves_is_told_as_such(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project(files)))) == count


IN_TEMP = "import contextlib, tempdir\nfrom celery import shared_task\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("@shared_task\n@tempdir.run_in_tempdir()\ndef f(): open('x', 'w')", 0),
        ("@shared_task\n@tempdir.run_in_tempdir()\ndef f(): open(os.getcwd() + '/x', 'w')", 0),
        ("def f():\n  with tempdir.in_tempdir():\n    open(Path.cwd() / 'x', 'w')", 0),
        (
            (
                "def f():\n  with tempfile.TemporaryDirectory() as d, contextlib.chdir(d):\n"
                "    open(os.path.join(os.getcwd(), 'x'), 'w')"
            ),
            0,
        ),
        ("def f():\n  os.chdir(tempfile.mkdtemp())\n  open(os.getcwd() + '/x', 'w')", 0),
        ("@shared_task\n@tempdir.run_in_tempdir()\ndef f(): open('/srv/x', 'w')", 1),
        ("@tempdir.run_in_tempdir()\ndef g(): pass\ndef f(): open('x', 'w')", 1),
        (
            (
                "def f():\n  with tempdir.in_tempdir(): pass\n"
                "  with open(os.getcwd() + '/x', 'w') as out: out.write('x')"
            ),
            1,
        ),
        (
            (
                "def f():\n  os.chdir(tempfile.mkdtemp())\n  os.chdir(settings.BASE_DIR)\n"
                "  open(os.getcwd() + '/x', 'w')"
            ),
            1,
        ),
    ],
)
def test_a_function_that_is_run_in_a_temporary_folder(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(find(make_project, HEAD + IN_TEMP + code)) == count


STORED = "from django.core.files.storage import storages\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def f(d): storages[settings.EXPORTS].save(os.path.join(settings.FOLDER, 'x'), d)", 0),
        ("def f(d): storages['exports'].save(f'{settings.FOLDER}/x', d)", 0),
        ("def f(d):\n  kept = storages['exports']\n  kept.save(f'{settings.FOLDER}/x', d)", 0),
        ("def f(books, d): books['a'].save(f'{settings.FOLDER}/x')", 1),
    ],
)
def test_a_name_in_a_storage_is_no_path(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(find(make_project, HEAD + STORED + code)) == count


ZIPPED = (
    "def a():\n  p = settings.FOLDER + '/x'\n"
    "  shutil.make_archive(p, 'zip', p)\n  shutil.rmtree(p)\n"
)
KEPT = "def z(n): open(settings.FOLDER + '/y', 'w').write(n)\n"


@pytest.mark.parametrize(("code", "lines"), [(ZIPPED + KEPT, [10]), (KEPT, [6]), (ZIPPED, [8])])
def test_the_place_of_a_folder_is_one_that_leaves_something_there(
    make_project: Callable[..., Project], code: str, lines: list[int]
) -> None:
    assert [
        each.location.line for each in find(make_project, HEAD + "import shutil\n" + code)
    ] == lines


HERE_OR_THERE = """
class Here:
    def __enter__(self): return settings.BASE_DIR
class There({}):
    def __enter__(self):
        folder = super().__enter__()
        folder = os.path.join(folder, "copy")
        shutil.copytree(settings.BASE_DIR, folder)
        return folder
"""


@pytest.mark.parametrize(
    ("base", "count"),
    [("tempfile.TemporaryDirectory", 0), ("Mixin, tempfile.TemporaryDirectory", 0), ("Here", 1)],
)
def test_what_super_returns_is_of_the_classes_above(
    make_project: Callable[..., Project], base: str, count: int
) -> None:
    code = HEAD + "import shutil\n" + HERE_OR_THERE.format(base)
    assert len(find(make_project, code)) == count


def test_another_packages_class_may_have_any_folder(make_project: Callable[..., Project]) -> None:
    code = HEAD + "import shutil, other\n" + HERE_OR_THERE.format("other.Base")
    assert find(make_project, code) == []


HANDLER = """
import signal
def drain(number, frame):
    with open("/srv/shutdown", "w") as flag:
        flag.write("1")
signal.signal(signal.SIGTERM, drain)
"""


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("", "", 0),
        (
            'with open("/srv/shutdown", "w") as flag:\n        flag.write("1")',
            "Path('x').touch()",
            0,
        ),
        ('"1"', "str(number)", 1),
        ('flag.write("1")', "json.dump(STATE, flag)", 1),
        ("signal.SIGTERM, drain", "signal.SIGTERM, signal.SIG_IGN", 1),
        ("signal.signal(", "register(", 1),
    ],
)
def test_the_flag_of_a_signals_handler_is_its_replicas_own(
    make_project: Callable[..., Project], old: str, new: str, count: int
) -> None:
    code = HEAD + HANDLER.replace(old, new)
    shown = [each for each in found(make_project, code) if each.severity is SURE]
    assert len(shown) == count


@pytest.mark.parametrize(
    "code",
    [
        "def f(book): book.save('/tmp/debug.xlsx')",
        "def f(x):\n  with open('./debug.json', 'w') as out: out.write(x)",
        "def f(x): Path('./debug.json').write_text(x)",
        "def f(x):\n  with open('/tmp/trace.log', 'a') as out: out.write(x)",
        "def f(x):\n  log = Path('/tmp/trace.log')\n  open(log, 'a').write(x)\n  open(log, 'a')",
        "LOG = '/tmp/trace.log'\ndef f(x): open(LOG, 'a').write(x)\ndef g(x): open(LOG, 'a')",
    ],
)
def test_a_fixed_path_in_tmp_that_nobody_reads_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert find(make_project, HEAD + code) == []


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("def f(book): book.save('/srv/debug.xlsx')", ""),
        ("def f(book):\n  book.save('/tmp/x.csv')\n  send('/tmp/x.csv')", ""),
        ("def f(x): open('./list', 'w').write(x)", "def g(): return open('list').read()"),
        ("def f(x):\n  open('./x.csv', 'w').write(x)\n  send('x.csv')", ""),
        ("def f(x): open('./state/x.csv', 'w').write(x)", ""),
        ("def f(x): open('/tmp/list', 'w').write(x)", "def g(): return open('/tmp/list').read()"),
        ("LIST = '/tmp/list'\ndef f(x): open(LIST, 'w').write(x)\ndef g(): return LIST", ""),
        ("def f(x):\n  p = '/tmp/list'\n  open(p, 'w').write(x)\n  return p", ""),
        ("def f(x):\n  p = '/tmp/list'\n  p = p + x\n  open(p, 'w').write(x)", ""),
    ],
)
def test_a_fixed_path_in_tmp_that_somebody_may_read(
    make_project: Callable[..., Project], code: str, other: str
) -> None:
    project = make_project({"shop/code.py": HEAD + code, "shop/other.py": other})
    assert len(list(RULE.find(project))) == 1


CACHED = "  p = os.path.join(settings.PICTURES, f'{photo.id}.jpg')\n"
THERE = "  if os.path.exists(p): return p\n"
MADE = "  Image.open(photo.scan).save(p)\n  return p\n"
HASHED = (
    "import hashlib\nclass C:\n  def f(self, folder):\n"
    "    p = os.path.join(folder, hashlib.md5(self.key).hexdigest())\n"
    "    if not os.path.exists(p):\n"
    "      with open(p, 'w') as out: out.write(self.key)\n"
    "    return p\n"
    "  def path(self): return self.f(settings.BASE_DIR)\n"
    "def g(): open(settings.BASE_DIR + '/about.txt').read()\n"
)


@pytest.mark.parametrize(
    "code",
    [
        f"def f(photo):\n{CACHED}{THERE}{MADE}",
        (
            f"def f(photo):\n{CACHED}  if os.path.exists(p):\n    if photo.x: return p\n"
            f"    else: return open(p).read()\n{MADE}"
        ),
        (
            f"def f(photo):\n{CACHED}  if not os.path.isfile(p):\n"
            "    with open(p, 'w') as out: out.write(render(photo))\n  return open(p).read()\n"
        ),
        (
            f"def f(photo):\n{CACHED}  if os.path.exists(p): x = p\n"
            "  else: open(p, 'w').write(photo.text)\n  return p\n"
        ),
        (
            "def path(photo):\n  d = os.path.join(settings.PICTURES, photo.kind)\n"
            "  if not os.path.isdir(d): os.makedirs(d)\n  return d + photo.name\n"
            f"def f(photo):\n  p = path(photo)\n{THERE}{MADE}"
        ),
        HASHED,
        HASHED.replace("self.f(settings.BASE_DIR)", "self.f(settings.PICTURES)"),
        (
            f"def f(photo):\n{CACHED}  if not os.path.exists(p) or photo.changed:\n"
            "    with open(p, 'w') as out: out.write(photo.text)\n  return p\n"
        ),
    ],
)
def test_what_its_reader_makes_where_it_is_missing_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert find(make_project, HEAD + code) == []


@pytest.mark.parametrize(
    "code",
    [
        # Nobody looks, nobody gets it, or somebody else reads it.
        f"def f(photo):\n{CACHED}{MADE}",
        f"def f(photo):\n{CACHED}{THERE}  Image.open(photo.scan).save(p)\n",
        f"def f(photo):\n{CACHED}  if photo.kept: return p\n{MADE}",
        f"def f(photo):\n{CACHED}  if os.path.exists(p): warn(p)\n{MADE}",
        f"def f(photo):\n{CACHED}{THERE}{MADE}def g(n): open(settings.PICTURES + n).read()",
        f"def f(photo):\n{CACHED}{THERE}{MADE}def g(n): os.remove(settings.PICTURES + n)",
        f"def f(photo):\n{CACHED}{THERE}{MADE}def g(n): open(settings.PICTURES + n, 'w')",
        # What is put in came with the call.
        f"def f(photo, text):\n{CACHED}{THERE}  open(p, 'w').write(text)\n  return p\n",
        (
            f"def f(photo, upload):\n{CACHED}{THERE}"
            "  for part in upload.chunks(): open(p, 'w').write(part)\n  return p\n"
        ),
        f"import shutil\ndef f(photo, scan):\n{CACHED}{THERE}  shutil.copy(scan, p)\n  return p\n",
        f"def f(photo, request):\n{CACHED}{THERE}  open(p, 'w').write(request.body)\n  return p\n",
        (
            f"import uuid\ndef f(photo):\n{CACHED}{THERE}"
            "  open(p, 'w').write(uuid.uuid4().hex)\n  return p\n"
        ),
        # One for all, which each would have otherwise.
        (
            "def f(size):\n  p = os.path.join(settings.PICTURES, 'token')\n"
            f"{THERE}  open(p, 'w').write(fetch())\n  return p\n"
        ),
    ],
)
def test_what_others_may_miss_is_a_finding(make_project: Callable[..., Project], code: str) -> None:
    assert len(find(make_project, HEAD + code)) == 1


@pytest.mark.parametrize(("folder", "count"), [("pictures", 1), ("static", 0)])
def test_what_a_web_server_answers_from_nobody_makes_again(
    make_project: Callable[..., Project], folder: str, count: int
) -> None:
    served = f"server {{\n  location /p/ {{\n    alias /www/{folder}/;\n  }}\n}}\n"
    files = {"nginx.conf": served, "shop/code.py": f"{HEAD}def f(photo):\n{CACHED}{THERE}{MADE}"}
    project = make_project(files, PICTURES="/srv/pictures")
    assert len(list(RULE.find(project))) == count


CLONES = (
    "import collections, typing\nfrom git import Repo\n{made}\n"
    "def of(n):\n  folder = {folder}\n  return Info(url=n.url, path=folder)\n"
    "class Clone:\n  def __init__(self, path, url): Repo.clone_from(url, to_path=path)\n"
    "def f(n):\n  url, path = of(n)\n  return Clone(path, url)\n"
)
BELOW = "os.path.join(settings.CLONES, n.slug)"


@pytest.mark.parametrize(
    ("made", "folder", "count"),
    [
        ("Info = collections.namedtuple('Info', ['url', 'path'])", BELOW, 1),
        ("class Info(typing.NamedTuple):\n  url: str\n  path: str", BELOW, 1),
        ("Info = collections.namedtuple('Info', ['url', 'path'])", "tempfile.mkdtemp()", 0),
        ("from shop.other import Info", BELOW, 0),
        ("class Info:\n  url: str\n  path: str", BELOW, 0),
    ],
)
def test_a_path_among_what_a_function_returns_by_name(
    make_project: Callable[..., Project], made: str, folder: str, count: int
) -> None:
    assert len(find(make_project, HEAD + CLONES.format(made=made, folder=folder))) == count


NAME_AND_PATH = (
    "def of(n, data):\n  name = Path(n.shop.slug) / n.number\n  path = {}\n  return {}\n"
    "def f(n, data):\n  name, path = of(n, data)\n  path.write_bytes(data)\n"
)


@pytest.mark.parametrize(
    ("place", "returned", "count"),
    [
        ("settings.SCANS / name", "name, path", 1),
        ("settings.SCANS / name", "data.kind, path", 1),
        ("Path(tempfile.mkdtemp()) / name", "name, path", 0),
        ("Path(n.folder) / name", "name, path", 0),
        ("settings.SCANS / name", "Path(tempfile.mkdtemp()), path", 0),
    ],
)
def test_a_path_is_returned_beside_a_name_that_a_row_has(
    make_project: Callable[..., Project], place: str, returned: str, count: int
) -> None:
    code = HEAD + NAME_AND_PATH.format(place, returned)
    told = RULE.find(make_project({"shop/views.py": code, **read(code)}, SCANS="/srv/scans"))
    assert sum(each.severity is not Severity.INFO for each in told) == count


CONFIGURES = """
class Command(BaseCommand):
    def handle(self, *args, **options):
        with open("{}", "w") as out: out.write("listen 80")
"""
ANSWERS = """
def view(request):
    with open("{}", "w") as out: out.write("listen 80")
"""
IMAGE = 'FROM x\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["./entrypoint.sh"]\n'
STARTS = "#!/bin/sh\npython manage.py configure\nexec gunicorn x.wsgi\n"


@pytest.mark.parametrize(
    ("path", "files", "count"),
    [
        ("/etc/nginx/sites-enabled/x", {"shop/management/commands/configure.py": CONFIGURES}, 0),
        ("/etc/supervisor/x.conf", {"shop/management/commands/configure.py": CONFIGURES}, 0),
        # It is no configuration, or written whenever somebody asks for the page.
        ("/srv/shop/x.txt", {"shop/management/commands/configure.py": CONFIGURES}, 1),
        ("/etc/nginx/sites-enabled/x", {"shop/views.py": ANSWERS}, 1),
    ],
)
def test_a_start_command_tells_its_own_machine(
    make_project: Callable[..., Project], path: str, files: dict[str, str], count: int
) -> None:
    written = {name: code.format(path) for name, code in files.items()}
    project = make_project({"entrypoint.sh": STARTS, "Dockerfile": IMAGE, **written})
    assert len(list(RULE.find(project))) == count


OVERWRITES = """
class Shelf:
    def __init__(self, storage): self.storage = storage
    def save(self, name, content): {}
"""
SHELVES = """
from shop.shelf import Shelf
def f(storage, content):
    path = settings.PICTURES + "/x.png"
    shelf = Shelf(storage)
    shelf.{}(path, content)
"""


@pytest.mark.parametrize(
    ("does", "method", "places"),
    [
        ("self.storage.save(name, content)", "save", []),
        ("pass", "save", []),
        # It writes by itself, and is told there; or it is somebody else's method.
        ("open(name, 'wb').write(content)", "save", ["shop/shelf.py:4"]),
        ("self.storage.save(name, content)", "save_as", ["shop/views.py:10"]),
    ],
)
def test_a_method_of_the_projects_own_is_told_where_it_writes(
    make_project: Callable[..., Project], does: str, method: str, places: list[str]
) -> None:
    files = {
        "shop/shelf.py": OVERWRITES.format(does),
        "shop/views.py": HEAD + SHELVES.format(method),
    }
    files |= read("".join(files.values()))
    told = RULE.find(make_project(files, PICTURES="/srv/pictures"))
    assert [str(each.location) for each in told if each.severity is not Severity.INFO] == places


PACKS = """
from typing import IO, Any, BinaryIO
from zipfile import ZipFile
def pack(target{}):
    with ZipFile(target, "a") as packed: packed.writestr("x", "x")
def f(): pack(settings.FOLDER + "/x.zip")
"""


@pytest.mark.parametrize(
    ("annotation", "count"),
    [
        (": IO[bytes]", 0),
        (": BinaryIO | None", 0),
        (": io.BytesIO", 0),
        ("", 1),
        (": str", 1),
        (": str | IO[bytes]", 1),
        (": os.PathLike", 1),
        (": Any", 1),
    ],
)
def test_an_archive_in_a_stream_that_is_given(
    make_project: Callable[..., Project], annotation: str, count: int
) -> None:
    code = HEAD + PACKS.format(annotation)
    told = RULE.find(make_project({"shop/views.py": code, **read(code)}, FOLDER="/srv/packs"))
    assert sum(each.severity is not Severity.INFO for each in told) == count
