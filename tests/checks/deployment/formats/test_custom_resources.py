"""Resources that an operator makes pods of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.deploy_files import Make as MakeProject
from support.deploy_files import calls, deployment_of, found, image, places

from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.rules.beat_replicated import RULE as BEATS
from django_scaleready.checks.rules.grace_too_short import RULE as GRACE
from django_scaleready.checks.rules.migrate_on_start import RULE as MIGRATES
from django_scaleready.checks.rules.readiness_missing import RULE as READY

Make = Callable[[str], list[Process]]
APP = """\
apiVersion: operators.example/v1
kind: {kind}
metadata: {{name: shop}}
spec:
  {key}:
  - name: web
    replicas: 3
    podSpec:
      image: registry.example/shop:1
      command: [gunicorn, shop.wsgi]
      env: [{{name: MIGRATE, value: "1"}}]
      initContainers:
      - command: [bash, -c, /app/migrate.sh]
        inheritEnv: {inherits}
"""
MIGRATE = '#!/bin/sh\nif [ "$MIGRATE" = 1 ]; then python manage.py migrate; fi\n'


def app(kind: str = "ShopApp", key: str = "deployments", inherits: str = "true") -> str:
    return APP.format(kind=kind, key=key, inherits=inherits)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(text: str) -> list[Process]:
        files = {"deploy/app.yaml": text, "migrate.sh": MIGRATE}
        return deployment_of(tmp_path, files).processes

    return made


def test_a_pod_of_one_container(make: Make) -> None:
    web, before = make(app())
    assert (web.name, before.name) == ("web", "web")
    assert calls(web) == [("gunicorn shop.wsgi", 10)]
    assert calls(before) == [("python manage.py migrate", 2)]
    assert (before.image, before.beside) == ("registry.example/shop:1", True)
    assert web.replicas is not None
    assert (web.replicas.value, web.replicas.location.line) == (3, 7)


def test_what_is_not_said_is_not_known(make: Make) -> None:
    web, _ = make(app())
    assert (web.grace, web.unprobed, web.overlaps) == (None, False, False)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (app(), 2),
        (app(inherits="false"), 1),
        (app(kind="ServiceMonitor", key="endpoints"), 2),
        (app().replace("image: registry.example/shop:1", "labels: []"), 0),
        (app().replace("podSpec", "template"), 0),
        ("# podSpec\n" + app(kind="Deployment").replace("podSpec", "pod"), 0),
    ],
)
def test_what_is_a_pod(make: Make, text: str, count: int) -> None:
    assert sum(bool(process.commands) for process in make(text)) == count


def test_a_pod_of_several_containers(make: Make) -> None:
    text = app().replace("      image:", "      containers:\n      - name: main\n        image:")
    text = text.replace("      command: [g", "        command: [g")
    assert [process.name for process in make(text)][:1] == ["web/main"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (app(), 1),
        (app(key="web").replace("replicas: 3", "minReplicas: 3"), 1),
        (app(inherits="false"), 0),
        (app(key="jobs"), 0),
        (app(kind="ShopJob"), 0),
        (app().replace("replicas: 3", 'schedule: "0 1 * * *"'), 0),
    ],
)
def test_what_each_replica_migrates(make_project: MakeProject, text: str, count: int) -> None:
    files = {"deploy/app.yaml": text, "migrate.sh": MIGRATE}
    findings = found(make_project, MIGRATES, files)
    assert places(findings) == ["migrate.sh:2"] * count
    assert [str(place) for one in findings for place in one.related] == (
        ["deploy/app.yaml:13"] * count
    )


@pytest.mark.parametrize("rule", [READY, GRACE, BEATS])
@pytest.mark.parametrize("command", ["gunicorn, shop.wsgi, -t, '90'", "celery, -A, shop, beat"])
def test_nothing_is_missed_that_an_operator_may_add(
    make_project: MakeProject, rule: object, command: str
) -> None:
    text = app().replace("gunicorn, shop.wsgi", command).replace("    replicas: 3\n", "")
    look = partial(found, make_project, rule)
    assert look({"deploy/app.yaml": text, "migrate.sh": MIGRATE, **image("gunicorn x")}) == []
