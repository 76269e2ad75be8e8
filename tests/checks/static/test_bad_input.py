"""Whatever lies in a repository, a scan from outside names it, ends, and finds the rest."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from django_scaleready.drill.waiting import until

GOOD = "import requests\ndef fetch(request): return requests.get('https://example.com')\n"


def start(folder: Path, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "django_scaleready", "scan", str(folder), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(cache)},
    )


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a scan found; the good file's finding is among it, and there is no traceback."""
    try:
        stdout, stderr = process.communicate(timeout=90)
    finally:
        process.kill()
    assert stderr == ""
    said: dict[str, Any] = json.loads(stdout)
    assert [f["path"] for f in said["findings"] if f["slug"] == "http-no-timeout"] == [
        "shop/views.py"
    ]
    return said


def project(folder: Path) -> Path:
    (folder / "project" / "shop").mkdir(parents=True)
    (folder / "project" / "shop" / "views.py").write_text(GOOD)
    return folder / "project"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.py", b"def (", "could not be parsed: invalid syntax"),
        ("nul.py", b"x = '\0'", "could not be parsed: source code"),
        ("latin.py", "name = 'Jos\u00e9'".encode("latin-1"), "could not be parsed: "),
        ("data.py", b"ROWS = [\n" + b"  (1, 'a'),\n" * 450_000 + b"]\n", "larger than 2,000,000"),
        ("docker-compose.yml", b"services:\n  web: [\n", "line 3"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    folder = project(tmp_path)
    (folder / name).write_bytes(content)
    unknown = ended(start(folder, tmp_path / "cache"))["unknown"]
    (said,) = [u["reason"] for u in unknown if u["subject"].startswith(name)]
    assert reason in said


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "shop" / "again").symlink_to(folder)
    (folder / "shop" / "self.py").symlink_to("self.py")
    ended(start(folder, tmp_path / "cache"))


def test_a_template_of_helm_is_no_finding(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "chart" / "templates").mkdir(parents=True)
    (folder / "chart" / "templates" / "web.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  {{- toYaml .Values.spec | nindent 2 }}\n"
        "  more: [\n"
    )
    said = ended(start(folder, tmp_path / "cache"))
    assert [f for f in said["findings"] if f["path"].startswith("chart")] == []
    (why,) = [u["reason"] for u in said["unknown"] if u["subject"].startswith("chart")]
    assert "template" in why


def test_a_file_made_to_take_for_ever_is_given_up(tmp_path: Path) -> None:
    folder = project(tmp_path)
    # Each write looks through all removals of its function.
    body = "".join(f"  open(x + '{n}', 'w')\n  os.remove(y + '{n}')\n" for n in range(9_000))
    (folder / "shop" / "slow.py").write_text(f"import os\ndef f(x, y):\n{body}")
    unknown = ended(start(folder, tmp_path / "cache"))["unknown"]
    (said,) = [u["reason"] for u in unknown if u["subject"] == "shop/slow.py"]
    assert said == "the file was given up: reading it took more than 5 s"


@pytest.mark.skipif(sys.platform != "linux", reason="one process elsewhere")
def test_a_process_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path)
    for number in range(300):
        text = "def f(x): return g(x, y=[x.a, 1])\n" * 1_000
        (folder / "shop" / f"m{number}.py").write_text(text)
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core")
    process = start(folder, tmp_path / "cache")
    scan = psutil.Process(process.pid)
    workers = until(scan.children, 30, "the processes of the scan")
    os.kill(workers[0].pid, signal.SIGKILL)
    assert ended(process)["unknown"] == []


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    ended(start(project(tmp_path), Path("/proc/nowhere")))


def test_two_runs_at_once_and_a_cache_that_goes(tmp_path: Path) -> None:
    folder, cache = project(tmp_path), tmp_path / "cache"
    runs = [start(folder, cache) for _ in range(2)]
    shutil.rmtree(cache, ignore_errors=True)
    for run in runs:
        ended(run)
    ended(start(folder, cache))
