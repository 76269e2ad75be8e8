"""The site that the live tests of the probes serve, told by its environment.

Hostile on purpose: no host but one is allowed, plain HTTP is redirected, and connections to the
database are kept without being looked at, which is what a careless project does.
"""

from __future__ import annotations

import json
import os
import threading
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from support.django_settings import *  # noqa: F403  # a settings module
from support.django_settings import CACHES as LOCAL_CACHES

ALLOWED_HOSTS = ["site.example"]
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = ["^page$", "^threads$"]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_SAVE_EVERY_REQUEST = True
ROOT_URLCONF = "support.probe_site"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": os.environ["SITE_DB_PORT"],
        "NAME": os.environ["SITE_DB_NAME"],
        "USER": os.environ["SITE_DB_USER"],
        "PASSWORD": os.environ["SITE_DB_PASSWORD"],
        "CONN_MAX_AGE": int(os.environ.get("SITE_CONN_MAX_AGE", "0")),
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {"application_name": "probe-site"},
    }
}
REDIS = {
    "BACKEND": "django_redis.cache.RedisCache",
    "LOCATION": os.environ["SITE_REDIS_URL"],
    "OPTIONS": {
        "IGNORE_EXCEPTIONS": True,
        "SOCKET_CONNECT_TIMEOUT": 0.3,
        "SOCKET_TIMEOUT": 0.3,
    },
}
# Without Redis, the mistake that the settings check is about.
CACHES = {**LOCAL_CACHES, "default": REDIS} if REDIS["LOCATION"] else LOCAL_CACHES
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
SCALEREADY = json.loads(os.environ["SITE_SCALEREADY"])


def page(request: HttpRequest) -> HttpResponse:
    """Needs a moment, and no database."""
    time.sleep(0.001)
    return HttpResponse("page\n", content_type="text/plain")


def threads(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [thread.name for thread in threading.enumerate()]})


urlpatterns = [path("page", page), path("threads", threads)]
