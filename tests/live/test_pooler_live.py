"""Castaway through a transaction pooler whose server connections rotate, under mixed load."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest
from support.example import PASSWORD

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.load.traffic import Traffic
from django_scaleready.drill.project import Project, records, takes_tasks
from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.needs("pgbouncer")]

CLIENTS = 8
REQUESTS = 800
SHOW = "/shows/night-trains/"


def mixed_load() -> Callable[[Browser], str]:
    """Pages that read, pages that write, an upload now and then."""
    turns = itertools.count()

    def ask(browser: Browser) -> str:
        turn = next(turns)
        if turn % 20 == 0:
            response = browser.submit(
                f"{SHOW}episodes/new/",
                {"title": f"Episode {turn}", "description": "Under load."},
                {"audio": ("load.wav", b"RIFF" + secrets.token_bytes(2_000), "audio/wav")},
            )
        else:
            paths = ("/", SHOW, f"{SHOW}feed.xml", "/whoami/", "/listeners/", "/audit/", "/admin/")
            response = browser.get(paths[turn % len(paths)])
        return "" if response.is_success else f"{response.status_code} {response.url.path}"

    return ask


def test_not_one_request_or_task_fails(after: Project, shared_pgbouncer: PgBouncer) -> None:
    pooled = {
        "DATABASE_URL": shared_pgbouncer.url("castaway"),
        "DATABASE_DIRECT_URL": after.environment["DATABASE_URL"],
        "DATABASE_POOLER": "transaction",
        "WEB_CONCURRENCY": "2",
    }
    project = replace(after, environment={**after.environment, **pooled})
    replicas = [project.replica("a"), project.replica("b")]
    worker, beat = project.worker("worker"), project.beat("beat")
    for process in (*(replica.process for replica in replicas), worker, beat):
        process.start()
    for replica in replicas:
        replica.wait()
    takes_tasks(worker)
    urls = [replica.url for replica in replicas]
    with ExitStack() as stack:
        browsers = [stack.enter_context(Browser(urls)) for _ in range(CLIENTS)]
        for browser in browsers:
            browser.submit("/accounts/login/", {"username": "demo", "password": PASSWORD})
        with Traffic(browsers, mixed_load(), pause=0) as traffic:
            until(
                lambda: len(traffic.recording().samples) >= REQUESTS,
                90,
                f"{REQUESTS} requests",
            )
        servers = [row for row in shared_pgbouncer.console("SHOW SERVERS") if "castaway" in row]
        (stats,) = [row for row in shared_pgbouncer.console("SHOW STATS") if row[0] == "castaway"]
    # All of it went through the pooler, on fewer connections than there were clients.
    assert 2 <= len(servers) < CLIENTS
    assert int(str(stats[1])) > REQUESTS
    assert traffic.recording().failed() == {}
    until(lambda: "succeeded" in worker.tail(500), 20, "a task that was done")
    for process in (*(replica.process for replica in replicas), worker, beat):
        wrong = [r for r in records(process) if r["level"] in {"ERROR", "CRITICAL"}]
        assert wrong == []
    assert "ERROR" not in shared_pgbouncer.process.tail(1000)
