"""sticky-sessions: affinity of clients to a replica."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.sticky_sessions import RULE


def upstream(*lines: str) -> dict[str, str]:
    return {
        "nginx.conf": "\n".join(["upstream app {", *lines, "server a:1;", "server b:1;", "}", ""])
    }


def annotated(key: str, value: str) -> dict[str, str]:
    head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
    return {"k8s/ingress.yaml": f"{head}metadata:\n  annotations:\n    {key}: {value}\n"}


SERVICE = "apiVersion: v1\nkind: Service\nspec:\n  sessionAffinity: {}\n"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (upstream("ip_hash;"), "nginx.conf:2"),
        (upstream("hash $remote_addr consistent;"), "nginx.conf:2"),
        (upstream("sticky cookie srv_id;"), "nginx.conf:2"),
        ({"k8s/service.yaml": SERVICE.format("ClientIP")}, "k8s/service.yaml:4"),
        (annotated("nginx.ingress.kubernetes.io/affinity", "cookie"), "k8s/ingress.yaml:5"),
        (
            annotated(
                "alb.ingress.kubernetes.io/target-group-attributes", "stickiness.enabled=true"
            ),
            "k8s/ingress.yaml:5",
        ),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.INFO


@pytest.mark.parametrize(
    "files",
    [
        upstream("least_conn;"),
        upstream(),
        upstream("hash $request_uri;"),
        {"k8s/service.yaml": SERVICE.format("None")},
        annotated("nginx.ingress.kubernetes.io/proxy-body-size", "8m"),
        {"dev/nginx.conf": upstream("ip_hash;")["nginx.conf"]},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
