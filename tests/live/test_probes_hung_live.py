"""A database that accepts and never answers: what the probes and everybody else see of it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import statistics
import time
from collections.abc import Iterator

import pytest
from support.probe_server import GRACEFUL_SECONDS, SITE, Relay, Site, get, new_database, serve

from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

# What Kubernetes waits for a probe unless told otherwise.
KUBELET_SECONDS = 1.0
DEADLINE_SECONDS = 0.8
# For what happens within a second or two.
PATIENCE = 20
# Threads of readiness, whatever hangs: for what decides, and for what degrades.
LANES = 2


@pytest.fixture
def postgres(supervisor: Supervisor) -> Postgres:
    """For the test alone, to be frozen."""
    server = Postgres(supervisor)
    server.start()
    return server


@contextlib.contextmanager
def frozen(postgres: Postgres) -> Iterator[None]:
    postgres.process.freeze()
    try:
        yield
    finally:
        postgres.process.thaw()


async def at_once(site: Site, count: int) -> list[tuple[int, float]]:
    return await asyncio.gather(*(get(site.port, "/readyz") for _ in range(count)))


def slowest(answers: list[tuple[int, float]]) -> float:
    return max(took for _, took in answers)


def in_time(healthy: list[tuple[int, float]]) -> float:
    """The most that an answer may take, beside what as many took here with a healthy database."""
    return max(KUBELET_SECONDS, DEADLINE_SECONDS + 2 * slowest(healthy))


async def meanwhile(site: Site, seconds: float) -> dict[str, list[float]]:
    """How long liveness and a page take while readiness is asked without a pause."""

    async def probe() -> None:
        while time.monotonic() < end:
            await get(site.port, "/readyz")

    async def ask(path: str) -> list[float]:
        taken = []
        while time.monotonic() < end:
            status, took = await get(site.port, path, SITE["host"])
            assert status == 200
            taken.append(took)
            await asyncio.sleep(0.01)
        return taken

    end = time.monotonic() + seconds
    livez, page, _ = await asyncio.gather(ask("/livez"), ask("/page"), probe())
    return {"/livez": livez, "/page": page}


@pytest.mark.alone
@pytest.mark.parametrize(
    # Hanging in a query on a connection that was kept, and in making one.
    ("kind", "age"),
    [("sync", "60"), ("gthread", "0"), ("gevent", "0"), ("asgi", "60")],
)
def test_every_probe_is_answered_in_time_and_nobody_else_notices(
    supervisor: Supervisor, postgres: Postgres, shared_valkey: Valkey, kind: str, age: str
) -> None:
    with serve(
        supervisor, kind, new_database(postgres), postgres.port, shared_valkey,
        SITE_CONN_MAX_AGE=age,
    ) as site:  # fmt: skip
        until(lambda: site.status("/readyz") == 200, PATIENCE, "readiness")
        asked = asyncio.run(at_once(site, 200))
        assert {status for status, _ in asked} == {200}
        healthy = asyncio.run(meanwhile(site, 1.0))
        with frozen(postgres):
            until(lambda: site.status("/readyz") == 503, PATIENCE, "a failure")
            answers = asyncio.run(at_once(site, 200))
            assert {status for status, _ in answers} == {503}
            assert slowest(answers) <= in_time(asked)
            assert "database fail" in site.details("/readyz")
            assert "running for" in site.details("/readyz")
            for path, taken in asyncio.run(meanwhile(site, 1.5)).items():
                # Beside the same in the same run; and nobody stood behind one who waits.
                assert statistics.median(taken) < 2 * statistics.median(healthy[path]) + 0.02
                assert max(taken) < DEADLINE_SECONDS + 2 * max(healthy[path])
            assert site.lanes() == LANES
            assert len(site.lines("readiness fail")) <= 2  # not answered yet; then the reason
        until(lambda: site.status("/readyz") == 200, PATIENCE, "readiness after it goes on")
        assert site.lanes() == LANES
        with frozen(postgres):
            until(lambda: site.status("/readyz") == 503, PATIENCE, "a failure")
            site.process.signal(signal.SIGTERM)
            until(lambda: not site.process.running, GRACEFUL_SECONDS - 5, "an exit unaided")


@pytest.mark.alone
def test_the_first_flood_finds_it_hung_and_is_answered_in_time(
    supervisor: Supervisor, postgres: Postgres, shared_valkey: Valkey
) -> None:
    """No outcome yet, and 200 who want one: the most threads that can be made to wait."""
    database = new_database(postgres)
    with serve(supervisor, "gthread", database, postgres.port, shared_valkey) as site:
        until(lambda: site.status("/readyz") == 200, PATIENCE, "readiness")
        asked = asyncio.run(at_once(site, 200))
    with (
        serve(supervisor, "gthread", database, postgres.port, shared_valkey) as site,
        frozen(postgres),
    ):
        answers = asyncio.run(at_once(site, 200))
        assert {status for status, _ in answers} == {503}
        # Some began to wait when the first had waited already.
        assert slowest(answers) <= in_time(asked) + 0.5


def test_a_database_that_is_back_at_another_address_is_seen(
    supervisor: Supervisor, postgres: Postgres, shared_valkey: Valkey
) -> None:
    relay = Relay(postgres.port)
    with (
        contextlib.closing(relay),
        serve(
            supervisor, "gthread", new_database(postgres), relay.port, shared_valkey,
            SITE_CONN_MAX_AGE="3600",
        ) as site,
    ):  # fmt: skip
        assert site.status("/readyz") == 200
        until(lambda: relay.left() == [True, False], PATIENCE, "the gate's connection's end")
        relay.block()  # a machine that is gone says nothing
        until(lambda: site.status("/readyz") == 503, PATIENCE, "a failure")
        until(lambda: site.status("/readyz") == 200, PATIENCE, "readiness by a new connection")
        assert relay.left()[:2] == [True, True], "the old one is not left open"
        assert site.lanes() == LANES
