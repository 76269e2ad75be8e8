"""What the check says about real projects, beside what a person says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from real import labels, table
from real.download import SOURCES, DownloadError, Source, unpacked
from real.sampling import sampled

LEAST_PRECISION = 0.90


@pytest.fixture(scope="module", params=SOURCES, ids=str)
def source(request: pytest.FixtureRequest) -> Source:
    chosen: Source = request.param
    return chosen


@pytest.fixture(scope="module")
def root(source: Source) -> Path:
    try:
        return unpacked(source)
    except DownloadError as error:
        if os.environ.get("CI", "").lower() == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def findings(root: Path) -> list[dict[str, Any]]:
    return labels.scan(root)


def test_every_finding_has_a_verdict_and_most_are_right(
    source: Source, findings: list[dict[str, Any]]
) -> None:
    judged = labels.judge(findings, labels.verdicts(source))
    assert not judged.unlabelled
    assert not judged.stale
    assert judged.precision >= LEAST_PRECISION


def test_each_verdict_says_why(source: Source) -> None:
    for verdict in labels.verdicts(source):
        assert verdict.verdict in {"right", "wrong"}
        assert verdict.reason


def test_the_whole_sample_was_read(source: Source, root: Path) -> None:
    assert sorted({read.path for read in labels.sample(source)}) == sampled(source, root)


def test_what_the_sample_says_is_found_is_found(
    source: Source, findings: list[dict[str, Any]]
) -> None:
    """And what it says is missed is missed, so that the figures do not age."""
    for read in labels.sample(source):
        if read.leak:
            assert read.found == _finds(findings, read), read


def test_the_documentation_has_the_same_figures(
    source: Source, findings: list[dict[str, Any]]
) -> None:
    """It is written by ``python -m real accuracy > real/accuracy.md``, in ``tests/``."""
    assert table.row(source, findings) in table.WRITTEN.read_text().splitlines()


def _finds(findings: list[dict[str, Any]], read: labels.Read) -> str | None:
    for finding in findings:
        for place in [finding, *finding["related"]]:
            far = abs(place["line"] - read.line)
            if place["path"] != read.path or far > (labels.NEAR if read.found else 0):
                continue
            if read.found in {None, finding["slug"]}:
                return str(finding["slug"])
    return None
