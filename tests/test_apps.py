"""What is checked when a process starts."""

from __future__ import annotations

import re
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import clear_url_caches, path, re_path
from support.projects import run_python

from django_scaleready.apps import (
    PREFIX,
    PROBES,
    SERVICE,
    VARIABLES,
    check_middleware,
    check_paths,
    check_variables,
)

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


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the project's")


@pytest.fixture
def urls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[str]]]:
    """Puts some URLs in force and returns the paths that the check names."""

    def named(*patterns: Any) -> list[str]:
        module = types.ModuleType("urls_of_a_test")
        module.urlpatterns = patterns  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        with override_settings(ROOT_URLCONF=module.__name__):
            return [str(m.msg).split()[4] for m in check_paths() if m.id == "scaleready.W901"]

    yield named
    clear_url_caches()


def test_a_page_that_a_probe_hides_is_named(urls: Callable[..., list[str]]) -> None:
    assert urls(path("healthz/", page), path("shop", page)) == ["/healthz/"]
    assert urls(path("<slug:name>", page), path("livez", page)) == []
    with override_settings(SCALEREADY={"VERSION": "7"}):
        assert urls(path("version", page)) == ["/version"]


def test_silent_about_pages_that_no_probe_hides(urls: Callable[..., list[str]]) -> None:
    # Everything, as the page of a single-page application; what only begins alike; no version.
    assert urls(re_path("^.*$", page)) == []
    assert urls(path("healthz/more", page), path("version", page)) == []
    with override_settings(MIDDLEWARE=[SECURITY]):
        assert urls(path("healthz", page)) == []
    with override_settings(SCALEREADY={"PROBE_PATHS": {"health": None}}):
        assert urls(path("healthz", page)) == []


def test_checks_in_an_app_s_probes_module_are_found(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/probes.py": """
from django_scaleready import probes

@probes.check("payments", impact="degraded")
def payments():
    raise probes.CheckFailedError("closed on Sundays")
""",
        "site_urls.py": "urlpatterns = []",
        "site_settings.py": """
ROOT_URLCONF = "site_urls"
SECRET_KEY = "only for a test"
INSTALLED_APPS = ["django_scaleready", "shop"]
MIDDLEWARE = ["django_scaleready.middleware.ProbeMiddleware"]
SCALEREADY = {"PROBES": {"health": ["payments"]}, "PROBE_TOKEN": "token"}
""",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    code = (
        "import django; django.setup(); from django.test import Client;"
        "print(Client().get('/healthz', headers={'x-probe-token': 'token'}).content.decode())"
    )
    done = run_python(tmp_path, "-c", code, DJANGO_SETTINGS_MODULE="site_settings")
    assert "payments warn" in done.stdout, done.stderr
    assert "closed on Sundays" in done.stdout


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("SCALEREADY_DRAINN", "Did you mean SCALEREADY_DRAIN?"),
        ("SCALEREADY_PROBE_TOKN_FILE", "Did you mean SCALEREADY_PROBE_TOKEN?"),
        ("SCALEREADY_REPLICAS", 'It is an option of the settings alone: SCALEREADY = {"REPLICAS":'),
        ("SCALEREADY_WALRUS_TUSKS", "Take it out."),
    ],
)
def test_a_variable_that_nothing_reads_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, hint: str
) -> None:
    monkeypatch.setenv(variable, "3")
    (warning,) = run_checks()
    assert (warning.id, variable in warning.msg) == ("scaleready.W902", True)
    assert str(warning.hint).startswith(hint)


@pytest.mark.parametrize(
    "variable",
    [
        "SCALEREADY_DRAIN",
        "SCALEREADY_PROBE_TOKEN_FILE",
        "SCALEREADY_PORT_8000_TCP_ADDR",
        "SCALEREADY_SERVICE_HOST",
        "SCALEREADY",
        "DRAINN",
    ],
)
def test_silent_about_variables_that_are_read_and_those_of_others(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "3")
    assert check_variables() == []


def test_every_variable_that_the_kit_names_is_known() -> None:
    sources = (TESTS.parent / "django_scaleready").rglob("*.py")
    named = {
        name
        for file in sources
        for name in re.findall(r"SCALEREADY_([A-Z_]*[A-Z])", file.read_text())
    }
    assert {name.removesuffix("_FILE") for name in named} <= VARIABLES
    assert not [name for name in VARIABLES if SERVICE.match(name)]
    assert PREFIX == "SCALEREADY_"
