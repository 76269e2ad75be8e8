"""The site that the live tests of the drain serve. It logs through the kit and needs no service."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import time

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from support.django_settings import *  # noqa: F403  # a settings module
from support.django_settings import DATABASES as IN_MEMORY

from django_scaleready import lifecycle
from django_scaleready.settings.logging import *  # noqa: F403  # a settings module

ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "support.drain_site"
DATABASES = {"default": {**IN_MEMORY["default"], "CONN_MAX_AGE": 60}}
SCALEREADY = {
    option: float(value) if "." in value else int(value)
    for option, value in re.findall(r"(\w+)=([\d.]+)", os.environ.get("SITE_SCALEREADY", ""))
}
# A worker that hangs before it can serve anything.
time.sleep(float(os.environ.get("SITE_SLOW_START", "0")))


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{os.getpid()}\n", content_type="text/plain")


def state(request: HttpRequest) -> HttpResponse:
    """What readiness goes by, without its checks, and the process that says so."""
    now = lifecycle.state()
    return HttpResponse(f"{os.getpid()} {now}\n", content_type="text/plain")


def passed(request: HttpRequest) -> HttpResponse:
    lifecycle.started()
    return fine(request)


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(float(request.GET["seconds"]))
    return fine(request)


async def slow_async(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(float(request.GET["seconds"]))
    return HttpResponse(f"{os.getpid()}\n", content_type="text/plain")


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
    """Memory, until the kernel has enough of it."""
    held = []
    while True:
        held.append(bytearray(os.urandom(1) * 2**20))


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> object:
        for _ in range(int(request.GET["parts"])):
            time.sleep(0.1)
            yield b"part\n"

    return StreamingHttpResponse(parts(), content_type="text/plain")  # type: ignore[arg-type]


urlpatterns = [path(view.__name__.replace("_", "-"), view) for view in (
    fine, state, passed, slow, slow_async, hang, hang_sync, crash, eat, stream
)]  # fmt: skip
