"""Sessions of two processes on a real Valkey that is stopped, frozen and brought back."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.celery_site import TESTS

from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor, bare_environment
from django_scaleready.drill.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.alone]

TIME_OUT = 0.5  # REDIS_SOCKET_TIMEOUT's default
RETRY = 0.5  # as support.session_process sets it


class Visitor:
    """One process; each call goes over its stdin and comes back with what it cost."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "support.session_process"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.seconds = 0.0
        self.queries = 0

    def __call__(self, *words: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            answered = json.loads(line)
            if "answer" in answered:  # and not a line of its log
                self.seconds, self.queries = answered["seconds"], answered["queries"]
                return answered["answer"]
        raise AssertionError("the process ended")

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with Supervisor() as supervisor:
        server = Valkey(supervisor, settings={"appendonly": "yes", "appendfsync": "always"})
        server.start()
        yield server


@pytest.fixture(scope="module")
def environment(valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    made = {
        **bare_environment(),
        "REDIS_URL": valkey.url(),
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('sessions')}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "support.celery_settings",
        "PYTHONPATH": str(TESTS),
    }
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=made, check=True)
    return made


@pytest.fixture(scope="module")
def pair(environment: dict[str, str]) -> Iterator[tuple[Visitor, Visitor]]:
    made = Visitor(environment), Visitor(environment)
    yield made
    for visitor in made:
        visitor.end()


@pytest.fixture
def visitors(pair: tuple[Visitor, Visitor], valkey: Valkey) -> Iterator[tuple[Visitor, Visitor]]:
    """Both with their cache in use, as if they had just started."""
    until_used_again(*pair)
    yield pair
    valkey.process.thaw()
    if not valkey.process.running:
        valkey.start()


def take_away(valkey: Valkey, how: str) -> None:
    if how == "stop":
        valkey.stop()
    else:
        valkey.process.freeze()


def bring_back(valkey: Valkey, how: str) -> None:
    if how == "stop":
        valkey.start()
    else:
        valkey.process.thaw()


both_ways = pytest.mark.parametrize("how", ["stop", "freeze"])
Pair = tuple[Visitor, Visitor]


def test_a_session_is_shared_and_read_without_the_database(visitors: Pair) -> None:
    a, b = visitors
    key = a("sign_in", "ann")
    assert b("read", key) == "ann"
    assert b.queries == 0
    a("logout", key)
    assert b("read", key) is None


@both_ways
def test_an_outage_costs_one_time_out_and_nobody_is_logged_out(
    visitors: Pair, valkey: Valkey, how: str
) -> None:
    a, _ = visitors
    key = a("sign_in", "ann")
    take_away(valkey, how)
    costs = []
    begin = time.monotonic()
    while time.monotonic() < begin + RETRY / 2 or len(costs) < 3:
        assert a("read", key) == "ann"
        costs.append(a.seconds)
    assert costs[0] < TIME_OUT + 0.3
    assert max(costs[1:3]) < 0.1
    bring_back(valkey, how)
    until_used_again(a)
    assert a("read", key) == "ann"


@both_ways
def test_a_logout_during_an_outage_is_not_undone(visitors: Pair, valkey: Valkey, how: str) -> None:
    """By the process that did it, and by another that was asked for it meanwhile."""
    a, b = visitors
    key = a("sign_in", "ann")
    assert b("read", key) == "ann"
    take_away(valkey, how)
    a("logout", key)
    assert b("read", key) is None
    bring_back(valkey, how)
    until_used_again(a, b)
    assert a("read", key) is None
    assert b("read", key) is None


@both_ways
def test_who_did_not_notice_the_outage_is_told_by_who_did(
    visitors: Pair, valkey: Valkey, how: str
) -> None:
    a, b = visitors
    key = a("sign_in", "ann")
    take_away(valkey, how)
    a("logout", key)
    bring_back(valkey, how)
    until_used_again(a)
    assert b("read", key) is None


@both_ways
def test_a_write_during_an_outage_is_not_lost(visitors: Pair, valkey: Valkey, how: str) -> None:
    a, b = visitors
    key = a("sign_in", "ann")
    take_away(valkey, how)
    a("write", key, "bob")
    bring_back(valkey, how)
    until_used_again(a)
    assert a("read", key) == "bob"
    assert b("read", key) == "bob"


def test_a_server_that_forgot_everything_logs_nobody_out(visitors: Pair, valkey: Valkey) -> None:
    a, b = visitors
    key = a("sign_in", "ann")
    with valkey.client() as client:
        client.flushall()
    assert b("read", key) == "ann"
    assert b.queries == 1


def test_a_restart_between_two_requests_is_not_noticed(visitors: Pair, valkey: Valkey) -> None:
    a, b = visitors
    key = a("sign_in", "ann")
    assert b("read", key) == "ann"
    valkey.restart()
    for visitor in visitors:
        assert visitor("read", key) == "ann"
        assert visitor.queries == 0


def until_used_again(*visitors: Visitor) -> None:
    """Until each has its cache back: what it writes now is read without the database."""

    def used(visitor: Visitor) -> bool:
        return bool(visitor("read", visitor("sign_in", "other"))) and visitor.queries == 0

    for visitor in visitors:
        until(lambda v=visitor: used(v), 15, "the cache is used")
