"""A settings module that is read comes to what it comes to when it runs in an empty environment."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from support.written import read

from django_scaleready.checks.code.loading.load import load
from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.roots import Roots
from django_scaleready.checks.static.values.undecided import UNDECIDED

DECOUPLE = "import dj_database_url as d, django_cache_url as c\nfrom decouple import config\n"


def value(folder: Path, text: str) -> Any:
    head = "import os, sys\nfrom pathlib import Path\n"
    return read(folder, {"settings.py": head + text}).names["X"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = 1 + 2 * 3", 7),
        ("X = os.environ.get('A', 'b')", "b"),
        ("X = os.getenv('A')", None),
        ("X = os.getenv('A') or 'b'", "b"),
        ("X = os.environ.get('A', '1') == '1'", True),
        ("X = int(os.environ.get('A', '5'))", 5),
        ("os.environ.setdefault('A', 'c')\nX = os.environ.get('A', 'b')", "c"),
        ("os.environ.setdefault('A', 'c')\nX = os.getenv('A')", "c"),
        ("os.environ['A'] = 'c'\nX = os.environ.get('A', 'b')", "c"),
        ("os.environ['A'] = 'c'\nos.environ.setdefault('A', 'd')\nX = os.getenv('A')", "c"),
        ("os.environ.setdefault('A', 'c')\nX = os.environ.get('B', 'b')", "b"),
        ("X = os.environ.get('A', 'b')\nos.environ.setdefault('A', 'c')", "b"),
        ("D = {}\nD.setdefault('A', 'c')\nX = os.environ.get('A', 'b')", "b"),
        ("if X():\n  os.environ['A'] = 'c'\nX = os.environ.get('A', 'b')", "b"),
        ("X = [p.strip() for p in os.environ.get('A', 'a, b').split(',')]", ["a", "b"]),
        ("X = f\"{'a'}-{1}\"", "a-1"),
        ("X = 'redis://%s/0' % os.environ['HOST']", "redis://%s/0"),
        ("X = f\"redis://{os.environ['HOST']}/0\"", "redis://x/0"),
        ("X = str(Path('/srv') / 'data')", "/srv/data"),
        ("X = os.path.join('/srv', 'data')", "/srv/data"),
        ("X = 'runserver' in sys.argv", False),
        ("X = {'a': 1, **{'b': 2}}['b']", 2),
        ("X = 1\nif os.getenv('A'):\n  X = 2", 1),
        ("X = 1\nif not os.getenv('A'):\n  X = 2", 2),
        ("if os.getenv('A') == 'x':\n  X = 1\nelif True:\n  X = 2\nelse:\n  X = 3", 2),
        ("X = {'a': {}}\nX['a']['b'] = 1", {"a": {"b": 1}}),
        ("X = ['a']\nX += ['b']\nX.append('c')", ["a", "b", "c"]),
        ("X = ['a']\nX += ('b', 'c')", ["a", "b", "c"]),
        ("X = ['a']\nX += {'b': 1}", ["a", "b"]),
        ("X = ('a',)\nX += ('b',)", ("a", "b")),
        ("env = os.environ.copy()\nX = 'A' in env", False),
        ("env = os.environ.copy()\nX = env.get('A', 'b')", "b"),
        ("env = dict(os.environ)\nX = 1\nif 'A' in env:\n  X = 2", 1),
        ("import copy\nenv = copy.copy(os.environ)\nX = env.get('A')", None),
        ("X = list(filter(None, ['a', 'b' if os.getenv('A') else None]))", ["a"]),
        ("X = tuple(filter(None, ('a', os.environ['A'])))", ("a", UNDECIDED)),
        ("X = []\nfor n in ('a', 'b'):\n  X.append(n)", ["a", "b"]),
        ("X = {}\nfor k, v in {'a': 1}.items():\n  X[k] = {}\n  X[k]['n'] = v", {"a": {"n": 1}}),
        ("X = 'a' in {'a': 1}.keys()", True),
        ("X = [n for n in {'a': 'b'}.values()]", ["b"]),
        ("if v := os.getenv('A'):\n  X = v\nelse:\n  X = 'none'", "none"),
        ("def flag(n, d='1'):\n  v = os.getenv(n, d)\n  return v == '1'\nX = flag('A')", True),
        ("try:\n  from .local import *\nexcept ImportError:\n  X = 1", 1),
        ("A, X = 1, 2", 2),
        ("X = 'a' if os.getenv('A') else 'b'", "b"),
        ("import environ\nenv = environ.Env(A=(bool, False))\nX = env('A')", False),
        ("import environ\nenv = environ.Env()\nX = env.bool('A', default=True)", True),
        ("from decouple import config\nX = config('A', default='b')", "b"),
        ("from decouple import config\nX = config('A', default='False', cast=bool)", False),
        ("from decouple import config\nX = config('A', default='on', cast=bool)", True),
        ("from decouple import config\nX = config('A', default='False', cast=str)", "False"),
        (f"{DECOUPLE}X = config('A', default='mysql://x', cast=d.parse)['ENGINE'][-5:]", "mysql"),
        (f"{DECOUPLE}X = config('A', default='locmem://', cast=c.parse)['BACKEND'][-5:]", "Cache"),
        ("import environ\nX = environ.Env().db('U', 'mysql://x')['NAME']", "mysql://x"),
        ("import environ\nX = environ.Env().db('U', 'mysql://x')['ENGINE'][-5:]", "mysql"),
        ("X = 'A' in os.environ", False),
        ("X = isinstance(os.getenv('A', 'b'), (str, bytes))", True),
        ("def f(v): return v if isinstance(v, bool) else v == '1'\nX = f('1')", True),
        (
            "from urllib.parse import urljoin\nX = urljoin('https://shop.example', '/media/')",
            "https://shop.example/media/",
        ),
        ("from distutils.util import strtobool\nX = strtobool(os.getenv('A', 'no'))", False),
        ("X = len(sys.argv) > 1 and sys.argv[1] == 'test'", False),
        ("X = sys.version_info >= (3, 8)", True),
        ("def f(n, d):\n  if n not in os.environ:\n    return d\n  return 2\nX = f('A', 1)", 1),
        ("def f(n):\n  if not (v := os.getenv(n, 'b')):\n    raise E\n  return v\nX = f('A')", "b"),
        ("try:\n  X = os.environ['A']\nexcept KeyError:\n  X = 'b'", "b"),
        ("def f():\n try:\n  return os.environ['A']\n except KeyError:\n  return 1\nX = f()", 1),
        ("from own import c\nX = c.get('shop', 'db', fallback='b')", "b"),
        ("from own import c\nX = 'a' if c.has_option('shop', 'a') else 'b'", "b"),
        ("from own import get_env\nX = get_env('A', 'b')", "b"),
        ("from own import get_env\nX = get_env('PORT', 8000, int)", 8000),
        ("from own import load\nc = load()\nX = getattr(c, 'A_ROOT', '/srv/').rstrip('/')", "/srv"),
        ("from own import setting\nX = setting('A', 'a', default=False)", False),
        ("from own import get_bool\nX = get_bool(name='A', default=False, description='b')", False),
        ("from own import envs\nX = envs.get_int(name='A', default=8, required=False)", 8),
        ("from own import plugins\nX = ['a']\nX = plugins(X)", ["a", UNDECIDED]),
        ("from own import first\nX = list(first) + ['a']", ["a", UNDECIDED]),
        ("from own import first\nX = ('a',)\nX += tuple(first)", ("a", UNDECIDED)),
        ("from own import off\nX = [a for a in ['a', 'b'] if a not in off]", ["a", "b"]),
        ("from own import on\nX = {'a': 1}\nif on:\n  X['b'] = 2", {"a": 1, "b": 2}),
    ],
)  # fmt: skip
def test_a_value_is_read(tmp_path: Path, text: str, expected: Any) -> None:
    assert value(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "X = os.environ['A']",
        "X = open('x').read()",
        "X = unheard_of()",
        "import environ\nX = environ.Env()('A')",
        "import environ\nX = environ.Env().db('A')",
        "X = 1\nif os.environ['A']:\n  X = 2",
        "X = 'a' * 10 ** 9",
        "X = '%099999d' % 1",
        "X = (lambda: X)()",
        "def f():\n  return f()\nX = f()",
        "def f():\n  if os.environ['A']:\n    return 1\n  return 2\nX = f()",
        "X = {**os.environ}['A']",
        "X = dict(os.environ)['A']",
        "env = os.environ.copy()\nX = env['A']",
        "X = ('a',)\nX += ['b']",
        "X = 'a'\nX += ('b',)",
        "X = filter(lambda n: n != 'a', ['a', 'b'])",
        "from own import chosen\nX = list(filter(chosen, ['a']))",
        "from own import names\nX = filter(None, names)",
        "from own import get_env\nX = get_env('A')",
        f"{DECOUPLE}X = config('A', cast=d.parse)",
        "from own import kind\nX = isinstance('a', kind)",
        "from own import get_env\nX = get_env('A', required=True)",
        "from own import render\nX = render('TITLE', 'b')",
        "from own import render\nX = render(name='TITLE', default='b')",
        "from own import get_bool\nX = get_bool(name='A', description='b')",
        "from own import get_page\nX = get_page(name='a title', default='b')",
        "from own import c\nX = c.get('shop', 'db')",
        "from own import load\nX = getattr(load(), 'A')",
        "from own import load\nX = getattr(load(), name(), 'b')",
        "from own import on\nX = 1\nif on:\n  X = 2",
        "from own import on\nX = {'a': {}}\nif on:\n  X = None",
        "def f(n):\n  v = os.getenv(n)\n  if not v:\n    raise E\n  return v\nX = f('A')",
        "try:\n  X = os.environ['A']\nexcept ValueError:\n  X = 'b'",
        "X = 1 / 0",
    ],
)
def test_what_cannot_be_told_is_undecided(tmp_path: Path, text: str) -> None:
    assert value(tmp_path, text) is UNDECIDED


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("  X += [each]", ["a", UNDECIDED]),
        ("  if each:\n    X.append(each)", ["a", UNDECIDED]),
        ("  Y = [each]", ["a"]),
        ("  X -= each", ["a"]),
        ("  Y.append(each)", ["a"]),
    ],
)
def test_what_a_loop_adds_that_cannot_be_told_is_left_open(
    tmp_path: Path, body: str, expected: list[Any]
) -> None:
    assert value(tmp_path, f"X = ['a']\nfor each in unheard_of():\n{body}\n") == expected


def test_ways_that_differ_keep_what_they_share(tmp_path: Path) -> None:
    text = "from own import on\nX = {'a': 1, 'b': 2}\nif on:\n  X['b'] = 3"
    assert value(tmp_path, text) == {"a": 1, "b": UNDECIDED}


def test_what_a_deployment_must_set_ends_nothing(tmp_path: Path) -> None:
    assert value(tmp_path, "if not os.getenv('A'):\n  raise SystemExit\nX = 1") == 1


@pytest.mark.parametrize(
    ("name", "expected"), [("DEBUG", 2), ("DEVELOPMENT", 2), ("IS_DEV", 2), ("DEVELOPERS", 1)]
)
def test_debug_is_off_where_the_environment_decides(
    tmp_path: Path, name: str, expected: int
) -> None:
    text = f"import os\n{name} = os.getenv('A', '1') == '1'\nif {name}:\n  X = 1\nelse:\n  X = 2"
    assert read(tmp_path, {"settings.py": text}).names["X"] == expected


def test_star_imports_are_followed(tmp_path: Path) -> None:
    files = {
        "conf/__init__.py": "",
        "conf/base.py": "import os\nfrom .paths import ROOT\nA = 1\nB = os.path.join(ROOT, 'b')",
        "conf/paths.py": "ROOT = '/srv'",
        "conf/prod.py": "from conf.base import *\nA = 2",
    }
    names = read(tmp_path, files, "conf/prod.py").names
    assert (names["A"], names["B"]) == (2, "/srv/b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from .local import *\n", 2),
        # Who can do without it has none, in a deployment as here.
        ("try:\n  from .local import *\nexcept ImportError:\n  pass\n", 1),
        ("from .other import *\n", 1),
    ],
)
def test_a_module_that_is_filled_in_to_deploy_is_read(
    tmp_path: Path, text: str, expected: int
) -> None:
    files = {"conf/settings.py": f"X = 1\n{text}", "conf/local.example.py": "X = 2\n"}
    assert read(tmp_path, files, "conf/settings.py").names["X"] == expected


@pytest.mark.parametrize(("debug", "expected"), [("True", 1), ("False", 2)])
def test_what_is_filled_in_on_somebodys_own_machine_is_not_read(
    tmp_path: Path, debug: str, expected: int
) -> None:
    copy = f"X = 2\nDEBUG = {debug}\n"
    files = {"conf/settings.py": "X = 1\nfrom .local import *\n", "conf/local.example.py": copy}
    assert read(tmp_path, files, "conf/settings.py").names["X"] == expected


def test_a_circle_of_imports_ends(tmp_path: Path) -> None:
    files = {"a.py": "from b import *\nX = 1", "b.py": "from a import *\nY = 2"}
    assert read(tmp_path, files, "a.py").names["Y"] == 2


def test_a_circle_of_imported_names_ends(tmp_path: Path) -> None:
    files = {"a.py": "from b import x\nX = x\nY = 1", "b.py": "from a import x\ny = 1"}
    names = read(tmp_path, files, "a.py").names
    assert (names["X"], names["Y"]) == (UNDECIDED, 1)


def test_a_module_is_read_for_a_name_that_is_used(tmp_path: Path) -> None:
    files = {
        "settings.py": "from apps import names, path\nX = path()\n",
        "apps.py": "from where import HERE, folder\nfrom broken import x\nX = 3\n"
        "def path():\n  return folder + '/media'\n",
        "where.py": "HERE = '/'\nfolder = '/srv'\n",
        "broken.py": "x = (",
    }
    found = read(tmp_path, files)
    assert (found.names["X"], found.problems) == ("/srv/media", [])
    # The other X is nobody's setting.
    assert [d.path.name for d in found.definitions["X"]] == ["settings.py"]


@pytest.mark.parametrize(
    ("imported", "made", "expected"),
    [
        ("from . import database", "return {'ENGINE': ENGINES[os.getenv('A', 'lite')]}", "sqlite3"),
        ("from conf import database", "return {'ENGINE': os.getenv('A') or 'x'}", "x"),
        ("import conf.database as database", "return {'ENGINE': 'x'}", "x"),
        ("from . import database", "return {'ENGINE': ENGINES[os.environ['A']]}", UNDECIDED),
        ("from own import database", "return {'ENGINE': 'x'}", UNDECIDED),
    ],
)
def test_a_function_of_a_module_is_called(
    tmp_path: Path, imported: str, made: str, expected: Any
) -> None:
    head = "import os\nENGINES = {'lite': 'sqlite3'}\n"
    files = {
        "conf/__init__.py": "",
        "conf/settings.py": f"{imported}\nX = {{'default': database.config()}}\n",
        "conf/database.py": f"{head}def config():\n  {made}\n",
    }
    held = read(tmp_path, files, "conf/settings.py").names["X"]["default"]
    assert (held if held is UNDECIDED else held["ENGINE"]) == expected


def test_a_setting_that_is_imported_was_given_its_value_elsewhere(tmp_path: Path) -> None:
    files = {"settings.py": "from base import X\n", "base.py": "Y = 1\nX = 2\n"}
    found = read(tmp_path, files)
    assert found.names["X"] == 2
    assert [(d.path.name, d.line) for d in found.definitions["X"]] == [
        ("base.py", 2),
        ("settings.py", 1),
    ]


def test_the_assignment_that_took_effect_is_the_place(tmp_path: Path) -> None:
    text = "import os\nX = 1\nif os.getenv('A'):\n  X = 2\n"
    definitions = read(tmp_path, {"settings.py": text}).definitions["X"]
    assert [d.line for d in definitions] == [2]


def test_a_file_that_cannot_be_parsed_is_a_problem(tmp_path: Path) -> None:
    found = read(tmp_path, {"settings.py": "from base import *\n", "base.py": "x = ("})
    assert found.problems[0][0].name == "base.py"


def test_readers_that_share_trees_read_the_same(tmp_path: Path) -> None:
    files = {
        "base.py": "INSTALLED_APPS = ['a']\nMIDDLEWARE = []\n",
        "prod.py": "from base import *\nINSTALLED_APPS += ['b']\n",
        "stage.py": "from base import *\nINSTALLED_APPS += ['c']\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    find = Roots(tmp_path, load(tmp_path, (), cached=False)).find
    trees: dict[Path, ast.Module] = {}
    apps = [
        Reader(find, trees).read(tmp_path / name).names["INSTALLED_APPS"]
        for name in ("prod.py", "stage.py")
    ]
    assert apps == [["a", "b"], ["a", "c"]]
    # base.py is there once, for both.
    assert len(trees) == len(files)


def test_a_name_of_a_part_that_was_imported_as_a_whole(tmp_path: Path) -> None:
    files = {
        "settings.py": "from base import *\nfrom extra import *\n",
        "base.py": "X = ['a']\nY = {'b': 1}\nZ = 1\n",
        "extra.py": "from base import X, Y, Z\nX.insert(0, 'c')\nY = {**Y, 'd': 2}\n",
    }
    settings = read(tmp_path, files)
    assert settings.names["X"] == ["c", "a"]
    assert settings.names["Y"] == {"b": 1, "d": 2}
    assert settings.names["Z"] == 1
    assert [(each.path.name, each.line) for each in settings.definitions["Z"]] == [("base.py", 3)]


def test_a_part_of_a_way_that_may_not_be_taken_is_read_again(tmp_path: Path) -> None:
    files = {
        "settings.py": "if unknown():\n    from base import *\nelse:\n    from base import X\n",
        "base.py": "X = ['a']\n",
    }
    assert read(tmp_path, files).names["X"] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "X = str(environ.Path(__file__) - 2)",
        "X = (environ.Path(__file__) - 1)('media')",
        "X = (environ.Path(__file__) - 2).path('shop')('media', 'scans')",
        "X = str(environ.Path('/srv', 'shop') + 'media')",
        "X = os.path.join(environ.Path(__file__) - 1, 'media')",
        "X = str(Path(environ.Path('/srv/shop')('..')) / 'media')",
        "X = environ.Env(MEDIA=(str, (environ.Path(__file__) - 1)('media')))('MEDIA')",
    ],
)
def test_the_path_of_django_environ_is_followed(tmp_path: Path, text: str) -> None:
    head = "import os, environ\nfrom pathlib import Path\n"
    names: dict[str, Any] = {"__file__": str(tmp_path / "conf/settings.py")}
    exec(head + text, names)
    read_in = {"conf/settings.py": head + text}
    assert read(tmp_path, read_in, "conf/settings.py").names["X"] == names["X"]


@pytest.mark.parametrize(
    "text", ["X = environ.Path(HOME)('media')", "X = str(environ.Path('/srv') - 'srv')"]
)
def test_a_path_of_django_environ_may_be_undecided(tmp_path: Path, text: str) -> None:
    head = "import os, environ\nHOME = os.environ['HOME']\n"
    assert read(tmp_path, {"settings.py": head + text}).names["X"] is UNDECIDED
