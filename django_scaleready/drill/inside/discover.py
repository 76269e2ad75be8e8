"""A program: which pages of a project anybody can GET, as JSON: a list of paths.

Every address without parameters is asked once, in a copy of the project, by Django's own client;
those that answer 200 to somebody who is not signed in are pages.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from types import FrameType

import django
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern

from django_scaleready.drill.inside.answering import answer

_MOST = 20
# A page that takes this long alone would hold every worker of a small machine.
_SLOWEST = 0.5
# Seconds for what only the first request loads. A page that still runs then is interrupted.
_LONGEST = 5.0
# Seconds in all: some projects have hundreds of addresses, each of which may take its time.
_ENOUGH = 90.0
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
    signal.signal(signal.SIGALRM, _interrupt)
    began = time.monotonic()
    for path in dict.fromkeys(paths()):
        if len(found) == _MOST or time.monotonic() - began > _ENOUGH:
            break
        acts = any(word in path.lower() for word in _ACTS)
        if not acts and _is_quick(client, path):
            found.append(path)
    return found


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"not answered within {_LONGEST:g} s")


def _is_quick(client: Client, path: str) -> bool:
    """Whether a path answers 200 in time; asked again, since the first may load what it needs."""
    # The last words of a program that such a page ends, or holds where no signal interrupts it.
    print(f"GET {path}", file=sys.stderr, flush=True)  # noqa: T201 - a program
    for _ in range(2):
        began = time.monotonic()
        if _status(client, path) != HTTPStatus.OK:
            return False
        if time.monotonic() - began < _SLOWEST:
            return True
    return False


def _status(client: Client, path: str) -> int:
    client.cookies.clear()
    # Again and again: a view may catch what interrupts it. It is a 500 where none does.
    signal.setitimer(signal.ITIMER_REAL, _LONGEST, _SLOWEST)
    try:
        return client.get(path, secure=True, headers={"host": "localhost"}).status_code
    except TimeoutError:  # outside of the view
        return HTTPStatus.GATEWAY_TIMEOUT
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    answer(discover)
