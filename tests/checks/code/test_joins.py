"""What several files say together: who calls a function, where a path leads."""

from __future__ import annotations

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
    found = [f for f in file_write.RULE.find(make_project(files)) if f.severity != "info"]  # type: ignore[union-attr]
    return [(str(f.location), [str(place) for place in f.related]) for f in found]  # type: ignore[union-attr]


def test_a_path_is_followed_through_a_parameter(make_project: Make) -> None:
    call = SETTINGS + "from shop.io import keep\ndef v(request): keep(settings.EXPORT_DIR + 'x')\n"
    assert writes(make_project, {"shop/io.py": WRITE, "shop/views.py": call}) == [
        ("shop/io.py:2", [])
    ]


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
