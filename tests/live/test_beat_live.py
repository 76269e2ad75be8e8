"""Two beats on a real Valkey: the leader is killed, the server stops, freezes, forgets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from celery import Celery
from redbeat.schedulers import RedBeatSchedulerEntry
from support.celery_site import CelerySite, records, said

from django_scaleready.celery.scheduler import LOOK_SECONDS, Scheduler
from django_scaleready.drill.processes import Process
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

LOCK = 3
# Seconds, for what takes a few; Celery's own beat and redbeat's defaults take hundreds.
PATIENCE = 30
EVERY = 0.5  # seconds, the entry "tick" in support.celery_settings


@pytest.fixture(scope="module")
def site() -> Iterator[CelerySite]:
    with Supervisor() as supervisor:
        valkey = Valkey(supervisor)
        valkey.start()
        made = CelerySite(supervisor, valkey, CELERY_REDBEAT_LOCK_TIMEOUT=str(LOCK))
        made.worker("worker", "--without-gossip")
        yield made


@pytest.fixture(scope="module")
def both(site: CelerySite) -> tuple[Process, Process]:
    return site.celery("beat-1", "beat"), site.celery("beat-2", "beat")


def last_took(beat: Process) -> str:
    """When it last became the leader."""
    return max((r["timestamp"] for r in records(beat) if "took" in r["message"]), default="")


@pytest.fixture
def beats(site: CelerySite, both: tuple[Process, Process]) -> tuple[Process, Process]:
    """The leader and the standby, both at work."""
    for beat in both:
        if not beat.running:
            before = said(beat, "lead")
            beat.start()
            beat.wait_until(lambda b=beat, n=before: said(b, "lead") > n, 20, "who leads")
    goes_on(site)
    standby, leader = sorted(both, key=last_took)
    return leader, standby


def both_notice(beats: tuple[Process, Process], before: list[int]) -> None:
    for beat, count in zip(beats, before, strict=True):
        beat.wait_until(
            lambda b=beat, n=count: said(b, "waiting for Redis") > n, PATIENCE, "to notice"
        )


def goes_on(site: CelerySite) -> float:
    """Return after how long the next tick ran; then there must be a second and a third."""
    since = time.time() + EVERY  # what was under way
    first = site.until_after("tick", since, PATIENCE)
    site.until_after("tick", since + first + EVERY, PATIENCE)
    return first


def test_a_leader_that_is_killed_is_replaced_in_seconds(
    site: CelerySite, beats: tuple[Process, Process]
) -> None:
    leader, standby = beats
    leader.kill()
    goes_on(site)
    assert standby.running


def test_a_leader_that_ends_gives_the_lock_back(
    site: CelerySite, beats: tuple[Process, Process]
) -> None:
    leader, _ = beats
    assert leader.stop()
    assert goes_on(site) < LOCK - EVERY  # it did not have to expire


def test_an_emptied_redis_is_filled_again(site: CelerySite, beats: tuple[Process, Process]) -> None:
    with site.valkey.client() as client:
        client.flushall()
    goes_on(site)
    assert all(beat.running for beat in beats)


def test_a_redis_that_hangs_is_waited_for(site: CelerySite, beats: tuple[Process, Process]) -> None:
    before = [said(beat, "waiting for Redis") for beat in beats]
    site.valkey.process.freeze()
    frozen = time.monotonic()
    both_notice(beats, before)
    # Long enough for the lock to expire.
    until(lambda: time.monotonic() > frozen + LOCK, LOCK + 1, "the lock's time")
    site.valkey.process.thaw()
    goes_on(site)
    assert all(beat.running for beat in beats)


def test_a_redis_that_restarts_is_waited_for(
    site: CelerySite, beats: tuple[Process, Process]
) -> None:
    before = [said(beat, "waiting for Redis") for beat in beats]
    site.valkey.stop()
    both_notice(beats, before)
    site.valkey.start()
    goes_on(site)
    assert all(beat.running for beat in beats)


def test_a_beat_that_starts_before_redis_waits_for_it(site: CelerySite) -> None:
    with Supervisor() as supervisor:
        valkey = Valkey(supervisor)
        beat = CelerySite(supervisor, valkey).celery("early", "beat")
        beat.start()
        beat.wait_until(lambda: said(beat, "waiting for Redis") == 1, 20, "to notice")
        valkey.start()
        beat.wait_until(lambda: said(beat, "this beat leads") == 1, PATIENCE, "to lead")
        beat.wait_until(lambda: said(beat, "sending tick") > 0, PATIENCE, "to send")
        with valkey.client(2) as client:
            until(lambda: client.llen("celery"), PATIENCE, "the task in the queue")


def test_a_run_that_the_broker_did_not_take_is_not_lost(supervisor: Supervisor) -> None:
    """The schedule is in one Redis, the queue in another, which is down when the hour comes."""
    schedule, queue = Valkey(supervisor, "schedule"), Valkey(supervisor, "queue")
    schedule.start()
    app = Celery("hourly", set_as_current=False)
    app.conf.update(
        broker_url=queue.url(),
        broker_transport_options={"max_retries": 1, "socket_timeout": 0.5},
        redbeat_redis_url=schedule.url(),
        redbeat_redis_options={"socket_timeout": 0.5},
        redbeat_lock_timeout=10,
        beat_max_loop_interval=2,
        beat_schedule={"hourly": {"task": "hourly", "schedule": 3600}},
        task_publish_retry_policy={"max_retries": 0},
    )
    beat = Scheduler(app)
    assert beat.tick() == 2
    key = RedBeatSchedulerEntry.generate_key(app, "hourly")

    def fall_due() -> None:
        RedBeatSchedulerEntry.from_key(key, app=app).reschedule(app.now() - timedelta(hours=2))

    fall_due()
    assert beat.tick() == LOOK_SECONDS  # no connection yet
    queue.start()
    beat.tick()
    queue.stop()
    fall_due()
    assert beat.tick() == LOOK_SECONDS  # the connection breaks
    queue.start()
    beat.tick()
    beat.tick()
    with queue.client() as client:
        assert client.llen("celery") == 1  # of this run: the server has forgotten the first
    beat.close()


def test_no_tick_is_sent_twice_by_two_leaders(
    site: CelerySite, beats: tuple[Process, Process]
) -> None:
    """In all that this module did so far; alone, while two beats run side by side."""
    times = sorted(
        datetime.fromisoformat(record["timestamp"]).timestamp()
        for beat in beats
        for record in records(beat)
        if "sending tick" in record["message"]
    )
    assert len(times) > 2
    assert [b - a for a, b in pairwise(times) if b - a < EVERY * 0.6] == []
