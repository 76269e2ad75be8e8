"""``manage.py scaleready drill``: what it says before it begins, and without its packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.projects import run_manage

from django_scaleready.drill.balancers import BALANCERS
from django_scaleready.drill.scenarios import SCENARIOS, chosen
from django_scaleready.drill.servers import SERVERS
from django_scaleready.drill.waiting import DrillError
from django_scaleready.management.subcommands import drill

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
{before}
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
WITHOUT = "sys.modules.update(dict.fromkeys(('rich', 'httpx', 'psutil')))"


def project(folder: Path, settings: str = "", before: str = "") -> Path:
    base = 'SECRET_KEY = "x"\nINSTALLED_APPS = ["django_scaleready"]\n'
    (folder / "settings.py").write_text(base + settings)
    (folder / "manage.py").write_text(MANAGE.format(before=before))
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_manage(folder, "scaleready", "drill", *arguments)


def test_the_help_teaches(tmp_path: Path) -> None:
    done = run(project(tmp_path), "--help")
    assert done.returncode == 0
    for word in ("--quick", "[[step]]", "Exit code: 0", "--keep"):
        assert word in done.stdout


def test_the_list_names_each_scenario(tmp_path: Path) -> None:
    done = run(project(tmp_path), "--list")
    assert done.returncode == 0
    assert all(scenario.name in done.stdout for scenario in SCENARIOS)


@pytest.mark.parametrize("arguments", [[], ["--list"]])
def test_without_its_packages_it_says_how_to_get_them(tmp_path: Path, arguments: list[str]) -> None:
    done = run(project(tmp_path, before=WITHOUT), *arguments)
    assert done.returncode == 2
    assert 'pip install "django-scaleready[drill]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_its_help_needs_no_packages(tmp_path: Path) -> None:
    assert run(project(tmp_path, before=WITHOUT), "--help").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "earthquake"], "No scenario earthquake; there are hop, rolling-restart"),
        (["--replicas", "0"], "got '0', accepts a whole number from 1 to 50"),
        (["--replicas", "many"], "got 'many', accepts a whole number"),
        (["--replicas", "51"], "got '51', accepts a whole number from 1 to 50"),
        (["--requests-per-second", "1e3"], "got '1e3', accepts a whole number from 1 to 10,000"),
        (["--allow-remote"], "--allow-remote needs --services configured"),
        (["--server", "apache"], "invalid choice"),
        (["--html", "/no/such/folder/page.html"], "cannot write /no/such/folder/page.html"),
        (["--json", "."], "cannot write ."),
        (["--json", "manage.py/drill.json"], "cannot write manage.py/drill.json"),
        (["--json", ""], "cannot write ''"),
        (["--paths", "/no/such/file.toml"], "/no/such/file.toml: No such file or directory"),
    ],
)
def test_what_is_typed_wrong_is_told_at_once(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run(project(tmp_path), *arguments)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Starting" not in done.stdout


def test_a_mix_that_is_not_understood_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "mix.toml").write_text('[[step]]\npath = "/"\nwieght = 2\n')
    done = run(project(tmp_path), "--paths", "mix.toml")
    assert done.returncode == 2
    assert "wieght" in done.stdout


def test_a_settings_module_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    for name in ("nothing", "nothing.settings", ""):
        command = [sys.executable, "-m", "django_scaleready", "drill", f"--settings={name}"]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 2
        assert f"--settings: got {name!r}, accepts" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_project_that_cannot_be_run_is_no_verdict(tmp_path: Path) -> None:
    settings = 'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": "x"}}\n'
    done = run(project(tmp_path, settings), "--json", "-")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "DATABASES['default'] is django.db.backends.mysql" in done.stderr


def test_a_project_without_the_kit_is_drilled_from_outside(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text('SECRET_KEY = "x"\n')
    command = [sys.executable, "-m", "django_scaleready", "drill", "--settings", "settings"]
    done = subprocess.run(
        [*command, "--scenario", "earthquake"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "No scenario earthquake" in done.stdout


def test_the_choices_are_the_engine_s() -> None:
    assert tuple(SERVERS) == drill.SERVERS
    assert tuple(BALANCERS) == drill.BALANCERS


def test_the_quick_ones_are_some_of_all() -> None:
    names = [scenario.name for scenario in chosen([], quick=False)]
    quick = [scenario.name for scenario in chosen([], quick=True)]
    assert set(quick) < set(names)
    assert {"hop", "rolling-restart", "bad-deployment"} <= set(quick)
    # In the drill's order, and named ones whatever their length.
    assert [s.name for s in chosen(["worker-hung", "hop"], quick=True)] == ["hop", "worker-hung"]
    with pytest.raises(DrillError, match="earthquake"):
        chosen(["hop", "earthquake"], quick=False)
