"""The handler on real pipes: read, not read, read again, closed, another user's."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from django_scaleready.logs import handlers
from django_scaleready.logs.handlers import OutputHandler

PIPE_BYTES = 65536


@pytest.fixture(params=["own descriptor", "shared descriptor"])
def descriptor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the pipe may be opened a second time."""
    if request.param == "shared descriptor":

        def refuse(path: str, flags: int) -> int:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr(handlers.os, "open", refuse)
    return str(request.param)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch, descriptor: str) -> Iterator[int]:
    """The read end of a pipe that takes the place of stdout."""
    reader, writer = os.pipe()
    monkeypatch.setitem(handlers.DESCRIPTORS, "stdout", writer)
    yield reader
    for end in (reader, writer):
        with contextlib.suppress(OSError):
            os.close(end)


@pytest.fixture
def handler(pipe: int) -> Iterator[OutputHandler]:
    made = OutputHandler()
    made.setFormatter(logging.Formatter("%(message)s"))
    yield made
    made.close()


def say(handler: logging.Handler, message: str) -> None:
    handler.handle(logging.makeLogRecord({"msg": message, "levelno": 20}))


def drain(reader: int, patience: float = 0.2) -> bytes:
    """Read until nothing comes for ``patience`` seconds."""
    got = b""
    while select.select([reader], [], [], patience)[0]:
        chunk = os.read(reader, PIPE_BYTES)
        if not chunk:
            break
        got += chunk
    return got


def fill(handler: OutputHandler) -> None:
    """Write until the pipe takes no more."""
    while not handler._dropped:
        say(handler, "x" * 999)


def test_a_line_is_there_at_once(handler: OutputHandler, pipe: int) -> None:
    say(handler, "hello é")
    assert os.read(pipe, 100) == "hello é\n".encode()


def test_a_lone_surrogate_does_not_lose_the_line(handler: OutputHandler, pipe: int) -> None:
    say(handler, "a\ud800b")
    assert os.read(pipe, 100) == b"a\\ud800b\n"


def test_a_full_pipe_costs_50_ms_once_and_then_nothing(
    handler: OutputHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "BACKOFF_SECONDS", 60.0)
    patience: list[float] = []
    push = handlers._push

    def watched(descriptor: int, data: memoryview, size: int, seconds: float) -> memoryview:
        patience.append(seconds)
        return push(descriptor, data, size, seconds)

    monkeypatch.setattr(handlers, "_push", watched)
    fill(handler)
    handler._wait_again_at = 0.0
    patience.clear()
    start = time.monotonic()
    for _ in range(100):
        say(handler, "lost")
    assert time.monotonic() - start > 0.04
    assert patience == [0.05] + [0.0] * 199, "the news of the loss, and each line"
    assert handler._dropped == 101


def test_the_loss_is_told_when_the_reader_is_back(handler: OutputHandler, pipe: int) -> None:
    fill(handler)
    say(handler, "lost")
    drain(pipe)
    say(handler, "back")
    assert drain(pipe).endswith(b"2 log records were dropped because nobody read them\nback\n")
    say(handler, "again")
    assert drain(pipe) == b"again\n"


def test_the_loss_is_told_at_the_end(handler: OutputHandler, pipe: int) -> None:
    fill(handler)
    drain(pipe)
    handler.close()
    assert drain(pipe).endswith(b"1 log records were dropped because nobody read them\n")


def test_a_line_cut_short_is_ended_before_the_next(handler: OutputHandler, pipe: int) -> None:
    say(handler, "y" * 3 * PIPE_BYTES)
    assert handler._dropped == 1
    drain(pipe)
    say(handler, "next")
    lines = drain(pipe).splitlines()
    assert lines[-1] == b"next"
    assert lines[0] == b""  # what ends the torn line


def test_a_slow_reader_gets_a_long_line_whole(handler: OutputHandler, pipe: int) -> None:
    got = []
    thread = threading.Thread(target=lambda: got.append(drain(pipe, 2.0)))
    thread.start()
    say(handler, "z" * 5 * PIPE_BYTES)
    os.close(handlers.DESCRIPTORS["stdout"])
    handler._release()
    thread.join()
    assert got == [b"z" * 5 * PIPE_BYTES + b"\n"]


def test_long_lines_of_several_threads_do_not_mix(handler: OutputHandler, pipe: int) -> None:
    got = []
    reader = threading.Thread(target=lambda: got.append(drain(pipe, 2.0)))
    reader.start()
    writers = [
        threading.Thread(target=lambda c=c: [say(handler, c * 10_000) for _ in range(20)])
        for c in "abcd"
    ]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    os.close(handlers.DESCRIPTORS["stdout"])
    handler._release()
    reader.join()
    lines = got[0].decode().splitlines()
    assert sorted(lines) == sorted(c * 10_000 for c in "abcd" for _ in range(20))


def test_a_reader_that_is_gone_for_good_is_no_error(handler: OutputHandler, pipe: int) -> None:
    os.close(pipe)
    say(handler, "lost")
    assert handler._dropped == 1


def test_a_closed_stdout_is_no_error(handler: OutputHandler) -> None:
    os.close(handlers.DESCRIPTORS["stdout"])
    say(handler, "lost")
    assert handler._dropped == 1


def test_the_shared_descriptor_stays_blocking(handler: OutputHandler, pipe: int) -> None:
    say(handler, "hello")
    assert not fcntl.fcntl(handlers.DESCRIPTORS["stdout"], fcntl.F_GETFL) & os.O_NONBLOCK


def test_what_takes_the_place_of_stdout_is_written_to(
    handler: OutputHandler, pipe: int, tmp_path: Path
) -> None:
    say(handler, "pipe")
    with (tmp_path / "out").open("wb") as file:
        os.dup2(file.fileno(), handlers.DESCRIPTORS["stdout"])
        say(handler, "f" * PIPE_BYTES)
    assert os.read(pipe, 100) == b"pipe\n"
    assert (tmp_path / "out").read_text() == "f" * PIPE_BYTES + "\n"


def test_a_broken_formatter_does_not_reach_the_caller(
    handler: OutputHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    handler.setFormatter(logging.Formatter("%(nothing)s", validate=False))
    say(handler, "lost")
    assert "KeyError" in capsys.readouterr().err


SEVERAL = """
import logging, os
from django_scaleready.logs.handlers import OutputHandler
handler = OutputHandler()
for _ in range(3):
    os.fork()
for _ in range(10):
    handler.handle(logging.makeLogRecord({"msg": chr(97 + os.getpid() % 26) * 9_000}))
"""


def test_long_lines_of_several_processes_do_not_mix_while_the_pipe_has_room() -> None:
    with subprocess.Popen([sys.executable, "-c", SEVERAL], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        # More than the 720 kB that all of them write: with a full pipe a line may be split.
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 1 << 20)
        lines = process.stdout.read().decode().splitlines()
    assert len(lines) == 80
    assert {len(set(line)) for line in lines} == {1}
    assert {len(line) for line in lines} == {9_000}
