"""The variables that a playbook of Ansible's writes for the processes that it installs.

Into a file of variables: by a task whose text is in it, or from a template. A file that names
nothing that Django runs by is for another program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django_scaleready.checks.deployment.formats.yaml_text import loaded

# Where playbooks, roles and their templates lie, or how a playbook is called.
PLAYBOOK: Final = re.compile(
    r"(^|/)(ansible|roles|playbooks?|provision\w*)/(.*/)?([^/]*\.ya?ml|[^/]*env[^/]*\.j2)$"
    r"|(^|/)playbook[^/]*\.ya?ml$"
)
_OWN = re.compile(r"django|manage\.py|gunicorn|uvicorn|uwsgi|daphne|celery", re.IGNORECASE)
_MODULES = re.compile(r"(ansible\.builtin\.)?(copy|lineinfile|blockinfile)")
# What holds the text that such a task writes, and what says where to.
_TEXTS = ("content", "block", "line")
_PLACES = ("dest", "path", "destfile")
_VARIABLES = re.compile(r"(?<![a-z])env|/etc/(default|sysconfig)/", re.IGNORECASE)
_SET = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)


def variables(name: str, text: str) -> Iterator[tuple[str, str | None]]:
    """Yield what one file sets; None for a value that Ansible fills in."""
    if not _OWN.search(text):
        return
    if name.endswith(".j2"):
        yield from _set(text)
    elif any(f"{key}:" in text for key in _TEXTS):
        for written in _written(text):
            yield from _set(written)


def _set(text: str) -> Iterator[tuple[str, str | None]]:
    for found in _SET.finditer(text):
        value = found[2].strip().strip("'\"")
        yield found[1], None if "{{" in value or "{%" in value else value


def _written(text: str) -> Iterator[str]:
    """Yield what tasks write into files of variables."""
    try:
        pending = [loaded(text)]
    except ValueError:
        # What is no YAML is no playbook.
        return
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        elif isinstance(each, dict):
            pending += each.values()
            for module, given in each.items():
                if isinstance(given, dict) and _MODULES.fullmatch(str(module)):
                    yield from _of_task(given)


def _of_task(given: dict[object, object]) -> Iterator[str]:
    place = " ".join(str(given.get(key, "")) for key in _PLACES)
    if _VARIABLES.search(place) and given.get("state") != "absent":
        yield from (text for key in _TEXTS if isinstance(text := given.get(key), str))
