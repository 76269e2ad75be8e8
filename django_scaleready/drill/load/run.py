"""A program: sends a plan to an address until it is told to stop, writes each sample as a line.

``python -m django_scaleready.drill.load.run PLAN HOST PORT ZERO``; SIGTERM lets the
requests in flight end and no others begin. stdout: JSON lines, each a sample's values.
"""

from __future__ import annotations

import itertools
import json
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from django_scaleready.drill.load.client import ERRORS, Client, WrongAnswerError
from django_scaleready.drill.load.plan import Plan
from django_scaleready.drill.recording import Sample

_LOGINS = 5
_FLUSH_SECONDS = 0.25


class Run:
    """Threads that take the next turn when its time has come, so that the rate is kept.

    A client that waits for its answer holds its turn alone: the others go on.
    """

    def __init__(self, plan: Plan, host: str, port: int, zero: float, output: TextIO) -> None:
        self._plan, self._address, self._zero = plan, (host, port), zero
        self._output = output
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._turns = itertools.count()
        self._waiting: list[Sample] = []
        self._weights = [step.weight for step in plan.steps]

    def stop(self) -> None:
        """Let no further request begin."""
        self._ended.set()

    def run(self) -> None:
        """Send until it is stopped, or the plan's number of requests is reached."""
        self._began = time.monotonic()
        threads = [
            threading.Thread(target=self._client, args=(number,))
            for number in range(self._plan.clients)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._ended.wait(_FLUSH_SECONDS)
            time.sleep(0.01 if self._ended.is_set() else 0)
            self._flush()
        self._flush()

    def _client(self, number: int) -> None:
        client = Client(*self._address, self._plan)
        # Its own: the same requests each time, whatever the threads' order.
        chance = random.Random(number)  # noqa: S311 - no secret
        signed_in = not any(step.session for step in self._plan.steps) or self._sign_in(
            client, number
        )
        while (turn := self._turn()) is not None:
            step = chance.choices(self._plan.steps, self._weights)[0]
            if step.session and not signed_in:
                signed_in = self._sign_in(client, number)
            id_ = f"{number}-{turn}" if step.method == "POST" else ""
            fresh = chance.random() < step.fresh
            self._write(client.send(step, id_, fresh=fresh, zero=self._zero))

    def _turn(self) -> int | None:
        """Wait for the next turn; None if there is none any more."""
        with self._lock:
            turn = next(self._turns)
        if self._plan.requests and turn >= self._plan.requests:
            return None
        due = self._began + turn / self._plan.rate
        ended = self._ended.wait(max(0.0, due - time.monotonic()))
        return None if ended else turn

    def _sign_in(self, client: Client, number: int) -> bool:
        began = time.monotonic()
        try:
            client.sign_in(f"client-{number}")
        except (WrongAnswerError, *ERRORS) as error:
            outcome = str(error) if isinstance(error, WrongAnswerError) else "login"
            at, seconds = began - self._zero, time.monotonic() - began
            self._write(Sample(at, "login", "/.drill/login/", "", outcome, seconds))
            return False
        return True

    def _write(self, sample: Sample) -> None:
        with self._lock:
            self._waiting.append(sample)

    def _flush(self) -> None:
        with self._lock:
            lines, self._waiting = self._waiting, []
        self._output.writelines(f"{json.dumps(sample)}\n" for sample in lines)
        self._output.flush()


def main(arguments: list[str]) -> None:
    """Run the plan of a file."""
    plan, host, port, zero = arguments
    run = Run(Plan.from_json(Path(plan).read_text()), host, int(port), float(zero), sys.stdout)
    signal.signal(signal.SIGTERM, lambda *_: run.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the drill's, and it ends this.
    run.run()


if __name__ == "__main__":
    main(sys.argv[1:])
