"""``manage.py scaleready ladder`` as a user sees it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import override_settings
from support.fragments import only

from django_scaleready import manifests
from django_scaleready.budget import Ladder
from django_scaleready.figures import FIGURES

CERTAIN = {"GRACE_PERIOD": 30, "REQUEST_TIMEOUT": 60}
DOUBTFUL = {"REQUEST_TIMEOUT": 60}
PATHS = {"liveness": "/livez", "readiness": "/readyz", "startup": "/startupz"}


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)


def run(
    *arguments: str,
    ends_with: int = 0,
    declared: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[str, str]:
    """What the command writes to stdout and stderr."""
    stdout, stderr = StringIO(), StringIO()
    code: object = 0
    with override_settings(SCALEREADY=declared or {}):
        try:
            call_command(
                "scaleready", "ladder", *arguments, stdout=stdout, stderr=stderr, **options
            )
        except SystemExit as ended:
            code = ended.code
    assert code == ends_with
    return stdout.getvalue(), stderr.getvalue()


def line_of(figure: str, text: str) -> str:
    return next(line for line in text.splitlines() if line[2:].startswith(f"{figure} "))


def test_it_shows_each_figure_with_its_value_and_reason() -> None:
    drawn, _ = run()
    unbroken = " ".join(drawn.split())
    for figure in FIGURES:
        value = getattr(Ladder.derive({}), figure.name)
        assert f" {value:g} s" in line_of(figure.name, drawn) or figure.name == "probe_failures"
        assert Ladder.derive({}).reasons[figure.name] in unbroken
    assert "The figures fit together." in drawn
    assert "!" not in drawn


def test_it_says_where_a_figure_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALEREADY_DRAIN", "6")
    monkeypatch.setenv("GUNICORN_KEEPALIVE", "80")
    drawn, _ = run(declared={"GRACE_PERIOD": 40})
    assert line_of("drain", drawn).endswith("  the variable SCALEREADY_DRAIN")
    assert line_of("keepalive", drawn).endswith("  the variable GUNICORN_KEEPALIVE")
    assert line_of("grace_period", drawn).endswith("  SCALEREADY['GRACE_PERIOD']")
    assert line_of("graceful_timeout", drawn).endswith("  derived")
    assert line_of("probe_interval", drawn).endswith("  assumed")
    with override_settings(CELERY_TASK_TIME_LIMIT=99):
        drawn, _ = run()
    assert line_of("task_hard_limit", drawn).endswith("  the setting CELERY_TASK_TIME_LIMIT")


@pytest.mark.parametrize(
    ("settings", "source"),
    [
        ({}, "derived"),
        ({"CELERY_TASK_ACKS_LATE": True}, "kombu's default"),
        (
            {
                "CELERY_TASK_ACKS_LATE": True,
                "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 4000},
            },
            "the setting CELERY_BROKER_TRANSPORT_OPTIONS['visibility_timeout']",
        ),
        ({"CELERY_TASK_ACKS_LATE": True, "CELERY_BROKER_URL": "amqp://rabbit//"}, "derived"),
    ],
)
def test_the_visibility_timeout_is_the_brokers(settings: dict[str, Any], source: str) -> None:
    with override_settings(**{"CELERY_BROKER_URL": "redis://redis/2", **settings}):
        drawn, _ = run()
    assert line_of("visibility_timeout", drawn).endswith(f"  {source}")


def test_the_time_line_goes_from_sigterm_to_sigkill() -> None:
    drawn, _ = run()
    header, *spans = drawn[drawn.index(" " * 20 + "SIGTERM") :].splitlines()[:7]
    killed = header.index("SIGKILL") + len("SIGKILL")
    bars = {span[2:20].strip(): span for span in spans}
    assert bars["drain"].index("=") == header.index("SIGTERM")
    assert bars["grace_period"].rindex("=") + 1 == killed
    assert bars["graceful_timeout"].index("=") == bars["drain"].rindex("=") + 1
    assert all(span.rindex("=") < killed for span in spans)
    assert "after SIGKILL" not in drawn


def test_what_comes_too_late_is_marked() -> None:
    drawn, _ = run(declared=CERTAIN, ends_with=1)
    assert "5-67 s  after SIGKILL" in drawn
    assert line_of("grace_period", drawn).startswith("! ")
    assert line_of("graceful_timeout", drawn).startswith("! ")
    assert line_of("drain", drawn).startswith("  ")
    assert "Error: A replica needs 69 s to stop" in drawn


def test_against_an_assumed_figure_it_only_warns() -> None:
    drawn, _ = run(declared=DOUBTFUL)
    assert "Warning: A replica needs 69 s to stop" in drawn


def test_no_colour_where_nobody_sees_it() -> None:
    drawn, _ = run(declared=CERTAIN, ends_with=1)
    assert "\x1b" not in drawn
    drawn, _ = run(declared=CERTAIN, ends_with=1, force_color=True)
    assert "\x1b[" in drawn


@pytest.mark.parametrize("columns", ["40", "200"])
def test_it_keeps_to_the_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    drawn, _ = run(declared=DOUBTFUL)
    reasons = [line for line in drawn.splitlines() if line.startswith(" " * 6) and "=" not in line]
    assert max(len(line) for line in reasons if "SIGTERM" not in line) <= min(int(columns), 100)


def test_json() -> None:
    document = json.loads(run("--json", declared=CERTAIN, ends_with=1)[0])
    figures = {figure["name"]: figure for figure in document["figures"]}
    assert list(figures) == [figure.name for figure in FIGURES]
    assert figures["grace_period"]["value"] == 30
    assert figures["grace_period"]["source"] == "SCALEREADY['GRACE_PERIOD']"
    assert figures["grace_period"]["option"] == "GRACE_PERIOD"
    assert figures["drain"]["source"] is None
    assert (document["detection"], document["stop"]) == (2.8, 69)
    (problem,) = document["problems"]
    assert problem["figures"] == ["graceful_timeout", "grace_period"]
    assert problem["severity"] == "error"
    assert json.loads(run("--json", declared=DOUBTFUL)[0])["problems"][0]["severity"] == "warning"


@pytest.mark.parametrize("declared", [{}, {"GRACE_PERIOD": 90, "PROBE_INTERVAL": 3}])
def test_fragments_hold_the_figures_of_the_project(declared: dict[str, float]) -> None:
    ladder = Ladder.derive({name.lower(): value for name, value in declared.items()})
    assert run("--kubernetes", declared=declared) == (manifests.kubernetes(ladder, PATHS), "")
    assert run("--haproxy", declared=declared) == (manifests.haproxy(ladder, PATHS), "")
    assert run("--nginx", declared=declared) == (manifests.nginx(ladder), "")
    assert run("--postgresql", declared=declared) == (manifests.postgresql(ladder), "")


def test_fragments_ask_where_the_probes_answer() -> None:
    declared = {"PROBE_PREFIX": "/internal", "PROBE_PATHS": {"startup": None, "liveness": "/up"}}
    document = yaml.safe_load(run("--kubernetes", declared=declared)[0])
    (container,) = document["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/internal/up"
    assert "startupProbe" not in container
    assert "GET /internal/readyz\n" in run("--haproxy", declared=declared)[0]


def test_a_balancer_needs_something_to_ask() -> None:
    with pytest.raises(CommandError, match=r"'readiness'.*got None"):
        run("--haproxy", declared={"PROBE_PATHS": {"readiness": None}})


def test_problems_are_not_written_into_a_fragment() -> None:
    written, told = run("--kubernetes", declared=CERTAIN, ends_with=1)
    assert yaml.safe_load(written)
    assert "Error: A replica needs 69 s" in told
    assert "Error" not in written


def test_one_form_at_a_time() -> None:
    with pytest.raises(CommandError, match="not allowed with argument"):
        run("--json", "--nginx")
