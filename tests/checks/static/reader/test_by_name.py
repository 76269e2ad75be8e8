"""Settings that no assignment of their own gives: written by name, or held by classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.written import read

from django_scaleready.checks.static.values.undecided import UNDECIDED

HEAD = "import importlib, logging.config, os, sys\n"
PYDANTIC = "from pydantic import Field\nfrom pydantic_settings import BaseSettings\n"


def value(folder: Path, text: str, **files: str) -> Any:
    named = {f"{name}.py": content for name, content in files.items()}
    return read(folder, {"settings.py": HEAD + text, **named}).names.get("X", UNDECIDED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("globals().update({'X': 1})", 1),
        ("globals().update(X=1)", 1),
        ("vars()['X'] = 1", 1),
        ("locals()['X'] = 1", 1),
        ("setattr(sys.modules[__name__], 'X', 1)", 1),
        ("this = sys.modules[__name__]\nsetattr(this, 'X', 1)", 1),
        ("for name in ('A', 'X'):\n  globals()[name] = name", "X"),
        ("for n in ('A', 'X'):\n  if n not in globals():\n    globals()[n] = os.getenv(n, '')", ""),
        ("X = 1\nif 'X' not in globals():\n  X = 2", 1),
        ("A = 1\nX = globals().get('A')", 1),
        ("X = globals().get('A', 2)", 2),
        ("globals().setdefault('X', 1)", 1),
        ("X = {n: n + '!' for n in ('a', 'b')}", {"a": "a!", "b": "b!"}),
        ("X = [k + str(v) for k, v in {'a': 1}.items()]", ["a1"]),
        ("X = [a + b for a in 'x y'.split() for b in ['1', '2'] if a != 'y']", ["x1", "x2"]),
        ("X = {'a': 1, 'b': 2}\ndel X['b']", {"a": 1}),
        ("X = dict(a=1, **{'b': 2})", {"a": 1, "b": 2}),
        ("class C:\n  A = 1\nX = C.A", 1),
        ("class C:\n  A = 1\nc = C()\nX = c.A", 1),
        ("class B:\n  a = 1\nclass C(B):\n  b = 2\nX = C().a", 1),
        (f"{PYDANTIC}class C(BaseSettings):\n  a: str = Field('b', alias='A')\nX = C().a", "b"),
        (f"{PYDANTIC}class C(BaseSettings):\n  a: str = Field(default='b')\nX = C().a", "b"),
        ("class D:\n  a = 1\nclass C(BaseSettings):\n  d: D = D()\nc = C()\nX = c.d.a", 1),
        ("from django.conf import global_settings\nX = global_settings.EMAIL_PORT", 25),
    ],
)
def test_a_value_is_read(tmp_path: Path, text: str, expected: Any) -> None:
    assert value(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "globals().update(unknown())",
        "setattr(unknown(), 'X', 1)",
        "X = 1\ndel X",
        "X = {n: 1 for n in unknown()}",
        "X = globals().copy()",
        "X = globals().get(unknown(), 1)",
        "class C:\n  A = unknown()\nX = C.A",
        "A = 1\nclass C:\n  pass\nX = C.A",
        f"{PYDANTIC}class C(BaseSettings):\n  a: str = Field(..., alias='A')\nX = C().a",
        f"{PYDANTIC}class C(BaseSettings):\n  a: str\nX = C().a",
    ],
)
def test_what_cannot_be_told_is_undecided(tmp_path: Path, text: str) -> None:
    assert value(tmp_path, text) is UNDECIDED


def test_a_module_that_is_imported_by_a_call(tmp_path: Path) -> None:
    text = "globals().update(vars(importlib.import_module('shop.' + os.getenv('MODE', 'prod'))))\n"
    settings = read(tmp_path, {"settings.py": HEAD + text, "shop/prod.py": "X = 1\n"})
    assert settings.names["X"] == 1
    assert next((d.path.name, d.line) for d in settings.definitions["X"]) == ("prod.py", 1)


def test_a_name_of_a_module_that_is_imported(tmp_path: Path) -> None:
    assert value(tmp_path, "import defaults\nX = defaults.A", defaults="A = 1\n") == 1


def test_names_that_a_missing_module_would_give(tmp_path: Path) -> None:
    text = "try:\n  from elsewhere import X\nexcept ImportError:\n  X = 1\n"
    assert value(tmp_path, text) == 1


def test_logging_that_the_settings_configure(tmp_path: Path) -> None:
    text = "LOGGING_CONFIG = None\nlogging.config.dictConfig({'version': 1})\n"
    assert read(tmp_path, {"settings.py": HEAD + text}).names["LOGGING"] == {"version": 1}


def test_logging_that_an_ini_file_configures(tmp_path: Path) -> None:
    ini = (
        "[loggers]\nkeys = root, shop\n[handlers]\nkeys = f\n[logger_root]\nhandlers = f\n"
        "[logger_shop]\nqualname = shop.log\npropagate = 0\nhandlers =\n"
        "[handler_f]\nclass = handlers.RotatingFileHandler\nargs = ('x.log', 'a')\n"
    )
    text = "logging.config.fileConfig('logging.ini')\n"
    found = read(tmp_path, {"settings.py": HEAD + text, "logging.ini": ini}).names["LOGGING"]
    assert found["handlers"]["f"]["class"] == "logging.handlers.RotatingFileHandler"
    assert found["handlers"]["f"]["filename"] == "x.log"
    assert found["root"]["handlers"] == ["f"]
    assert found["loggers"] == {"shop.log": {"handlers": [], "propagate": False}}


def test_logging_that_is_configured_from_elsewhere(tmp_path: Path) -> None:
    text = "logging.config.fileConfig('/etc/logging.ini')\nlogging.config.dictConfig(unknown())\n"
    assert "LOGGING" not in read(tmp_path, {"settings.py": HEAD + text}).names


def test_logging_that_is_built_on_djangos(tmp_path: Path) -> None:
    text = (
        "from django.utils.log import DEFAULT_LOGGING\nLOGGING = DEFAULT_LOGGING\n"
        "LOGGING['handlers']['f'] = {'class': 'logging.FileHandler'}\n"
    )
    handlers = read(tmp_path, {"settings.py": text}).names["LOGGING"]["handlers"]
    assert {"console", "mail_admins", "f"} <= handlers.keys()
