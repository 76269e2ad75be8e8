"""What a deploy file says of itself above all else: that it is nobody's deployment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django_scaleready.checks.deployment.files import DeployFile, Kind

_COMMENTS = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_SAYS_SO = re.compile(
    r"\b(not|never|un)\W*(be |to be |really )?(suitable|intended|meant|fit|used?|for)\b"
    r"( \w+){0,4} production\b(?! \w+ without)"
    r"|\bused (only )?(in|for) (local )?development\b"
    r"|\bonly (meant |intended |used )?for (local )?development\b"
    r"|\bfor development( purposes)? only\b",
    re.IGNORECASE,
)


def is_said_for_development(file: DeployFile, files: Iterable[DeployFile]) -> bool:
    """Whether a configuration says at its head that it is, or only such compose files name it."""
    if _says_so(file):
        return True
    path = "/".join(file.path.split("/")[-2:])
    named = [each for each in files if each.path != file.path and path in each.text]
    return bool(named) and all(each.kind is Kind.COMPOSE and _says_so(each) for each in named)


def _says_so(file: DeployFile) -> bool:
    # A text of spaces and nothing else would be read once for each of them.
    head = _COMMENTS.match(file.text[:2_000])
    said = re.sub(r"[\s#]+", " ", head[0]) if head else ""
    return bool(_SAYS_SO.search(said))
