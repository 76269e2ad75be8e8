"""email-no-timeout: a dead relay must not hold threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import VERSION

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.email_no_timeout import RULE

SMTP = "django.core.mail.backends.smtp.EmailBackend"
MAIL = "from django.core.mail import send_mail"
OWN = (
    "from django.core.mail.backends.smtp import EmailBackend\n"
    "from django.core.mail.message import EmailMessage\n"
    "def send(text): EmailBackend(timeout=5).send_messages([EmailMessage(text)])\n"
)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"EMAIL_HOST": "mail.example.com"}, ""),
        ({"EMAIL_BACKEND": SMTP}, ""),
        ({"ADMINS": [("Ada", "ada@example.com")]}, ""),
        ({}, MAIL),
        ({}, OWN + MAIL),
    ],
    ids=["host", "backend", "admins", "import", "own connection, and not"],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any], code: str) -> None:
    (finding,) = RULE.find(make_project({"views.py": code}, **settings))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, ""),
        ({"EMAIL_TIMEOUT": 10}, MAIL),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, MAIL),
        ({}, "send_mail = None"),
        ({}, OWN),
    ],
    ids=["nothing", "timeout", "console", "another name", "own connection"],
)
def test_stays_silent(
    make_project: Callable[..., Project], settings: dict[str, Any], code: str
) -> None:
    assert list(RULE.find(make_project({"views.py": code}, **settings))) == []


if VERSION >= (6, 1):

    @pytest.mark.parametrize(("options", "count"), [({}, 1), ({"timeout": 5}, 0)])
    def test_looks_at_mailers(
        make_project: Callable[..., Project], options: dict[str, Any], count: int
    ) -> None:
        mailers = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
        found = list(RULE.find(make_project({"settings.py": f"MAILERS = {mailers!r}"})))
        assert len(found) == count
