"""The fragments: each is read by the program it is for, and holds the figures of the ladder."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from django_scaleready import manifests
from django_scaleready.budget import Ladder
from django_scaleready.drill import programs

PATHS = {"liveness": "/livez", "readiness": "/readyz", "startup": "/startupz"}
LADDERS = [
    {},
    {"probe_interval": 0.5, "probe_failures": 4, "statement_timeout": 0.25},
    {"probe_interval": 2, "probe_timeout": 1, "grace_period": 40},
    {"probe_interval": 5, "probe_timeout": 2.5, "grace_period": 120, "request_timeout": 40},
]
each_ladder = pytest.mark.parametrize("declared", LADDERS)

HAPROXY = """
defaults
    mode http
    timeout client 30s
frontend all
    bind 127.0.0.1:18080
    default_backend web
"""
NGINX = """
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {fragment}
}}
"""


def accepted(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def pod(declared: dict[str, float], **paths: str) -> dict[str, Any]:
    document = yaml.safe_load(manifests.kubernetes(Ladder.derive(declared), paths or PATHS))
    spec: dict[str, Any] = document["spec"]["template"]["spec"]
    return spec


@each_ladder
def test_kubernetes_gets_whole_seconds_in_order(declared: dict[str, float]) -> None:
    ladder, spec = Ladder.derive(declared), pod(declared)
    assert spec["terminationGracePeriodSeconds"] == ladder.grace_period
    (container,) = spec["containers"]
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container[name]
        assert all(
            isinstance(probe[key], int) and probe[key] >= 1
            for key in ("periodSeconds", "timeoutSeconds", "failureThreshold")
        )
        # The answer is ours, not the kubelet's time-out.
        assert probe["timeoutSeconds"] > ladder.probe_timeout
        assert probe["httpGet"] == {"path": PATHS[name.removesuffix("Probe")], "port": "http"}
    assert container["readinessProbe"]["failureThreshold"] == ladder.probe_failures
    assert container["readinessProbe"]["periodSeconds"] >= ladder.probe_interval
    assert container["ports"] == [{"name": "http", "containerPort": 8000}]


def test_a_liveness_probe_is_patient() -> None:
    (container,) = pod({})["containers"]
    liveness, readiness = container["livenessProbe"], container["readinessProbe"]
    patience = liveness["periodSeconds"] * liveness["failureThreshold"]
    assert patience > 10 * readiness["periodSeconds"] * readiness["failureThreshold"]


def test_a_probe_that_is_switched_off_is_left_out() -> None:
    (container,) = pod({}, readiness="/internal/ready")["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/internal/ready"
    assert not {"livenessProbe", "startupProbe"} & container.keys()


@each_ladder
@pytest.mark.needs("haproxy")
def test_haproxy_reads_its_backend(declared: dict[str, float], tmp_path: Path) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(HAPROXY + manifests.haproxy(Ladder.derive(declared), PATHS))
    said = accepted(programs.require("haproxy"), "-c", "-f", file)
    assert "[WARNING]" not in said


def test_haproxy_asks_as_often_as_the_ladder_says() -> None:
    text = manifests.haproxy(Ladder.derive({"probe_interval": 1.5, "probe_failures": 3}), PATHS)
    assert "option httpchk GET /readyz\n" in text
    assert "check inter 1500ms fall 3 rise 2\n" in text
    assert "timeout server 18s\n" in text
    # It would cut requests in flight.
    assert "shutdown-sessions" not in text
    # It would repeat a POST that may have been executed.
    assert "empty-response" not in text


@each_ladder
@pytest.mark.needs("nginx")
def test_nginx_reads_its_part(declared: dict[str, float], tmp_path: Path) -> None:
    file = tmp_path / "nginx.conf"
    fragment = manifests.nginx(Ladder.derive(declared))
    file.write_text(NGINX.format(folder=tmp_path, fragment=fragment))
    accepted(programs.require("nginx"), "-t", "-c", file)


def test_nginx_waits_for_an_answer_as_long_as_a_request_may_take() -> None:
    assert "proxy_read_timeout 9s;" in manifests.nginx(Ladder.derive({"request_timeout": 9}))


@pytest.mark.parametrize(("seconds", "written"), [(14, "14s"), (0.25, "250ms"), (1.5, "1500ms")])
def test_postgresql_knows_no_fractions(seconds: float, written: str) -> None:
    text = manifests.postgresql(Ladder.derive({"statement_timeout": seconds}))
    assert text == f"ALTER ROLE app SET statement_timeout = '{written}';\n"
