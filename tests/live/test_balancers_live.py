"""Castaway behind HAProxy and nginx, set up as the documentation says."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from support.example import PASSWORD

from django_scaleready.drill.balancers import HAProxy, Nginx
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live


@pytest.fixture
def haproxy(supervisor: Supervisor, replicas: list[Replica]) -> str:
    """The URL of an HAProxy before the replicas."""
    balancer = HAProxy(supervisor, replicas)
    balancer.start()
    return balancer.url


@pytest.fixture
def nginx(supervisor: Supervisor, replicas: list[Replica]) -> Nginx:
    """An nginx before the replicas."""
    balancer = Nginx(supervisor, replicas)
    balancer.start()
    return balancer


def who_answered(url: str, times: int = 10) -> Counter[str]:
    """Which replica, or which error, each of some requests met."""
    met: Counter[str] = Counter()
    for _ in range(times):
        # Without ``verify`` each call would read the certificates of all authorities first.
        response = httpx.get(f"{url}/whoami/", timeout=5, verify=False)
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
def test_one_signs_in_through_nginx_and_is_known_to_both(nginx: Nginx) -> None:
    assert set(who_answered(nginx.url)) == {"a", "b"}
    with httpx.Client(base_url=nginx.url, headers={"Origin": nginx.url}) as client:
        client.get("/accounts/login/").raise_for_status()
        fields = {"username": "demo", "password": PASSWORD}
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/accounts/login/", data={**fields, **token}).status_code == 302
        told = {client.get("/whoami/").text for _ in range(6)}
    assert len(told) == 2
    assert all('"user": "demo"' in text for text in told)


@pytest.mark.needs("nginx")
def test_nginx_sends_nothing_to_one_that_is_marked_down(
    nginx: Nginx, replicas: list[Replica]
) -> None:
    nginx.take_out(replicas[0])
    assert nginx.up() == {"b"}
    assert who_answered(nginx.url) == {"b": 10}
    nginx.put_back(replicas[0])
    assert who_answered(nginx.url) == {"a": 5, "b": 5}
