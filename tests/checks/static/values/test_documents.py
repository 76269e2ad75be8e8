"""Settings that read a file of the repository: JSON, YAML, TOML and INI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.values.undecided import UNDECIDED

HEAD = """
import configparser, json, os, tomllib, yaml
from pathlib import Path
BASE = Path(__file__).resolve().parent
"""
FILES = {
    "shop.json": '{"db": {"ENGINE": "sqlite"}}',
    "shop.yml": "db:\n  ENGINE: sqlite\n",
    "shop.toml": '[db]\nENGINE = "sqlite"\n',
    "shop.ini": "[db]\nENGINE = sqlite\nport = 5432\n",
    "broken.json": "{",
    "latin.json": b'"\xe9"',
    "VERSION": "1.2\n",
}
INI = "C = configparser.ConfigParser()\nC.read(BASE / 'shop.ini')\n"


def value(folder: Path, text: str, root: Path | None = None) -> Any:
    inside = folder / "project"
    inside.mkdir()
    for name, content in FILES.items():
        data = content if isinstance(content, bytes) else content.encode()
        (inside / name).write_bytes(data)
    (inside / "settings.py").write_text(HEAD + text)
    reader = Reader(lambda _, __: None, root=root or inside)
    return reader.read(inside / "settings.py").names["X"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = json.load(open(BASE / 'shop.json'))['db']['ENGINE']", "sqlite"),
        ("X = json.loads((BASE / 'shop.json').read_text())['db']['ENGINE']", "sqlite"),
        ("with open(BASE / 'shop.yml') as f:\n  X = yaml.safe_load(f)['db']['ENGINE']", "sqlite"),
        ("X = yaml.load(open('shop.yml'), Loader=yaml.SafeLoader)['db']['ENGINE']", "sqlite"),
        (
            "with (BASE / 'shop.toml').open('rb') as f:\n  X = tomllib.load(f)['db']",
            {"ENGINE": "sqlite"},
        ),
        (f"{INI}X = C['db']['engine']", "sqlite"),
        (f"{INI}X = C.get('db', 'engine')", "sqlite"),
        (f"{INI}X = C.getint('db', 'port')", 5432),
        (f"{INI}X = C.get('db', 'host', fallback='localhost')", "localhost"),
        (f"{INI}X = C.has_option('db', 'host')", False),
        (f"{INI}X = C.has_section('db')", True),
        (f"{INI}X = C['db'].get('engine')", "sqlite"),
        ("X = open(BASE / 'VERSION').read().strip()", "1.2"),
    ],
)
def test_a_file_is_read(tmp_path: Path, text: str, expected: Any) -> None:
    assert value(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "X = json.load(open(BASE / 'absent.json'))",
        "X = json.load(open(BASE / 'broken.json'))",
        "X = json.load(open(BASE / 'latin.json'))",
        "X = json.load(open('/etc/hostname'))",
        "X = open('/etc/hostname').read()",
        "X = open(BASE.parent / 'beside').read()",
        "X = open(os.environ['FILE']).read()",
        "X = open(BASE / 'VERSION', 'w').read()",
        "X = open(BASE).read()",
        f"{INI}X = C.get('db', 'host')",
        f"{INI}X = C['absent']['host']",
        f"{INI}X = C.getint('db', 'engine')",
        f"{INI}X = C.get('db', os.environ['NAME'])",
        f"{INI}X = C.get('db', os.environ['NAME'], fallback=1)",
        f"{INI}X = C.has_option('db', os.environ['NAME'])",
        f"{INI}X = C.items('absent')",
        "C = configparser.ConfigParser()\nC.read(os.environ['FILE'])\nX = C.get('db', 'engine')",
    ],
)
def test_what_is_not_there_is_undecided(tmp_path: Path, text: str) -> None:
    (tmp_path / "beside").write_text("a file of somebody else's")
    assert value(tmp_path, text) is UNDECIDED


def test_anchors_that_make_much_of_little_are_undecided(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    text = "\n".join(lines).replace("\n", "\\n")
    assert value(tmp_path, f"X = yaml.safe_load('{text}')") is UNDECIDED


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "beside.json").write_text("1")
    (tmp_path / "link").symlink_to(tmp_path / "beside.json")
    assert value(tmp_path, "X = json.load(open(BASE.parent / 'link'))") is UNDECIDED
