"""beat-replicated: how many schedulers there are."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, compose, found, manifest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.beat_replicated import RULE

BEAT = ("  beat:", "    image: shop", "    command: celery -A shop beat")


def several(command: str, count: int) -> dict[str, str]:
    files = manifest(f"command: {command}")
    text = files["k8s/web.yaml"].replace("spec:\n", f"spec:\n  replicas: {count}\n", 1)
    return {"k8s/web.yaml": text}


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (compose(*BEAT, "    deploy:", "      replicas: 2"), 9),
        (compose(*BEAT, "    scale: 3"), 8),
        (several("[celery, -A, shop, beat]", 2), 5),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], line: int) -> None:
    (finding,) = found(make_project, RULE, files)
    assert finding.location.line == line
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "files",
    [
        compose(*BEAT),
        compose(*BEAT, "    deploy:", "      replicas: 1"),
        compose("    deploy:", "      replicas: 4", *BEAT),
        compose(*BEAT[:2], f"{BEAT[2]} -S redbeat.RedBeatScheduler", "    scale: 2"),
        several("[celery, -A, shop, worker]", 5),
        several("[celery, -A, shop, beat]", 1),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
