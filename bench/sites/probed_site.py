"""One site, with one of the packages installed as its own documentation says.

Settings, URLs and views in one module. BENCH_SUBJECT names the package, "" none of them. Beside
the package all is as ``startproject`` makes it, with PostgreSQL and a Redis cache; a package that
may be first in MIDDLEWARE is, since that serves it best.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

SUBJECT = os.environ["BENCH_SUBJECT"]
HOST = "shop.example"

STARTPROJECT = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
FIRST = {
    "scaleready": "django_scaleready.middleware.ProbeMiddleware",
    "dockerflow": "dockerflow.django.middleware.DockerflowMiddleware",
    "alive": "django_alive.middleware.healthcheck_bypass_host_check",
    "kubernetes": "djk8s.middleware.ProbeMiddleware",
}
APPS = {
    "scaleready": "django_scaleready",
    "health-check": "health_check",
    "dockerflow": "dockerflow.django",
    "watchman": "watchman",
    "alive": "django_alive",
    "kubernetes": "djk8s",
    "deploy-probes": "django_deploy_probes",
}

# -- Settings --

SECRET_KEY = "only-for-measurements"
DEBUG = False
ALLOWED_HOSTS = [HOST]
ROOT_URLCONF = __name__
WSGI_APPLICATION = None
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECURE_SSL_REDIRECT = os.environ.get("BENCH_SSL_REDIRECT") == "1"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    *([APPS[SUBJECT]] if SUBJECT else []),
]
MIDDLEWARE = [*([FIRST[SUBJECT]] if SUBJECT in FIRST else []), *STARTPROJECT]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": os.environ["BENCH_POSTGRES_PORT"],
        "NAME": "postgres",
        "USER": os.environ["BENCH_POSTGRES_USER"],
        # Kept: the measurements are about the probes and not about connecting.
        "CONN_MAX_AGE": 600,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": os.environ["BENCH_REDIS_URL"],
    }
}

# Each asked for its database alone, so that none is measured by another's appetite. Dockerflow runs
# every registered Django check as well; that cannot be switched off.
WATCHMAN_CHECKS = ("watchman.checks.databases",)
DOCKERFLOW_CHECKS = ["dockerflow.django.checks.check_database_connected"]
DJK8S_READINESS_PROBES = ["djk8s.probes.DatabaseProbe"]
DEPLOY_PROBES = {"READY_CHECKS": ["database"]}

# -- Views --


def bare(_request: HttpRequest) -> HttpResponse:
    """Touches nothing."""
    return HttpResponse("ok")


def slow(request: HttpRequest) -> HttpResponse:
    """Takes the seconds it is told."""
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse("ok")


def rows(_request: HttpRequest) -> HttpResponse:
    """Asks the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()[0]))


def threads(_request: HttpRequest) -> HttpResponse:
    """The number of threads of the process that answers."""
    return HttpResponse(str(threading.active_count()))


def _package_urls() -> list[URLPattern | URLResolver]:
    if SUBJECT == "health-check":
        view: Any = import_string("health_check.views.HealthCheckView")
        return [path("health/", view.as_view(checks=["health_check.checks.Database"]))]
    if SUBJECT == "watchman":
        return [path("watchman/", include("watchman.urls"))]
    if SUBJECT == "alive":
        return [path("-/", include("django_alive.urls"))]
    if SUBJECT == "deploy-probes":
        return [path("probes/", include("django_deploy_probes.urls"))]
    return []


urlpatterns = [
    path("", bare),
    path("slow", slow),
    path("rows", rows),
    path("threads", threads),
    *_package_urls(),
]
