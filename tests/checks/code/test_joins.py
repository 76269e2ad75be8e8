"""What several files say together: who calls a function, where a path leads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import file_write, http_no_timeout

Make = Callable[..., Project]
WRITE = "def keep(path):\n  with open(path, 'w') as f: f.write('x')\n"
HTTP = "import requests\ndef call(url, timeout=None): return requests.get(url, timeout=timeout)\n"
SETTINGS = "from django.conf import settings\n"


DEBUGGED = """
from django.conf import settings
def keep(): open('/srv/key', 'w').write('1')
def load():
    if not settings.DEBUG:
        raise ValueError
    keep()
"""


@pytest.mark.parametrize(("more", "found"), [("", 0), ("def other(): keep()\n", 1)])
def test_what_is_called_under_debug_alone(make_project: Make, more: str, found: int) -> None:
    assert len(writes(make_project, {"shop/keys.py": DEBUGGED + more})) == found


WRITES = "open('/srv/version', 'w').write('1')\n"
WORKS = f"def f(): {WRITES}"


def writes(make_project: Make, files: dict[str, str]) -> list[tuple[str, list[str]]]:
    # Another view names what they do: it is lost there.
    code = "".join(files.values())
    told = {*re.findall(r"settings\.[A-Z_]+", code), *map(repr, re.findall(r"/srv/[\w./]*", code))}
    told |= {f"settings.{name}" for name in re.findall(r"getattr\(settings, '(\w+)'", code)}
    read = f"{SETTINGS}def page(request): show({', '.join(sorted(told))})"
    project = make_project({**files, "shop/pages.py": read})
    found = [f for f in file_write.RULE.find(project) if f.severity != "info"]  # type: ignore[union-attr]
    return [(str(f.location), [str(place) for place in f.related]) for f in found]  # type: ignore[union-attr]


def test_a_path_is_followed_through_a_parameter(make_project: Make) -> None:
    call = SETTINGS + "from shop.io import keep\ndef v(request): keep(settings.EXPORT_DIR + 'x')\n"
    assert writes(make_project, {"shop/io.py": WRITE, "shop/views.py": call}) == [
        ("shop/io.py:2", [])
    ]


FOLDER = """
import os
from django.conf import settings
def folder():
  d = os.path.join(settings.DOCS, "csv")
  return d
"""


def test_a_path_is_followed_through_any_name(make_project: Make) -> None:
    use = "import os\nfrom shop.place import folder\ndef f():\n"
    use += "  p = os.path.join(folder(), 'x')\n  open(p, 'w').write('x')\n"
    files = {"shop/place.py": FOLDER, "shop/work.py": use}
    assert writes(make_project, files) == [("shop/work.py:5", [])]


def test_a_path_is_followed_to_the_caller(make_project: Make) -> None:
    made = "def make(p):\n  import zipfile\n  zipfile.ZipFile(p, 'w')\n"
    made += "def f(pk):\n  p = '/srv/%s.zip' % pk\n  make(p)\n"
    assert writes(make_project, {"shop/work.py": made}) == [("shop/work.py:3", [])]


@pytest.mark.parametrize(
    ("path", "named"), [("/srv/docs/", 1), ("/srv/other/", 0), ("/srv/docs/more/", 0)]
)
def test_what_another_file_removes_there_is_named(
    make_project: Make, path: str, named: int
) -> None:
    keep = "def keep(n): open('/srv/docs/' + n, 'w').write('x')\n"
    files = {
        "shop/keep.py": keep,
        "shop/drop.py": f"import os\ndef f(n): os.remove('{path}' + n)\n",
    }
    ((place, related),) = writes(make_project, files)
    assert place == "shop/keep.py:1"
    assert related == ["shop/drop.py:2"] * named


BASE = """
import os
from django.conf import settings
class Folder:
  @property
  def place(self): return settings.DOCS / "x"
class Exporter:
  folder = None
  def export(self):
    with open(os.path.join(self.folder, "x.csv"), "w") as f: f.write("x")
"""


def test_a_property_of_a_base_class_is_followed(make_project: Make) -> None:
    model = "from shop.base import Folder\nclass Doc(Folder):\n"
    model += "  def keep(self): (self.place / 'y').write_text('x')\n"
    files = {"shop/base.py": BASE, "shop/models.py": model}
    assert writes(make_project, files) == [("shop/models.py:3", [])]


@pytest.mark.parametrize(("value", "found"), [("settings.DOCS", 1), ("None", 0)])
def test_what_a_derived_class_sets_is_followed(make_project: Make, value: str, found: int) -> None:
    derived = (
        f"{SETTINGS}from shop.base import Exporter\nclass Csv(Exporter):\n  folder = {value}\n"
        "def view(request): Csv().export()\n"
    )
    files = {"shop/base.py": BASE, "shop/work.py": derived}
    assert len(writes(make_project, files)) == found


@pytest.mark.parametrize(
    "value", ["settings.DOCS", "getattr(settings, 'DOCS', '/srv/docs')", "'/srv/docs'"]
)
def test_a_path_is_followed_through_a_text(make_project: Make, value: str) -> None:
    conf = f"{SETTINGS}KEPT = {value}\ndef kept(n): return '{{}}/{{}}'.format(KEPT, n)\n"
    use = "from shop.conf import kept\ndef f(n): open(kept(n), 'w').write('x')\n"
    assert writes(make_project, {"shop/conf.py": conf, "shop/work.py": use}) == [
        ("shop/work.py:2", [])
    ]


JOB = """
from django.conf import settings
class Base:
  def __init__(self): self.base_dir = settings.DOCS
