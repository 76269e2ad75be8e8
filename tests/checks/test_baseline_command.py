"""``--baseline`` on the command line: only what is new fails, and nothing is lost from the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.projects import run_manage, run_python

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.reports.fingerprints import of_unknown

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django_scaleready", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
"""
CHECKS = """
from django.core import checks

@checks.register("shop")
def theirs(app_configs, **kwargs):
    return [checks.Warning("mind the gap", id="shop.W001")]
"""
LEAK = "import urllib.request\ndef f(): urllib.request.urlopen('x')\nHOOKS = [f]\n"
BASELINE = ("--baseline", "known.json")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "manage.py": MANAGE,
        "mysite/settings.py": SETTINGS,
        "shop/models.py": CHECKS,
        "shop/rates.py": LEAK,
        "shop/python2.py": "print 'hello'\n",
        "Procfile": "web: python manage.py runserver\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def check(site: Path, *options: str) -> dict[str, Any]:
    """Return the document with the exit code in it."""
    options = ("check", "--deploy-scale", "--format", "json", *options)
    done = run_manage(site, *options, "--fail-level", "WARNING")
    return {**json.loads(done.stdout), "code": done.returncode}


def entries(site: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((site / "known.json").read_text())["findings"]
    return found


def test_whatever_fails_can_be_known(site: Path) -> None:
    assert check(site)["code"] == 1
    assert check(site, *BASELINE, "--update-baseline")["code"] == 0
    known = check(site, *BASELINE)
    assert known["code"] == 0
    shown = [*known["findings"], *known["unknown"], *known["django"]]
    assert [each["known"] for each in shown] == [True] * len(shown)
    assert {"scaleready.W000", "shop.W001"} < {entry["id"] for entry in entries(site)}
    text = run_manage(site, "check", "--deploy-scale", *BASELINE).stdout
    assert "python2" not in text
    assert "mind the gap" not in text
    assert f"{len(shown)} known from the baseline" in text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shop/other.py", "print 'hello'\n"),
        ("shop/models.py", CHECKS.replace("the gap", "the step")),
        ("shop/more.py", LEAK),
    ],
)
def test_what_is_new_fails(site: Path, name: str, text: str) -> None:
    check(site, *BASELINE, "--update-baseline")
    (site / name).write_text(text)
    assert check(site, *BASELINE)["code"] == 1


@pytest.mark.parametrize("narrow", [("--tag", "scaleready-source"), ("--tag", "shop"), ("shop",)])
def test_a_run_that_looks_at_less_takes_nothing_out(site: Path, narrow: tuple[str, ...]) -> None:
    (site / "mysite/rates.py").write_text(LEAK)
    check(site, *BASELINE, "--update-baseline")
    before = entries(site)
    assert check(site, *BASELINE, *narrow)["gone"] == 0
    check(site, *BASELINE, *narrow, "--update-baseline")
    assert entries(site) == before


def test_a_scan_takes_the_same_file(site: Path) -> None:
    check(site, *BASELINE, "--update-baseline")
    options = [".", "--fail-level", "WARNING", *BASELINE]
    done = run_python(site, "-m", "django_scaleready", "scan", *options)
    assert (done.returncode, done.stderr) == (0, "")


def test_lines_and_order_are_not_what_is_new() -> None:
    one = [Unknown("a.py:3", "line 3: no"), Unknown("a.py:3", "line 3: no"), Unknown("b.py", "no")]
    two = [Unknown("a.py:5", "line 5: no"), Unknown("a.py:9", "line 9: no"), Unknown("b.py", "no")]
    assert of_unknown(one) == of_unknown(two)
    assert len(set(of_unknown(one))) == 3
