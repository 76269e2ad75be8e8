"""The Celery app: ``celery -A castaway worker`` and ``celery -A castaway beat``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "castaway.settings")

app = Celery("castaway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
