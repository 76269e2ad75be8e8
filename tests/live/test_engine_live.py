"""Replicas of a project as it is, under load, restarted one after the other."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from support import tiny
from support.example import EXAMPLE

from django_scaleready.drill import provision, rolling
from django_scaleready.drill.balancers import Balancer, HAProxy, Own
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.counted import executed
from django_scaleready.drill.load.generator import Load
from django_scaleready.drill.load.plan import Plan, standard
from django_scaleready.drill.project import records
from django_scaleready.drill.provision import Provision
from django_scaleready.drill.recording import DOWN, DRAINING, READY, Recording
from django_scaleready.drill.release import Release
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.services import s3
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.target import Target, facts
from django_scaleready.drill.waiting import DrillError, until
from django_scaleready.drill.watch import Watch

pytestmark = pytest.mark.live

# A cache in memory is each worker's own.
ONE_WORKER = {"WEB_CONCURRENCY": "1"}
_NUMBERS = itertools.count(1)
# Addresses that would be noticed: nothing may connect to them.
REAL = {
    "ALLOWED_HOSTS": "www.example.com",
    "DATABASE_URL": "postgres://real:secret@db.invalid/real",
    "MEDIA_S3_ACCESS_KEY_ID": "real",
    "MEDIA_S3_BUCKET": "real",
    "MEDIA_S3_SECRET_ACCESS_KEY": "secret",
    "REDIS_URL": "redis://:secret@redis.invalid/0",
    "SECRET_KEY": "not-so-secret-but-long-enough-for-the-check-of-django",
    "WEB_CONCURRENCY": "1",
}


@pytest.fixture
def site() -> Iterator[Callable[..., Path]]:
    """Writes the tiny project where every user can read it."""
    folder = Path(tempfile.mkdtemp(prefix="engine-test-"))
    yield lambda **options: tiny.write(folder, **options)
    shutil.rmtree(folder)


def released(supervisor: Supervisor, target: Target, made: Provision | None = None) -> Release:
    release = Release(supervisor, target, facts(target), made or Provision())
    release.prepare()
    return release


def started(replicas: list[Replica]) -> list[Replica]:
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.wait()
    return replicas


def files(folder: Path) -> dict[Path, int]:
    """The files of a project, and when they were written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.is_file()}


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Does not wait for a drain at the end of a test."""
    with Supervisor(patience=1) as supervisor:
        yield supervisor


@pytest.fixture
def lent(
    shared_postgres: Postgres, shared_valkey: Valkey, shared_s3: S3
) -> Callable[[], Provision]:
    """Makes an empty database and bucket on the services of the session."""

    def make() -> Provision:
        name = f"engine-{next(_NUMBERS)}"
        shared_postgres.create_database(name)
        address = {"HOST": "127.0.0.1", "PORT": str(shared_postgres.port), "USER": USER}
        bucket = {
            "bucket_name": shared_s3.create_bucket(name),
            "endpoint_url": shared_s3.url,
            "access_key": s3.ACCESS_KEY,
            "secret_key": s3.SECRET_KEY,
        }
        redis = [shared_valkey.url(number) for number in range(8, 16)]
        return Provision({"default": {**address, "NAME": name, "PASSWORD": ""}}, redis, bucket)

    return make


def settled(watch: Watch, replicas: list[Replica]) -> bool:
    """Whether the last that is known of each replica is that it is ready."""
    last = {change.replica: change.state for change in watch.changes}
    return all(last.get(replica.name) == READY for replica in replicas)


def rolled(
    supervisor: Supervisor, release: Release, replicas: list[Replica], balancer: Balancer
) -> Recording:
    """A rolling restart under load, with two seconds before it and after it."""
    clock = Clock()
    steps = standard(release.pages())
    load = Load(supervisor, Plan(steps, rate=150, user=release.user), balancer.url, clock)
    with Watch(clock, replicas, balancer) as watch:
        load.start()
        until(lambda: clock.now() > 2, 10, "two seconds")
        span = rolling.restart(replicas, balancer, clock)
        # The balancer believes a replica when it has asked it several times.
        until(lambda: settled(watch, replicas), 20, "replicas that are ready again")
        until(lambda: clock.now() > span.ended + 2, 10, "two seconds more")
        samples = load.stop()
    return Recording(samples, watch.changes, [span], executed(release.directory))


@pytest.mark.alone
@pytest.mark.needs("haproxy")
def test_the_kit_loses_nothing_and_repeats_nothing(
    supervisor: Supervisor, lent: Callable[[], Provision]
) -> None:
    # The balancer needs 2.8 s to notice.
    environment = {**REAL, "SCALEREADY_DRAIN": "4"}
    project = Target(EXAMPLE / "after", "castaway.settings", environment)
    release = released(supervisor, project, lent())
    replicas = started([release.replica(name) for name in "abc"])
    balancer = HAProxy(supervisor, replicas)
    balancer.start()
    recording = rolled(supervisor, release, replicas, balancer)
    tracebacks = [line for r in replicas for line in records(r.process) if "exc_info" in line]
    assert (recording.failed(), tracebacks) == ({}, [])
    assert (recording.duplicates(), recording.lost()) == ({}, [])
    posts = [sample for sample in recording.samples if sample.kind == "post"]
    assert sorted(recording.executed) == sorted(sample.id for sample in posts)
    assert len(recording.samples) > 2500
    assert {sample.replica for sample in recording.samples} == {"a", "b", "c"}
    for name in "abc":
        states = [change.state for change in recording.states if change.replica == name]
        # On a busy machine the balancer may miss one that is ready, too.
        down = states.index(DOWN)
        assert {READY, DRAINING} <= set(states[:down])
        assert READY in states[down:]
    assert release.user


@pytest.mark.needs("haproxy")
def test_a_server_by_its_own_defaults_loses_requests_and_a_disk_its_sessions(
    supervisor: Supervisor,
) -> None:
    there = files(EXAMPLE / "before")
    release = released(supervisor, Target(EXAMPLE / "before", "castaway.settings"))
    replicas = started([release.replica(name, naive=True) for name in "ab"])
    balancer = HAProxy(supervisor, replicas)
    balancer.start()
    failed = rolled(supervisor, release, replicas, balancer).failed_by_kind()
    assert failed.pop("session")["wrong"] > 0
    lost = sum(failed.values(), start=Counter[str]())
    assert lost.total() > 0
    assert lost["wrong"] == 0
    assert files(EXAMPLE / "before") == there


def test_what_is_on_the_disk_of_a_replica_is_not_on_the_others(
    supervisor: Supervisor, site: Callable[..., Path]
) -> None:
    release = released(supervisor, Target(site(), "tiny.settings", ONE_WORKER))
    a, b = started([release.replica(name, naive=True) for name in "ab"])
    name = httpx.post(f"{a.url}/.drill/upload/?name=x", content=b"recording").json()["name"]
    assert httpx.get(f"{a.url}/.drill/upload/?name={name}").content == b"recording"
    assert httpx.get(f"{b.url}/.drill/upload/?name={name}").status_code == 404
    with httpx.Client() as client:
        query = f"user={release.user}&mark=m"
        told = client.post(f"{a.url}/.drill/login/?{query}").json()
        assert told == {"user": "scaleready-drill", "mark": "m"}
        assert client.get(f"{a.url}/.drill/session/").json() == told
        assert client.get(f"{b.url}/.drill/session/").json() == {"user": None, "mark": None}
    assert release.limitations == []


@pytest.mark.parametrize(
    ("served", "naive"),
    [
        ("gthread", False),
        ("sync", True),
        ("gevent", True),
        ("asgi", False),
        ("uvicorn-worker", True),
        ("uvicorn", True),
        ("granian", True),
        ("uwsgi", False),
    ],
)
def test_a_post_is_counted_by_whatever_serves_it(
    supervisor: Supervisor, site: Callable[..., Path], served: str, naive: bool
) -> None:
    release = released(supervisor, Target(site(), "tiny.settings", ONE_WORKER))
    (replica,) = started([release.replica("a", served, naive=naive)])
    for path, id_ in (("/", "1"), ("/", "2"), ("/.drill/count/", "3"), ("/nowhere/", "4")):
        headers = {"X-Drill-Id": id_, "X-CSRFToken": "d" * 32}
        cookies = {"csrftoken": "d" * 32}
        answer = httpx.post(replica.url + path, headers=headers, cookies=cookies)
        assert answer.headers["X-Drill-Replica"] == "a"
    assert httpx.post(f"{replica.url}/", headers={"X-Drill-Id": "5"}).status_code == 403
    assert executed(release.directory) == {"1": 1, "2": 1, "3": 1}
    for path in ("page", "slow/?seconds=0", "query", "session"):
        assert httpx.get(f"{replica.url}/.drill/{path}").status_code == 200, path
    httpx.post(f"{replica.url}/.drill/cache/?key=k&value=v")
    assert httpx.get(f"{replica.url}/.drill/cache/?key=k").text == "v"


def test_pages_are_what_anybody_can_get(supervisor: Supervisor, site: Callable[..., Path]) -> None:
    release = released(supervisor, Target(site(), "tiny.settings", ONE_WORKER))
    assert release.pages() == ["/", "/shop/basket/", "/old/"]


def test_pages_that_do_not_answer_are_passed_over(
    supervisor: Supervisor, site: Callable[..., Path]
) -> None:
    urls = """
