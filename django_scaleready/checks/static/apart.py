"""Work done beside this process, in a fork of it: what is read already need not be sent there."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from django_scaleready.checks.code.loading.spread import cores

T = TypeVar("T")


def apart(work: Callable[[], T]) -> Callable[[], T]:
    """Begin some work, and return what waits for its result.

    On one core, or where a fork is not safe, it is done when it is waited for; so is what its
    process left undone, for it was ended or its result cannot be sent.
    """
    # A fork beside other threads may hang on a lock that one of them holds.
    if sys.platform != "linux" or threading.active_count() > 1 or cores() == 1:
        return work
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:
        # No more processes, or no memory for them.
        os.close(reading)
        os.close(writing)
        return work
    if not child:
        os.close(reading)
        _send(work, writing)
    os.close(writing)

    def result() -> T:
        with os.fdopen(reading, "rb") as pipe:
            sent = pipe.read()
        os.waitpid(child, 0)
        try:
            found: T = pickle.loads(sent)  # noqa: S301 - from a fork of this very process
        except (EOFError, pickle.UnpicklingError):
            return work()
        return found

    return result


def _send(work: Callable[[], T], pipe: int) -> None:
    """Do it and end: nothing else of this process's is done twice, not even at its exit."""
    try:
        sent = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(pipe, "wb") as stream:
            stream.write(sent)
    finally:
        # Whatever was raised is raised again where the result is waited for.
        os._exit(0)
