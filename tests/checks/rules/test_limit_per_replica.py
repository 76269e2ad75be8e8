"""limit-per-replica: what nginx in the application's container counts."""

from __future__ import annotations

import pytest
from support.deploy_files import WEB, Make, compose, found, image, places, script

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.limit_per_replica import RULE

ZONE = "limit_req_zone $binary_remote_addr zone=login:10m rate=1r/s;"
LIMITED = """\
http {{
  {zone}
  server {{
    location /login/ {{ {use} proxy_pass http://127.0.0.1:8000; }}
  }}
}}
"""


def nginx(zone: str = ZONE, use: str = "limit_req zone=login burst=5;") -> dict[str, str]:
    return {"docker/nginx.conf": LIMITED.format(zone=zone, use=use)}


COPY = "COPY docker/nginx.conf /etc/nginx/nginx.conf"
SERVED = {**script("nginx", f"exec {WEB}"), **image('["/app/start.sh"]', COPY)}
SUPERVISED = "[program:nginx]\ncommand = nginx\n[program:web]\ncommand = gunicorn shop.wsgi\n"


@pytest.mark.parametrize(
    "files",
    [
        {**SERVED, **nginx()},
        {
            **SERVED,
            **nginx("limit_conn_zone $server_name zone=all:1m;", "limit_conn all 100;"),
        },
        {**image('["/app/start.sh"]'), **script("service nginx start", f"exec {WEB}"), **nginx()},
        {
            **image('["supervisord", "-c", "/app/supervisord.conf"]'),
            "supervisord.conf": SUPERVISED,
            **nginx(),
        },
    ],
)
def test_finds(make_project: Make, files: dict[str, str]) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == ["docker/nginx.conf:2"]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "files",
    [
        # In a container of its own, before the application.
        {**image(f'["sh", "-c", "exec {WEB}"]'), **nginx()},
        {**compose("  proxy:", "    image: nginx", "    command: nginx"), **nginx()},
        # Nothing uses it, or another zone.
        {**SERVED, **nginx(use="")},
        {**SERVED, **nginx(use="limit_req zone=other;")},
        {**SERVED, **nginx(zone="")},
        # Which of two it is that is put there is not known.
        {
            **image('["/app/start.sh"]'),
            **script("nginx", f"exec {WEB}"),
            **nginx(),
            "other/nginx.conf": "server { listen 80; }\n",
        },
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
