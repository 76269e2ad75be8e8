"""Tasks of a real worker under a witness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import celery_app
from support.celery_site import CelerySite, records

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
    line = Path(celery_app.__file__).read_text().splitlines()[one["line"] - 1]
    assert 'open("a")' in line
    assert one["target"] == str(site.diary)
    assert "when the task is over" in one["message"]
    assert one["message"].endswith("Seen in support.celery_app.note.")


def test_without_a_share_nothing_is_said(site: CelerySite) -> None:
    worker = site.worker()
    site.send("note.delay('first')\nfail.delay()")
    until(lambda: failures(worker), 20, "the task behind it")
    assert witnessed(worker) == []
