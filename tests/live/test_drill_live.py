"""The drill tells the two tellings of the example apart, and changes neither."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.example import copy
from support.runs import run

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

# What its settings have to be told; the drill leads all of it elsewhere.
PRODUCTION = {
    "DATABASE_URL": "postgres://castaway:secret@localhost:1/castaway",
    "MEDIA_S3_ACCESS_KEY_ID": "key",
    "MEDIA_S3_BUCKET": "recordings",
    "MEDIA_S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "MEDIA_S3_SECRET_ACCESS_KEY": "secret",
    "REDIS_URL": "redis://localhost:1/0",
    "ALLOWED_HOSTS": "castaway.example",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "WEB_CONCURRENCY": "1",
}
DRILL = [
    *(sys.executable, "manage.py", "scaleready", "drill", "--quick", "--replicas", "2"),
    # Enough for what is told here, and half of the load that a busy machine may not carry.
    *("--requests-per-second", "50"),
]


@pytest.fixture
def projects() -> Iterator[Callable[[str], Path]]:
    """Copies of the example."""
    with Supervisor() as supervisor:
        yield lambda name: copy(name, supervisor, {}).directory


def files(folder: Path) -> dict[str, str]:
    """What the project consists of; it writes below var/, and Python beside its modules."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not {"var", "__pycache__"} & set(path.parts)
    }


def drilled(
    folder: Path, tmp_path: Path, names: list[str], environment: dict[str, str]
) -> tuple[int, dict[str, Any]]:
    """The exit code, and the document."""
    file, page = tmp_path / "drill.json", tmp_path / "drill.html"
    arguments = [word for name in names for word in ("--scenario", name)]
    before = files(folder)
    with run(
        [*DRILL, *arguments, "--keep", "--json", str(file), "--html", str(page)],
        folder=folder,
        environment=environment,
    ) as drill:
        until(lambda: "Ctrl-C ends it all." in drill.text() or drill.popen.poll(), 150, "its end")
        assert any("gunicorn" in " ".join(process.cmdline()) for process in drill.family())
        drill.popen.send_signal(signal.SIGINT)
        code = drill.popen.wait(30)
        assert file.exists(), drill.text()
        assert drill.left() == []
    assert files(folder) == before
    assert page.read_text().startswith("<!doctype html>")
    told: dict[str, Any] = json.loads(file.read_text())
    return code, told


def test_before_fails_where_it_must(projects: Callable[[str], Path], tmp_path: Path) -> None:
    code, told = drilled(projects("before"), tmp_path, ["hop", "bad-deployment"], {})
    assert code == 1
    _, hop, bad = told["scenarios"]
    assert [seen["topic"] for seen in hop["observations"] if not seen["held"]] == [
        "row",
        "session",
        "upload",
        "log",
    ]
    slugs = {rule["slug"] for advice in hop["advice"] for rule in advice["rules"]}
    assert {"db-sqlite", "session-local", "media-local", "log-file"} <= slugs
    assert [seen["held"] for seen in bad["observations"]] == [False, False]


@pytest.mark.alone
def test_after_passes(projects: Callable[[str], Path], tmp_path: Path) -> None:
    names = ["hop", "bad-deployment", "redis-refused"]
    code, told = drilled(projects("after"), tmp_path, names, PRODUCTION)
    # How slow pages may be while Redis is away is more than a busy machine can promise.
    broken = [text for scenario in told["scenarios"] for text in scenario["broken"]]
    assert [text for text in broken if not text.startswith("p99 ")] == [], told["scenarios"]
    assert code == (1 if broken else 0)
    assert [scenario["name"] for scenario in told["scenarios"]] == ["baseline", *names]
    assert told["totals"]["requests"] > 500
    assert len(told["scenarios"][1]["observations"]) == 5


def test_ctrl_c_writes_what_was_seen_and_leaves_nothing_behind(
    projects: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / "drill.json"
    with run([*DRILL, "--json", str(file)], folder=projects("before")) as drill:
        until(lambda: "2/8" in drill.text() or drill.popen.poll(), 60, "the first fault")
        drill.popen.send_signal(signal.SIGINT)
        assert drill.popen.wait(40) == 130, drill.text()
        assert "nothing is left running" in drill.text()
        assert drill.left() == []
    told = json.loads(file.read_text())
    assert told["interrupted"] is True
    assert [scenario["name"] for scenario in told["scenarios"]] == ["baseline"]
    assert told["totals"]["requests"] > 50


def test_ctrl_c_while_it_starts_leaves_nothing_behind(projects: Callable[[str], Path]) -> None:
    with run(DRILL, folder=projects("after"), environment=PRODUCTION) as drill:
        until(lambda: "migrating" in drill.text() or drill.popen.poll(), 60, "its services")
        os.killpg(drill.popen.pid, signal.SIGINT)
        assert drill.popen.wait(30) == 130, drill.text()
        assert drill.left() == []
