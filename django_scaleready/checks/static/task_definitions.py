"""The variables that Terraform and ECS give to a project's own containers."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

Given = Iterator[tuple[str, str | None]]
# { name = "CACHE_URL", value = "..." }, and a block of the same.
_PAIR = re.compile(
    r"\{\s*\"?name\"?\s*[=:]\s*\"([A-Z][A-Z0-9_]+)\"\s*,?\s*"
    r"\"?(?:value|valueFrom|value_from|value_source)\b\"?\s*[=:{]\s*(\"[^\"\n]*\"|[^\n,}]*)"
)
_ENVIRONMENT = (
    r"\b(?:\w+_)?(?:env|environment|env_vars|environment_variables|secrets|app_settings"
    r"|config_vars)"
)
# environment = { CACHE_URL = local.redis }, and what is merged with others.
_MAP = re.compile(rf"{_ENVIRONMENT}\s*=\s*(?:merge\(\s*)?(?=\{{)")
# environment = merge(local.own, var.more), and an environment of as many blocks.
_NAMED = re.compile(
    rf"{_ENVIRONMENT}\s*=\s*[^\n{{]*\blocal\.[^\n]*"
    r"|\bdynamic\s+\"env\w*\"\s*\{\s*(?:#[^\n]*\s+)*for_each\s*=[^\n]*"
)
_LOCAL = re.compile(r"\blocal\.(\w+)")
_HELD = r"(?<![\w.])(?:%s)\s*=\s*(?:merge\(\s*)?(?=\{)"
_ENTRY = re.compile(r"^\s*\"?([A-Z][A-Z0-9_]+)\"?\s*[=:]\s*(\"[^\"\n]*\"|[^\n,]+)", re.MULTILINE)
# {"cache-url" = { env_name = "CACHE_URL" }}: what a secret is called, and its variable.
_CALLED = re.compile(r"\b\w*name\s*=\s*\"([A-Z][A-Z0-9_]+)\"")
_NAME = re.compile(r"[A-Z][A-Z0-9_]+")
_OWN = re.compile(r"\b(?:DJANGO_[A-Z]\w+|celery|daphne|gunicorn|manage\.py|uvicorn|uwsgi)\b")
_WRITTEN = re.compile(r"\"([^\"$]*)\"")
# What Terraform fills in, where JSON has a number or a list.
_FILLED_IN = re.compile(r"(?<=[:,\[])\s*\$\{[^{}\"]*\}")


def variables(texts: Mapping[str, str]) -> Given:
    """Yield the variables that files set, by their names; None for a value that is not there.

    Those files do that define containers, one of which runs the project. Terraform reads all that
    lie in one folder as one.
    """
    folders: dict[str, list[str]] = {}
    own = set()
    for name, text in texts.items():
        is_json = name.endswith(".json")
        folder = posixpath.dirname(name)
        if not is_json:
            folders.setdefault(folder, []).append(text)
        if not _OWN.search(text) or (is_json and '"image"' not in text):
            continue
        yield from _of_json(text) if is_json else _of_terraform(text)
        own.add(folder)
    for folder in own & folders.keys():
        yield from _of_locals("\n".join(folders[folder]))


def _of_terraform(text: str) -> Given:
    for name, value in _PAIR.findall(text):
        yield name, _written(value)
    for match in _MAP.finditer(text):
        yield from _entries(_block(text, match.end()))


def _of_locals(text: str) -> Given:
    """Yield the variables of maps that have a name, by which containers are given them."""
    used = {name for match in _NAMED.findall(text) for name in _LOCAL.findall(match)}
    for match in re.finditer(_HELD % "|".join(used), text) if used else ():
        block = _block(text, match.end())
        yield from _entries(block)
        yield from ((name, None) for name in _CALLED.findall(block))


def _of_json(text: str) -> Given:
    try:
        pending: list[Any] = [json.loads(_FILLED_IN.sub(" null", text))]
    except ValueError:
        # What is no JSON sets nothing.
        return
    while pending:
        held = pending.pop()
        if isinstance(held, dict) and _NAME.fullmatch(str(held.get("name"))):
            value = held.get("value")
            if "valueFrom" in held or "value" in held:
                known = isinstance(value, str) and "$" not in value
                yield held["name"], value if known else None
        if isinstance(held, dict | list):
            pending += held.values() if isinstance(held, dict) else held


def _entries(block: str) -> Given:
    for name, value in _ENTRY.findall(block):
        yield name, _written(value)


def _written(value: str) -> str | None:
    written = _WRITTEN.fullmatch(value.strip())
    return written[1] if written else None


def _block(text: str, start: int) -> str:
    """Return what stands in the braces that are opened there."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return text[start + 1 : match.start()]
    return ""
