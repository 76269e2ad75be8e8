"""What platforms are told to start and to keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of

from django_scaleready.checks.deployment.process import Process

HEROKU = """\
build:
  docker:
    web: docker/Dockerfile
run:
  web: gunicorn shop.wsgi
  worker:
    command:
      - celery -A shop worker
    image: web
release:
  image: web
  command: [python manage.py migrate]
"""
RENDER = """\
services:
  - type: web
    name: shop
    startCommand: gunicorn shop.wsgi
    healthCheckPath: /health
    disk:
      name: media
      mountPath: /app/media
  - {type: cron, name: nightly, startCommand: python manage.py migrate}
"""
SPEC = """\
services:
  - name: web
    run_command: gunicorn shop.wsgi
jobs:
  - name: migrate
    kind: PRE_DEPLOY
    run_command: python manage.py migrate
"""
FLY = """\
app = "shop"
[processes]
web = "gunicorn shop.wsgi"
[mounts]
source = "media"
destination = "/app/media"
[deploy]
release_command = "python manage.py migrate"
"""
RAILWAY = '[deploy]\nstartCommand = "gunicorn shop.wsgi"\npreDeployCommand = "id"\n'
NIXPACKS = '[phases.setup]\nnixPkgs = ["gcc"]\n[start]\ncmd = "gunicorn shop.wsgi"\n'
COPILOT = """\
name: web
type: Load Balanced Web Service
command: gunicorn shop.wsgi
"""
FOUNDRY = """\
applications:
  - name: shop
    command: gunicorn shop.wsgi
    health-check-http-endpoint: /healthz
"""
TASK = """\
{"containerDefinitions": [{
  "name": "web",
  "image": "1.dkr.example/shop:latest",
  "command": ["gunicorn", "shop.wsgi"],
  "stopTimeout": 20,
  "mountPoints": [
    {"sourceVolume": "media", "containerPath": "/app/media"},
    {"sourceVolume": "shared", "containerPath": "/app/shared"}
  ]}],
 "volumes": [{"name": "media"}, {"name": "shared", "efsVolumeConfiguration": {}}]}
"""


def processes(root: Path, path: str, text: str, **others: str) -> dict[str, Process]:
    deployment = deployment_of(root, {path: text, **others})
    assert deployment.unknown == []
    return {process.name: process for process in deployment.processes}


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("heroku.yml", HEROKU, "heroku.yml:5"),
        ("render.yaml", RENDER, "render.yaml:4"),
        (".do/app.yaml", SPEC, ".do/app.yaml:3"),
        ("fly.toml", FLY, "fly.toml:3"),
        ("railway.toml", RAILWAY, "railway.toml:2"),
        ("railway.json", '{"deploy": {\n"startCommand": "gunicorn shop.wsgi"}}', "railway.json:2"),
        ("nixpacks.toml", NIXPACKS, "nixpacks.toml:4"),
        ("app.yaml", "runtime: python312\nentrypoint: gunicorn shop.wsgi\n", "app.yaml:2"),
        ("copilot/web/manifest.yml", COPILOT, "copilot/web/manifest.yml:3"),
        ("manifest-prod.yml", FOUNDRY, "manifest-prod.yml:3"),
        ("deploy/task-definition.json", TASK, "deploy/task-definition.json:4"),
        ("Dockerrun.aws.json", TASK, "Dockerrun.aws.json:4"),
    ],
)
def test_the_server(tmp_path: Path, path: str, text: str, place: str) -> None:
    found = processes(tmp_path, path, text)
    (server,) = (command for process in found.values() for command in process.servers)
    assert server.program == "gunicorn"
    assert str(server.location) == place


@pytest.mark.parametrize(
    ("path", "text", "once"),
    [
        ("heroku.yml", HEROKU, {"release"}),
        ("render.yaml", RENDER, {"nightly"}),
        (".do/app.yaml", SPEC, {"migrate"}),
        ("fly.toml", FLY, {"release"}),
        ("railway.toml", RAILWAY, {"release"}),
    ],
)
def test_what_runs_once(tmp_path: Path, path: str, text: str, once: set[str]) -> None:
    found = processes(tmp_path, path, text)
    assert {name for name, process in found.items() if process.once} == once


@pytest.mark.parametrize(
    ("path", "text", "name", "volumes"),
    [
        ("render.yaml", RENDER, "shop", [("/app/media", False)]),
        ("fly.toml", FLY, "web", [("/app/media", False)]),
        ("Dockerrun.aws.json", TASK, "web", [("/app/media", False), ("/app/shared", True)]),
    ],
)
def test_volumes(
    tmp_path: Path, path: str, text: str, name: str, volumes: list[tuple[str, bool]]
) -> None:
    process = processes(tmp_path, path, text)[name]
    assert [(volume.target, volume.shared) for volume in process.volumes] == volumes


def test_heroku_builds_an_image(tmp_path: Path) -> None:
    image = 'FROM x\nENTRYPOINT ["/app/start.sh"]\nCOPY . /app\n'
    script = '#!/bin/sh\npython manage.py migrate\nexec "$@"\n'
    others = {"docker/Dockerfile": image, "docker/start.sh": script}
    found = processes(tmp_path, "heroku.yml", HEROKU, **others)
    assert [command.program for command in found["web"].commands] == ["manage.py", "gunicorn"]


def test_fly_starts_the_image(tmp_path: Path) -> None:
    image = 'FROM x\nCMD ["gunicorn", "shop.wsgi"]\n'
    text = '[mounts]\nsource = "m"\ndestination = "/data"\n'
    found = processes(tmp_path, "fly.toml", text, Dockerfile=image)
    assert found["app"].serves
    assert [volume.target for volume in found["app"].volumes] == ["/data"]


@pytest.mark.parametrize(("leader", "replica"), [("true", False), ("false", True)])
def test_elastic_beanstalk(tmp_path: Path, leader: str, replica: bool) -> None:
    text = "container_commands:\n  01_migrate:\n    command: python manage.py migrate\n"
    text += f"    leader_only: {leader}\n"
    found = processes(tmp_path, ".ebextensions/django.config", text)
    assert found["01_migrate"].is_replica is replica


BLUEKING = """\
spec_version: 2
modules:
  default:
    env_variables:
      - key: THREADS
        value: 4
    processes:
      web:
        command: gunicorn shop.wsgi --threads $THREADS
        replicas: 5
      work:
        command: ops/work.sh -Q mails
    scripts:
      pre_release_hook: python manage.py migrate
