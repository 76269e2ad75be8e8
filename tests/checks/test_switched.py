"""Code behind a setting that is off: information, as all that no replica comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

HEAD = "import requests\nfrom django.conf import settings\n"
ASK = "requests.get('x')"
SEND = f"def send(): {ASK}\n"


def severities(make: Callable[..., Project], files: dict[str, str], **settings: Any) -> list[Any]:
    named = {path: HEAD + text for path, text in files.items()}
    return [each.finding.severity for each in run_all([RULE], make(named, **settings)).found]


@pytest.mark.parametrize(
    "code",
    [
        f"def view(r):\n  if settings.SENDS: {ASK}",
        f"def view(r):\n  if settings.SENDS and r.user:\n    a = 1\n    {ASK}",
        f"def view(r):\n  if not settings.SENDS: return\n  {ASK}",
        f"def view(r):\n  if r.user or not settings.SENDS: raise Http404\n  a = 1\n  {ASK}",
        f"def view(r):\n  if not settings.SENDS: a = 1\n  else: {ASK}",
        f"def view(r):\n  if getattr(settings, 'SENDS', False): {ASK}",
        f"def view(r):\n  if getattr(settings, 'OTHER', None): {ASK}",
        f"def view(r):\n  if settings.SENDS: send()\n{SEND}",
        f"def view(r):\n  if settings.SENDS: tell()\ndef tell(): send()\n{SEND}",
    ],
)
def test_what_is_off_is_information(make_project: Callable[..., Project], code: str) -> None:
    assert severities(make_project, {"shop/views.py": code}, SENDS=False) == [Severity.INFO]
    on = [Severity.INFO if "OTHER" in code else Severity.WARNING]
    assert severities(make_project, {"shop/views.py": code}, SENDS=True) == on


@pytest.mark.parametrize(
    "code",
    [
        f"def view(r):\n  if settings.SENDS: a = 1\n  {ASK}",
        f"def view(r):\n  if settings.SENDS or r.user: {ASK}",
        f"def view(r):\n  if not settings.SENDS: {ASK}",
        f"def view(r):\n  if not settings.SENDS and r.user: return\n  {ASK}",
        f"def view(r):\n  if not settings.SENDS: log()\n  {ASK}",
        f"def view(r):\n  if r.settings.SENDS: {ASK}",
        # It may be on in a deployment: a key, an address.
        f"def view(r):\n  if settings.SENDING_KEY: {ASK}",
        f"def view(r):\n  if getattr(settings, 'OTHER', True): {ASK}",
        f"def view(r):\n  if settings.SENDS: send()\ndef other(r): send()\n{SEND}",
        f"urls = [send]\ndef view(r):\n  if settings.SENDS: send()\n{SEND}",
        f"def view(r):\n  if settings.SENDS: send()\n  else: async_task(send)\n{SEND}",
        f"@task\n{SEND}def view(r):\n  if settings.SENDS: send.delay()\n",
    ],
)
def test_what_is_on_or_may_be_is_told(make_project: Callable[..., Project], code: str) -> None:
    settings = {"SENDS": False, "SENDING_KEY": None}
    assert severities(make_project, {"shop/views.py": code}, **settings) == [Severity.WARNING]


def test_another_file_may_call_it_without_the_setting(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/mail.py": SEND,
        "shop/views.py": "from shop import mail\ndef view(r):\n  if settings.SENDS: mail.send()\n",
    }
    assert severities(make_project, files, SENDS=False) == [Severity.INFO]
    files["shop/hooks.py"] = "from shop.mail import send\nhook = send\n"
    assert severities(make_project, files, SENDS=False) == [Severity.WARNING]
