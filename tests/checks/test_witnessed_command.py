"""``check --deploy-scale --witnessed FILE``, as a user runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.projects import run_manage
from support.seen import seen

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Kind, write

FILES = {
    "manage.py": """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
""",
    "mysite/__init__.py": "",
    "mysite/settings.py": """
SECRET_KEY = "x"
INSTALLED_APPS = ["django_scaleready"]
SILENCED_SYSTEM_CHECKS = ["scaleready.W010"]
""",
    "shop/__init__.py": "",
    "shop/exports.py": """
import ledger


def export(path):
    with open(path, "w") as file:
        file.write("x")


def sign_in():
    ledger.Client().sign_in()
""",
}
SOURCE = ("--tag", "scaleready-source")
SEEN = ("--witnessed", "seen.json", "--tag", "scaleready-run")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    several = [
        seen(Kind.FILE, place=Location("shop/exports.py", 6)),
        seen(Kind.FILE, place=Location("shop/exports.py", 11), package="ledger 1.2"),
    ]
    write(tmp_path / "seen.json", several)
    return tmp_path


def check(site: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], set[Any]]:
    done = run_manage(site, "check", "--deploy-scale", "--format", "json", *SOURCE, *options)
    findings = json.loads(done.stdout)["findings"]
    return done, {(f["slug"], f["line"], f["severity"]) for f in findings}


def test_without_it_the_source_speaks_alone(site: Path) -> None:
    done, findings = check(site)
    assert findings == {("file-write", 6, "info")}
    assert done.returncode == 0


def test_what_was_seen_is_certain_and_the_rest_is_added(site: Path) -> None:
    done, findings = check(site, *SEEN)
    assert findings == {("file-write", 6, "error"), ("witnessed-file", 11, "error")}
    assert done.returncode == 1


def test_a_comment_silences_both(site: Path) -> None:
    path = site / "shop/exports.py"
    text = path.read_text()
    for line, slug in (("as file:\n", "file-write"), ("().sign_in()\n", "witnessed-file")):
        comment = f"  # scaleready: ignore[{slug}] one replica by contract\n"
        text = text.replace(line, line.rstrip() + comment)
    path.write_text(text)
    assert check(site, *SEEN)[1] == set()
    # Who did not watch says nothing about what watching would have shown.
    assert check(site)[1] == set()


def test_another_file_is_refused(site: Path) -> None:
    done = run_manage(site, "check", "--deploy-scale", "--witnessed", "manage.py")
    assert done.returncode == 2
    assert "--witnessed manage.py: not a file that a witness wrote" in done.stderr
    assert "Traceback" not in done.stderr


def test_its_tag_needs_the_file(site: Path) -> None:
    done = run_manage(site, "check", "--deploy-scale", "--tag", "scaleready-run")
    assert done.returncode == 2
    assert "--tag scaleready-run needs --witnessed." in done.stderr
