"""Where a report goes: it must arrive, or it must be said why not."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.reports import SCHEMA

from django_scaleready.checks.reports.arguments import FORMATS
from django_scaleready.checks.reports.build import FOR_PROGRAMS
from django_scaleready.checks.reports.output import WIDTH, put, width

LEAK = "import jobs, requests\n@jobs.job\ndef work(): requests.get('https://example.com')\n"
SETTINGS = """
SECRET_KEY = "x"
ROOT_URLCONF = "urls"
INSTALLED_APPS = []
MIDDLEWARE = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "views.py").write_text(LEAK)
    return tmp_path


def command(shop: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "django_scaleready", "scan", str(shop), *options]


def environment(shop: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(shop / ".cache"), **more}


def scan(shop: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(shop, *options),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(shop, **more),
    )


def on_terminal(shop: Path, *options: str, columns: int = 80) -> str:
    """What a terminal of that width shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(shop, *options),
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environment(shop, COLUMNS=str(columns), TERM="xterm", DJANGO_COLORS="dark"),
    )
    os.close(theirs)
    try:
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            return b"".join(_chunks(terminal)).decode()
    finally:
        process.wait(timeout=60)


def _chunks(terminal: io.FileIO) -> Iterator[bytes]:
    """Yield what is shown until nobody holds the terminal any more, which Linux calls an error."""
    with contextlib.suppress(OSError):
        while chunk := terminal.read(65_536):
            yield chunk


def test_every_format_can_be_asked_for() -> None:
    assert ("text", *FOR_PROGRAMS) == FORMATS


@pytest.mark.parametrize("form", FORMATS)
def test_the_name_of_a_file_need_not_be_text(shop: Path, form: str) -> None:
    (shop / os.fsdecode(b"caf\xe9.py")).write_text(LEAK)
    done = scan(shop, "--format", form, PYTHONUTF8="1")
    assert (done.returncode, done.stderr) == (1, "")
    output = shop / "report"
    assert scan(shop, "--format", form, "--output", str(output)).returncode == 1
    assert output.read_text(encoding="utf-8")


def test_sarif_names_such_a_file_by_its_bytes(shop: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    (shop / os.fsdecode(b"caf\xe9.py")).write_text(LEAK)
    log = json.loads(scan(shop, "--format", "sarif").stdout)
    jsonschema.validate(log, json.loads(SCHEMA.read_text()))
    places = [result["locations"][0]["physicalLocation"] for result in log["runs"][0]["results"]]
    assert "caf%E9.py" in {place["artifactLocation"]["uri"] for place in places}


def test_a_stream_that_cannot_hold_a_character(shop: Path) -> None:
    (shop / "caf\u00e9.py").write_text(LEAK)
    done = scan(shop, PYTHONIOENCODING="ascii")
    assert "caf\\xe9.py:3: warning" in done.stdout
    assert done.stderr == ""


def test_a_reader_that_has_seen_enough_is_no_error(shop: Path) -> None:
    for number in range(200):
        (shop / f"m{number}.py").write_text(LEAK)
    process = subprocess.Popen(
        command(shop, "--format", "json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(shop),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"{\n"
    process.stdout.close()
    process.stdout = None
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (1, b"")


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
KIT = "-m django_scaleready"
MANAGE = "-m django"


@FULL
@pytest.mark.parametrize(
    ("where", "unbuffered", "why"),
    [
        (">/dev/full", "", "No space left on device"),
        (">/dev/full", "1", "No space left on device"),
        (">&-", "", "Bad file descriptor"),
    ],
)
@pytest.mark.parametrize(
    ("run", "said"),
    [
        (f"{KIT} --help", "python -m django_scaleready --help: The output"),
        (f"{KIT} uwsgi-ini", "python -m django_scaleready uwsgi-ini: The output"),
        (f"{KIT} scan . --format json", "scan: The report"),
        (f"{KIT} check --format sarif --tag scaleready-deploy", "CommandError: The report"),
        (f"{MANAGE} check --deploy-scale --tag scaleready-deploy", "CommandError: The report"),
        (f"{MANAGE} scaleready --help", "scaleready --help: The output"),
        (f"{MANAGE} scaleready rules", "scaleready rules: The output"),
        (f"{MANAGE} scaleready ladder", "scaleready ladder: The output"),
    ],
)
def test_what_does_not_arrive_is_said(  # noqa: PLR0917 - each is a dimension
    shop: Path, run: str, said: str, where: str, unbuffered: str, why: str
) -> None:
    (shop / "settings.py").write_text(SETTINGS.replace("= []", '= ["django_scaleready"]', 1))
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} {run} {where}"],
        cwd=shop,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env=environment(
            shop,
            PYTHONUNBUFFERED=unbuffered,
            DJANGO_SETTINGS_MODULE="settings",
            PYTHONPATH=str(shop),
        ),
    )
    assert (done.returncode, done.stderr) == (2, f"{said} could not be written: {why}.\n")


@FULL
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said_and_is_no_finding(shop: Path, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command(shop),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env=environment(shop, PYTHONUNBUFFERED=unbuffered),
        )
    assert done.stderr == "scan: The report could not be written: No space left on device.\n"
    assert done.returncode == 2


@pytest.mark.parametrize("option", ["--output", "--baseline"])
def test_an_empty_name_is_no_file(shop: Path, option: str) -> None:
    done = scan(shop, option, "")
    assert done.returncode == 2
    assert f"argument {option}: got '', accepts the path of a file" in done.stderr


def test_a_report_does_not_take_the_place_of_the_baseline(shop: Path) -> None:
    one = str(shop / "baseline.json")
    done = scan(shop, "--baseline", one, "--update-baseline", "--output", one)
    assert (done.returncode, Path(one).exists()) == (2, False)
    assert done.stderr == "scan: --output and --baseline: got one file for both, accepts two.\n"


def test_colour_is_for_a_terminal(shop: Path) -> None:
    assert "\x1b[" in on_terminal(shop)
    assert "\x1b[" not in on_terminal(shop, "--no-color")
    assert "\x1b[" not in on_terminal(shop, "--format", "github")
    assert "\x1b[" not in scan(shop).stdout


@pytest.mark.parametrize(("columns", "longest"), [(50, 50), (300, WIDTH)])
def test_lines_fit_a_terminal(shop: Path, columns: int, longest: int) -> None:
    shown = on_terminal(shop, "--no-color", columns=columns).splitlines()
    texts = [len(line) for line in shown if line.startswith("    ")]
    assert longest - 15 < max(texts) <= longest


def test_a_pipe_gets_the_same_everywhere(shop: Path) -> None:
    assert scan(shop, COLUMNS="40").stdout == scan(shop, COLUMNS="300").stdout
    assert width(io.StringIO()) == WIDTH


def test_a_stream_without_an_encoding() -> None:
    stream = io.StringIO()
    put("caf\u00e9 \udcff", stream)
    assert stream.getvalue() == "caf\u00e9 \\udcff"


def test_a_code_host_gets_paths_from_the_root_of_the_repository(shop: Path) -> None:
    project = shop / "backend"
    project.mkdir()
    (shop / "views.py").rename(project / "views.py")
    (shop / ".git").mkdir()
    assert "file=backend/views.py,line=3" in scan(project, "--format", "github").stdout
    log = json.loads(scan(project, "--format", "sarif").stdout)
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "backend/views.py", "uriBaseId": "SRCROOT"}
    # What else reads it runs where the project is.
    assert "\nviews.py:3: " in scan(project).stdout
    (shop / ".git").rmdir()
    assert "file=views.py,line=3" in scan(project, "--format", "github").stdout
