"""The shop as startproject and PostgreSQL make it, with the kit's probes; SHOP_PLAIN=1: without."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

PLAIN = os.environ.get("SHOP_PLAIN") == "1"

SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-measurements")
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
ASGI_APPLICATION = "shop.asgi.application"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    *([] if PLAIN else ["django_scaleready"]),
]
MIDDLEWARE = [
    *([] if PLAIN else ["django_scaleready.middleware.ProbeMiddleware"]),
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_url = urlsplit(os.environ.get("DATABASE_URL", "postgres://shop@127.0.0.1/shop"))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _url.hostname,
        "PORT": str(_url.port or ""),
        "NAME": _url.path.lstrip("/"),
        "USER": _url.username,
        # Kept, each of gevent's and ASGI's requests would leave one behind: "too many clients".
        "CONN_MAX_AGE": 0,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": os.environ.get("REDIS_URL", "redis://127.0.0.1/0"),
    }
}
STATIC_URL = "static/"
