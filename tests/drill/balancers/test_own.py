"""The drill's own balancers, before servers that a test holds in its hand."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from support.answering import Server, read_request, reset, serving

from django_scaleready.drill.balancers.own import PROPAGATION, Kubernetes, Own
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until


class Site:
    """Three servers that answer with their name, and what they say of their readiness."""

    def __init__(self) -> None:
        self.ready = dict.fromkeys("abc", True)
        self.servers: dict[str, Server] = {}
        self.posts: list[bytes] = []
        self.slow: list[str] = []

    def serve(self, name: str, port: int = 0) -> contextlib.AbstractContextManager[Server]:
        def handle(server: Server, connection: socket.socket) -> None:
            while request := read_request(connection):
                if b"/readyz" in request:
                    status = b"200 OK" if self.ready[name] else b"503 No"
                    connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status)
                elif b"/reset" in request:
                    self.posts.append(request)
                    reset(connection)
                    return
                elif b"/cut" in request:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
                    return
                else:
                    if b"/slow" in request:
                        self.slow.append(name)
                        time.sleep(0.5)
                    body = b"%s %d" % (name.encode(), len(request.partition(b"\r\n\r\n")[2]))
                    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
                    connection.sendall(head + body)

        return serving(handle, port)


class Running(Process):
    """Stands for the process of a server that the test itself is."""

    @property
    def running(self) -> bool:
        return True


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with contextlib.ExitStack() as stack:
        for name in "abc":
            site.servers[name] = stack.enter_context(site.serve(name))
        yield site


def replicas(site: Site, supervisor: Supervisor) -> list[Replica]:
    return [
        Replica(
            name,
            f"http://127.0.0.1:{server.port}",
            Running(name, [], supervisor.directory / name, supervisor),
        )
        for name, server in site.servers.items()
    ]


@pytest.fixture
def own(site: Site, supervisor: Supervisor) -> Own:
    own = Own(supervisor, replicas(site, supervisor))
    own.start()
    return own


def who(url: str, times: int, client: httpx.Client | None = None) -> Counter[str]:
    get = client.get if client else httpx.get
    return Counter(get(f"{url}/", timeout=5).text[0] for _ in range(times))


def test_requests_go_round_also_those_of_one_connection(own: Own) -> None:
    with httpx.Client() as client:
        assert who(own.url, 9, client) == {"a": 3, "b": 3, "c": 3}


def test_one_that_is_not_ready_gets_none_until_it_is_again(site: Site, own: Own) -> None:
    site.ready["b"] = False
    until(lambda: own.up() == {"a", "c"}, 10, "b out")
    assert who(own.url, 6) == {"a": 3, "c": 3}
    site.ready["b"] = True
    until(lambda: own.up() == {"a", "b", "c"}, 10, "b in")
    assert who(own.url, 6) == {"a": 2, "b": 2, "c": 2}


def test_one_that_refuses_is_passed_over_before_it_is_known(site: Site, own: Own) -> None:
    site.servers["b"].close()
    assert sum(who(own.url, 6).values()) == 6


def test_without_anybody_it_says_503(site: Site, own: Own) -> None:
    site.ready = dict.fromkeys("abc", False)
    until(lambda: own.up() == frozenset(), 10, "nobody")
    assert httpx.get(own.url).status_code == 503


def test_a_request_that_was_sent_is_not_repeated(site: Site, own: Own) -> None:
    assert httpx.post(f"{own.url}/reset", content=b"x").status_code == 502
    assert len(site.posts) == 1


def test_an_answer_that_breaks_off_breaks_off_for_the_client_too(own: Own) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{own.url}/cut")


def test_a_body_arrives_whole(own: Own) -> None:
    assert httpx.post(own.url, content=b"x" * 300_000).text.endswith(" 300000")


@pytest.fixture
def kubernetes(site: Site, supervisor: Supervisor) -> Kubernetes:
    kubernetes = Kubernetes(supervisor, replicas(site, supervisor))
    kubernetes.start()
    return kubernetes


def test_a_connection_stays_with_its_pod(kubernetes: Kubernetes) -> None:
    with httpx.Client() as client:
        assert len(who(kubernetes.url, 5, client)) == 1
    assert who(kubernetes.url, 6) == {"a": 2, "b": 2, "c": 2}


def test_a_pod_leaves_2_seconds_after_its_sigterm_whatever_it_says(
    site: Site, supervisor: Supervisor, kubernetes: Kubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, told = threading.Event(), []
    tell = kubernetes._tell

    def tell_when_asked(line: str) -> str:
        if line == "out b":
            told.append(time.monotonic())
            assert asked.wait(10), "taking out waits for it"
        return tell(line)

    monkeypatch.setattr(kubernetes, "_tell", tell_when_asked)
    pod = replicas(site, supervisor)[1]
    began = time.monotonic()
    kubernetes.take_out(pod)
    assert who(kubernetes.url, 3)["b"] == 1
    asked.set()
    until(lambda: kubernetes.up() == {"a", "c"}, 10, "b out")
    assert told[0] - began >= PROPAGATION
    kubernetes.put_back(pod)
    assert kubernetes.up() == {"a", "b", "c"}


def test_a_request_in_flight_survives_the_departure(
    site: Site, supervisor: Supervisor, kubernetes: Kubernetes
) -> None:
    told: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: told.append(httpx.get(f"{kubernetes.url}/slow", timeout=5).text[0])
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(site.slow) == 3, 5, "three in flight")
    kubernetes._tell("out b")
    for thread in threads:
        thread.join()
    assert sorted(told) == ["a", "b", "c"]


def test_a_refused_connection_is_the_clients_failure(site: Site, kubernetes: Kubernetes) -> None:
    site.servers["b"].close()
    failed = 0
    for _ in range(6):
        try:
            httpx.get(kubernetes.url, timeout=5)
        except httpx.TransportError:
            failed += 1
    assert failed == 2
