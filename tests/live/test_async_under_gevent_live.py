"""What a coroutine that waits does to the other requests of its worker, as a rule says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.gunicorn_server import Server, serve

from django_scaleready.drill.supervisor import Supervisor

pytestmark = pytest.mark.live

WAIT = "/wait?seconds=2"
PATHS = ("/fine", "/query", "/wait?seconds=0")


def beside_a_coroutine(server: Server) -> dict[str, int]:
    """What several requests are answered while an async view of the same worker waits."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.get, WAIT)
        server.wait_for_line("a coroutine waits")
        said = {path: server.get(path).status_code for path in PATHS}
        assert not waiting.done()
        assert waiting.result().status_code == 200
    return said


@pytest.mark.parametrize(("worker", "code"), [("gevent", 500), ("gthread", 200)])
def test_beside_a_coroutine(supervisor: Supervisor, worker: str, code: int) -> None:
    server = serve(supervisor, worker, WEB_CONCURRENCY="1")
    said = beside_a_coroutine(server)
    assert said == {"/fine": 200, "/query": code, "/wait?seconds=0": code}
