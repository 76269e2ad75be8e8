"""The variables that Terraform, Pulumi and ECS give to a project's own containers."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django_scaleready.checks.deployment.formats import terraform
from django_scaleready.checks.deployment.formats.terraform import Given
from django_scaleready.checks.deployment.formats.yaml_text import loaded

_NAME = re.compile(r"[A-Z][A-Z0-9_]+")
# What Terraform fills in, where JSON has a number or a list.
_FILLED_IN = re.compile(r"(?<=[:,\[])\s*\$\{[^{}\"]*\}")

# Of YAML, what holds containers of ECS.
_DEFINITIONS = re.compile(r"\bcontainer_?[dD]efinitions\b")


def variables(texts: Mapping[str, str]) -> Given:
    """Yield the variables that files set, by their names; None for a value that is not there.

    Those files do that define containers, one of which runs the project.
    """
    folders: dict[str, list[str]] = {}
    for name, text in texts.items():
        if name.endswith((".yml", ".yaml")):
            if _DEFINITIONS.search(text):
                yield from _of_yaml(text)
        elif not name.endswith(".json"):
            folders.setdefault(posixpath.dirname(name), []).append(text)
        elif '"image"' in text and terraform.is_own(text):
            yield from _of_json(text)
    for listed in folders.values():
        yield from terraform.variables(listed)


def _of_json(text: str) -> Given:
    try:
        held = json.loads(_FILLED_IN.sub(" null", text))
    except ValueError:
        # What is no JSON sets nothing.
        return
    for each in _within(held):
        yield from _pair(each)


def _of_yaml(text: str) -> Given:
    """Yield what the containers have whose image runs the project in one of them."""
    try:
        held = loaded(text)
    except ValueError:
        # Nor does what is no YAML, or has tags of its own.
        return
    containers = [each for each in _within(held) if isinstance(each.get("image"), str)]
    own = {each["image"] for each in containers if terraform.is_own(str(each))}
    for container in containers:
        for each in _within(container) if container["image"] in own else ():
            yield from _pair(each)


def _pair(held: dict[Any, Any]) -> Given:
    if _NAME.fullmatch(str(held.get("name"))) and ("valueFrom" in held or "value" in held):
        value = held.get("value")
        yield held["name"], value if isinstance(value, str) and "$" not in value else None


def _within(held: object) -> Iterator[dict[Any, Any]]:
    """Yield the mappings at any depth."""
    pending = [held]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            yield each
            pending += each.values()
        elif isinstance(each, list):
            pending += each
