"""Each table still runs: tiny sizes, ours alone; what it prints says nothing about speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def table(folder: Path, name: str, *arguments: str) -> dict[str, Any]:
    """Run one table and return what it wrote as JSON."""
    done = bench(name, "--quick", "--output", str(folder), *arguments)
    assert done.returncode in {0, 1}, done.stderr
    document = json.loads((folder / f"{name}.json").read_text())
    assert document["name"] == name
    assert document["rows"]
    assert all(len(row) == len(document["columns"]) for row in document["rows"])
    assert (done.returncode == 0) == document["held"]
    page = (folder / f"{name}.md").read_text()
    assert page.startswith("| ")
    for row in document["rows"]:
        assert all(cell in page for cell in row)
    return document


def test_the_tables_are_listed() -> None:
    done = bench("--help")
    assert done.returncode == 0
    for name in (
        "probe-cost",
        "peers",
        "hung-database",
        "probe-flood",
        "rolling",
        "nginx",
        "scan",
        "witness",
    ):
        assert name in done.stdout


def test_an_unknown_table_is_refused() -> None:
    done = bench("probe-costs")
    assert done.returncode == 2
    assert "probe-costs" in done.stderr


@pytest.mark.live
def test_probe_cost(tmp_path: Path) -> None:
    document = table(tmp_path, "probe-cost")
    assert all(figure["median"] > 0 for figure in document["figures"].values())


@pytest.mark.live
def test_peers(tmp_path: Path) -> None:
    document = table(tmp_path, "peers")
    ours = document["figures"]["scaleready"]
    assert ours["foreign Host"]["status"] == 200
    assert ours["database refuses"]["status"] == 503


@pytest.mark.live
def test_hung_database(tmp_path: Path) -> None:
    document = table(tmp_path, "hung-database", "--rows", "gthread")
    (figures,) = document["figures"].values()
    assert figures["during"]["ready_statuses"]["503"] > 0


@pytest.mark.live
def test_probe_flood(tmp_path: Path) -> None:
    document = table(tmp_path, "probe-flood")
    assert all(figure["probes_per_second"] > 0 for figure in document["figures"].values())


@pytest.mark.live
def test_deployments(tmp_path: Path) -> None:
    document = table(tmp_path, "kubernetes", "--rows", "gthread")
    (figures,) = document["figures"].values()
    assert figures["requests"] >= 200
    assert figures["replica_restarts"] == 2
    assert figures["duplicates"] == 0


def test_witness(tmp_path: Path) -> None:
    document = table(tmp_path, "witness")
    for figure in document["figures"].values():
        assert set(figure["median"]) == {"off", "0.01", "1"}


def test_scan(tmp_path: Path) -> None:
    document = table(tmp_path, "scan")
    assert document["rows"][0][0] == "one project: ast.parse of the same files"
    assert len(document["rows"]) == 5
    assert len(document["promises"]) == 2
