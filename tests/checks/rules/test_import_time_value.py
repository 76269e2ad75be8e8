"""import-time-value: a value made at the start of each process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.import_time_value import RULE

HEAD = """import uuid, random, secrets
from datetime import datetime
from django.db import models
from django.utils import timezone
"""


@pytest.mark.parametrize(
    "code",
    [
        "CACHE_NAME = uuid.uuid4().hex",
        "SALT = secrets.token_hex()",
        "class C:\n  prefix = str(uuid.uuid4())",
        "class M(models.Model):\n  at = models.DateTimeField(default=timezone.now())",
        "today = timezone.localdate()\ndef f(day): return day < today",
        "THIS_YEAR = datetime.now().year\ndef f(): return THIS_YEAR",
        "class V:\n  queryset = Order.objects.filter(due__gt=timezone.now())",
        "class V:\n  rows = Order.objects.exclude(at__lt=timezone.now() - DAY).order_by('at')",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = RULE.find(make_project({"shop/models.py": HEAD + code}))
    assert finding.severity is not Severity.INFO


def test_a_mark_of_one_process_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project({"shop/models.py": HEAD + "QUOTE_END = uuid.uuid4().hex"}))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "code",
    [
        "class M(models.Model):\n  at = models.DateTimeField(default=timezone.now)",
        "class M(models.Model):\n  n = models.UUIDField(default=uuid.uuid4)",
        "def f(): return uuid.uuid4()",
        "STARTED = datetime.now()",
        "today = datetime.now()",
        "def f(): return Order.objects.filter(due__gt=timezone.now())",
        "class V:\n  rows = Order.objects.filter(due__gt=Now())",
        "YEARS = range(1990, datetime.now().year)",
        "def f():\n  today = timezone.localdate()\n  return today",
        "RNG = random.Random(4)\nHOUR = RNG.randint(0, 4)",
        "new = lambda: uuid.uuid4()",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/models.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "NAME = uuid.uuid4().hex"}
    assert list(RULE.find(make_project(files))) == []


def test_what_nothing_loads_is_silent(make_project: Callable[..., Project]) -> None:
    code = HEAD + "PASSWORD = uuid.uuid4().hex\nprint(PASSWORD)"
    assert list(RULE.find(make_project({"shop/generate_password.py": code}))) == []
    used = "from shop.generate_password import PASSWORD"
    files = {"shop/generate_password.py": code, "shop/views.py": used}
    assert len(list(RULE.find(make_project(files)))) == 1


def test_what_is_used_under_debug_alone_is_silent(make_project: Callable[..., Project]) -> None:
    urls = "from django.conf import settings\nif settings.DEBUG:\n  from shop import models"
    project = make_project({"shop/models.py": HEAD + "NAME = uuid.uuid4()", "shop/urls.py": urls})
    assert list(RULE.find(project)) == []
