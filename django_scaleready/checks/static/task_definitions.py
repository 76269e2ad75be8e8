"""The variables that Terraform and ECS give to a project's own containers."""

from __future__ import annotations

import re
from collections.abc import Iterator

# {"name": "CACHE_URL", "value": "..."}, in Terraform's words or in JSON's, and a block of theirs.
_PAIR = re.compile(
    r"\{\s*\"?name\"?\s*[=:]\s*\"([A-Z][A-Z0-9_]+)\"\s*,?\s*"
    r"\"?(?:value|valueFrom|value_from|value_source)\b\"?\s*[=:{]\s*(\"[^\"\n]*\"|[^\n,}]*)"
)
# environment = { CACHE_URL = local.redis }
_MAP = re.compile(
    r"\b(?:\w+_)?(?:env|environment|env_vars|environment_variables)\s*=\s*\{([^{}]*)\}"
)
_ENTRY = re.compile(r"^\s*\"?([A-Z][A-Z0-9_]+)\"?\s*[=:]\s*(\"[^\"\n]*\"|[^\n,]+)", re.MULTILINE)
_OWN = re.compile(r"\b(?:DJANGO_SETTINGS_MODULE|celery|daphne|gunicorn|manage\.py|uvicorn|uwsgi)\b")
_WRITTEN = re.compile(r"\"([^\"$]*)\"")


def is_definition(name: str, text: str) -> bool:
    """Whether a file defines containers, one of which runs the project."""
    ecs = name.endswith(".tf") or (name.endswith(".json") and '"image"' in text)
    return ecs and _OWN.search(text) is not None


def variables(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the variables that it sets, None for a value that is not written there."""
    entries = [entry for held in _MAP.findall(text) for entry in _ENTRY.findall(held)]
    for name, value in [*_PAIR.findall(text), *entries]:
        written = _WRITTEN.fullmatch(value.strip())
        yield name, written[1] if written else None
