"""Fragments for what stands around a replica, with the figures of a ladder in them.

Text to paste: each names the containers, hosts and ports of an example.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from django_scaleready.budget import Ladder

# Seconds that a replica may take to come up, and that it may be deaf before it is restarted. No
# figures of the ladder: nothing else has to fit them.
STARTUP_PATIENCE: Final = 60
LIVENESS_INTERVAL: Final = 10
LIVENESS_FAILURES: Final = 3
# Rather wait for one success more than send people to a replica that fails again.
RISE: Final = 2


def kubernetes(ladder: Ladder, paths: Mapping[str, str]) -> str:
    """Return the part of a Deployment that has figures; ``paths`` by probe: liveness, ..."""
    period = math.ceil(ladder.probe_interval)
    probes = {
        "startup": (period, math.ceil(STARTUP_PATIENCE / period)),
        "readiness": (period, ladder.probe_failures),
        "liveness": (LIVENESS_INTERVAL, LIVENESS_FAILURES),
    }
    # Whole seconds, and later than the deadline of the answer.
    timeout = math.floor(ladder.probe_timeout) + 1
    lines = "".join(
        f"""\
          {name}Probe:
            httpGet: {{path: {paths[name]}, port: http}}
            periodSeconds: {every}
            timeoutSeconds: {timeout}
            failureThreshold: {failures}
"""
        for name, (every, failures) in probes.items()
        if name in paths
    )
    return f"""\
spec:
  strategy:
    # A replica is added before one is taken away.
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  template:
    spec:
      # drain {ladder.drain:g} + graceful_timeout {ladder.graceful_timeout} + margin \
{ladder.margin:g}. SIGTERM itself begins the drain: no preStop.
      terminationGracePeriodSeconds: {ladder.grace_period}
      containers:
        - name: web
          ports: [{{name: http, containerPort: 8000}}]
{lines}"""


def haproxy(ladder: Ladder, paths: Mapping[str, str]) -> str:
    """Return a backend that asks readiness as often as the ladder says."""
    return f"""\
backend web
    balance roundrobin
    option httpchk GET {paths["readiness"]}
    http-check expect status 200
    default-server check inter {_time(ladder.probe_interval)} fall {ladder.probe_failures} \
rise {RISE}
    # For a replica that is gone without a drain: another try elsewhere, as nothing was sent yet.
    option redispatch 1
    retry-on conn-failure
    retries 3
    timeout connect 2s
    timeout server {_time(ladder.request_timeout)}
    server web1 10.0.0.11:8000
    server web2 10.0.0.12:8000
"""


def nginx(ladder: Ladder) -> str:
    """Return an upstream and a server. No figure of a probe is in it: nginx has none."""
    return f"""\
upstream web {{
    # By default one bad moment removes a replica for 10 s, and with few of them all.
    server 10.0.0.11:8000 max_fails=0;
    server 10.0.0.12:8000 max_fails=0;
}}
server {{
    listen 80;
    location / {{
        proxy_pass http://web;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        # With its port: Django compares it with the Origin of a form.
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_connect_timeout 2s;
        proxy_read_timeout {_time(ladder.request_timeout)};
    }}
}}
"""


def postgresql(ladder: Ladder) -> str:
    """Return what gives a role its statement time-out: the only way through a pooler."""
    return f"ALTER ROLE app SET statement_timeout = '{_time(ladder.statement_timeout)}';\n"


def _time(seconds: float) -> str:
    """As HAProxy, nginx and PostgreSQL read it, none of which knows fractions of a second."""
    return f"{seconds:g}s" if seconds == int(seconds) else f"{math.ceil(seconds * 1000)}ms"
