"""The probes on real servers: gunicorn, PostgreSQL and Valkey, which are stopped and come back."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

TESTS = Path(__file__).resolve().parent.parent
TOKEN = "a-long-probe-token"
PASSWORD = "hunter2-database"
THREADS = 4
WORKERS = {
    "gthread": [
        "-k",
        "gthread",
        "--threads",
        str(THREADS),
        "django.core.wsgi:get_wsgi_application()",
    ],
    "asgi": ["-k", "asgi", "django.core.asgi:get_asgi_application()"],
}


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


@dataclass(frozen=True)
class Site:
    """One gunicorn and what it said."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    log: Path
    environment: dict[str, str]
    database: str

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def lines(self, word: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if word in line]


@contextlib.contextmanager
def serve(
    kind: str, postgres: Postgres, valkey: Valkey, folder: Path, **variables: str
) -> Iterator[Site]:
    """Gunicorn on a socket that we hold, so that no port can be taken in between."""
    database = f"probes_{kind}_{time.monotonic_ns()}"
    postgres.create_database(database)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "support.probe_site",
        "PYTHONPATH": str(TESTS),
        "SCALEREADY_PROBE_TOKEN": TOKEN,
        "SITE_DB_HOST": HOST,
        "SITE_DB_NAME": database,
        "SITE_DB_PASSWORD": PASSWORD,
        "SITE_DB_PORT": str(postgres.port),
        "SITE_DB_USER": USER,
        "SITE_REDIS_URL": valkey.url(),
        **variables,
    }
    log = folder / "gunicorn.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-tmp-dir=/dev/shm",
             "--bind", f"fd://{listener.fileno()}", *WORKERS[kind]],
            env=environment, pass_fds=[listener.fileno()], stdout=output, stderr=output,
        )  # fmt: skip
        port = listener.getsockname()[1]
        try:
            # The Host is the address, as a balancer's probe has it.
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
                site = Site(process, client, log, environment, database)
                until(lambda: site.status("/livez") == 200, 20, "liveness")
                yield site
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


@pytest.fixture(params=sorted(WORKERS))
def site(
    request: pytest.FixtureRequest,
    postgres: Postgres,
    valkey: Valkey,
    tmp_path: Path,
) -> Iterator[Site]:
    with serve(request.param, postgres, valkey, tmp_path) as served:
        yield served


def test_a_balancer_s_probe_is_answered_whatever_the_project_demands(site: Site) -> None:
    for path in ("/livez", "/livez/", "/readyz", "/readyz/"):
        response = site.client.get(path)
        assert (response.status_code, response.text) == (200, "ok\n")
        assert "set-cookie" not in response.headers
        assert response.headers["cache-control"] == "no-store"
    # The same site without the middleware's help.
    assert site.status("/") in {301, 400}


def test_head_has_no_body_and_the_connection_goes_on(site: Site) -> None:
    with socket.create_connection((site.client.base_url.host, site.client.base_url.port)) as peer:
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
        response = site.client.get("/readyz")
        assert (response.status_code, response.text) == (503, "unavailable\n")
        assert site.status("/livez") == 200
        (line,) = site.lines("readiness fail")
        assert "database: OperationalError" in line
        assert "cache" not in line
    assert site.status("/readyz") == 200
    assert site.lines("readiness fail") == [line]
    assert site.lines("Service Unavailable") == []
    assert PASSWORD not in site.log.read_text()


def test_a_cache_that_goes_and_comes_back(site: Site, valkey: Valkey) -> None:
    assert site.status("/readyz") == 200
    valkey.stop()
    try:
        assert site.status("/readyz") == 503
        assert site.status("/livez") == 200
        (line,) = site.lines("readiness fail")
        assert "cache: ConnectionError" in line
        assert "database" not in line
    finally:
        valkey.start()
    until(lambda: site.status("/readyz") == 200, 20, "readiness")


def test_startup_waits_for_the_migrations(site: Site) -> None:
    assert (site.status("/readyz"), site.status("/startupz")) == (200, 503)
    assert "unapplied migrations" in site.lines("startup fail")[0]
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
        env=site.environment, check=True, timeout=60,
    )  # fmt: skip
    assert site.status("/startupz") == 200


def test_details_are_for_who_holds_the_token(site: Site, postgres: Postgres) -> None:
    accept = {"accept": "application/health+json"}
    with away(postgres):
        for headers in ({}, {"authorization": "Bearer wrong"}, {"x-probe-token": "wrong"}):
            response = site.client.get("/readyz", headers={**accept, **headers})
            assert response.json() == {"status": "fail"}
        for headers in ({"authorization": f"Bearer {TOKEN}"}, {"x-probe-token": TOKEN}):
            response = site.client.get("/readyz", headers={**accept, **headers})
            assert response.status_code == 503
            checks = response.json()["checks"]
            assert checks["database:responseTime"][0]["output"] == "OperationalError"
            assert checks["cache:responseTime"][0]["status"] == "pass"
            assert PASSWORD not in response.text
            assert site.environment["SITE_DB_HOST"] not in response.text


def connections_of(postgres: Postgres) -> int:
    ((number,),) = postgres.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'probe-site'"
    )
    return int(number)


def probe_many(site: Site, count: int) -> list[int]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: site.status("/readyz"), range(count)))


def test_probes_leave_no_connection_open(site: Site, postgres: Postgres) -> None:
    assert set(probe_many(site, 60)) == {200}
    until(lambda: connections_of(postgres) == 0, 5, "closed connections")


def test_probes_under_asgi_leave_none_open_whatever_conn_max_age_says(
    postgres: Postgres, valkey: Valkey, tmp_path: Path
) -> None:
    with serve("asgi", postgres, valkey, tmp_path, SITE_CONN_MAX_AGE="3600") as site:
        assert set(probe_many(site, 60)) == {200}
        until(lambda: connections_of(postgres) == 0, 5, "closed connections")


def test_connections_from_before_a_restart_fail_no_probe(
    postgres: Postgres, valkey: Valkey, tmp_path: Path
) -> None:
    with serve("gthread", postgres, valkey, tmp_path, SITE_CONN_MAX_AGE="3600") as site:
        assert set(probe_many(site, 60)) == {200}
        kept = connections_of(postgres)
        assert 1 < kept <= THREADS  # as many threads keep one as Django lets them
        with away(postgres):
            """Nobody asks in the meantime, so nothing has noticed."""
        assert set(probe_many(site, 60)) == {200}
        assert site.lines("readiness fail") == []
