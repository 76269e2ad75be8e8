"""What a project with Celery has: the settings import, and apps of its own."""

from __future__ import annotations

from django_scaleready.settings import *  # noqa: F403 - what a project writes

SECRET_KEY = "only-for-tests-and-never-deployed-anywhere"
INSTALLED_APPS = [
    "django_scaleready",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
USE_TZ = True
ROOT_URLCONF = "support.urls"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "support.celery_app.tick", "schedule": 0.5}}
