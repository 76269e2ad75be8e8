"""readiness-missing: when a new replica is sent requests."""

from __future__ import annotations

import pytest
from support.deploy_files import WEB, Make, compose, found, manifest, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.readiness_missing import RULE

PLAIN = f"command: [{', '.join(WEB.split())}]"
PROBE = "{tcpSocket: {port: 8000}}"
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - name: web
          readinessProbe: {httpGet: {path: /readyz, port: 8000}}
"""


def replicas(count: int, *, strategy: str = "RollingUpdate") -> dict[str, str]:
    text = manifest(PLAIN)["k8s/web.yaml"]
    more = f"spec:\n  strategy: {{type: {strategy}}}\n  replicas: {count}\n"
    return {"k8s/web.yaml": text.replace("spec:\n", more, 1)}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (manifest(PLAIN), "k8s/web.yaml:9"),
        (manifest(PLAIN, "livenessProbe: {httpGet: {path: /livez}}"), "k8s/web.yaml:9"),
        (manifest(PLAIN, "readinessProbe: {exec: {command: [pwd]}}"), "k8s/web.yaml:9"),
        (manifest(PLAIN, "startupProbe: {exec: {command: [sh, -c, 'exit 0']}}"), "k8s/web.yaml:9"),
        (replicas(3), "k8s/web.yaml:11"),
        (replicas(3, strategy="Recreate"), "k8s/web.yaml:11"),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    (finding,) = found(make_project, RULE, files)
    assert places([finding]) == [place]
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        manifest(PLAIN, "readinessProbe: {httpGet: {path: /readyz}}"),
        manifest(PLAIN, f"readinessProbe: {PROBE}"),
        manifest(PLAIN, f"startupProbe: {PROBE}"),
        manifest(PLAIN, "readinessProbe: {exec: {command: [sh, -c, 'true && nc -z :: 80']}}"),
        manifest(PLAIN, "readinessProbe: {exec: {command: [ls, /tmp/ready]}}"),
        manifest(PLAIN, pod="{{- include 'x' . | nindent 6 }}"),
        manifest("command: [celery, -A, shop, worker]"),
        manifest(PLAIN, kind="Job"),
        replicas(1, strategy="Recreate"),
        {**manifest(PLAIN), "k8s/prod/web.yaml": PATCH},
        compose(),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
