"""Which line a worker's end gets; the ends themselves are in the live tests."""

from __future__ import annotations

import logging
import signal
from types import SimpleNamespace
from typing import Any

import pytest

from django_scaleready.arbiter import deaths as module
from django_scaleready.arbiter.deaths import Deaths

PID, AGE = 77, 1


class Case:
    """A worker that has ended, and what is known of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kills: int | None = 3
        monkeypatch.setattr(module.oom, "kills", lambda: self.kills)
        monkeypatch.setattr(module.oom, "limit", lambda: 512 * 2**20)
        log = SimpleNamespace(error_log=logging.getLogger("gunicorn.error"))
        cfg = SimpleNamespace(worker_tmp_dir=None, timeout=30)
        self.server: Any = SimpleNamespace(log=log, cfg=cfg, LISTENERS=["one"])
        self.worker: Any = SimpleNamespace(pid=PID, age=AGE, aborted=False, cfg=cfg)
        self.deaths = Deaths()
        self.deaths.expect(self.server, self.worker)

    def wrote(self, text: bytes) -> None:
        file = self.deaths._traces[AGE]
        file.write(text)
        file.flush()

    def ends(self, number: int = 0) -> None:
        if number:
            self.deaths._signals[PID] = number
        self.deaths.explain(self.server, self.worker)


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Case:
    return Case(monkeypatch)


def test_one_that_was_asked_to_end(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    for number in (0, signal.SIGTERM, signal.SIGQUIT):
        case.ends(number)
    assert caplog.records == []


def test_killed_for_memory(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.kills = 4
    case.ends(signal.SIGKILL)
    assert caplog.messages == [
        "Worker (pid:77) was killed by the kernel: out of memory (limit 512 MiB)"
    ]


def test_killed_from_outside(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.ends(signal.SIGKILL)
    assert "by SIGKILL from outside" in caplog.text


@pytest.mark.parametrize("what", ["stopping", "uncounted"])
def test_a_sigkill_of_which_nothing_is_known(
    case: Case, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    if what == "stopping":
        case.server.LISTENERS = []
    else:
        case.kills = None
        case.deaths = Deaths()
        case.deaths.expect(case.server, case.worker)
    case.ends(signal.SIGKILL)
    assert caplog.records == []


def test_a_kill_is_counted_once(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.kills = 4
    case.ends()  # Another process of the group was killed, and this worker was not.
    case.ends(signal.SIGKILL)
    assert "by SIGKILL from outside" in caplog.text


def test_hung_whatever_ended_it(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.worker.aborted = True
    case.kills = 4
    case.wrote(b"Thread 1\n  in view\n")
    case.ends(signal.SIGKILL)
    (record,) = caplog.records
    assert record.message == ("Worker (pid:77) had not answered its master for 30 s and was ended")
    assert (record.levelname, record.stack_info) == ("CRITICAL", "Thread 1\n  in view\n")


def test_crashed(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.wrote(b"Fatal Python error")
    case.ends(signal.SIGSEGV)
    assert caplog.messages == ["Worker (pid:77) crashed with SIGSEGV"]


def test_aborted_by_somebody(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.wrote(b"Fatal Python error: Aborted")
    case.ends()
    assert caplog.messages == ["Worker (pid:77) was ended by SIGABRT from outside"]


def test_files_are_closed_with_the_worker(case: Case) -> None:
    file = case.deaths._traces[AGE]
    case.ends()
    assert file.closed
    assert case.deaths._traces == {}
