"""A thread for checks, with database connections of its own that another thread can cut."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core import mail
from django.core.cache import caches
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Seconds without a probe until the thread ends and its connections are closed. More than the time
# between two probes of any balancer, which would otherwise pay for a new thread each time.
IDLE_SECONDS = 60.0
# Seconds. While a connection is being made its socket is the driver's alone, and nothing can cut
# it; psycopg's own limit is 130. For the drivers that take the option, by Django's name for them.
CONNECT_SECONDS = 5
_TAKES_CONNECT_TIMEOUT = ("postgresql", "mysql")

# Runs in the thread; False ends it.
Job = Callable[[], bool]


class Lane(threading.Thread):
    """Runs one job after another. A daemon: a check that hangs must not keep a process alive.

    ``retire`` is asked, in the thread, whether the lane may end for want of work.
    """

    def __init__(self, name: str, retire: Callable[[Lane], bool]) -> None:
        super().__init__(name=name, daemon=True)
        self._retire = retire
        # Looked up now: gevent puts its own in place of it, after this module may have been loaded.
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._wrappers: list[BaseDatabaseWrapper] = []

    def give(self, job: Job) -> None:
        """Have a job run after those that were given before."""
        self._jobs.put(job)

    def run(self) -> None:
        """Work until there is nothing to do, or a job says that this is no longer the lane."""
        with _own_connections() as self._wrappers:
            while True:
                try:
                    job = self._jobs.get(timeout=IDLE_SECONDS)
                except queue.Empty:
                    if self._retire(self):
                        return
                    continue
                if not job():
                    return
                _tidy(self._wrappers)

    def cut(self) -> None:
        """Shut the sockets of its database connections down: whoever waits on one gets an error.

        Callable from any thread; what was waiting may still have to be waited for.
        """
        for wrapper in self._wrappers:
            _shut(wrapper)


@contextlib.contextmanager
def _own_connections() -> Iterator[list[BaseDatabaseWrapper]]:
    """Give this thread's connections the probes' options; close them in the end."""
    for alias in connections:
        wrapper = connections[alias]
        wrapper.settings_dict = _bounded(wrapper.settings_dict, wrapper.vendor)
    try:
        yield [connections[alias] for alias in connections]
    finally:
        connections.close_all()


def _bounded(declared: Mapping[str, Any], vendor: str) -> dict[str, Any]:
    options = dict(declared["OPTIONS"])
    # A pool that requests have used up is load and no fault: the replica that leaves the balancer
    # for it leaves its load to the others.
    options.pop("pool", None)
    if vendor in _TAKES_CONNECT_TIMEOUT:
        # What is no number is left for the driver to complain of.
        with contextlib.suppress(TypeError, ValueError):
            wanted = int(options.get("connect_timeout") or CONNECT_SECONDS)
            options["connect_timeout"] = min(wanted, CONNECT_SECONDS)
    return {**declared, "OPTIONS": options}


def _tidy(wrappers: list[BaseDatabaseWrapper]) -> None:
    """Do after a run what Django does after a request."""
    caches.close_all()
    # Django's own mark of a test run: a connection that stays would keep the runner from dropping
    # the test database.
    testing = hasattr(mail, "outbox")
    for wrapper in wrappers:
        if testing:
            wrapper.close()
        else:
            wrapper.close_if_unusable_or_obsolete()


def _shut(wrapper: BaseDatabaseWrapper) -> None:
    fileno = getattr(wrapper.connection, "fileno", None)
    if fileno is None:
        return  # not connected, or a driver without a socket to show
    # Both say that it is closed by now: the system's error and the driver's.
    driver: Any = getattr(wrapper, "Database")  # noqa: B009 - the stubs lack it
    with contextlib.suppress(OSError, driver.Error):
        number = fileno()
        with socket.socket(fileno=os.dup(number)) as copy:
            # Had the driver closed it in between, the number might be a client's connection by now,
            # and so would the copy be.
            if fileno() == number:
                copy.shutdown(socket.SHUT_RDWR)
