"""gevent in a master that has loaded the project: what goes wrong then, said at the start.

gunicorn patches the standard library in each worker, which ``--preload`` makes too late: Django
holds the real ``threading.local``, so that all requests of a worker have one database connection,
and refuse it. Patched before, by the project, the master is blind: gevent keeps SIGCHLD and
``waitpid`` for itself, and no worker that dies is replaced.
"""

from __future__ import annotations

import sys
from typing import Any, Final

_HOW: Final = "gevent.monkey.patch_all(os=False, signal=False)"


def say_what_breaks(server: Any) -> None:
    """Log an error if the project was loaded in gunicorn's master and gevent does not fit that.

    ``server`` is its Arbiter, which has imported the worker class.
    """
    if not server.cfg.preload_app or "gevent" not in server.cfg.worker_class_str:
        return
    monkey = sys.modules["gevent.monkey"]
    if not monkey.is_module_patched("threading"):
        server.log.error(
            "--preload has loaded the project before gevent could patch what it uses: requests will"
            f" fail, because they share a database connection. Leave --preload out, or begin the"
            f" application's module with {_HOW}"
        )
    elif monkey.is_module_patched("os") or monkey.is_module_patched("signal"):
        server.log.error(
            "gevent keeps the end of a worker from gunicorn's master: who dies is not replaced."
            f" With --preload, patch by {_HOW}"
        )
