"""backup-local: a backup that is gone with the replica. Its app is a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import media_local
from django_scaleready.checks.rules.backup_local import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["dbbackup"]}
DISK = "django.core.files.storage.FileSystemStorage"
S3 = {"BACKEND": "storages.backends.s3.S3Storage"}
STATIC = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SHARED = {"SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]}}


CALL = "from django.core.management import call_command\ndef f(): call_command({!r})\n"
CRON = (
    "apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers:"
    " [{name: b, image: shop, command: [python, manage.py, dbbackup]}]}}}}}\n"
)
BACKUP = {"backup.sh": "#!/bin/sh\npython manage.py dbbackup\n"}
NIGHTLY = {"shop/tasks.py": CALL.format("dbbackup")}


def stored(backend: dict[str, Any]) -> dict[str, Any]:
    return {"STORAGES": {"default": S3, "staticfiles": STATIC, "dbbackup": backend}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        stored({"BACKEND": DISK, "OPTIONS": {"location": "/var/backups"}}),
        {"DBBACKUP_STORAGE": DISK, "DBBACKUP_STORAGE_OPTIONS": {"location": "/var/backups"}},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    project = make_project(NIGHTLY, **APP, **settings)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.WARNING
    assert [str(place) for place in finding.related] == ["shop/tasks.py:2"]
    # It is one leak, and this rule's.
    assert not [f for f in media_local.RULE.find(project) if "'dbbackup'" in f.message]


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": []},
        {**APP, **stored(S3)},
        {**APP, **SHARED, **stored({"BACKEND": DISK, "OPTIONS": {"location": "/mnt/shared/b"}})},
        {**APP, **SHARED, "MEDIA_ROOT": "/mnt/shared/media"},
        {**APP, "DBBACKUP_STORAGE": "storages.backends.s3.S3Storage"},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(NIGHTLY, **settings))) == []


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"shop/tasks.py": CALL.format("mediabackup")}, Severity.WARNING),
        ({"k8s/backup.yaml": CRON}, Severity.WARNING),
        ({"Dockerfile": "FROM python\nCMD manage.py dbbackup && sleep 60\n"}, Severity.WARNING),
        ({**BACKUP, "Dockerfile": "FROM python\nCMD /app/backup.sh\n"}, Severity.WARNING),
        ({**BACKUP, "cron.sh": "exec ./backup.sh\n"}, Severity.WARNING),
        ({"entrypoint.sh": "manage.py dbbackup\nexec gunicorn shop.wsgi\n"}, Severity.WARNING),
        # Somebody runs it by hand, or not at all.
        (BACKUP, Severity.INFO),
        ({**BACKUP, "util.sh": "./database-backup.sh backup\n"}, Severity.INFO),
        ({**BACKUP, "local/run.sh": "./backup.sh\n"}, Severity.INFO),
        ({"shop/tasks.py": CALL.format("dbrestore")}, Severity.INFO),
        ({"Dockerfile": "FROM python\n# For manage.py dbbackup\nRUN a\n"}, Severity.INFO),
        ({"Dockerfile": "FROM python\nRUN a && \\\n  # for dbbackup;\n  b\n"}, Severity.INFO),
        ({"Dockerfile": "FROM python\nRUN pip install django-dbbackup\n"}, Severity.INFO),
        ({}, Severity.INFO),
    ],
)
def test_it_is_information_where_nothing_makes_one(
    make_project: Callable[..., Project], files: dict[str, str], severity: Severity
) -> None:
    (finding,) = RULE.find(make_project(files, **APP))
    assert finding.severity is severity
