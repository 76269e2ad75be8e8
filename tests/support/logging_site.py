"""A site that logs through the kit, its only services being a broken database and no cache."""

from __future__ import annotations

import logging
import warnings

from django.http import HttpRequest, HttpResponse
from django.urls import path
from support.django_settings import *  # noqa: F403  # a settings module

from django_scaleready.settings.logging import *  # noqa: F403  # a settings module

ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "support.logging_site"
# Liveness is answered and readiness fails.
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/at/all"}}
TIME_ZONE = "America/Chicago"  # Django puts it into TZ, which gunicorn's own log would follow


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine\n", content_type="text/plain")


def boom(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("first line\nsecond line")


def warn(request: HttpRequest) -> HttpResponse:
    warnings.warn("this is old", RuntimeWarning, stacklevel=1)
    return fine(request)


def talk(request: HttpRequest) -> HttpResponse:
    logging.getLogger("site").info("paid", extra={"amount": 3, "who": object()})
    return fine(request)


urlpatterns = [path(name, view) for name, view in [
    ("fine", fine), ("boom", boom), ("warn", warn), ("talk", talk)
]]  # fmt: skip
