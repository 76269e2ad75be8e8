"""The keeper: the mule that drains and stops the replica, and says why a worker died.

uWSGI runs this file as a script in a process of its own, and starts it again if it dies: what it
knows is in what the master holds. It lives as long as the master does.
"""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import time
from pathlib import Path
from types import FrameType

import uwsgi

from django_scaleready.replica_state import replica
from django_scaleready.settings.logging import LOGGING
from django_scaleready.uwsgi.deaths import Deaths, ask_to_end, running
from django_scaleready.uwsgi.in_master import HEARD, LADDER

logger = logging.getLogger("django_scaleready.uwsgi")

# Seconds between two looks: at the workers, and at what the master was sent during the drain.
ROUND = 1.0
GLANCE = 0.05
# So many SIGTERMs end the drain.
SKIP = 2


class Keeper:
    """One replica's, from the first fork to the master's exit."""

    def __init__(self) -> None:
        self._master = os.getppid()
        fifo = uwsgi.opt["master-fifo"]
        # The first of several is the one that uWSGI reads.
        self._fifo = Path(os.fsdecode(fifo[0] if isinstance(fifo, list) else fifo))
        self._stopping = False
        self._deaths = Deaths()
        self._next_round = 0.0
        signal.signal(signal.SIGHUP, self._on_hangup)
        signal.signal(signal.SIGINT, _on_interrupt)

    def run(self) -> None:
        """Watch until the replica is to stop: after a drain, or at once."""
        try:
            self._keep()
        except KeyboardInterrupt:
            self._stop_at_once()

    def _keep(self) -> None:
        while signal.SIGTERM not in (heard := HEARD.wait(ROUND)):
            self._look_around()
            if heard:
                # One worker after the other loads the project anew. uWSGI's own answer, to start
                # itself again, leaves nobody to serve meanwhile.
                HEARD.forget(len(heard))
                self._command(b"c")
        asked_at = time.monotonic()
        self._drain()
        self._stop()
        logger.info("Stopped %.1f s after SIGTERM", time.monotonic() - asked_at)

    def _look_around(self) -> None:
        if time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + ROUND
            self._deaths.tell()

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        """The master reloads, or it stops: then there is still something to do here."""
        if not self._stopping:
            # The next master makes a FIFO of another name.
            self._fifo.unlink(missing_ok=True)
            os._exit(0)

    @property
    def _left(self) -> float:
        """Seconds until the drain is over. One that a preStop hook began counts from then."""
        declared = replica.declared_drain
        seconds = LADDER.drain if declared is None else declared
        return max(0.0, seconds - replica.drained_for)

    def _drain(self) -> None:
        replica.drain()
        if self._left:
            logger.info(
                "Draining for %.1f s: readiness answers 503, everything else is served", self._left
            )
        refused = 0
        while self._left and (heard := HEARD.signals()).count(signal.SIGTERM) < SKIP:
            if (reloads := heard.count(signal.SIGHUP)) > refused:
                refused = reloads
                logger.warning("Not reloading: the replica is draining")
            time.sleep(min(GLANCE, self._left))
            self._look_around()

    def _stop(self) -> None:
        declared = replica.declared_graceful
        graceful = LADDER.graceful_timeout if declared is None else declared
        logger.info(
            "Drained for %.1f s%s; stopping, up to %d s for requests in flight",
            replica.drained_for,
            ", cut short by a second SIGTERM" if self._left else "",
            graceful,
        )
        self._stopping = True
        if not self._command(b"q"):
            os.kill(self._master, signal.SIGINT)  # At once is better than never.
        deadline = time.monotonic() + graceful
        asked_again = time.monotonic() + ROUND
        while (left := running()) and time.monotonic() < deadline:
            time.sleep(GLANCE)
            if time.monotonic() >= asked_again:
                asked_again += ROUND
                # One that was still loading when uWSGI asked it did not listen yet.
                ask_to_end(left)
        # uWSGI waits for them without end, and knows neither mercy nor harakiri meanwhile.
        self._deaths.end(running(), graceful)

    def _stop_at_once(self) -> None:
        """End the workers that do not hear the master: those that still load the project."""
        deadline = time.monotonic() + ROUND
        while running() and time.monotonic() < deadline:
            time.sleep(GLANCE)
        # uWSGI would wait until its mercy is over, as long as for a request.
        self._deaths.end(running(), ROUND)

    def _command(self, letter: bytes) -> bool:
        """Tell the master by its FIFO; return whether somebody reads that."""
        try:
            fifo = os.open(self._fifo, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(fifo, letter)
            finally:
                os.close(fifo)
        except OSError as error:
            logger.error("uWSGI's FIFO cannot be written: %s", error)
            return False
        return True


def _on_interrupt(_number: int, _frame: FrameType | None) -> None:
    """The master stops at once. A worker that still loads the project passes its own SIGINT on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    logging.config.dictConfig(LOGGING)
    Keeper().run()
