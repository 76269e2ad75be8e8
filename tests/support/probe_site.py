"""Settings of the site that the live tests of the probes serve, told by its environment.

Hostile on purpose: no host is allowed, plain HTTP is redirected, and connections to the database
are kept without being looked at, which is what a careless project does.
"""

from __future__ import annotations

import os

from support.django_settings import *  # noqa: F403  # a settings module
from support.django_settings import CACHES as LOCAL_CACHES

ALLOWED_HOSTS: list[str] = []
SECURE_SSL_REDIRECT = True
SESSION_SAVE_EVERY_REQUEST = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["SITE_DB_HOST"],
        "PORT": os.environ["SITE_DB_PORT"],
        "NAME": os.environ["SITE_DB_NAME"],
        "USER": os.environ["SITE_DB_USER"],
        "PASSWORD": os.environ["SITE_DB_PASSWORD"],
        "CONN_MAX_AGE": int(os.environ.get("SITE_CONN_MAX_AGE", "0")),
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {"application_name": "probe-site", "connect_timeout": 2},
    }
}
CACHES = {
    **LOCAL_CACHES,
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": os.environ["SITE_REDIS_URL"],
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.3,
            "SOCKET_TIMEOUT": 0.3,
        },
    },
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
