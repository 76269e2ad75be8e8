"""A settings module that matches a value instead of comparing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.values.undecided import UNDECIDED

CASES = """
match {subject}:
    case "sqlite" | "file":
        ENGINE = "sqlite3"
    case None:
        ENGINE = "none"
    case {{"name": name}}:
        ENGINE = name
    case _:
        ENGINE = "postgresql"
"""


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("'sqlite'", "sqlite3"),
        ("'file'", "sqlite3"),
        ("os.environ.get('DB')", "none"),
        ("os.environ.get('DB', 'sqlite')", "sqlite3"),
        # It may be taken apart, so two ways lead on.
        ("'other'", UNDECIDED),
        ("unknown()", UNDECIDED),
    ],
)
def test_a_match(tmp_path: Path, subject: str, expected: Any) -> None:
    module = tmp_path / "settings.py"
    module.write_text("import os\nENGINE = ''\n" + CASES.format(subject=subject))
    found = Reader(lambda *_: None).read(module)
    assert found.names["ENGINE"] == expected


def test_a_cache_that_an_address_gives_is_local_without_one(tmp_path: Path) -> None:
    module = tmp_path / "settings.py"
    module.write_text("import django_cache_url\nCACHES = {'default': django_cache_url.config()}\n")
    found = Reader(lambda *_: None).read(module)
    assert "locmem" in found.names["CACHES"]["default"]["BACKEND"]


TRIES = """
from environs import Env, EnvError
import decouple, environ, environs
from decouple import config
env = Env()
other = environ.Env(SET=(str, "scheme"))
try:
    URL = {asked}
except {error}:
    URL = "handler"
"""


@pytest.mark.parametrize(
    ("asked", "error", "expected"),
    [
        ("env('URL')", "EnvError", "handler"),
        ("env.str('URL')", "environs.EnvError", "handler"),
        ("'x' + env('URL')", "(EnvError, KeyError)", "handler"),
        ("other('URL')", "ImproperlyConfigured", "handler"),
        ("config('URL')", "decouple.UndefinedValueError", "handler"),
        ("config('URL', 'given')", "decouple.UndefinedValueError", "given"),
        ("env('URL', 'given')", "EnvError", "given"),
        ("env('URL', default='given')", "EnvError", "given"),
        ("other('SET')", "ImproperlyConfigured", "scheme"),
        ("str('plain')", "EnvError", "plain"),
    ],
)
def test_a_variable_that_is_not_set_leads_to_its_handler(
    tmp_path: Path, asked: str, error: str, expected: str
) -> None:
    module = tmp_path / "settings.py"
    module.write_text(TRIES.format(asked=asked, error=error))
    assert Reader(lambda *_: None).read(module).names["URL"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if os.environ.get('DEBUG', 'true') == 'false':\n  X = 1\nelse:\n  DEBUG = True", 1),
        ("if os.getenv('APP_DEBUG', '1') == '1':\n  DEBUG = True\nelse:\n  X = 1", 1),
        ("if 'NO_DEBUG' in os.environ:\n  X = 1\nelse:\n  DEBUG = True", 1),
        ("if os.environ.get('MODE', 'dev') == 'prod':\n  X = 1\nelse:\n  DEBUG = True", None),
        ("if os.environ.get('DEBUG', 'on') == 'on':\n  X = 2\nelse:\n  X = 1", 2),
    ],
)
def test_a_branch_is_of_a_deployment_where_a_variable_has_debug_off(
    tmp_path: Path, text: str, expected: Any
) -> None:
    module = tmp_path / "settings.py"
    module.write_text(f"import os\n{text}\n")
    assert Reader(lambda *_: None).read(module).names.get("X") == expected


@pytest.mark.parametrize(
    ("body", "error", "expected"),
    [
        ("X = int(os.environ.get('MOST', ''))", "ValueError", 20),
        ("X = float(os.getenv('MOST', ' '))", "Exception", 20),
        ("X = int(os.environ.get('MOST', '7'))", "ValueError", 7),
        ("X = int(os.environ.get('MOST', ''))", "KeyError", UNDECIDED),
        ("X = str(os.environ.get('MOST', ''))", "ValueError", ""),
    ],
)
def test_a_handler_runs_where_a_number_is_made_of_nothing(
    tmp_path: Path, body: str, error: str, expected: Any
) -> None:
    module = tmp_path / "settings.py"
    module.write_text(f"import os\ntry:\n  {body}\nexcept {error}:\n  X = 20\n")
    assert Reader(lambda *_: None).read(module).names.get("X", UNDECIDED) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("os.environ.get('SHOP_ENVIRONMENT')", "deployed"),
        ("os.environ.get('SHOP_ENV', None)", "deployed"),
        ("os.getenv('STAGE', '')", "deployed"),
        ("env := os.getenv('SHOP_ENVIRONMENT')", "deployed"),
        ("'SHOP_ENV' in os.environ", "deployed"),
        ("not os.environ.get('SHOP_ENVIRONMENT')", "here"),
        # Which one it is, nobody knows; and what it is for, only the first tells.
        ("os.environ.get('SHOP_ENV') == 'live'", "here"),
        ("os.environ.get('SHOP_ENV', 'live')", "deployed"),
        ("os.environ.get('SHOP_CACHE')", "here"),
        ("not os.environ.get('SHOP_CACHE')", "deployed"),
        ("'SHOP_CACHE' in os.environ", "here"),
        ("os.environ.get('ENVIRONMENT_FILE')", "here"),
    ],
)
def test_a_deployment_says_which_one_it_is(tmp_path: Path, test: str, expected: str) -> None:
    module = tmp_path / "settings.py"
    module.write_text(f"import os\nif {test}:\n    X = 'deployed'\nelse:\n    X = 'here'\n")
    assert Reader(lambda *_: None).read(module).names["X"] == expected
