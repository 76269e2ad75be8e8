"""conn-timeout: libpq waits as long as the kernel does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.conn_timeout import RULE


def postgres(**config: Any) -> dict[str, Any]:
    engine = "django.db.backends.postgresql"
    return {"default": {"ENGINE": engine, "NAME": "shop", "HOST": "db", **config}}


@pytest.mark.parametrize("options", [{}, {"sslmode": "require"}])
def test_finds(make_project: Callable[..., Project], options: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(DATABASES=postgres(OPTIONS=options)))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "databases",
    [
        postgres(OPTIONS={"connect_timeout": 5}),
        postgres(OPTIONS={"service": "shop"}),
        postgres(HOST=""),
        postgres(HOST="/run/postgresql"),
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}},
    ],
    ids=["timeout", "service", "no host", "socket", "sqlite"],
)
def test_stays_silent(make_project: Callable[..., Project], databases: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(DATABASES=databases))) == []
