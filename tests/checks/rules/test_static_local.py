"""static-local: static files that nothing collects."""

from __future__ import annotations

from typing import Any

import pytest
from support.deploy_files import WEB, Make, found, image, script

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.rules.static_local import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["django.contrib.staticfiles"], "STATIC_URL": "static/"}
MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
COLLECT = "python manage.py collectstatic --no-input"


def stored(backend: str) -> dict[str, Any]:
    return {**APP, "STORAGES": {"default": DISK, "staticfiles": {"BACKEND": backend}}}


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (image(WEB), APP),
        (image(WEB), stored(MANIFEST)),
        (script("python manage.py migrate", f"exec {WEB}"), APP),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], settings: dict[str, Any]) -> None:
    (finding,) = found(make_project, RULE, files, **settings)
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.MEDIUM)
    assert finding.location.path == "Dockerfile"


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (image(WEB, f"RUN {COLLECT}"), APP),
        (script(COLLECT, f"exec {WEB}"), APP),
        ({**image(WEB), "scripts/build.sh": f"#!/bin/sh\n{COLLECT}\n"}, APP),
        (image(WEB), stored("storages.backends.s3.S3StaticStorage")),
        (image(WEB), {**APP, "WHITENOISE_USE_FINDERS": True}),
        (image(WEB), {"INSTALLED_APPS": []}),
        (image("celery -A shop worker"), APP),
        ({"Procfile": f"web: {WEB}\n"}, APP),
        ({}, APP),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str], settings: dict[str, Any]) -> None:
    assert found(make_project, RULE, files, **settings) == []
