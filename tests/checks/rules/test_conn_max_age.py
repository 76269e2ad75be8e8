"""conn-max-age: kept connections need a bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.conn_max_age import RULE


def postgres(**config: Any) -> dict[str, Any]:
    engine = "django.db.backends.postgresql"
    return {"default": {"ENGINE": engine, "NAME": "shop", "HOST": "db", **config}}


KEPT = postgres(CONN_MAX_AGE=60)
FEW = {"REPLICAS": 10, "WORKERS": 12, "DB_MAX_CONNECTIONS": 100}
MANY = {"REPLICAS": 2, "WORKERS": 4, "DB_MAX_CONNECTIONS": 100}


@pytest.mark.parametrize("age", [60, None])
def test_a_sum_that_does_not_fit_is_a_warning(
    make_project: Callable[..., Project], age: int | None
) -> None:
    project = make_project(DATABASES=postgres(CONN_MAX_AGE=age), SCALEREADY=FEW)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.WARNING
    assert "10 replicas x 12 workers" in finding.message


def test_threads_and_celery_count_too(make_project: Callable[..., Project]) -> None:
    declared = {**MANY, "THREADS": 8, "TASK_PROCESSES": 20}
    (finding,) = RULE.find(make_project(DATABASES=KEPT, SCALEREADY=declared))
    assert finding.severity is Severity.WARNING
    sums = "2 replicas x (4 workers x 8 threads + 20 Celery processes) hold 104 or more, of 97"
    assert sums in finding.message


def test_gunicorns_threads_are_known(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUNICORN_THREADS", "16")
    (finding,) = RULE.find(make_project(DATABASES=KEPT, SCALEREADY=MANY))
    assert "4 workers x 16 threads hold 128 or more" in finding.message


def test_some_connections_are_the_superusers(make_project: Callable[..., Project]) -> None:
    fits = {"REPLICAS": 1, "WORKERS": 97, "DB_MAX_CONNECTIONS": 100}
    assert list(RULE.find(make_project(DATABASES=KEPT, SCALEREADY=fits))) == []
    assert list(RULE.find(make_project(DATABASES=KEPT, SCALEREADY={**fits, "WORKERS": 98})))


def test_without_declarations_it_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(DATABASES=KEPT))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASES": KEPT, "SCALEREADY": MANY},
        {"DATABASES": KEPT, "SCALEREADY": {**FEW, "POOLER": "transaction"}},
        {"DATABASES": KEPT, "DATABASE_POOLER": "session"},
        {"DATABASES": postgres(CONN_MAX_AGE=0), "SCALEREADY": FEW},
        {"DATABASES": postgres(CONN_MAX_AGE=60, OPTIONS={"pool": True}), "SCALEREADY": FEW},
    ],
    ids=["fits", "pooler", "session pooler", "not kept", "pool"],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
