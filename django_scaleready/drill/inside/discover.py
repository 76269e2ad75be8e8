"""A program: which pages of a project anybody can GET, as JSON: a list of paths.

Every address without parameters is asked once, in a copy of the project, by Django's own client;
those that answer 200 to somebody who is not signed in are pages.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from http import HTTPStatus

import django
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern

from django_scaleready.drill.inside.answering import answer

_MOST = 20
# A page that takes this long alone would hold every worker of a small machine.
_SLOWEST = 0.5
# A GET should change nothing. These words say that it might.
_ACTS = ("logout", "delete", "remove", "unsubscribe", "cancel", "reset", "activate", "confirm")


def paths(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every path of a URLconf that has no parameter."""
    for entry in (resolver or get_resolver()).url_patterns:
        if (piece := _literal(entry)) is None:
            continue
        if isinstance(entry, URLResolver):
            yield from paths(entry, prefix + piece)
        else:
            yield prefix + piece


def _literal(entry: URLPattern | URLResolver) -> str | None:
    """What an entry adds to a path, None if that depends."""
    pattern = entry.pattern
    if isinstance(pattern, LocalePrefixPattern):
        return str(pattern)
    if isinstance(pattern, RoutePattern):
        return None if pattern.converters else str(pattern)
    text = str(pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
    return text if all(char.isalnum() or char in "/-_" for char in text) else None


def discover() -> list[str]:
    """Load the project and ask."""
    django.setup()
    return pages()


def pages() -> list[str]:
    """The paths that are pages, in the order of the URLconf, quickest reason to stop first."""
    found: list[str] = []
    client = Client(raise_request_exception=False)
    for path in dict.fromkeys(paths()):
        acts = any(word in path.lower() for word in _ACTS)
        if len(found) < _MOST and not acts and _is_quick(client, path):
            found.append(path)
    return found


def _is_quick(client: Client, path: str) -> bool:
    """Whether a path answers 200 in time; asked again, since the first may load what it needs."""
    for _ in range(2):
        client.cookies.clear()
        began = time.monotonic()
        response = client.get(path, secure=True, headers={"host": "localhost"})
        if response.status_code != HTTPStatus.OK:
            return False
        if time.monotonic() - began < _SLOWEST:
            return True
    return False


if __name__ == "__main__":
    answer(discover)
