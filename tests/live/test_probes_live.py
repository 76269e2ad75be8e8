"""The probes on real servers: gunicorn, PostgreSQL and Valkey, which are stopped and come back."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.probe_server import (
    PASSWORD,
    PATIENT,
    SITE,
    TOKEN,
    WORKERS,
    Site,
    connections_of,
    new_database,
    serve,
)

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

# Seconds, for what happens within one or two.
PATIENCE = 20


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def postgres(supervisor: Supervisor) -> Postgres:
    server = Postgres(supervisor)
    server.start()
    return server


@pytest.fixture(scope="module")
def valkey(supervisor: Supervisor) -> Valkey:
    server = Valkey(supervisor)
    server.start()
    return server


@contextlib.contextmanager
def away(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@pytest.fixture(scope="module", params=["gthread", "asgi"])
def server(
    request: pytest.FixtureRequest, supervisor: Supervisor, postgres: Postgres, valkey: Valkey
) -> Iterator[Site]:
    database = new_database(postgres)
    with serve(supervisor, request.param, database, postgres.port, valkey, **PATIENT) as served:
        yield served


@pytest.fixture
def site(server: Site) -> Site:
    """Ready, and with nothing in its log yet."""
    becomes(server, "/readyz", 200)
    return server.from_now()


def becomes(site: Site, path: str, status: int) -> None:
    """A probe may be a second behind: that is how long an outcome answers."""
    until(lambda: site.status(path) == status, PATIENCE, f"{status} of {path}")


@pytest.mark.parametrize("kind", sorted(WORKERS))
def test_a_balancer_s_probe_is_answered_whatever_the_project_demands(
    supervisor: Supervisor, postgres: Postgres, valkey: Valkey, kind: str
) -> None:
    declared = {"VERSION": "2026.11"}
    database = new_database(postgres)
    with serve(supervisor, kind, database, postgres.port, valkey, declared, **PATIENT) as site:
        for path in ("/livez", "/readyz", "/startupz", "/healthz"):
            for spelt in (path, f"{path}/"):
                response = site.client.get(spelt)
                assert (spelt, response.status_code, response.text) == (spelt, 200, "ok\n")
                assert "set-cookie" not in response.headers
                assert response.headers["cache-control"] == "no-store"
        assert site.client.get("/version").text == "2026.11\n"
        # The same site without the middleware's help.
        assert site.status("/page") == 400
        assert site.client.get("/other", headers=SITE).status_code == 301
        assert site.lines("/livez") == site.lines("/readyz") == []


def test_head_has_no_body_and_the_connection_goes_on(site: Site) -> None:
    with socket.create_connection((HOST, site.port)) as peer:
        peer.settimeout(10)
        head = b"HEAD /readyz HTTP/1.1\r\nHost: any\r\n\r\n"
        last = b"GET /livez HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n"
        peer.sendall(head)
        received = b""
        while b"\r\n\r\n" not in received:
            received += peer.recv(4096)
        assert received.startswith(b"HTTP/1.1 200")
        assert received.endswith(b"\r\n\r\n")
        peer.sendall(last)
        rest = b""
        while piece := peer.recv(4096):
            rest += piece
    assert rest.startswith(b"HTTP/1.1 200")
    assert rest.endswith(b"\r\n\r\nok\n")


def test_other_methods_are_refused(site: Site) -> None:
    for method in ("POST", "OPTIONS"):
        response = site.client.request(method, "/readyz")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_a_database_that_goes_and_comes_back(site: Site, postgres: Postgres) -> None:
    assert site.status("/readyz") == 200
    with away(postgres):
        becomes(site, "/readyz", 503)
        response = site.client.get("/readyz")
        assert (response.status_code, response.text) == (503, "unavailable\n")
        assert site.status("/livez") == 200
        (line,) = site.lines("readiness fail")
        assert "database: OperationalError" in line
        assert "cache" not in line
    becomes(site, "/readyz", 200)
    until(lambda: site.lines("readiness: database pass again, after"), PATIENCE, "its recovery")
    assert site.lines("readiness fail") == [line]
    assert site.lines("Service Unavailable") == []
    assert PASSWORD not in site.process.log.read_text()


def test_a_cache_that_goes_and_comes_back_degrades(site: Site, valkey: Valkey) -> None:
    assert site.status("/readyz") == 200
    valkey.stop()
    try:
        until(lambda: "cache warn" in site.details("/readyz"), PATIENCE, "a warning")
        assert site.status("/readyz") == 200
        (line,) = site.lines("readiness warn")
        assert "cache: ConnectionError" in line
        assert "database" not in line
    finally:
        valkey.start()
    until(lambda: "cache pass" in site.details("/readyz"), 20, "readiness")


def test_nothing_is_ready_before_the_migrations(
    supervisor: Supervisor, postgres: Postgres, valkey: Valkey
) -> None:
    declared = {"PROBES": {"startup": ["database", "cache", "migrations"]}}
    database = new_database(postgres)
    with serve(supervisor, "gthread", database, postgres.port, valkey, declared) as site:
        for _ in range(2):
            assert (site.status("/readyz"), site.status("/startupz")) == (503, 503)
        until(lambda: site.lines("unapplied migrations"), PATIENCE, "the reason")
        assert len(site.lines("unapplied migrations")) == 1
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
            env=site.environment, check=True, timeout=60,
        )  # fmt: skip
        becomes(site, "/readyz", 200)
        assert site.status("/startupz") == 200


def test_a_release_that_the_check_refuses_never_becomes_ready(
    supervisor: Supervisor, postgres: Postgres, valkey: Valkey
) -> None:
    declared = {"PROBES": {"startup": ["settings", "database"]}}
    database = new_database(postgres)
    with serve(
        supervisor, "gthread", database, postgres.port, valkey, declared, SITE_REDIS_URL=""
    ) as site:
        assert site.status("/startupz") == 503
        until(lambda: site.lines("startup fail: settings: scaleready.E"), PATIENCE, "the reason")
        (line,) = site.lines("scaleready.E002")
        assert '"startup" without "settings"' in line
        assert {site.status("/readyz") for _ in range(5)} == {503}
        assert site.status("/livez") == 200


def test_details_are_for_who_holds_the_token(site: Site, postgres: Postgres) -> None:
    accept = {"accept": "application/health+json"}
    with away(postgres):
        becomes(site, "/healthz", 503)
        for headers in ({}, {"authorization": "Bearer wrong"}, {"x-probe-token": "wrong"}):
            response = site.client.get("/healthz", headers={**accept, **headers})
            assert response.json() == {"status": "fail"}
        for headers in ({"authorization": f"Bearer {TOKEN}"}, {"x-probe-token": TOKEN}):
            response = site.client.get("/healthz", headers={**accept, **headers})
            assert response.status_code == 503
            checks = response.json()["checks"]
            assert checks["database:responseTime"][0]["output"] == "OperationalError"
            assert checks["cache:responseTime"][0]["status"] == "pass"
            assert PASSWORD not in response.text
            assert HOST not in response.text


def probe_many(site: Site, count: int) -> list[int]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: site.status("/readyz"), range(count)))


@pytest.mark.parametrize(("age", "kept"), [("0", 0), ("3600", 1)])
def test_one_connection_however_many_probes(
    supervisor: Supervisor, postgres: Postgres, valkey: Valkey, age: str, kept: int
) -> None:
    database = new_database(postgres)
    with serve(
        supervisor, "asgi", database, postgres.port, valkey, {"PROBE_TTL": 0},
        SITE_CONN_MAX_AGE=age, **PATIENT,
    ) as site:  # fmt: skip
        assert set(probe_many(site, 60)) == {200}
        until(lambda: connections_of(postgres) == kept, PATIENCE, "connections that are closed")
        assert site.lanes() == 2  # for what decides, and for what degrades


def test_a_connection_from_before_a_restart_fails_no_probe(
    supervisor: Supervisor, postgres: Postgres, valkey: Valkey
) -> None:
    database = new_database(postgres)
    with serve(
        supervisor, "gthread", database, postgres.port, valkey, {"PROBE_TTL": 0},
        SITE_CONN_MAX_AGE="3600", **PATIENT,
    ) as site:  # fmt: skip
        assert set(probe_many(site, 20)) == {200}
        until(lambda: connections_of(postgres) == 1, PATIENCE, "the end of the gate's connection")
        with away(postgres):
            """Nobody asks in the meantime, so nothing has noticed."""
        assert set(probe_many(site, 20)) == {200}
        assert site.lines("readiness fail") == []
