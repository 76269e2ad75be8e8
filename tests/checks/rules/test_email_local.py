"""email-local: mail that nobody receives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import VERSION

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.email_local import RULE

BACKENDS = "django.core.mail.backends"


@pytest.mark.parametrize(
    ("backend", "severity"),
    [
        ("filebased", Severity.ERROR),
        ("locmem", Severity.WARNING),
        ("dummy", Severity.WARNING),
        ("console", Severity.INFO),
    ],
)
def test_finds(make_project: Callable[..., Project], backend: str, severity: Severity) -> None:
    (finding,) = RULE.find(make_project(EMAIL_BACKEND=f"{BACKENDS}.{backend}.EmailBackend"))
    assert finding.severity is severity


SHARED: dict[str, Any] = {
    "EMAIL_BACKEND": f"{BACKENDS}.filebased.EmailBackend",
    "EMAIL_FILE_PATH": "/mnt/shared/mails",
    "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
}


@pytest.mark.parametrize(
    "settings",
    [{}, {"EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend"}, SHARED],
    ids=["default", "smtp", "shared"],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


if VERSION >= (6, 1):

    def test_finds_in_mailers(make_project: Callable[..., Project]) -> None:
        mailers = {"default": {"BACKEND": f"{BACKENDS}.filebased.EmailBackend"}}
        (finding,) = RULE.find(make_project({"settings.py": f"MAILERS = {mailers!r}"}))
        assert finding.severity is Severity.ERROR
        assert str(finding.location) == "settings.py:1"
