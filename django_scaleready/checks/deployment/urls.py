"""The path that a probe's command asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_URL = re.compile(r"https?://[^\s\"'|;)]+")
_HOST_AND_PATH = re.compile(
    r"(?:^|\s)(?:localhost|127\.0\.0\.1)(?::[^\s/]*)?(/[^\s\"'|;]*)?(?=\s|$)"
)
# The machine below a container, which may answer for anything.
_MACHINE = frozenset(
    {"host.docker.internal", "gateway.docker.internal", "host.containers.internal"}
)


def probed_path(words: Sequence[str]) -> str:
    """Return the path, "/" for a URL without one; "" if no URL of the container is asked for."""
    text = " ".join(words)
    if found := _URL.search(text):
        try:
            asked = urlsplit(found[0])
            return "" if asked.hostname in _MACHINE else asked.path or "/"
        except ValueError:
            return ""
    if re.search(r"\b(curl|wget)\b", text) and (host := _HOST_AND_PATH.search(text)):
        return host[1] or "/"
    return ""