import time
def stubborn(request):
    while True:
        try:
            time.sleep(60)
        except Exception:
            return page(request)
urlpatterns[:0] = [path("slow/", lambda request: time.sleep(60)), path("stubborn/", stubborn)]
"""
    release = released(supervisor, Target(site(urls=urls), "tiny.settings", ONE_WORKER))
    assert release.pages() == ["/", "/shop/basket/", "/old/"]


def test_a_page_that_ends_the_search_is_named(
    supervisor: Supervisor, site: Callable[..., Path]
) -> None:
    urls = "import os\nurlpatterns.insert(0, path('fatal/', lambda request: os.abort()))\n"
    release = released(supervisor, Target(site(urls=urls), "tiny.settings", ONE_WORKER))
    with pytest.raises(DrillError, match="ended with -6:\nGET /fatal/"):
        release.pages()


def test_a_server_that_chooses_its_own_settings_is_killed(
    supervisor: Supervisor, site: Callable[..., Path]
) -> None:
    line = 'os.environ.update(DJANGO_SETTINGS_MODULE="tiny.settings")'
    release = released(
        supervisor, Target(site(entry=line), "tiny.settings", ONE_WORKER, readiness="/")
    )
    replica = release.replica("a", naive=True)
    replica.start()
    with pytest.raises(DrillError, match="did not start with the settings of the drill"):
        replica.wait()
    assert not replica.process.running


@pytest.mark.alone
def test_without_haproxy_the_drill_balances_itself(
    supervisor: Supervisor, site: Callable[..., Path]
) -> None:
    release = released(supervisor, Target(site(), "tiny.settings", ONE_WORKER, readiness="/"))
    replicas = started([release.replica(name) for name in "ab"])
    own = Own(supervisor, replicas)
    own.start()
    plan = Plan(standard(release.pages(), slow_seconds=0.1), rate=300, requests=300)
    load = Load(supervisor, plan, own.url, Clock())
    load.start()
    failed = Recording(load.wait()).failed_by_kind()
    assert {kind: count for kind, count in failed.items() if kind != "session"} == {
        "get": {}, "post": {}, "query": {}, "slow": {},
    }  # fmt: skip
    assert failed["session"]["wrong"] > 0


def test_a_kind_of_server_that_the_project_has_no_application_for(
    supervisor: Supervisor, site: Callable[..., Path]
) -> None:
    target = Target(site(), "tiny.settings", ONE_WORKER, asgi="")
    release = Release(supervisor, target, facts(target), Provision())
    with pytest.raises(DrillError, match="uvicorn calls an asgi application"):
        release.replica("a", "uvicorn")
    with pytest.raises(DrillError, match="No server 'apache'; there are gthread"):
        release.replica("a", "apache")
    assert provision.embedded(supervisor, release.facts) == Provision()
