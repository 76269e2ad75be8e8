"""What is said of a project holds no path of the machine that read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.scans import found

from django_scaleready.checks.base import Finding, Location, Severity, Unknown
from django_scaleready.checks.shown import said_from, unknown_from

ROOT = Path("/srv/checkout/shop")
SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = "x"
ROOT_URLCONF = "urls"
INSTALLED_APPS = []
MIDDLEWARE = []
MEDIA_ROOT = BASE_DIR / "media"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = BASE_DIR / "mails"
SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_FILE_PATH = str(BASE_DIR / "sessions")
CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": str(BASE_DIR / "cache"),
}}
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db"}}
CELERY_BROKER_URL = f"filesystem://{BASE_DIR}/broker"
CELERY_RESULT_BACKEND = f"file://{BASE_DIR}/results"
CELERY_BEAT_SCHEDULE = {"a": {"task": "shop.a", "schedule": 5}}
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "data" / "beat")
LOGGING = {"version": 1,
    "handlers": {"own": {"class": "logging.FileHandler", "filename": BASE_DIR / "logs" / "a.log"}},
    "root": {"handlers": ["own"]},
}
"""
CODE = """
import os
from celery import Celery, shared_task
from django.conf import settings
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
@shared_task
def a():
    open(os.path.join(settings.BASE_DIR, "x"), "w").write("x")
"""
PROCFILE = "web: gunicorn shop.wsgi\nworker: celery -A shop worker\nbeat: celery -A shop beat\n"


def test_no_rule_says_where_the_project_was_read(tmp_path: Path) -> None:
    files = {"manage.py": "", "settings.py": SETTINGS, "shop/celery.py": CODE, "Procfile": PROCFILE}
    said = found(tmp_path, files)
    slugs = {each["slug"] for each in said["findings"]}
    assert {"log-file", "beat-schedule-file", "email-local", "db-sqlite"} <= slugs
    assert str(tmp_path.resolve()) not in json.dumps([said["findings"], said["unknown"]])
    messages = " ".join(each["message"] for each in said["findings"])
    assert "writes to logs/a.log:" in messages
    assert "in the file data/beat:" in messages


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("writes to /srv/checkout/shop/logs/a.log: it", "writes to logs/a.log: it"),
        ("'/srv/checkout/shop/a.ini'", "'a.ini'"),
        ("sqlite:////srv/checkout/shop/db", "sqlite:///db"),
        ("below '/srv/checkout/shop'", "below '.'"),
        ("/srv/checkout/shop2/a, /srv/checkout/shop.old/a", None),
        ("/mnt/srv/checkout/shop/a", None),
        ("/var/log/a.log", None),
    ],
)
def test_paths_are_seen_from_the_root(said: str, shown: str | None) -> None:
    finding = Finding(said, said, Location("a.py", 1), Severity.WARNING)
    made = said_from(ROOT, finding)
    assert (made.message, made.hint) == (shown or said, shown or said)
    assert unknown_from(ROOT, Unknown(said, said)) == Unknown(shown or said, shown or said)


def test_a_root_of_the_whole_file_system_is_left() -> None:
    said = Finding("writes to /var/a.log", "mend", Location("a.py", 1), Severity.WARNING)
    assert said_from(Path("/"), said) is said
