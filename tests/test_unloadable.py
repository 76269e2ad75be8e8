"""Settings and apps that fail to load: which, where, why, exit 2, no traceback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.projects import run_manage, run_python

MANAGE = """
import os, sys
if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """from django_scaleready.settings import *
INSTALLED_APPS = ["django_scaleready"]
from mysite.more import *
"""
FAILURES = [
    ("import no_such_module", "mysite/more.py:1", "ModuleNotFoundError: No module named"),
    ("\nX = undefined", "mysite/more.py:2", "NameError: name 'undefined' is not defined"),
    ("\n\ndef (", "mysite/more.py:3", "SyntaxError: invalid syntax"),
    ("raise ValueError('boom')", "mysite/more.py:1", "ValueError: boom"),
    (
        "from django.core.exceptions import ImproperlyConfigured\nraise ImproperlyConfigured('no')",
        "mysite/more.py:2",
        "ImproperlyConfigured: no",
    ),
]
names = [error.partition(":")[0] for _, _, error in FAILURES]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    package = tmp_path / "mysite"
    package.mkdir()
    (tmp_path / "manage.py").write_text(MANAGE)
    (package / "__init__.py").touch()
    (package / "settings.py").write_text(SETTINGS)
    (package / "more.py").touch()
    return tmp_path


def run_module(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return run_python(folder, "-m", "django_scaleready", *arguments, **environment)


def refused(done: subprocess.CompletedProcess[str], place: str, error: str) -> None:
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[0].endswith("'mysite.settings' could not be loaded, so nothing was checked.")
    assert lines[1] == f"  at {place}"
    assert lines[2].startswith(f"  {error}")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("code", "place", "error"), FAILURES, ids=names)
def test_manage_says_where_settings_fail(site: Path, code: str, place: str, error: str) -> None:
    (site / "mysite/more.py").write_text(code)
    refused(run_manage(site, "check", "--deploy-scale", DEBUG="true"), place, error)


@pytest.mark.parametrize(("code", "place", "error"), FAILURES, ids=names)
def test_the_module_says_where_settings_fail(site: Path, code: str, place: str, error: str) -> None:
    # Without our import in the settings, too.
    (site / "mysite/settings.py").write_text(SETTINGS.split("\n", 1)[1])
    (site / "mysite/more.py").write_text(code)
    refused(run_module(site, "check"), place, error)


def test_a_missing_variable_in_production(site: Path) -> None:
    done = run_manage(site, "check", "--deploy-scale", DEBUG="", DATABASE_URL="")
    refused(done, "mysite/settings.py:1", "EnvError: DATABASE_URL is not set")


def test_an_app_that_fails(site: Path) -> None:
    (site / "mysite/more.py").write_text("INSTALLED_APPS = ['django_scaleready', 'no_such_app']")
    for done in (
        run_manage(site, "check", "--deploy-scale", DEBUG="true"),
        run_module(site, "check", DEBUG="true"),
    ):
        assert done.returncode == 2
        assert done.stderr.startswith("The apps of 'mysite.settings' could not be loaded")
        assert "no_such_app" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["'REPLICA': 2", "'REPLICAS': -1"])
def test_a_bad_option_without_the_settings_import(site: Path, option: str) -> None:
    (site / "mysite/settings.py").write_text(
        "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django_scaleready']\nSCALEREADY = {" + option + "}\n"
    )
    done = run_manage(site, "check", "--deploy-scale")
    assert done.returncode == 2
    assert "SCALEREADY" in done.stderr
    assert "Traceback" not in done.stderr


ENDINGS = [
    "import sys\nsys.exit()",
    "raise SystemExit(0)",
    "import sys\nsys.exit('no: x://u:pw@h')",
]


@pytest.mark.parametrize("code", ENDINGS)
def test_settings_that_end_the_process_did_not_pass(site: Path, code: str) -> None:
    (site / "mysite/more.py").write_text(code)
    done = run_manage(site, "check", "--deploy-scale", DEBUG="true")
    assert done.returncode == 2
    assert "ended the process, so nothing was checked" in done.stderr
    done = run_module(site, "check", DEBUG="true")
    assert done.returncode == 2
    assert f"  at mysite/more.py:{code.count(chr(10)) + 1}\n  SystemExit: sys.exit(" in done.stderr
    assert "pw" not in done.stderr


def test_an_app_that_ends_the_process(site: Path) -> None:
    (site / "ending").mkdir()
    (site / "ending/__init__.py").write_text("import sys\nsys.exit(0)\n")
    (site / "mysite/more.py").write_text("INSTALLED_APPS = ['django_scaleready', 'ending']")
    done = run_manage(site, "check", "--deploy-scale", DEBUG="true")
    assert done.returncode == 2
    assert "ended the process, so nothing was checked" in done.stderr
    assert run_manage(site, "check", DEBUG="true").returncode == 0


def test_an_error_loses_its_passwords(site: Path) -> None:
    (site / "mysite/more.py").write_text("raise ValueError('no answer of redis://:pw@cache/0')")
    done = run_module(site, "check", DEBUG="true")
    assert "  ValueError: no answer of redis://***@cache/0\n" in done.stderr


