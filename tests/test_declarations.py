"""What the environment declares of the ladder, and which of two declarations holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fragments import only

from django_scaleready import declarations
from django_scaleready.budget import Ladder
from django_scaleready.env import EnvError
from django_scaleready.figures import FIGURES, Figure


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)


def test_an_empty_environment_declares_nothing() -> None:
    assert declarations.from_environment() == Ladder.derive({})
    assert declarations.from_environment().declared == frozenset()


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_each_figure_has_a_variable(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SCALEREADY_{figure.option}", "9")
    ladder = declarations.from_environment()
    assert getattr(ladder, figure.name) == 9
    assert ladder.declared == {figure.name}


def test_what_is_not_declared_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_GRACE_PERIOD", "60")
    assert declarations.from_environment() == Ladder.derive({"grace_period": 60})


@pytest.mark.parametrize(
    ("variable", "option", "figure"),
    [
        ("GUNICORN_GRACEFUL_TIMEOUT", "GRACEFUL_TIMEOUT", "graceful_timeout"),
        ("GUNICORN_KEEPALIVE", "KEEPALIVE", "keepalive"),
        ("GUNICORN_TIMEOUT", "WORKER_TIMEOUT", "worker_timeout"),
        ("DATABASE_CONNECT_TIMEOUT", "CONNECT_TIMEOUT", "connect_timeout"),
        ("CELERY_TASK_TIME_LIMIT", "TASK_HARD_LIMIT", "task_hard_limit"),
        ("CELERY_VISIBILITY_TIMEOUT", "VISIBILITY_TIMEOUT", "visibility_timeout"),
        ("CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT", "WORKER_SHUTDOWN", "worker_shutdown"),
    ],
)
def test_the_older_variable_wins(
    variable: str, option: str, figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "7")
    monkeypatch.setenv(f"SCALEREADY_{option}", "8")
    assert getattr(declarations.from_environment(), figure) == 7


@pytest.mark.parametrize(
    ("variable", "value", "accepts"),
    [
        ("SCALEREADY_GRACE_PERIOD", "30s", "a whole number from 1 upwards"),
        ("SCALEREADY_GRACE_PERIOD", "30.5", "a whole number from 1 upwards"),
        ("SCALEREADY_DRAIN", "-1", "seconds, a number from 0 upwards"),
        ("SCALEREADY_DRAIN", "nan", "seconds, a number from 0 upwards"),
        ("SCALEREADY_PROBE_FAILURES", "0", "a whole number from 1 upwards"),
        ("GUNICORN_KEEPALIVE", "long", "a whole number from 0 upwards"),
    ],
)
def test_a_bad_value_is_named(
    variable: str, value: str, accepts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(EnvError, match=f"^{variable}: got '{value}', accepts {accepts}"):
        declarations.from_environment()


def test_a_fraction_where_one_makes_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_DRAIN", "3.5")
    assert declarations.from_environment().drain == 3.5


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_DRAIN", "")
    assert declarations.from_environment().declared == frozenset()


def test_a_file_holds_a_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "drain").write_text("4\n")
    monkeypatch.setenv("SCALEREADY_DRAIN_FILE", str(tmp_path / "drain"))
    assert declarations.from_environment().drain == 4
