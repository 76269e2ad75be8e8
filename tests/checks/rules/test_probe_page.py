"""probe-page: what probes ask for."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, compose, found, image, manifest, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.probe_page import RULE

PLAIN = "command: [gunicorn, shop.wsgi]"


def checked(test: str) -> dict[str, str]:
    return compose("    healthcheck:", f"      test: {test}")


def behind(way: str) -> dict[str, str]:
    """The application behind an nginx in its own container, which answers ``/`` in some way."""
    text = f"server {{\n location / {{ {way} }}\n}}\n"
    built = "services:\n  web:\n    build: .\n    healthcheck:\n      test: curl localhost:80/\n"
    served = script("nginx", "exec gunicorn shop.wsgi")
    return {**served, "nginx.conf": text, "docker-compose.yml": built}


OURS = "DJANGO_SETTINGS_MODULE: shop.settings"


def pulled(image: str, given: str, path: str = "", *more: str) -> dict[str, str]:
    """A service of an image that is not made here."""
    health = f"    healthcheck: {{test: 'curl http://localhost:80/{path}'}}"
    variables = f"    environment: {{{given}}}"
    made = compose("  shop:", f"    image: {image}", variables, *more, health)
    return {"shop/settings.py": "", **made}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (checked("curl -f http://localhost:8000/ || exit 1"), "docker-compose.yml:6"),
        (checked("curl http://shop.docker.internal:8000/login"), "docker-compose.yml:6"),
        (checked("[CMD, wget, --spider, 'http://localhost:8000']"), "docker-compose.yml:6"),
        (checked("[CMD, curl, -f, 'localhost:8000/admin/login/']"), "docker-compose.yml:6"),
        (
            manifest(PLAIN, "livenessProbe:", "  httpGet: {path: /accounts/login/}"),
            "k8s/web.yaml:13",
        ),
        (manifest(PLAIN, "readinessProbe:", "  httpGet: {port: 8000}"), "k8s/web.yaml:12"),
        (
            manifest(PLAIN, "livenessProbe:", "  httpGet: {path: '/login?next=/'}"),
            "k8s/web.yaml:13",
        ),
        (behind("proxy_pass http://127.0.0.1:8000;"), "docker-compose.yml:5"),
        (behind("try_files $uri @app;"), "docker-compose.yml:5"),
        (pulled("ghcr.io/us/backend:2", OURS), "docker-compose.yml:8"),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        checked("curl -f http://localhost:8000/readyz"),
        checked("curl -f http://localhost:8000/healthz/"),
        checked("python manage.py check"),
        # Not the container, but the machine that it runs on.
        checked("curl -f http://host.docker.internal:8000/ || exit 1"),
        checked("[CMD, wget, -q, 'http://Host.containers.internal/login']"),
        checked("NONE"),
        image("gunicorn shop.wsgi", "HEALTHCHECK NONE"),
        manifest(PLAIN, "livenessProbe:", "  tcpSocket: {port: 8000}"),
        manifest(PLAIN, "livenessProbe:", "  httpGet: {path: /administration-alive}"),
        manifest("command: [celery, -A, shop, flower]", "livenessProbe:", "  httpGet: {path: /}"),
        behind("try_files $uri /index.html;"),
        pulled("ghcr.io/us/backend:2", OURS, "readyz"),
        # Another application's, which has settings of its own.
        pulled("ghcr.io/us/backend:2", OURS.replace("shop.", "ledger.")),
        pulled("ghcr.io/us/shop-docs:2", "LANGUAGE: x"),
        pulled("shop", "SECRET_KEY: x", "", "    command: celery -A shop flower"),
        compose("  cdn:", "    image: nginx", "    healthcheck: {test: 'curl http://localhost/'}"),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


ASKED = image("gunicorn shop.wsgi", "HEALTHCHECK --interval=5s CMD curl http://localhost/login")
WAITS = (
    "services:\n  web:\n    build: .\n  front:\n    image: nginx\n"
    "    depends_on:\n      web: {condition: service_healthy}\n"
)


@pytest.mark.parametrize(
    ("beside", "severity"),
    [
        ({"compose.yml": WAITS}, Severity.WARNING),
        (
            {
                "docker-compose.yml": "services:\n  web:\n    build: .\n",
                "docker-compose.prod.yml": WAITS.replace("build: .", "restart: always"),
            },
            Severity.WARNING,
        ),
        ({"compose.yml": WAITS.replace("service_healthy", "service_started")}, Severity.INFO),
        ({"compose.dev.yml": WAITS}, Severity.INFO),
        # It waits for another image.
        ({"compose.yml": WAITS.replace("build: .", "image: postgres")}, Severity.INFO),
        ({"stack.yml": "services:\n  web:\n    build: .\n    deploy: {}\n"}, Severity.WARNING),
        ({"deploy.sh": "#!/bin/sh\ndocker stack deploy -c s.yml shop\n"}, Severity.WARNING),
        ({"dev/up.sh": "#!/bin/sh\ndocker stack deploy -c s.yml shop\n"}, Severity.INFO),
        ({"deploy.sh": "#!/bin/sh\nrun docker build .\n"}, Severity.INFO),
        ({"k8s/a.yml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  deploy: a\n"}, Severity.INFO),
        ({}, Severity.INFO),
    ],
)
def test_who_acts_on_what_an_image_says_of_its_health(
    make_project: Make, beside: dict[str, str], severity: Severity
) -> None:
    (finding,) = found(make_project, RULE, {**ASKED, **beside})
    assert finding.severity is severity
