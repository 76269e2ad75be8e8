"""Requests at a rate, from a process of their own: a program and the function that runs it.

Open loop: a request's time counts from the moment it was due, so that a server that stalls cannot
slow down the questions and look well. ``python -m bench.load '{"port": 8000, ...}'`` prints a
Result as JSON.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django_scaleready.drill.ports import HOST

ROOT = Path(__file__).resolve().parent.parent
_TICK = 0.002


@dataclass(frozen=True)
class Plan:
    """What to ask of ``port``: ``rate`` requests a second for ``seconds``, ``burst`` at a time.

    At most ``connections`` are open; a request due while all are busy waits its turn and its time
    runs. ``timeout`` is in seconds, from the sending. Without ``keep`` each has a connection of its
    own, as probes have.
    """

    port: int
    path: str
    rate: float
    seconds: float
    connections: int
    burst: int = 1
    timeout: float = 5.0
    keep: bool = True
    host: str = "shop.example"


@dataclass
class Result:
    """What became of each request, by the moment at which it was due (on the monotonic clock).

    ``answered`` are (due, seconds, status), ``failed`` (due, error's name). ``unsent`` were due and
    found no free connection before the end.
    """

    answered: list[tuple[float, float, int]] = field(default_factory=list)
    failed: list[tuple[float, str]] = field(default_factory=list)
    unsent: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    def within(self, began: float = -math.inf, ended: float = math.inf) -> Result:
        """The requests that were due in a window."""
        return Result(
            [one for one in self.answered if began <= one[0] < ended],
            [one for one in self.failed if began <= one[0] < ended],
            [due for due in self.unsent if began <= due < ended],
            max(began, self.began),
            min(ended, self.ended),
        )

    def percentile(self, percent: int) -> float:
        """In seconds, by nearest rank; infinite if so many were not answered, 0 if none was due.

        Without the unanswered ones a server that answers one request in a hundred would look well.
        """
        everyone = [*sorted(seconds for _, seconds, _ in self.answered), *[math.inf] * self.lost]
        if not everyone:
            return 0.0
        return everyone[max(0, math.ceil(len(everyone) * percent / 100) - 1)]

    def shown(self, percent: int) -> str:
        """A percentile for a cell of a table."""
        seconds = self.percentile(percent)
        return "none" if math.isinf(seconds) else f"{seconds * 1e3:.1f} ms"

    def number(self, percent: int) -> float | None:
        """A percentile for JSON, which knows no infinity."""
        seconds = self.percentile(percent)
        return None if math.isinf(seconds) else seconds

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return len(self.answered) / max(self.ended - self.began, 1e-9)

    @property
    def lost(self) -> int:
        """Requests that were due and not answered."""
        return len(self.failed) + len(self.unsent)

    @property
    def statuses(self) -> dict[int, int]:
        """How many answers of each status."""
        return dict(collections.Counter(status for _, _, status in self.answered))


class _Client:
    """The requests that are due, and the connections that take them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.result = Result()
        self.due: asyncio.Queue[float] = asyncio.Queue()
        connection = "keep-alive" if plan.keep else "close"
        self.request = (
            f"GET {plan.path} HTTP/1.1\r\nHost: {plan.host}\r\nConnection: {connection}\r\n\r\n"
        ).encode()

    async def run(self) -> Result:
        workers = [asyncio.create_task(self._work()) for _ in range(self.plan.connections)]
        self.result.began = time.monotonic()
        await self._schedule(self.result.began)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.due.join(), self.plan.timeout)
        self.result.ended = time.monotonic()
        for worker in workers:
            worker.cancel()
        while not self.due.empty():
            self.result.unsent.append(self.due.get_nowait())
        return self.result

    async def _schedule(self, began: float) -> None:
        given = 0
        while (elapsed := time.monotonic() - began) < self.plan.seconds:
            lumps = int(elapsed * self.plan.rate / self.plan.burst) + 1
            while given < lumps * self.plan.burst:
                lump = given // self.plan.burst
                self.due.put_nowait(began + lump * self.plan.burst / self.plan.rate)
                given += 1
            await asyncio.sleep(_TICK)

    async def _work(self) -> None:
        connection: _Connection | None = None
        while True:
            due = await self.due.get()
            try:
                async with asyncio.timeout(self.plan.timeout):
                    if connection is None or connection.closed:
                        connection = await _connect(self.plan.port)
                    status = await connection.ask(self.request)
            except (OSError, EOFError, TimeoutError) as error:
                self.result.failed.append((due, type(error).__name__))
                if connection is not None:
                    connection.close()
            else:
                self.result.answered.append((due, time.monotonic() - due, int(status)))
                if not self.plan.keep:
                    connection.close()
            self.due.task_done()


class _Connection(asyncio.Protocol):
    """One connection, one request at a time; answers have a Content-Length or end with it."""

    def __init__(self) -> None:
        self.closed = False
        self._received = b""
        self._answer: asyncio.Future[str] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, request: bytes) -> asyncio.Future[str]:
        """Send a request; the future is the answer's status."""
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        _, _, rest = head.lower().partition(b"\r\ncontent-length:")
        if rest and len(body) >= int(rest.partition(b"\r\n")[0]):
            if b"\r\nconnection: close" in head.lower():
                self.close()
            self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._answer is None or self._answer.done():
            return
        if exc is None and b"\r\n\r\n" in self._received:
            self._done()
        else:
            self._answer.set_exception(exc or EOFError())

    def _done(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._received[9:12].decode("ascii"))

    def close(self) -> None:
        """End it; nothing more comes."""
        self.closed = True
        self._transport.abort()


async def _connect(port: int) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, HOST, port)
    return connection


class Running:
    """A load in a process of its own, begun when this is made."""

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load", json.dumps(asdict(plan))],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def result(self) -> Result:
        """Wait for its end."""
        assert self._process.stdout is not None
        return Result(**json.loads(self._process.stdout.read()))

    def end(self) -> None:
        """Have it ended, whatever it does."""
        with self._process as process:
            process.kill()


def together(plans: Sequence[Plan], meanwhile: Callable[[], None] = lambda: None) -> list[Result]:
    """Run loads side by side; all have ended when this returns or raises."""
    running = [Running(plan) for plan in plans]
    try:
        meanwhile()
        return [load.result() for load in running]
    finally:
        for load in running:
            load.end()


if __name__ == "__main__":
    asked = _Client(Plan(**json.loads(sys.argv[1])))
    print(json.dumps(asdict(asyncio.run(asked.run()))))
