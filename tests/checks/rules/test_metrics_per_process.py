"""metrics-per-process: which worker a scrape reaches. Its app is a stand-in."""

from __future__ import annotations

from typing import Any

import pytest
from support.deploy_files import WEB, Make, found, image

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.metrics_per_process import RULE, VARIABLES

INSTALLED: dict[str, Any] = {"INSTALLED_APPS": ["django_prometheus"]}
MIDDLEWARE = {"MIDDLEWARE": ["django_prometheus.middleware.PrometheusBeforeMiddleware"]}
APP: dict[str, Any] = {**INSTALLED, **MIDDLEWARE}
MODEL = {"shop/models.py": "from django_prometheus.models import ExportModelOperationsMixin\n"}
OWN = {
    "shop/counting.py": "from django_prometheus.middleware import PrometheusBeforeMiddleware as P\n"
    "class Before(P): ...\nclass Other: ...\n"
}
NAMED = {"shop/counting.py": "from django_prometheus import conf, middleware\n"}
FOUR = {**APP, "SCALEREADY": {"WORKERS": 4}}
MANY = f"{WEB} --workers 4"


def _with(middleware: str) -> dict[str, Any]:
    return {**INSTALLED, "MIDDLEWARE": [middleware]}


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("files", "settings", "severity"),
    [
        ({}, FOUR, Severity.WARNING),
        (image(MANY), APP, Severity.WARNING),
        (image(WEB, "ENV WEB_CONCURRENCY=3"), APP, Severity.WARNING),
        ({**image(f"{WEB} -c serve.py"), "serve.py": "workers = 3\n"}, APP, Severity.WARNING),
        ({**image(f"{WEB} -c serve.py"), "serve.py": "workers = many()\n"}, APP, Severity.INFO),
        (image(WEB), APP, Severity.INFO),
        ({}, APP, Severity.INFO),
        ({**image(MANY), **OWN}, _with("shop.counting.Before"), Severity.WARNING),
        ({**image(MANY), **OWN}, _with("shop.counting.Other"), Severity.INFO),
        ({**image(MANY), **NAMED}, INSTALLED, Severity.INFO),
        ({**image(MANY), **OWN, **MODEL}, _with("shop.counting.Other"), Severity.WARNING),
        (MODEL, {**INSTALLED, "SCALEREADY": {"WORKERS": 4}}, Severity.WARNING),
    ],
)
def test_finds(
    make_project: Make, files: dict[str, str], settings: dict[str, Any], severity: Severity
) -> None:
    (finding,) = found(make_project, RULE, files, **settings)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({}, {"INSTALLED_APPS": [], **MIDDLEWARE, "SCALEREADY": {"WORKERS": 4}}),
        ({}, {**INSTALLED, "SCALEREADY": {"WORKERS": 4}}),
        ({}, {**APP, "SCALEREADY": {"WORKERS": 1}}),
        ({}, {**FOUR, "PROMETHEUS_METRICS_EXPORT_PORT_RANGE": range(8001, 8005)}),
        (image(f"{WEB} -w 1"), APP),
        ({**image(f"{WEB} -c serve.py"), "serve.py": "workers = 1\n"}, APP),
        ({**image(f"{WEB} -c serve.py -w 1"), "serve.py": "workers = 3\n"}, APP),
        (image(MANY, "ENV PROMETHEUS_MULTIPROC_DIR=/dev/shm/metrics"), APP),
        ({"Procfile": f"web: prometheus_multiproc_dir=/dev/shm/m {MANY}\n"}, FOUR),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str], settings: dict[str, Any]) -> None:
    assert found(make_project, RULE, files, **settings) == []


@pytest.mark.parametrize("name", VARIABLES)
def test_the_environment_of_the_check_counts(
    make_project: Make, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "/dev/shm/metrics")
    assert found(make_project, RULE, {}, **FOUR) == []
