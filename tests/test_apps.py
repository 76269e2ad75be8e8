"""What is checked when a process starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.test import override_settings

from django_scaleready.apps import PROBES, check_middleware

SECURITY = "django.middleware.security.SecurityMiddleware"
TESTS = Path(__file__).resolve().parent


def test_the_label() -> None:
    assert apps.get_app_config("scaleready").name == "django_scaleready"


@pytest.mark.parametrize(
    "middleware",
    [
        [],
        [PROBES],
        [PROBES, SECURITY],
        (PROBES, SECURITY),
        # A project may have probes of its own.
        [SECURITY],
        ["django_prometheus.middleware.PrometheusBeforeMiddleware", PROBES, SECURITY],
        [
            "opentelemetry.instrumentation.django.middleware.otel_middleware._DjangoMiddleware",
            PROBES,
        ],
    ],
)
def test_silent_where_nothing_answers_before_the_probes(middleware: list[str]) -> None:
    with override_settings(MIDDLEWARE=middleware):
        assert check_middleware() == []


def test_what_stands_before_the_probes_is_named() -> None:
    with override_settings(MIDDLEWARE=["whitenoise.middleware.WhiteNoiseMiddleware", PROBES]):
        (warning,) = check_middleware()
    assert warning.id == "scaleready.W900"
    assert "whitenoise.middleware.WhiteNoiseMiddleware" in warning.msg
    assert PROBES in str(warning.hint)


def test_an_ordinary_check_runs_it_and_it_can_be_silenced() -> None:
    with override_settings(MIDDLEWARE=[SECURITY, PROBES]):
        assert [m.id for m in run_checks() if str(m.id).startswith("scaleready")] == [
            "scaleready.W900"
        ]
        with override_settings(SILENCED_SYSTEM_CHECKS=["scaleready.W900"]):
            assert all(m.is_silenced() for m in run_checks() if m.id == "scaleready.W900")


def start(tmp_path: Path, scaleready: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "declared.py").write_text(
        f"from support.django_settings import *\nSCALEREADY = {scaleready}\n"
    )
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); print('started')"],
        env={"DJANGO_SETTINGS_MODULE": "declared", "PYTHONPATH": f"{tmp_path}:{TESTS}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_bad_option_stops_the_start_and_is_named(tmp_path: Path) -> None:
    process = start(tmp_path, "{'REPLICA': 3, 'PROBE_TOKEN': 'hunter2'}")
    assert process.returncode != 0
    assert process.stderr.splitlines()[-1].endswith("Did you mean 'REPLICAS'?")
    assert "hunter2" not in process.stderr.splitlines()[-1]


def test_a_good_one_starts(tmp_path: Path) -> None:
    process = start(tmp_path, "{'REPLICAS': 3}")
    assert process.stdout == "started\n", process.stderr