MISSHAPEN = [
    ("CACHES = 'redis://:pw@cache'", "CACHES: got a str, accepts a dictionary of dictionaries."),
    ("DATABASES = {'default': None}", "DATABASES['default']: got None, accepts a dictionary."),
    ("INSTALLED_APPS = [5]", "INSTALLED_APPS[0]: got an int, accepts a string."),
    ("LOGGING = 'x'", "LOGGING: got a str, accepts a dictionary."),
]


@pytest.mark.parametrize(("code", "line"), MISSHAPEN)
def test_a_setting_of_the_wrong_type_is_named(site: Path, code: str, line: str) -> None:
    (site / "shop").mkdir()
    (site / "shop/__init__.py").touch()
    (site / "shop/models.py").write_text(
        "from django.db import models\nclass Order(models.Model): pass\n"
    )
    (site / "mysite/settings.py").write_text(
        f"SECRET_KEY = 'x'\nINSTALLED_APPS = ['django_scaleready', 'shop']\n{code}\n"
    )
    done = run_module(site, "check")
    assert done.returncode == 2
    assert done.stderr.count(f"{line}\n") == 1
    assert "Traceback" not in done.stderr
    assert "pw" not in done.stderr


def test_logging_that_cannot_be_configured(site: Path) -> None:
    (site / "mysite/settings.py").write_text(
        "SECRET_KEY = 'x'\nLOGGING = {'version': 1, 'handlers': {'a': {'class': 'no.such'}},"
        " 'root': {'handlers': ['a']}}\n"
    )
    done = run_module(site, "check")
    assert done.returncode == 2
    assert "  because of ValueError: Cannot resolve 'no.such'" in done.stderr
    assert "  It is LOGGING that cannot be configured." in done.stderr


def test_ctrl_c_ends_it_without_a_traceback(site: Path) -> None:
    (site / "mysite/more.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)")
    done = run_module(site, "check", DEBUG="true")
    assert done.returncode == 130
    assert (done.stdout, done.stderr) == ("", "")


def test_what_settings_print_is_no_part_of_the_report(site: Path) -> None:
    (site / "mysite/more.py").write_text("print('hello')")
    done = run_module(site, "check", "--format", "json", DEBUG="true")
    assert json.loads(done.stdout)["findings"]
    assert "hello" in done.stderr


@pytest.mark.parametrize("arguments", [["check"], ["migrate"]])
def test_other_commands_are_left_alone(site: Path, arguments: list[str]) -> None:
    (site / "mysite/more.py").write_text("X = undefined")
    done = run_manage(site, *arguments, DEBUG="true")
    assert done.returncode == 1
    assert "NameError" in done.stderr
    assert "could not be loaded" not in done.stderr


def test_the_kit_s_own_commands_are_not(site: Path) -> None:
    (site / "mysite/more.py").write_text("X = undefined")
    done = run_manage(site, "scaleready", "ladder", DEBUG="true")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[0].endswith("'mysite.settings' could not be loaded, so nothing was done.")
    assert lines[1:] == ["  at mysite/more.py:1", "  NameError: name 'undefined' is not defined"]
    (site / "mysite/more.py").write_text("")
    done = run_manage(site, "scaleready", "ladder", DEBUG="true", SCALEREADY_DRAIN="x")
    assert done.returncode == 2
    assert "SCALEREADY_DRAIN: got 'x', accepts seconds, a number from 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_load_are_checked(site: Path) -> None:
    for done in (
        run_manage(site, "check", "--deploy-scale", DEBUG="true"),
        run_module(site, "check", DEBUG="true"),
    ):
        assert done.returncode == 1
        assert "db-sqlite" in done.stdout


def test_the_module_needs_no_installed_app(site: Path) -> None:
    (site / "mysite/settings.py").write_text("SECRET_KEY = 'x'\nDEBUG = True\n")
    done = run_module(site, "check")
    assert done.returncode == 0
    assert "mysite/settings.py:2: warning scaleready.W019 debug" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["frobnicate"]])
def test_anything_else_is_refused_with_the_usage(site: Path, arguments: list[str]) -> None:
    done = run_module(site, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m django_scaleready check")
    got = "got 'frobnicate', " if arguments else ""
    assert done.stderr.endswith(f"error: {got}accepts check, scan, drill, uwsgi-ini\n")


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"]])
def test_help(site: Path, arguments: list[str]) -> None:
    (site / "mysite/settings.py").write_text("SECRET_KEY = 'x'\n")
    done = run_module(site, *arguments)
    assert done.returncode == 0
    assert "--deploy-scale" in done.stdout


def test_without_a_settings_module(tmp_path: Path) -> None:
    done = run_module(tmp_path, "check")
    assert done.returncode == 2
    assert "--settings" in done.stderr


@pytest.mark.parametrize("arguments", [["--settings="], ["--settings", ""]])
def test_an_empty_settings_module_is_not_taken_for_none(site: Path, arguments: list[str]) -> None:
    done = run_module(site, "check", *arguments)
    assert done.returncode == 2
    assert done.stderr == "--settings: got '', accepts the name of a module.\n"


def test_a_settings_module_that_does_not_exist(site: Path) -> None:
    done = run_module(site, "check", "--settings", "mysite.nothing")
    assert done.returncode == 2
    assert "'mysite.nothing' could not be loaded" in done.stderr
    assert "No module named 'mysite.nothing'" in done.stderr
