"""Settings of gunicorn that hang on the worker class, or on what SCALEREADY says."""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest
from support.gunicorn_server import serve

from django_scaleready.drill.project import records
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

IGNORED = "does not use threads"


def test_a_request_that_scaleready_allows_outlasts_the_timeout(supervisor: Supervisor) -> None:
    server = serve(
        supervisor, "sync", SCALEREADY_WORKER_TIMEOUT="3", SITE_SCALEREADY="WORKER_TIMEOUT=60"
    )
    assert server.get("/slow?seconds=8").status_code == 200
    assert server.lines("had not answered its master") == []


def test_the_command_line_s_timeout_wins(supervisor: Supervisor) -> None:
    server = serve(supervisor, "sync", "--timeout", "3", SITE_SCALEREADY="WORKER_TIMEOUT=60")
    # A reset, or the 500 that a worker has still time for.
    with suppress(httpx.TransportError):
        assert server.get("/slow?seconds=15").status_code == 500
    until(lambda: server.lines("had not answered its master for 3 s"), 20, "its line")


def test_asgi_is_given_no_threads_and_says_so_only_if_asked_for_some(
    supervisor: Supervisor,
) -> None:
    server = serve(supervisor, "asgi")
    assert [line for line in records(server.process) if line["level"] != "INFO"] == []
    server = serve(supervisor, "asgi", "--threads", "8", name="asked")
    server.wait_for_line(IGNORED)
