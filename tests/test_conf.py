"""``SCALEREADY``: what is refused and how, and what passes in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_scaleready.budget import Ladder
from django_scaleready.conf import conf
from django_scaleready.figures import FIGURES, Figure

SECRET = "hunter2-probe-token"


@pytest.fixture(autouse=True)
def _no_token_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCALEREADY_PROBE_TOKEN", raising=False)
    monkeypatch.delenv("SCALEREADY_PROBE_TOKEN_FILE", raising=False)


def refused(declared: object) -> str:
    with (
        override_settings(SCALEREADY=declared),
        pytest.raises(ImproperlyConfigured) as error,
    ):
        conf.validate()
    return str(error.value)


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"REPLICAS": 3, "WORKERS": 2, "DB_MAX_CONNECTIONS": 100},
        {"REPLICAS": None},
        {"POOLER": "transaction"},
        {"POOLER": "none"},
        {"SHARED_PATHS": ["/mnt/media"]},
        {"SHARED_PATHS": ("/mnt/media", "/mnt/exports")},
        {"SHARED_PATHS": []},
        {"PROBE_TOKEN": SECRET},
        {"PROBE_TOKEN": ""},
    ],
)
def test_silent_on_what_it_accepts(declared: dict[str, Any]) -> None:
    with override_settings(SCALEREADY=declared):
        conf.validate()


def test_nothing_declared() -> None:
    conf.validate()
    assert conf.replicas is None
    assert conf.workers is None
    assert conf.db_max_connections is None
    assert conf.pooler is None
    assert conf.shared_paths == ()
    assert conf.probe_token is None


def test_values_are_read_when_asked() -> None:
    with override_settings(SCALEREADY={"REPLICAS": 3, "SHARED_PATHS": ["/mnt"]}):
        assert conf.replicas == 3
        assert conf.shared_paths == ("/mnt",)
    assert conf.replicas is None


def test_an_unknown_option_is_named_with_the_nearest_one() -> None:
    message = refused({"REPLICA": 3})
    assert "'REPLICA'" in message
    assert "Did you mean 'REPLICAS'?" in message
    assert "SHARED_PATHS" in message  # what it accepts


def test_an_unknown_option_like_no_other_has_no_suggestion() -> None:
    assert "Did you mean" not in refused({"COLOUR": "green"})


@pytest.mark.parametrize(
    "option", ["REPLICAS", "WORKERS", "THREADS", "TASK_PROCESSES", "DB_MAX_CONNECTIONS"]
)
@pytest.mark.parametrize("value", [-1, 0, "3", 2.5, True, [1]])
def test_a_number_is_whole_and_positive(option: str, value: object) -> None:
    message = refused({option: value})
    assert f"SCALEREADY[{option!r}]" in message
    assert repr(value) in message
    assert "at least 1" in message


@pytest.mark.parametrize("value", ["statement", "", 1, ["transaction"]])
def test_the_pool_mode_is_one_of_three(value: object) -> None:
    message = refused({"POOLER": value})
    assert "SCALEREADY['POOLER']" in message
    assert "transaction, session, none" in message


def test_the_pool_mode_falls_back_to_the_exported_setting() -> None:
    with override_settings(DATABASE_POOLER="session"):
        assert conf.pooler == "session"
        with override_settings(SCALEREADY={"POOLER": "transaction"}):
            assert conf.pooler == "transaction"


def test_a_bad_exported_pool_mode_is_named_as_such() -> None:
    with (
        override_settings(DATABASE_POOLER="sessions"),
        pytest.raises(ImproperlyConfigured, match=r"^DATABASE_POOLER: got 'sessions'"),
    ):
        conf.validate()


@pytest.mark.parametrize("value", ["/mnt/media", 5, ["media"], [5], {"/mnt": 1}])
def test_shared_paths_are_a_list_of_absolute_paths(value: object) -> None:
    message = refused({"SHARED_PATHS": value})
    assert "SCALEREADY['SHARED_PATHS']" in message
    assert "absolute" in message


@pytest.mark.parametrize("value", [None, ["REPLICAS"], "REPLICAS=3", 3])
def test_the_setting_is_a_dictionary(value: object) -> None:
    message = refused(value)
    assert message.startswith("SCALEREADY: got a ")
    assert "dictionary" in message


def test_the_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_PROBE_TOKEN", SECRET)
    assert conf.probe_token == SECRET
    with override_settings(SCALEREADY={"PROBE_TOKEN": "another"}):
        assert conf.probe_token == "another"
    with override_settings(SCALEREADY={"PROBE_TOKEN": ""}):
        assert conf.probe_token is None


def test_the_token_may_come_from_a_mounted_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    secret.write_text(SECRET + "\n")
    monkeypatch.setenv("SCALEREADY_PROBE_TOKEN_FILE", str(secret))
    assert conf.probe_token == SECRET


@pytest.mark.parametrize("value", [SECRET.encode(), [SECRET], 0, 20240607, f" {SECRET}"])
def test_a_refused_token_is_not_printed(value: object) -> None:
    message = refused({"PROBE_TOKEN": value})
    assert "PROBE_TOKEN" in message
    assert "hunter2" not in message
    assert "20240607" not in message


def test_no_other_error_prints_the_token() -> None:
    for broken in ({"REPLICAS": -1}, {"PROBE_TOKENS": SECRET}, {"POOLER": "x"}):
        assert SECRET not in refused({"PROBE_TOKEN": SECRET, **broken})


# --- the ladder -------------------------------------------------------------------------------


def test_undeclared_the_ladder_is_derived() -> None:
    assert conf.ladder == Ladder.derive({})


def test_an_option_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_DRAIN", "6")
    monkeypatch.setenv("SCALEREADY_GRACE_PERIOD", "60")
    with override_settings(SCALEREADY={"DRAIN": 4, "REQUEST_TIMEOUT": None}):
        assert conf.ladder == Ladder.derive({"drain": 4, "grace_period": 60})
        assert [one.source for one in conf.ladder_declarations] == [
            "SCALEREADY['DRAIN']",
            "the variable SCALEREADY_DRAIN",
            "the variable SCALEREADY_GRACE_PERIOD",
        ]


def test_gunicorns_own_variable_wins_over_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNICORN_GRACEFUL_TIMEOUT", "12")
    with override_settings(SCALEREADY={"GRACEFUL_TIMEOUT": 15}):
        assert conf.ladder.graceful_timeout == 12


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.option)
def test_a_figure_is_validated_at_start(figure: Figure) -> None:
    with override_settings(SCALEREADY={figure.option: 9}):
        conf.validate()
        assert getattr(conf.ladder, figure.name) == 9
    for value in ("9", True, -1, [9]):
        message = refused({figure.option: value})
        assert f"SCALEREADY[{figure.option!r}]: got {value!r}, accepts {figure.accepts}" in message


def test_a_bad_variable_of_the_ladder_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_DRAIN", "soon")
    assert refused({}).startswith("SCALEREADY_DRAIN: got 'soon'")


def test_threads_come_from_gunicorns_variable_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert conf.threads is None
    monkeypatch.setenv("GUNICORN_THREADS", "8")
    assert conf.threads == 8
    with override_settings(SCALEREADY={"THREADS": 2}):
        assert conf.threads == 2


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (["readiness"], ["PROBES", "dictionary"]),
        ({"readyness": []}, ["'readyness'", "readiness, startup, health"]),
        ({"liveness": ["database"]}, ["liveness asks nothing", "mark_broken"]),
        ({"readiness": "database"}, ["['readiness']", "a list of checks"]),
        ({"readiness": None}, ["['readiness']", "a list of checks"]),
    ],
)
def test_the_groups_have_a_shape(value: object, says: list[str]) -> None:
    message = refused({"PROBES": value})
    for words in says:
        assert words in message


@pytest.mark.parametrize(
    "value",
    ["/livez", {"live": "/livez"}, {"liveness": "livez"}, {"liveness": "/livez/"}, {"version": 5}],
)
def test_the_paths_of_the_probes_are_paths(value: object) -> None:
    assert "SCALEREADY['PROBE_PATHS']" in refused({"PROBE_PATHS": value})


def test_two_probes_do_not_share_a_path() -> None:
    assert "of its own" in refused({"PROBE_PATHS": {"liveness": "/healthz"}})


@pytest.mark.parametrize("value", ["internal", "/internal/", "/", 5, 0])
def test_a_prefix_is_a_path(value: object) -> None:
    assert "SCALEREADY['PROBE_PREFIX']" in refused({"PROBE_PREFIX": value})


def test_the_prefix_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_PROBE_PREFIX", "/ops")
    assert conf.probe_prefix == "/ops"
    with override_settings(SCALEREADY={"PROBE_PREFIX": ""}):
        assert conf.probe_prefix == ""


@pytest.mark.parametrize("option", ["PROBE_TTL", "SHARED_FAILURE_AFTER"])
@pytest.mark.parametrize("value", [-1, "1", True, 30_000, float("nan"), float("inf")])
def test_a_time_is_a_number_of_seconds(option: str, value: object) -> None:
    message = refused({option: value})
    assert f"SCALEREADY[{option!r}]" in message
    assert "seconds" in message


def test_a_shared_failure_may_count_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    assert conf.shared_failure_after == 30.0
    monkeypatch.setenv("SCALEREADY_SHARED_FAILURE_AFTER", "never")
    assert conf.shared_failure_after == float("inf")
    with override_settings(SCALEREADY={"SHARED_FAILURE_AFTER": 5}):
        assert conf.shared_failure_after == 5.0
    with override_settings(SCALEREADY={"SHARED_FAILURE_AFTER": "never"}):
        assert conf.shared_failure_after == float("inf")


def test_the_version_is_the_first_that_somebody_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCALEREADY_VERSION", "RELEASE", "GIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    assert conf.version == ""
    monkeypatch.setenv("GIT_SHA", "4b1d")
    assert conf.version == "4b1d"
    monkeypatch.setenv("RELEASE", "v7")
    assert conf.version == "v7"
    with override_settings(SCALEREADY={"VERSION": "2026.11"}):
        assert conf.version == "2026.11"


@pytest.mark.parametrize("value", [7, b"v7", "v7\n"])
def test_a_version_is_a_line_of_text(value: object) -> None:
    assert "SCALEREADY['VERSION']" in refused({"VERSION": value})


@pytest.mark.parametrize("share", [0, 0.0, 0.01, 1])
def test_a_share_of_requests_to_watch(share: float) -> None:
    with override_settings(SCALEREADY={"WITNESS": share}):
        conf.validate()
        assert conf.witness == share


@pytest.mark.parametrize("share", [-0.1, 1.01, True, "0.5", [0.5], float("nan")])
def test_a_share_that_is_none_is_refused(share: object) -> None:
    assert "SCALEREADY['WITNESS']: got " in refused({"WITNESS": share})


def test_the_share_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert conf.witness == 0
    monkeypatch.setenv("SCALEREADY_WITNESS", "0.25")
    assert conf.witness == 0.25
    with override_settings(SCALEREADY={"WITNESS": 0}):
        assert conf.witness == 0
    for bad in ("1.5", "-1", "nan", "some"):
        monkeypatch.setenv("SCALEREADY_WITNESS", bad)
        with pytest.raises(ImproperlyConfigured, match="SCALEREADY_WITNESS: got"):
            conf.validate()
