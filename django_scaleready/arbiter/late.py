"""Settings of gunicorn's master that its configuration file could not know yet.

``server`` is gunicorn's Arbiter, ``cfg`` its Config.
"""

from __future__ import annotations

from typing import Any

from django_scaleready.budget import Ladder
from django_scaleready.replica_state import replica

# Of each worker, unless GUNICORN_THREADS says otherwise.
THREADS = 4


def drop_threads_nobody_uses(server: Any) -> None:
    """Take the default of ``threads`` back where gunicorn would warn that it is not used.

    The worker class may come from the command line, which is read after the configuration file.
    """
    ignores_them = server.cfg.worker_class_str in {"asgi", "gunicorn.workers.gasgi.ASGIWorker"}
    if ignores_them and server.cfg.threads == THREADS:
        server.cfg.set("threads", 1)


def take_timeout(server: Any, ladder: Ladder) -> None:
    """Have the time that SCALEREADY gives a request hold in the master, too, from then on.

    Only a worker reads it. ``ladder`` is what gunicorn was started with; another value than that
    one's comes from the command line, which wins. Never shorter: a worker's heart beats twice in
    the time that it was started with.
    """
    look_for_the_dead = server.murder_workers

    def look() -> None:
        declared = replica.declared_timeout
        if declared and ladder.worker_timeout == server.timeout < declared:
            server.timeout = int(declared)
            server.cfg.set("timeout", server.timeout)
        look_for_the_dead()

    server.murder_workers = look
