"""Settings in files that are run as parts of another are read with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.written import read, write

from django_scaleready.checks.static.scan import scan
from django_scaleready.checks.static.values.undecided import UNDECIDED

NAME = "site/settings/__init__.py"
SPLIT = "import os\nfrom split_settings.tools import include, optional\n"
LOCAL = "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n"
APPS = "INSTALLED_APPS = ['shop']\nMIDDLEWARE = []\nROOT_URLCONF = 'urls'\n"
GLOB = (
    "import glob, os\n"
    "for f in sorted(glob.glob(os.path.join(os.path.dirname(__file__), '*.conf'))):\n"
)


@pytest.mark.parametrize(
    "text",
    [
        SPLIT + "include('base.py')",
        SPLIT + "include('*.py')",
        SPLIT + "parts = ['base.py', optional('local.py')]\ninclude(*parts)",
        SPLIT + "include(optional('base.py'))",
        SPLIT + "import split_settings.tools as t\nt.include('base.py')",
        "exec(open('FOLDER/base.py').read())",
        "from pathlib import Path\nexec((Path(__file__).parent / 'base.py').read_text())",
        "import os\nwith open(os.path.dirname(__file__) + '/base.py') as f:\n  exec(f.read())",
        "p = 'FOLDER/base.py'\nexec(compile(open(p, 'rb').read(), p, 'exec'))",
        "execfile('FOLDER/base.py')",
        "exec(open('site/base.py').read())",
        GLOB.replace("conf", "py") + "  exec(compile(open(f).read(), f, 'exec'))",
        "import os\nf = 'FOLDER/base.py'\nif os.path.exists(f):\n  exec(open(f).read())",
    ],
)
def test_a_file_that_is_run_is_read(tmp_path: Path, text: str) -> None:
    files = {"base.py": "X = 1\n", "__init__.py": text.replace("FOLDER", f"{tmp_path}/site")}
    names = read(tmp_path, {f"site/{name}": t for name, t in files.items()}, "site/__init__.py")
    assert names.names["X"] == 1
    assert names.definitions["X"][-1].path.name == "base.py"


@pytest.mark.parametrize(
    "text",
    [
        "include('base.py')",
        "from shop.tools import include\ninclude('base.py')",
        SPLIT + "include(os.environ['WHICH'])",
        SPLIT + "include(optional('missing.py'))",
        SPLIT + "include('/etc/*.conf')",
        "exec('Y = 1')",
        "import os\nexec(open(os.environ['WHICH']).read())",
        "exec(open('/etc/passwd').read())",
        "import glob\nfor f in glob.glob('/etc/*.conf'):\n  exec(open(f).read())",
        "import os\nif os.path.exists('/etc/passwd'):\n  X = 1",
    ],
)
def test_what_is_elsewhere_or_not_told_is_not(tmp_path: Path, text: str) -> None:
    files = {"site/base.py": "X = 1\n", "site/__init__.py": text}
    found = read(tmp_path, files, "site/__init__.py")
    assert found.names.get("X", UNDECIDED) is UNDECIDED
    assert [path.name for path in found.files] == ["__init__.py"]


FOLDER = "import os, pathlib\nWHERE = os.environ['SHOP_CONFIG']\n"


@pytest.mark.parametrize(
    "text",
    [
        "exec(open(os.path.join(WHERE, 'part.py')).read(), globals())",
        "with open(os.path.join(WHERE, 'part.py')) as f:\n  exec(f.read())",
        "exec(open(WHERE + '/part.py').read())",
        "exec(open(pathlib.Path(WHERE) / 'part.py').read())",
    ],
)
def test_the_only_file_of_a_name_is_what_a_folder_of_the_deployment_holds(
    tmp_path: Path, text: str
) -> None:
    files = {"site/__init__.py": FOLDER + text, "etc/part.py": "X = 1\n"}
    assert read(tmp_path, files, "site/__init__.py").names["X"] == 1


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("exec(open(os.path.join(WHERE, 'part.py')).read())", {"more/part.py": "X = 2\n"}),
        ("exec(open(os.path.join(WHERE, 'other.py')).read())", {}),
        ("exec(open(os.path.join('part.py', WHERE)).read())", {}),
        ("exec(open(WHERE).read())", {}),
        ("exec(open(os.path.join(WHERE, 'local.py')).read())", {"etc/local.py": "X = 1\n"}),
        ("exec(open(os.path.join(WHERE, 'one.py')).read())", {"dev/one.py": "X = 1\n"}),
        (
            "if os.path.exists(WHERE):\n  exec(open(os.path.join(WHERE, 'part.py')).read())",
            {},
        ),
    ],
)
def test_what_such_a_folder_holds_is_not_told_by_a_name_alone(
    tmp_path: Path, text: str, files: dict[str, str]
) -> None:
    files = {"etc/part.py": "X = 1\n", **files, "site/__init__.py": FOLDER + text}
    found = read(tmp_path, files, "site/__init__.py")
    assert found.names.get("X", UNDECIDED) is UNDECIDED


def test_a_part_sees_what_was_assigned_before_and_the_name_of_the_whole(tmp_path: Path) -> None:
    files = {
        "site/settings/__init__.py": "A = [1]\n" + SPLIT + "include('parts/one.py')",
        "site/settings/parts/one.py": "A += [2]\nB = __file__\n",
    }
    names = read(tmp_path, files, NAME).names
    assert names["A"] == [1, 2]
    assert names["B"] == str(tmp_path / "site/settings/__init__.py")


def test_the_part_of_production_is_read_instead_of_the_one_for_development(tmp_path: Path) -> None:
    text = SPLIT + "env = os.environ.get('DJANGO_ENV') or 'development'\n"
    files = {
        "site/settings/__init__.py": text + "include('base.py', f'environments/{env}.py')",
        "site/settings/base.py": APPS,
        "site/settings/environments/development.py": "X = 'development'",
        "site/settings/environments/production.py": "X = 'production'",
    }
    assert read(tmp_path, files, NAME).names["X"] == "production"


def test_settings_that_are_no_python_by_their_names_are_judged(tmp_path: Path) -> None:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')",
        "site/settings/__init__.py": GLOB + "  with open(f, 'rb') as g:\n    exec(g.read())\n",
        "site/settings/10-base.conf": APPS,
        "site/settings/20-cache.conf": LOCAL,
        "shop/views.py": "from django.core.cache import cache\n\ndef f():\n  cache.set('a', 1)\n",
    }
    write(tmp_path, files)
    found = [f.finding.location for f in scan(tmp_path).found if f.rule.slug == "cache-local"]
    assert [(place.path, place.line) for place in found] == [("site/settings/20-cache.conf", 1)]


def test_parts_are_not_judged_as_settings_of_their_own(tmp_path: Path) -> None:
    files = {
        "site/settings/__init__.py": SPLIT + "include('base.py', 'caches.py')",
        "site/settings/base.py": APPS + LOCAL + "DEBUG = False\n",
        "site/settings/caches.py": "CACHES['default']['BACKEND'] = 'redis.Cache'",
        "shop/views.py": "from django.core.cache import cache\n\ndef f():\n  cache.set('a', 1)\n",
    }
    write(tmp_path, files)
    assert [f for f in scan(tmp_path).found if f.rule.slug == "cache-local"] == []


def test_what_parts_build_on_is_judged_where_nobody_can_tell_which_are_chosen(
    tmp_path: Path,
) -> None:
    files = {
        "site/settings/__init__.py": SPLIT + "which = choose()\ninclude(which)  # 'base.py'\n",
        "site/settings/base.py": APPS + LOCAL + "DEBUG = False\n",
        "shop/views.py": "from django.core.cache import cache\n\ndef f():\n  cache.set('a', 1)\n",
    }
    write(tmp_path, files)
    assert [f.rule.slug for f in scan(tmp_path).found if f.rule.slug == "cache-local"]


def test_a_part_that_builds_on_what_holds_no_settings_is_read(tmp_path: Path) -> None:
    files = {
        "site/settings/__init__.py": "from site.utils import *\nfrom site.base import *\nA = 1\n",
        "site/settings/more.py": "from site.utils import *\nDEBUG = False\nLOGGING = {}\n",
        "site/utils/__init__.py": "from site.names import *\n",
        "site/names.py": "B = 1\n",
        "site/base.py": "C = 1\n",
    }
    write(tmp_path, files)
    assert [unknown.subject for unknown in scan(tmp_path).unknown] == []
