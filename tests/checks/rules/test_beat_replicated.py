"""beat-replicated: how many schedulers there are."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, compose, found, manifest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.beat_replicated import RULE

BEAT = ("  beat:", "    image: shop", "    command: celery -A shop beat")


RECREATE = "strategy: {type: Recreate}"


def said(line: str, command: str = "[celery, -A, shop, beat]") -> dict[str, str]:
    """Return a Deployment whose specification has one more line."""
    files = manifest(f"command: {command}")
    text = files["k8s/web.yaml"].replace("spec:\n", f"spec:\n  {line}\n", 1)
    return {"k8s/web.yaml": text}


def several(command: str, count: int) -> dict[str, str]:
    return said(f"replicas: {count}", command)


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
        said(RECREATE),
        said("strategy: {rollingUpdate: {maxSurge: 0}}"),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "files",
    [
        several("[celery, -A, shop, beat]", 1),
        said("minReadySeconds: 5"),
        said("strategy: {type: RollingUpdate}"),
        said("strategy: {rollingUpdate: {maxSurge: 1}}"),
    ],
)
def test_finds_the_second_one_of_a_rollout(make_project: Make, files: dict[str, str]) -> None:
    (finding,) = found(make_project, RULE, files)
    assert finding.severity is Severity.WARNING
    assert finding.message.startswith("A rollout starts the new ")


OVERLAY = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: NAME}}
spec:
  {RECREATE}
"""


@pytest.mark.parametrize(
    "files",
    [
        said("strategy: {type: Recreate}", "[celery, -A, shop, worker]"),
        several("[celery, -A, shop, worker]", 1),
        several("[celery, -A, shop, beat, -S, redbeat.RedBeatScheduler]", 1),
        {"k8s/web.yaml": said("")["k8s/web.yaml"].replace("kind: Deployment", "kind: StatefulSet")},
        # A chart in which an installation may say it.
        said("{{ with .Values.strategy }}strategy: {{ . }}{{ end }}"),
    ],
)
def test_a_rollout_that_doubles_nothing(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_an_overlay_may_say_it(make_project: Make) -> None:
    files = said("minReadySeconds: 5")
    name = files["k8s/web.yaml"].partition("name: ")[2].split()[0].strip("}")
    overlay = {"k8s/overlay.yaml": OVERLAY.replace("NAME", name)}
    assert found(make_project, RULE, {**files, **overlay}) == []
