"""liveness-asks-services: what has a replica restarted."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, manifest, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.liveness_asks_services import RULE


def probed(probe: str, path: str) -> dict[str, str]:
    return manifest("command: [gunicorn, shop.wsgi]", f"{probe}:", f"  httpGet: {{path: {path}}}")


@pytest.mark.parametrize(
    "path", ["/readyz", "/ready/", "/health/readiness", "/ht/", "/readyz?verbose"]
)
def test_finds(make_project: Make, path: str) -> None:
    findings = found(make_project, RULE, probed("livenessProbe", path))
    assert places(findings) == ["k8s/web.yaml:13"]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("probe", "path"),
    [
        ("livenessProbe", "/livez"),
        ("livenessProbe", "/health"),
        ("livenessProbe", "/already-alive"),
        ("readinessProbe", "/readyz"),
        ("startupProbe", "/readyz"),
        ("readinessProbe", "/ht/"),
    ],
)
def test_stays_silent(make_project: Make, probe: str, path: str) -> None:
    assert found(make_project, RULE, probed(probe, path)) == []
