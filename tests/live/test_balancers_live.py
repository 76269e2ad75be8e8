"""Castaway behind HAProxy and nginx, set up as the documentation says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import httpx
import pytest
from support.example import PASSWORD

from django_scaleready.drill import programs
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import Replica, answers
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "load-balancer.md"

# Those of the examples.
ADDRESS = re.compile(r"10\.0\.0\.\d+:8000")

HAPROXY = """
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend all
    bind {host}:{port}
    default_backend web
{documented}
"""
NGINX = """
daemon off;
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
    {documented}
}}
"""


def documented(language: str) -> str:
    """The page's one example in a language."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(block)


@pytest.fixture
def haproxy(supervisor: Supervisor, replicas: list[Replica]) -> str:
    """The URL of an HAProxy before the replicas."""
    addresses = iter(replica.url.removeprefix("http://") for replica in replicas)
    backend = ADDRESS.sub(lambda _: next(addresses), documented("haproxy"))
    port = supervisor.port()
    file = supervisor.folder("haproxy") / "haproxy.cfg"
    file.write_text(HAPROXY.format(host=HOST, port=port, documented=backend))
    return started(
        supervisor.process("haproxy", [programs.require("haproxy"), "-db", "-f", file]), port
    )


@pytest.fixture
def nginx(supervisor: Supervisor, replicas: list[Replica]) -> str:
    """The URL of an nginx before the replicas."""
    port, folder = supervisor.port(), supervisor.folder("nginx")
    # nginx's workers leave root; the folder is theirs to write uploads to.
    folder.chmod(0o777)
    addresses = iter(replica.url.removeprefix("http://") for replica in replicas)
    part = ADDRESS.sub(lambda _: next(addresses), documented("nginx"))
    part = part.replace("listen 80;", f"listen {HOST}:{port};")
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, documented=part))
    return started(supervisor.process("nginx", [programs.require("nginx"), "-c", file]), port)


def started(balancer: Process, port: int) -> str:
    url = f"http://{HOST}:{port}"
    balancer.start()
    balancer.wait_until(lambda: answers(f"{url}/livez"), 15, "200 from /livez")
    return url


def who_answered(url: str, times: int = 10) -> Counter[str]:
    """Which replica, or which error, each of some requests met."""
    met: Counter[str] = Counter()
    for _ in range(times):
        response = httpx.get(f"{url}/whoami/", timeout=5)
        met[response.headers.get("X-Replica") or str(response.status_code)] += 1
    return met


@pytest.mark.needs("haproxy")
def test_haproxy_leaves_out_a_replica_that_is_gone_and_takes_it_back(
    haproxy: str, replicas: list[Replica]
) -> None:
    assert who_answered(haproxy) == {"a": 5, "b": 5}
    replicas[0].process.kill()
    until(lambda: who_answered(haproxy) == {"b": 10}, 15, "an HAProxy that knows")
    replicas[0].start()
    replicas[0].wait()
    until(lambda: who_answered(haproxy) == {"a": 5, "b": 5}, 15, "an HAProxy that knows again")


@pytest.mark.needs("nginx")
def test_one_signs_in_through_nginx_and_is_known_to_both(nginx: str) -> None:
    assert set(who_answered(nginx)) == {"a", "b"}
    with httpx.Client(base_url=nginx, headers={"Origin": nginx}) as client:
        client.get("/accounts/login/").raise_for_status()
        fields = {"username": "demo", "password": PASSWORD}
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/accounts/login/", data={**fields, **token}).status_code == 302
        told = {client.get("/whoami/").text for _ in range(6)}
    assert len(told) == 2
    assert all('"user": "demo"' in text for text in told)
