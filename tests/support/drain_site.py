"""The site that the live tests of the drain serve. It logs through the kit and needs no service.

SITE_SCALEREADY: options of the ladder, ``DRAIN=0.5 GRACE_PERIOD=20``. SITE_DATABASE: a file.
SITE_LOADS: seconds that it takes to load.
SITE_HOLD: while a file of that name exists, the site does not finish loading.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import re
import time
from pathlib import Path

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from support.django_settings import *  # noqa: F403  # a settings module
from support.django_settings import DATABASES as IN_MEMORY

from django_scaleready import lifecycle
from django_scaleready.settings.logging import *  # noqa: F403  # a settings module

while (hold := os.environ.get("SITE_HOLD")) and Path(hold).exists():
    time.sleep(0.05)

time.sleep(float(os.environ.get("SITE_LOADS", "0")))

ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "support.drain_site"
INSTALLED_APPS = ["django_scaleready"]
MIDDLEWARE = ["django_scaleready.middleware.ProbeMiddleware"]
DATABASES = {
    "default": {
        **IN_MEMORY["default"],
        "NAME": os.environ.get("SITE_DATABASE", ":memory:"),
        "CONN_MAX_AGE": 60,
    }
}
SCALEREADY = {
    # Readiness goes by the state of the replica alone.
    "PROBES": {"readiness": [], "startup": []},
    **{
        option: float(value) if "." in value else int(value)
        for option, value in re.findall(r"(\w+)=([\d.]+)", os.environ.get("SITE_SCALEREADY", ""))
    },
}


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{os.getpid()}\n", content_type="text/plain")


def state(request: HttpRequest) -> HttpResponse:
    """What readiness goes by, without its checks, and the process that says so."""
    now = lifecycle.state()
    return HttpResponse(f"{os.getpid()} {now}\n", content_type="text/plain")


def query(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master")
    return fine(request)


def slow(request: HttpRequest) -> HttpResponse:
    logging.getLogger(__name__).info("a thread waits")
    time.sleep(float(request.GET["seconds"]))
    return fine(request)


async def wait(request: HttpRequest) -> HttpResponse:
    """In an event loop, so that others get the processor meanwhile."""
    logging.getLogger(__name__).info("a coroutine waits")
    await asyncio.sleep(float(request.GET["seconds"]))
    return fine(request)


def hang_here(seconds: float) -> None:
    """In C, with the interpreter's lock: no handler written in Python runs."""
    ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))


async def hang(request: HttpRequest) -> HttpResponse:
    hang_here(float(request.GET["seconds"]))
    return HttpResponse("late\n")


def hang_sync(request: HttpRequest) -> HttpResponse:
    hang_here(float(request.GET["seconds"]))
    return HttpResponse("late\n")


def crash(request: HttpRequest) -> HttpResponse:
    ctypes.string_at(0)
    return HttpResponse("never\n")


def eat(request: HttpRequest) -> HttpResponse:
    """Memory, until the kernel has had enough."""
    held = []
    while True:
        held.append(bytearray(b"x") * 2**20)


urlpatterns = [path(view.__name__.replace("_", "-"), view) for view in (
    fine, state, query, slow, wait, hang, hang_sync, crash, eat
)]  # fmt: skip
