"""A promise is held against what was recorded: as many that held as that did not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.synthetic import sample, trial

from django_scaleready.checks.registry import RULES
from django_scaleready.drill import advice
from django_scaleready.drill.judge import Verdict, failing, judge, milliseconds
from django_scaleready.drill.promises import Excused, Observation, Trial
from django_scaleready.drill.recording import Recording, Sample

QUIET = [sample(at / 10) for at in range(50, 250)]


def judged(trial_: Trial, *samples: Sample, executed: dict[str, int] | None = None) -> Verdict:
    return judge(Recording([*QUIET, *samples], executed=executed or {}), trial_)


def test_nothing_failed() -> None:
    verdict = judged(trial())
    assert verdict.held
    assert verdict.measured == "200 requests, 0 failed; p99 10 ms"
    assert verdict.advice == []


def test_one_request_breaks_a_promise_that_excuses_none() -> None:
    verdict = judged(trial(), sample(12, "reset"))
    assert verdict.broken == ["1 of 201 requests failed (1 reset)"]
    assert "/readyz" in verdict.advice[0].text


def test_a_failure_outside_its_window_is_another_s() -> None:
    assert judged(trial(), sample(4.9, "reset"), sample(25.1, "reset")).held


def test_nothing_sent_is_not_success() -> None:
    verdict = judge(Recording([]), trial())
    assert verdict.broken == ["no request was sent, so nothing was shown"]
    assert "--paths" in verdict.advice[0].text


def test_observations_alone_can_hold() -> None:
    seen = [Observation("session", "A session", "known on the other", held=True)]
    verdict = judge(Recording([]), trial(name="hop", observations=seen))
    assert verdict.measured == "A session: known on the other"


@pytest.mark.parametrize(
    ("at", "seconds", "held"),
    [
        (9.5, 1.0, True),  # sent before, cut off by it
        (10.05, 0.1, True),  # sent within the grace
        (10.2, 0.1, False),  # sent later
        (9.5, 0.4, False),  # over before it began
    ],
)
def test_in_flight_when_it_began(at: float, seconds: float, held: bool) -> None:
    kill = trial(excused=Excused.IN_FLIGHT)
    verdict = judged(kill, sample(at, "reset", seconds))
    assert verdict.held is held
    assert len(verdict.excused) == int(held)


@pytest.mark.parametrize(
    ("at", "seconds", "held"),
    [(15, 1, True), (20.9, 0.1, True), (21.1, 0.1, False), (9, 0.5, False)],
)
def test_while_it_lasts(at: float, seconds: float, held: bool) -> None:
    away = trial(excused=Excused.MEANWHILE, grace=1)
    assert judged(away, sample(at, "500", seconds)).held is held


@pytest.mark.parametrize(
    ("at", "outcome", "replica", "held"),
    [
        (23.7, "503", "", True),  # the balancer's, which has nobody and probes twice
        (23.9, "503", "", False),
        (21.1, "503", "replica-a", False),
        (21.1, "502", "", False),
    ],
)
def test_until_the_balancer_has_somebody_again(
    at: float, outcome: str, replica: str, held: bool
) -> None:
    away = trial(excused=Excused.MEANWHILE, grace=1)
    assert judged(away, sample(at, outcome)._replace(replica=replica)).held is held


@pytest.mark.parametrize("excused", Excused)
def test_a_wrong_answer_is_never_excused(excused: Excused) -> None:
    verdict = judged(trial(excused=excused), sample(10, "wrong"))
    assert not verdict.held
    assert advice.SESSION_LOCAL in verdict.advice[0].rules


def test_what_failed_as_allowed_is_said_and_counted() -> None:
    verdict = judged(trial(excused=Excused.MEANWHILE), sample(15, "500"))
    assert verdict.held
    assert len(verdict.excused) == 1
    assert "1 failed as allowed" in verdict.measured


def test_a_recovery_that_takes_too_long() -> None:
    late = sample(20.5, "timeout", 4)
    away = trial(name="postgres-restarted", excused=Excused.MEANWHILE, grace=1, recovery=3)
    verdict = judged(away, late)
    assert verdict.broken == ["requests failed until 4.5 s after its end, 3 s are allowed"]
    assert advice.CONN_MAX_AGE in verdict.advice[0].rules
    assert judged(away, late._replace(seconds=2.0)).held


def test_more_failed_than_a_hung_worker_explains() -> None:
    hung = trial(name="worker-hung", excused=Excused.MEANWHILE)
    hung = replace(hung, promise=replace(hung.promise, most=0.1))
    few, many = ([sample(11 + n / 10, "timeout") for n in range(number)] for number in (11, 12))
    assert judged(hung, *few).held
    verdict = judged(hung, *many)
    assert verdict.broken == ["12 of 112 requests failed while it lasted, 10% is allowed"]
    assert "timeout" in verdict.advice[0].text


def test_what_fails_without_a_fault_is_told_once() -> None:
    always = [sample(at, "wrong") for at in (1, 2, 12, 22)]
    recording = Recording([*QUIET, *always, sample(12, "502")])
    baseline = trial(0, 4, name="baseline")
    known = failing(recording, baseline)
    assert not judge(recording, baseline).held
    verdict = judge(recording, trial(), known)
    assert verdict.broken == ["1 of 203 requests failed (1 502)"]
    assert verdict.known == 2
    quiet = judge(Recording([*QUIET, *always]), trial(), known)
    assert quiet.measured == "202 requests, 0 failed; 2 more fail without a fault, too; p99 10 ms"


def test_a_request_that_is_slow_on_purpose_is_not_waited_for() -> None:
    slow = [sample(11 + n, seconds=3)._replace(kind="slow") for n in range(5)]
    assert judged(trial(p99=1), *slow).held


def test_a_kill_that_took_a_moment_to_be_sent() -> None:
    kill = replace(trial(excused=Excused.IN_FLIGHT), struck=10.4)
    assert judged(kill, sample(10.45, "reset")).held
    assert not judged(kill, sample(10.55, "reset")).held


def test_what_is_the_same_is_said_once() -> None:
    seen = [Observation(topic, topic, "known", held=True) for topic in ("a row", "a session")]
    assert judged(trial(observations=seen)).measured.endswith("a row, a session: known")


def test_slower_than_promised() -> None:
    slow = [sample(11 + n, seconds=1.5) for n in range(5)]
    assert judged(trial(p99=2), *slow).held
    verdict = judged(trial(name="redis-hung", p99=1), *slow)
    assert verdict.broken == ["p99 1.5 s while it lasted, 1.0 s is allowed"]
    assert "IGNORE_EXCEPTIONS" in verdict.advice[0].text


def test_a_post_executed_twice() -> None:
    posts = [sample(12, id_="a"), sample(12, "reset", id_="b")]
    allowing = trial(excused=Excused.MEANWHILE)
    assert judged(allowing, *posts, executed={"a": 1, "b": 1}).held
    verdict = judged(allowing, *posts, executed={"a": 1, "b": 2, "of another trial": 2})
    assert verdict.broken == ["1 POST executed twice"]
    assert "retry-on" in verdict.advice[0].text


def test_a_post_answered_and_never_executed() -> None:
    verdict = judged(trial(), sample(12, id_="a"), sample(13, id_="b"))
    assert verdict.broken == ["2 POSTs answered but never executed"]
    assert verdict.lost == 2


def test_what_did_not_hop() -> None:
    lost = Observation("upload", "A file", "404 on the other", held=False)
    fine = Observation("session", "A session", "known on the other", held=True)
    verdict = judged(trial(name="hop", observations=[fine, lost]))
    assert verdict.broken == ["A file: 404 on the other"]
    assert verdict.not_hopped == [lost]
    assert verdict.advice[0].rules == (advice.MEDIA_LOCAL,)


@pytest.mark.parametrize(
    ("outcome", "word"),
    [("502", "/readyz"), ("500", "traceback"), ("403", "traceback"), ("timeout", "time-out"),
     ("wrong", "SESSION_ENGINE")],
)  # fmt: skip
def test_the_advice_is_about_the_commonest_failure(outcome: str, word: str) -> None:
    verdict = judged(trial(), sample(11, outcome), sample(12, outcome), sample(13, "refused"))
    assert word in verdict.advice[0].text


def test_each_thing_is_advised_once() -> None:
    hung = trial(name="redis-hung", p99=1)
    slow = [sample(11 + n, seconds=1.5) for n in range(5)]
    assert len(judged(hung, sample(12, "500"), *slow).advice) == 1


def test_many_ways_to_fail_are_not_all_named() -> None:
    failed = [sample(12, outcome) for outcome in ("reset", "refused", "502", "timeout")]
    assert "...)" in judged(trial(), *failed).broken[0]


def test_the_rules_are_those_of_the_check() -> None:
    known = {(rule.code, rule.slug) for rule in RULES}
    assert {tuple(rule) for rule in advice.RULES} <= known
    assert len(advice.RULES) > 8


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0042, "4 ms"), (0.9, "900 ms"), (1.25, "1.2 s"), (float("nan"), "-")],
)
def test_a_latency_for_people(seconds: float, words: str) -> None:
    assert milliseconds(seconds) == words