class Job(Base):
  def __init__(self, n): self.output_path = settings.DOCS / n
"""


@pytest.mark.parametrize(
    ("use", "found"),
    [
        ("def f(job): open(job.output_path, 'w').write('x')\n", 1),
        ("def f(job): open(job.other_path, 'w').write('x')\n", 0),
        ("class Csv(Base):\n  def f(self): open(self.base_dir / 'x', 'w').write('x')\n", 1),
        ("class Csv:\n  def f(self): open(self.other_dir / 'x', 'w').write('x')\n", 0),
    ],
)
def test_what_an_object_keeps_is_followed(make_project: Make, use: str, found: int) -> None:
    files = {"shop/job.py": JOB, "shop/work.py": f"from shop.job import Base\n{use}"}
    assert len(writes(make_project, files)) == found


def test_a_path_is_followed_to_a_task_of_the_same_file(make_project: Make) -> None:
    text = f"{SETTINGS}@shared_task\ndef work(where): open(where, 'w').write('x')\n"
    text += "def f(request): work.delay(settings.DOCS)\n"
    assert len(writes(make_project, {"shop/tasks.py": text})) == 1


def test_a_name_beside_its_path_is_no_other_place(make_project: Make) -> None:
    place = f"{SETTINGS}def place(n):\n  file_name = 'x' + n\n  file_path = settings.DOCS / n\n"
    files = {"shop/place.py": f"{place}  return file_name, file_path\n"}
    use = "from shop.place import place\ndef f(n):\n  name, where = place(n)\n"
    files["shop/work.py"] = f"{use}  open(where, 'w').write('x')\n"
    assert writes(make_project, files) == [("shop/work.py:4", [])]


QUEUED = """
from django.conf import settings
from django_q.tasks import async_task
from shop.export import export

def start(request):
    if settings.DEBUG:
        export()
    else:
        {}
