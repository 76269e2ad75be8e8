"""Why a check failed, in one line for the log, without a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from django.conf import settings

_URL_PASSWORD = re.compile(r"(?<=://)[^\s/@]*:([^\s/@]+)@")


def reason(error: BaseException) -> str:
    """The error's class and message: ``OperationalError: connection refused``."""
    name = type(error).__name__
    # A parser quotes what it could not parse, which may be half a password: "Port could not be
    # cast to integer value as 'hunter2'".
    if isinstance(error, ValueError):
        return name
    text = " ".join(str(error).split())
    for password in _passwords():
        text = text.replace(password, "***")
    return f"{name}: {text}" if text else name


def _passwords() -> Iterator[str]:
    for database in settings.DATABASES.values():
        if password := database.get("PASSWORD"):
            yield str(password)
    caches: dict[str, dict[str, Any]] = settings.CACHES
    for cache in caches.values():
        for password in _URL_PASSWORD.findall(str(cache.get("LOCATION", ""))):
            # A client may quote the URL or what it decoded from it.
            yield from (password, unquote(password))
        if password := cache.get("OPTIONS", {}).get("PASSWORD"):
            yield str(password)
