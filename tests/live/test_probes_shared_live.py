"""Two replicas and what they share: one alone stays away, both together serve on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from support.probe_server import Relay, Site, new_database, serve

from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

# Seconds, for what happens within one or two.
PATIENCE = 20
AFTER = 2.0
DECLARED = {"SHARED_FAILURE_AFTER": AFTER, "PROBE_TTL": 0.1}


@pytest.fixture
def relays(shared_postgres: Postgres) -> Iterator[list[Relay]]:
    """Each replica's own way to the database that both share."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(Relay(shared_postgres.port))) for _ in "ab"]


@pytest.fixture
def replicas(
    supervisor: Supervisor,
    shared_postgres: Postgres,
    own_valkey: Valkey,
    relays: list[Relay],
) -> Iterator[list[Site]]:
    database = new_database(shared_postgres)
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                serve(supervisor, "gthread", database, relay.port, own_valkey, DECLARED)
            )
            for relay in relays
        ]


def statuses(replicas: list[Site]) -> list[int]:
    return [replica.status("/readyz") for replica in replicas]


def serves_on(replica: Site) -> bool:
    return replica.status("/readyz") == 200 and "database warn" in replica.details("/readyz")


def test_the_odd_one_out_stays_away_and_everybody_together_serves_on(
    replicas: list[Site], relays: list[Relay], own_valkey: Valkey
) -> None:
    first, second = replicas
    until(lambda: statuses(replicas) == [200, 200], PATIENCE, "two replicas")

    relays[0].accepts = False  # the first alone has lost its way
    until(lambda: first.status("/readyz") == 503, PATIENCE, "its failure")
    stayed = []
    until(lambda: stayed.append(statuses(replicas)) or len(stayed) > 60, 20, "looks", pause=0.1)
    assert stayed == [[503, 200]] * len(stayed), "for three times as long as everybody would wait"

    relays[1].accepts = False  # and now nobody reaches it
    until(lambda: second.status("/readyz") == 503, PATIENCE, "the second's failure")
    until(lambda: all(serves_on(replica) for replica in replicas), PATIENCE, "serving on")
    for replica in replicas:
        (line,) = replica.lines("no replica has passed for 2 s: serving on")
        assert line.startswith("readiness warn: database: OperationalError")

    relays[0].accepts = True  # one is enough for the other to be the odd one
    until(lambda: statuses(replicas) == [200, 503], PATIENCE, "the odd one out")
    assert "database pass" in first.details("/readyz")
    relays[1].accepts = True
    until(lambda: "database pass" in second.details("/readyz"), PATIENCE, "both")


def test_who_can_ask_nobody_serves_on(
    replicas: list[Site], relays: list[Relay], own_valkey: Valkey
) -> None:
    first, second = replicas
    until(lambda: statuses(replicas) == [200, 200], PATIENCE, "two replicas")
    own_valkey.stop()
    relays[0].accepts = False
    until(lambda: first.status("/readyz") == 503, PATIENCE, "its failure")
    until(lambda: serves_on(first), PATIENCE, "serving on")
    assert second.status("/readyz") == 200
