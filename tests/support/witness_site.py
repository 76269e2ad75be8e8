"""The site that a witness watches under real servers. SITE_FOLDER: where its views write."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from support.drain_site import *  # noqa: F403  # a settings module

FOLDER = Path(os.environ["SITE_FOLDER"])
ROOT_URLCONF = "support.witness_site"


def keep(request: HttpRequest) -> HttpResponse:
    (FOLDER / "kept").write_text("x")
    return HttpResponse("kept\n")


async def keep_async(request: HttpRequest) -> HttpResponse:
    await asyncio.to_thread((FOLDER / "kept-async").write_text, "x")
    return HttpResponse("kept\n")


def draft(request: HttpRequest) -> HttpResponse:
    """A file for the length of the request, which others overtake."""
    name = FOLDER / f"draft-{time.monotonic_ns()}"
    name.write_text("x")
    time.sleep(0.2)
    name.unlink()
    return HttpResponse("gone\n")


def send(request: HttpRequest) -> FileResponse:
    """A file that is gone once it is sent."""
    file = tempfile.NamedTemporaryFile(dir=FOLDER)  # noqa: SIM115 - the response closes it
    file.write(b"sent\n")
    file.seek(0)
    return FileResponse(file)


urlpatterns = [path(view.__name__, view) for view in (keep, keep_async, draft, send)]
