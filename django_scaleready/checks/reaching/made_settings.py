"""The apps in the settings that a project's own command makes for whoever installs it.

A program that is installed has a template in place of settings: ``settings.py.tpl``. What that does
not list is an extension, for whoever adds it by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files

APPS = "INSTALLED_APPS"
_TEMPLATE = re.compile(r"(?:^|/)(settings\.py[.-](?:in|j2|jinja2?|template|tmpl|tpl))$")
_TAG = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)
_VALUE = re.compile(r"{{.*?}}", re.DOTALL)
_LISTS = re.compile(r"[A-Z_]*APPS")
Apps = Mapping[str, frozenset[str]]


def made_apps(code: Codebase, root: Path) -> Apps:
    """Return what each list of apps has, by the setting; INSTALLED_APPS has them all.

    All that the settings say in texts stands under "".
    """
    found: dict[str, frozenset[str]] = {}
    for path in filter(_TEMPLATE.search, code.listed):
        if _is_rendered(code, root, path.rpartition("/")[2].encode()):
            for name, texts in _said(files.content(root, path).decode(errors="replace")):
                found[name] = found.get(name, frozenset()) | texts
    if APPS not in found:
        return {}
    lists = [texts for name, texts in found.items() if name]
    return {**found, APPS: frozenset().union(*lists)}


def _is_rendered(code: Codebase, root: Path, name: bytes) -> bool:
    """Whether a program that lies here names a template."""
    return any(name in files.content(root, source.path) for source in code)


def _said(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the texts in each list of apps, and those in the whole under ""."""
    try:
        tree = ast.parse(_VALUE.sub("given", _TAG.sub("", text)))
    except (SyntaxError, ValueError):
        return
    yield "", _texts(tree)
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AugAssign(target=ast.Name(name), value=value)
            ) if _LISTS.fullmatch(name):
                yield name, _texts(value)


def _texts(node: ast.AST) -> frozenset[str]:
    held = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return frozenset(value for value in held if isinstance(value, str))