"""
BLUEKING_THREE = """\
specVersion: 3
modules:
  - name: default
    spec:
      processes:
        - name: web
          procCommand: gunicorn shop.wsgi --threads 4
          replicas: 5
        - name: work
          procCommand: ops/work.sh -Q mails
"""


@pytest.mark.parametrize("text", [BLUEKING, BLUEKING_THREE])
def test_blueking(tmp_path: Path, text: str) -> None:
    work = {"ops/work.sh": "#!/bin/bash\nid\ncelery -A shop worker $@\n"}
    found = processes(tmp_path, "app_desc.yaml", text, **work)
    web, worker = found["web"], found["work"]
    assert web.replicas is not None
    assert web.replicas.value == 5
    assert [(c.words[-1], c.alone) for c in web.commands] == [("4", True)]
    assert [(c.location.line, c.works, c.alone) for c in worker.commands][-1] == (3, True, False)
    assert not worker.signals_all


def test_blueking_migrates_once_for_a_release(tmp_path: Path) -> None:
    found = processes(tmp_path, "app_desc.yml", BLUEKING)
    assert [name for name, process in found.items() if process.once] == ["release"]
    assert not found["release"].is_replica


@pytest.mark.parametrize(
    ("hook", "runs"),
    [("AfterInstall", True), ("ApplicationStart", True), ("AfterAllowTraffic", False)],
)
def test_code_deploy(tmp_path: Path, hook: str, runs: bool) -> None:
    text = f"version: 0.0\nos: linux\nhooks:\n  {hook}:\n    - location: ops/migrate.sh\n"
    script = {"ops/migrate.sh": "#!/bin/bash\nuv run manage.py migrate\n"}
    found = deployment_of(tmp_path, {"appspec.yml": text, **script}).processes
    assert [(p.name, p.is_replica) for p in found] == ([(hook, True)] if runs else [])
    assert [c.management for p in found for c in p.commands] == ["migrate"][: len(found)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("appspec.yaml", "version: 0.0\nhooks:\n  - BeforeInstall: migrate\n"),
        ("appspec.yaml", "hooks:\n  AfterInstall: [1, {timeout: 300}]\n"),
        ("app.yaml", "debug: true\nentrypoint: index.js\n"),
        ("fly.toml", "[mounts]\nsource = 'x'\n"),
        ("task-def.json", '{"family": "x", "deploy": []}'),
        ("web.config", "<configuration><run/></configuration>"),
        ("render.yaml", "services: [1, {disk: 2}]\n"),
        ("fly.dev.toml", FLY),
        ("app_desc.yaml", BLUEKING.replace("spec_version: 2\n", "")),
        ("app_desc.yaml", "spec_version: 2\nmodules: web\nprocesses: []\n"),
        ("app_desc.yaml", "spec_version: 2\nmodules: {a: {processes: {web: {plan: 4C}}}}\n"),
        ("app_desc.dev.yaml", BLUEKING),
        ("app.description.yaml", "processes: {web: {command: gunicorn shop.wsgi}}\n"),
        ("manifest.yml", "name: x\ntype: Database\ncommand: gunicorn shop.wsgi\n"),
        ("manifest.yml", "applications: [{name: shop, buildpacks: [python]}]\n"),
    ],
)
def test_what_starts_nothing(tmp_path: Path, path: str, text: str) -> None:
    found = processes(tmp_path, path, text)
    assert not [command for process in found.values() for command in process.commands]


@pytest.mark.parametrize(("path", "text"), [("fly.toml", "[deploy\n"), ("heroku.yml", "run: [\n")])
def test_what_cannot_be_read(tmp_path: Path, path: str, text: str) -> None:
    deployment = deployment_of(tmp_path, {path: text})
    assert list(deployment.processes) == []
    assert [unknown.subject for unknown in deployment.unknown] == [path]