"""


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("async_task(export)", 1),
        ("async_task('shop.export.export')", 1),
        ("async_task('shop.other.export')", 0),
        ("return", 0),
    ],
)
def test_what_a_queue_is_given_runs(make_project: Make, sent: str, found: int) -> None:
    files = {"shop/export.py": f"def export(): {WRITES}", "shop/views.py": QUEUED.format(sent)}
    assert len(writes(make_project, files)) == found


def test_a_removal_is_named_with_what_is_written(make_project: Make) -> None:
    keep = SETTINGS + "def keep(n):\n  open(settings.DOCS / n, 'w').write('x')\n"
    drop = SETTINGS + "import os\ndef drop(doc):\n  os.remove(settings.DOCS / doc.name)\n"
    files = {"shop/keep.py": keep, "shop/models.py": drop}
    assert writes(make_project, files) == [("shop/keep.py:3", ["shop/models.py:4"])]


def test_a_temporary_path_is_followed_too(make_project: Make) -> None:
    call = "import tempfile\nfrom shop.io import keep\ndef v(request): keep(tempfile.mktemp())\n"
    assert writes(make_project, {"shop/io.py": WRITE, "shop/views.py": call}) == []


def test_a_path_is_followed_through_a_property(make_project: Make) -> None:
    model = SETTINGS + "class Doc:\n  @property\n  def place(self): return settings.DOCS / self.x\n"
    task = "import shutil\ndef archive(doc, new): shutil.move(new, doc.place)\n"
    files = {"shop/models.py": model, "shop/work.py": task}
    assert writes(make_project, files) == [("shop/work.py:2", [])]


def test_a_folder_of_the_settings_is_one_finding(make_project: Make) -> None:
    one = SETTINGS + "def a(): open(settings.DOCS / 'a', 'w')\ndef b(): open(settings.DOCS / 'b')\n"
    two = SETTINGS + "def c(): (settings.DOCS / 'c').write_text('x')\n"
    ((place, related),) = writes(make_project, {"shop/one.py": one, "shop/two.py": two})
    assert [place, *related] == ["shop/one.py:2", "shop/one.py:3", "shop/two.py:2"]


@pytest.mark.parametrize(
    ("caller", "found"),
    [
        ("shop/management/commands/work.py", 0),
        ("scripts/work.py", 0),
        ("shop/views.py", 1),
    ],
)
def test_a_function_runs_when_its_callers_do(make_project: Make, caller: str, found: int) -> None:
    helper = "def keep(): open('/srv/x', 'w')\n"
    call = "from shop.helpers import keep\ndef handle(): keep()\n"
    files = {"shop/helpers.py": helper, caller: call}
    assert len(writes(make_project, files)) == found


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ({"entrypoint.sh": "#!/bin/sh\npython manage.py keep\nexec gunicorn x.wsgi\n"}, 1),
        ({"Dockerfile": "FROM x\nRUN python manage.py keep\n"}, 0),
        ({}, 0),
    ],
)
def test_a_start_script_makes_a_command_every_replicas(
    make_project: Make, script: dict[str, str], found: int
) -> None:
    command = "class Command:\n  def handle(self): open('/srv/x', 'w')\n"
    docker = {"Dockerfile": 'FROM x\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["./entrypoint.sh"]\n'}
    files = {**docker, **script, "shop/management/commands/keep.py": command}
    assert len(writes(make_project, files)) == found


@pytest.mark.parametrize(
    ("files", "found"),
    [
        # Somebody runs it, for nothing loads it.
        ({"version.py": WRITES}, 0),
        ({"src/manage.py": "", "src/version.py": WRITES}, 0),
        ({"version.py": WRITES, "shop/views.py": "import version\n"}, 1),
        ({"shop/version.py": WRITES}, 0),
        ({"shop/version.py": WORKS}, 1),
        # Django does, and the settings may.
        ({"urls.py": WRITES}, 1),
        ({"middleware.py": WRITES}, 1),
        # So does who types its options.
        ({"shop/launcher.py": "import argparse\n" + WRITES}, 0),
        ({"shop/__main__.py": WRITES}, 0),
        ({"utils/sync.py": "import django\ndjango.setup()\n" + WRITES}, 0),
        ({"shop/celery.py": "import django\ndjango.setup()\n" + WRITES}, 1),
        ({"ui/scripts/merge.py": WRITES}, 0),
        # What a package carries along for somewhere else.
        ({"shop/__init__.py": "", "shop/agent/work.py": WORKS}, 0),
        ({"shop/__init__.py": "", "shop/agent/__init__.py": "", "shop/agent/work.py": WORKS}, 1),
        ({"shop/__init__.py": "", "shop/templatetags/work.py": WORKS}, 1),
        ({"shop/__init__.py": "from shop.agent import work", "shop/agent/work.py": WORKS}, 1),
        ({"shop/__init__.py": "import shop.agent.work", "shop/agent/work.py": WORKS}, 1),
        ({"shop/scripts/__init__.py": "", "shop/scripts/merge.py": WORKS}, 1),
    ],
)
def test_a_program_beside_manage_py(make_project: Make, files: dict[str, str], found: int) -> None:
    assert len(writes(make_project, files)) == found


@pytest.mark.parametrize(
    ("callers", "places"),
    [
        # Some pass one: the others forgot it.
        ("def a(): call('x', timeout=5)\ndef b(): call('x')\n", ["shop/use.py:3"]),
        # Nobody does: the wrapper is at fault.
        ("def a(): call('x')\ndef b(): call('x')\n", ["shop/http.py:2"]),
        ("def a(): call('x', 5)\ndef b(): call('x', timeout=5)\n", []),
        ("def a(**more): call('x', **more)\n", []),
        ("", []),
    ],
)
def test_a_wrapper_passes_a_timeout_on(make_project: Make, callers: str, places: list[str]) -> None:
    files = {"shop/http.py": HTTP, "shop/use.py": "from shop.http import call\n" + callers}
    found = http_no_timeout.RULE.find(make_project(files))
    assert [str(f.location) for f in found] == places  # type: ignore[union-attr]


def test_what_depends_on_the_code_alone_is_made_once(make_project: Make) -> None:
    asked = []

    def make(code: Codebase) -> list[str]:
        asked.append(code)
        return [source.path for source in code]

    code = make_project({"shop/views.py": "x = 1\n"}).code
    assert code.once(make) is code.once(make)
    assert asked == [code]


@pytest.mark.parametrize(
    ("returned", "found"),
    [
        ("path, True", 1),
        ("path, settings.DOCS / 'y'", 1),
        # Which of them is written is not known.
        ("path, settings.OTHER_DIR / 'y'", 0),
        ("tempfile.mkdtemp(), 3", 0),
    ],
)
def test_a_path_is_followed_out_of_a_tuple(make_project: Make, returned: str, found: int) -> None:
    place = f"import tempfile\n{SETTINGS}def place(x):\n  path = settings.DOCS / x\n"
    files = {"shop/place.py": f"{place}  return {returned}\n"}
    task = "import shutil\nfrom shop.place import place\ndef archive(new):\n"
    files["shop/work.py"] = f"{task}  target, made = place(new)\n  shutil.move(new, target)\n"
    assert len(writes(make_project, files)) == found
