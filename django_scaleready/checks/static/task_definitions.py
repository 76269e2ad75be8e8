"""The variables that Terraform and ECS give to a project's own containers."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from django_scaleready.checks.deployment import terraform
from django_scaleready.checks.deployment.terraform import Given

_NAME = re.compile(r"[A-Z][A-Z0-9_]+")
# What Terraform fills in, where JSON has a number or a list.
_FILLED_IN = re.compile(r"(?<=[:,\[])\s*\$\{[^{}\"]*\}")


def variables(texts: Mapping[str, str]) -> Given:
    """Yield the variables that files set, by their names; None for a value that is not there.

    Those files do that define containers, one of which runs the project.
    """
    folders: dict[str, list[str]] = {}
    for name, text in texts.items():
        if not name.endswith(".json"):
            folders.setdefault(posixpath.dirname(name), []).append(text)
        elif '"image"' in text and terraform.is_own(text):
            yield from _of_json(text)
    for listed in folders.values():
        yield from terraform.variables(listed)


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
