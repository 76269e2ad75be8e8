"""dramatiq-local: what is there for tests. The app and dramatiq's classes are stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.dramatiq_local import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["django_dramatiq"]}
BROKER = {"BROKER": "dramatiq.brokers.rabbitmq.RabbitmqBroker"}
RESULTS, LIMITS = "dramatiq.results.backends", "dramatiq.rate_limits.backends"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ("DRAMATIQ_BROKER = {\n'BROKER': 'dramatiq.brokers.stub.StubBroker'}\n", "settings.py:2"),
        (f"DRAMATIQ_RESULT_BACKEND = {{'BACKEND': '{RESULTS}.stub.StubBackend'}}", "settings.py:1"),
        ("DRAMATIQ_RESULT_BACKEND = {'MIDDLEWARE_OPTIONS': {}}", "settings.py:1"),
        ("DRAMATIQ_RATE_LIMITER_BACKEND = {'BACKEND_OPTIONS': {}}", "settings.py:1"),
    ],
)
def test_finds(make_project: Callable[..., Project], settings: str, place: str) -> None:
    (finding,) = RULE.find(make_project({"settings.py": settings}, **APP))
    assert finding.severity is Severity.ERROR
    assert str(finding.location) == place


@pytest.mark.parametrize(
    "settings",
    [
        APP,
        {"INSTALLED_APPS": [], "DRAMATIQ_BROKER": {"BROKER": "dramatiq.brokers.stub.StubBroker"}},
        {**APP, "DRAMATIQ_BROKER": BROKER},
        {**APP, "DRAMATIQ_BROKER": {"OPTIONS": {"url": "amqp://localhost"}}},
        {**APP, "DRAMATIQ_RESULT_BACKEND": {"BACKEND": f"{RESULTS}.redis.RedisBackend"}},
        {**APP, "DRAMATIQ_RESULT_BACKEND": {}},
        {**APP, "DRAMATIQ_RATE_LIMITER_BACKEND": {"BACKEND": f"{LIMITS}.redis.RedisBackend"}},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
