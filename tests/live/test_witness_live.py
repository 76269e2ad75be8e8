"""Tasks of a real worker and requests of real servers under a witness."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.celery_site import TESTS, CelerySite, records
from support.gunicorn_server import CLASSES, beside, serve

from django_scaleready.drill.processes import Process
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live


@pytest.fixture
def site(supervisor: Supervisor, shared_valkey: Valkey) -> CelerySite:
    return CelerySite(supervisor, shared_valkey)


def witnessed(worker: Process) -> list[dict[str, Any]]:
    return [one for one in records(worker) if one["logger"] == "django_scaleready.witness"]


def failures(worker: Process) -> list[dict[str, Any]]:
    return [one for one in records(worker) if "raised unexpected" in one["message"]]


def test_a_file_that_a_task_keeps_is_logged_once(site: CelerySite) -> None:
    worker = site.worker(SCALEREADY_WITNESS="1")
    site.send("fail.delay()\nnote.delay('first')\nnote.delay('second')\nfail.delay()")
    site.wait_for("second")
    until(lambda: len(failures(worker)) == 2, 20, "the tasks behind it")
    (one,) = witnessed(worker)
    assert one["id"] == "scaleready.E140"
    assert one["path"] == "support/celery_app.py"
    # Not imported: its tasks would be those of every test that follows.
    line = (TESTS / one["path"]).read_text().splitlines()[one["line"] - 1]
    assert 'open("a")' in line
    assert one["target"] == str(site.diary)
    assert "when the task is over" in one["message"]
    assert one["message"].endswith("Seen in support.celery_app.note.")


def test_without_a_share_nothing_is_said(site: CelerySite) -> None:
    worker = site.worker()
    site.send("note.delay('first')\nfail.delay()")
    until(lambda: failures(worker), 20, "the task behind it")
    assert witnessed(worker) == []


def served(supervisor: Supervisor, worker: str) -> list[dict[str, Any]]:
    """Ask for every page, many at once; what was logged by the one worker."""
    folder = supervisor.folder(f"written-{worker}")
    server = serve(
        supervisor,
        worker,
        name=f"server-{worker}",
        DJANGO_SETTINGS_MODULE="support.witness_site",
        SCALEREADY_WITNESS="1",
        SITE_FOLDER=str(folder),
        WEB_CONCURRENCY="1",
    )
    with ThreadPoolExecutor(6) as pool:
        # Two coroutines at once are refused under gevent, whose requests share a thread.
        pages = ["/draft", "/send", "/keep", "/draft", "/keep_async", "/send"]
        pages += ["/draft", "/send", "/keep", "/draft", "/send"]
        assert {r.status_code for r in pool.map(server.get, pages)} == {200}
    assert server.get("/keep_async").status_code == 200
    until(lambda: len(witnessed(server.process)) >= 2, 10, "two findings")
    # What is behind them has been judged when a later request has been.
    assert server.get("/send").text == "sent\n"
    return witnessed(server.process)


@pytest.fixture(scope="module")
def under() -> Iterator[dict[str, Future[list[dict[str, Any]]]]]:
    yield from beside(served)


@pytest.mark.parametrize("worker", CLASSES)
def test_what_stays_is_found_under_every_server_and_nothing_else(
    under: dict[str, Future[list[dict[str, Any]]]], worker: str
) -> None:
    said = under[worker].result(90)
    assert {one["path"] for one in said} == {"support/witness_site.py"}
    assert sorted(Path(one["target"]).name for one in said) == ["kept", "kept-async"]
    assert all("which is there when the request is over" in one["message"] for one in said)
