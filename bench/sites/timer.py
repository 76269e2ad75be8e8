"""Times requests in this process, without a server: a program, told on stdin what to ask.

A line ``<handler> <path> <count>`` asks a path so many times and answers the seconds of one
request, in the mean of the line. Handlers: ``bare`` is Django with the middleware of
``startproject``, ``package`` has the package too, ``front`` is the latter as the kit's gunicorn
config serves it.
"""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django.utils.module_loading import import_string

# A readiness may wait for checks that are made once in the life of a process.
STARTED_SECONDS = 10

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ(path: str) -> dict[str, Any]:
    """What gunicorn hands on for a balancer's request."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "RAW_URI": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "gunicorn",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "shop.example",
        "HTTP_USER_AGENT": "kube-probe/1.33",
        "HTTP_ACCEPT": "*/*",
        "HTTP_CONNECTION": "close",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }


def ask(application: Application, path: str) -> str:
    """Make one request as a server does, and return its status."""
    seen: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> None:
        seen.append(status)

    response = application(environ(path), start_response)
    for _ in response:
        """Read to its end."""
    if close := getattr(response, "close", None):
        close()
    return seen[0]


def timed(application: Application, path: str, count: int) -> float:
    """Seconds of one request, in the mean of ``count``; SystemExit if it is not a 200 in time."""
    deadline = time.monotonic() + STARTED_SECONDS
    while not (status := ask(application, path)).startswith("200"):
        if time.monotonic() > deadline:
            raise SystemExit(f"{path} answered {status}")
        time.sleep(0.1)
    began = time.perf_counter()
    for _ in range(count):
        ask(application, path)
    return (time.perf_counter() - began) / count


def handlers() -> dict[str, Application]:
    """The applications of this process, by name."""
    with override_settings(MIDDLEWARE=import_string("probed_site.STARTPROJECT")):
        made: dict[str, Application] = {"bare": WSGIHandler()}
    made["package"] = WSGIHandler()
    if os.environ["BENCH_SUBJECT"] == "scaleready":
        made["front"] = import_string("django_scaleready.probes.front.wsgi")(WSGIHandler())
    return made


def main() -> None:
    """Answer lines until stdin ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "probed_site"
    django.setup()
    # Whoever logs successes pays for it on a real site; here nobody pays. Dockerflow logs the
    # warnings of Django's deployment checks on each probe.
    logging.disable(logging.WARNING)
    applications = handlers()
    gc.collect()
    gc.disable()
    for line in sys.stdin:
        name, path, count = line.split()
        print(timed(applications[name], path, int(count)), flush=True)


if __name__ == "__main__":
    main()
