from __future__ import annotations

import pytest

from django_scaleready.probes import runner
from django_scaleready.probes.checks import CheckFailedError
from django_scaleready.probes.results import Status
from django_scaleready.probes.runner import run


def good() -> None:
    """Nothing to say."""


def broken() -> None:
    raise ConnectionRefusedError("db.internal refused")


def refused() -> None:
    raise CheckFailedError("2 unapplied migrations")


def test_nothing_to_run() -> None:
    assert run({}) == ()


def test_every_check_runs_although_the_first_fails() -> None:
    first, second = run({"database": broken, "cache": good})
    assert (first.component, first.status) == ("database", Status.FAIL)
    assert (second.component, second.status) == ("cache", Status.PASS)


def test_an_exception_shows_its_class_and_logs_its_message() -> None:
    (result,) = run({"database": broken})
    assert result.detail == "ConnectionRefusedError"
    assert result.reason == "ConnectionRefusedError: db.internal refused"


def test_a_verdict_is_shown_as_it_is() -> None:
    (result,) = run({"migrations": refused})
    assert result.status is Status.FAIL
    assert result.detail == result.reason == "2 unapplied migrations"


def test_a_check_slower_than_a_probe_may_be_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 11.5, 20.0, 20.999])
    monkeypatch.setattr(runner.time, "perf_counter", lambda: next(clock))
    slow, quick = run({"database": good, "cache": good})
    assert (slow.status, slow.seconds, slow.detail) == (Status.WARN, 1.5, "slow: 1.50 s")
    assert quick.status is Status.PASS


def test_an_exit_is_not_an_answer() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run({"database": stop})
