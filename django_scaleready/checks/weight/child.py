"""The process that is weighed: ``python -m django_scaleready.checks.weight.child PLAN``.

Starts the project without some of its parts, as a worker does, and prints how much memory that
takes and how long a request for an empty page.
"""

from __future__ import annotations

import gc
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import clear_url_caches, get_resolver

# What stands before the answer, on a line of its own: projects print, too.
MARK = "scaleready-weight:"
PAGE = "django_scaleready.checks.weight.page"
_WARM_UP = 100
_SLICES = 10


def main() -> None:
    """Print one line of JSON: the private bytes, and the seconds of a request or why not."""
    plan = json.loads(sys.argv[1])
    _leave_out(plan)
    django.setup()
    # The project's own pages, for what importing them takes.
    assert get_resolver().url_patterns is not None  # noqa: S101 - read for its effect
    handler = WSGIHandler()
    answer: dict[str, Any] = {"bytes": _private_bytes()}
    settings.ROOT_URLCONF = PAGE
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    clear_url_caches()
    if problem := _request(WSGIHandler()):
        answer["problem"] = problem
    else:
        answer["seconds"] = _seconds(handler, plan["requests"])
    sys.stdout.write(f"\n{MARK}{json.dumps(answer)}\n")


def _leave_out(plan: dict[str, Any]) -> None:
    apps, middleware = plan["apps"], plan["middleware"]
    if apps:
        settings.INSTALLED_APPS = [
            entry
            for entry in settings.INSTALLED_APPS
            if not any(entry == app or entry.startswith(f"{app}.apps.") for app in apps)
        ]
    if middleware:
        settings.MIDDLEWARE = [entry for entry in settings.MIDDLEWARE if entry not in middleware]
    if plan["templates"]:
        settings.TEMPLATES = []


def _private_bytes() -> int:
    """Return what ends with this process; where the system does not say, its peak."""
    gc.collect()
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _request(handler: WSGIHandler) -> str:
    """Ask for the page once; return what is wrong with the answer, "" for nothing."""
    said: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }

    def start_response(status: str, *_: Any) -> Callable[[bytes], object]:
        said.append(status)
        return said.append

    response = handler(environ, start_response)
    b"".join(response)
    response.close()
    return "" if said == ["200 OK"] else f"an empty page was answered with {', '.join(said)}"


def _seconds(handler: WSGIHandler, requests: int) -> float:
    """Return the CPU time of one request, of the slice that was disturbed least."""
    for _ in range(_WARM_UP):
        _request(handler)
    each = max(requests // _SLICES, 1)
    took = []
    for _ in range(_SLICES):
        # What other processes take meanwhile is none of ours.
        began = time.thread_time()
        for _ in range(each):
            _request(handler)
        took.append(time.thread_time() - began)
    return min(took) / each


if __name__ == "__main__":
    main()
