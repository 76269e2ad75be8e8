"""Castaway on any number of replicas.

Reads, beside what the kit reads: REPLICA, REPORT_INTERVAL, FEED_INTERVAL (seconds),
SITE_URL, DIRECTORY_URL, DIRECTORY_CLIENT_ID, DIRECTORY_CLIENT_SECRET, DEMO_ROUTES.
"""

import socket
from datetime import timedelta

from django_scaleready.env import env
from django_scaleready.settings import *

SCALEREADY = {"REPLICAS": 3}

INSTALLED_APPS = [
    "django_scaleready",
    "podcasts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # runserver leaves the static files to WhiteNoise, as production does.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django_scaleready.middleware.ProbeMiddleware",
    "castaway.replica.replica_header",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "castaway.urls"
WSGI_APPLICATION = "castaway.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "castaway.replica.replica",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# Where the load balancer is known to end TLS (TRUST_PROXY), the cookies never travel without it.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_PROXY_SSL_HEADER is not None

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/Dublin"
USE_TZ = True

REPORT_INTERVAL = env.seconds("REPORT_INTERVAL", 300, minimum=1)
FEED_INTERVAL = env.seconds("FEED_INTERVAL", 900, minimum=1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULE = {
    "report-listeners": {
        "task": "podcasts.tasks.report_listeners",
        "schedule": timedelta(seconds=REPORT_INTERVAL),
    },
    "fetch-partner-feeds": {
        "task": "podcasts.tasks.fetch_partner_feeds",
        "schedule": timedelta(seconds=FEED_INTERVAL),
        # After an hour without a worker the partners are asked once, not once for each quarter.
        "options": {"expires": FEED_INTERVAL},
    },
    "process-forgotten-episodes": {
        "task": "podcasts.tasks.process_forgotten_episodes",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
}

# Where listeners find Castaway; the tasks have no request to take it from.
SITE_URL = env.text("SITE_URL", "http://localhost:8000")

# The directory that lists Castaway's shows; with no address nothing is announced.
DIRECTORY_URL = env.text("DIRECTORY_URL", "")
DIRECTORY_CLIENT_ID = env.text("DIRECTORY_CLIENT_ID", "castaway")
DIRECTORY_CLIENT_SECRET = env.text("DIRECTORY_CLIENT_SECRET", "")

# Shown on each page and in X-Replica, so that one can watch requests hop.
REPLICA = env.text("REPLICA", socket.gethostname())
DEMO_ROUTES = env.flag("DEMO_ROUTES")
