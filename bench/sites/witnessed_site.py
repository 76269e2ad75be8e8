"""Times requests under a witness, without a server: a program, told on stdin what to ask.

``python -m bench.sites.witnessed_site SHARE`` watches that share of the requests, none for ``off``.
A line ``<path> <count>`` asks a path so many times and answers the seconds of one request, in the
mean of the line; seconds of CPU, for what else runs on the machine is nobody's cost.
"""

from __future__ import annotations

import gc
import logging
import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.sites.timer import ask

# How many files a request of the pages that open some opens.
OPENED = 50


def nothing(_request: HttpRequest) -> HttpResponse:
    """What the others are compared with."""
    return HttpResponse("ok")


def read(_request: HttpRequest) -> HttpResponse:
    """Open files for reading."""
    kept = Path(settings.MEDIA_ROOT)
    for number in range(OPENED):
        with kept.with_name(str(number)).open("rb"):
            pass
    return HttpResponse("ok")


def write(_request: HttpRequest) -> HttpResponse:
    """Open files for writing, and let them stay."""
    kept = Path(settings.MEDIA_ROOT)
    for number in range(OPENED):
        with kept.with_name(str(number)).open("wb"):
            pass
    return HttpResponse("ok")


urlpatterns = [path("nothing", nothing), path("read", read), path("write", write)]


def main(share: str, kept: Path) -> None:
    """Answer lines until stdin ends."""
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django_scaleready"],
        MEDIA_ROOT=kept,
        LOGGING_CONFIG=None,
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        ROOT_URLCONF=__name__,
        SCALEREADY={} if share == "off" else {"WITNESS": float(share)},
        SECRET_KEY="measured",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    )
    for number in range(OPENED):
        kept.with_name(str(number)).touch()
    django.setup()
    # Whoever logs findings pays for it where there are some; here nobody pays.
    logging.disable(logging.CRITICAL)
    application = WSGIHandler()
    gc.collect()
    gc.disable()
    for line in sys.stdin:
        where, count = line.split()
        ask(application, f"/{where}")  # Its pages and caches are cold by now.
        began = time.process_time()
        for _ in range(int(count)):
            ask(application, f"/{where}")
        print((time.process_time() - began) / int(count), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="scaleready-bench-") as folder:
        main(sys.argv[1], Path(folder) / "kept")
