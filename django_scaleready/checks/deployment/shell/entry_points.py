"""The programs that an installation of the project makes of functions: its console scripts."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django_scaleready.checks.deployment.files import read

_GROUP = "console_scripts"


def pyproject(root: Path) -> dict[str, Any]:
    """Return what pyproject.toml says of the project; nothing if it cannot be read."""
    text = read(root / "pyproject.toml", root)
    if not isinstance(text, str):
        return {}
    import tomllib

    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    tool = found.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    project = found.get("project") or poetry
    made: dict[str, Any] = {**project} if isinstance(project, dict) else {}
    if isinstance(poetry, dict):
        made.setdefault("scripts", poetry.get("scripts"))
    return made


def entry_points(root: Path) -> dict[str, str]:
    """Return the console scripts by name, each as ``module:function``."""
    scripts = pyproject(root).get("scripts")
    found = dict(_listed(_configured(root)))
    found |= dict(_listed(_set_up(root)))
    given = scripts.items() if isinstance(scripts, dict) else ()
    return found | {str(name): _reference(value) for name, value in given}


def _reference(value: object) -> str:
    """Return what a script stands for; poetry may say more of it."""
    if isinstance(value, Mapping):
        value = value.get("reference") or value.get("callable")
    return value if isinstance(value, str) else ""


def _listed(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the names and functions of lines such as ``shop = shop.cli:main [extra]``."""
    for line in lines:
        name, given, function = line.partition("=")
        if given:
            yield name.strip(), function.partition("[")[0].strip()


def _configured(root: Path) -> list[str]:
    text = read(root / "setup.cfg", root)
    if not isinstance(text, str) or _GROUP not in text:
        return []
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        return parser.get("options.entry_points", _GROUP, fallback="").splitlines()
    except configparser.Error:
        return []


def _set_up(root: Path) -> list[str]:
    """Return the lines that setup.py gives: a list of them, or one text."""
    text = read(root / "setup.py", root)
    if not isinstance(text, str) or _GROUP not in text:
        return []
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == _GROUP:
                    each = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
                    texts = (part.value for part in each if isinstance(part, ast.Constant))
                    found += [line for given in texts for line in str(given).splitlines()]
    return found
