"""The path that a probe's command asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_URL = re.compile(r"https?://[^\s\"'|;)]+")
_HOST_AND_PATH = re.compile(
    r"(?:^|\s)(?:localhost|127\.0\.0\.1)(?::[^\s/]*)?(/[^\s\"'|;]*)?(?=\s|$)"
)


def probed_path(words: Sequence[str]) -> str:
    """Return the path, "/" for a URL without one; "" if no URL is asked for."""
    text = " ".join(words)
    if found := _URL.search(text):
        try:
            return urlsplit(found[0]).path or "/"
        except ValueError:
            return ""
    if re.search(r"\b(curl|wget)\b", text) and (host := _HOST_AND_PATH.search(text)):
        return host[1] or "/"
    return ""
