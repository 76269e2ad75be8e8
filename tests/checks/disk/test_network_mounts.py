"""What lies in a volume of a network is no replica's own, if all that serves mounts it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import file_write, volume_state
from django_scaleready.checks.rules.media_local import RULE

MEDIA = "/srv/media"
USE = {"views.py": "from django.core.files.storage import default_storage\n"}
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    spec:
      containers:
      - name: web
        image: shop
        command: [gunicorn, shop.wsgi]
        volumeMounts: [{{name: m, mountPath: {target}}}]
      volumes: [{{name: m, persistentVolumeClaim: {{claimName: {claim}}}}}]
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}}}
spec: {{accessModes: [{mode}]}}
"""


def pods(mode: str = "ReadWriteMany", target: str = MEDIA, other: str = "media") -> dict[str, str]:
    return {
        "k8s/web.yaml": POD.format(name="web", target=target, claim="media"),
        "k8s/api.yaml": POD.format(name="api", target=target, claim=other),
        "k8s/claim.yaml": CLAIM.format(name="media", mode=mode),
        "k8s/other.yaml": CLAIM.format(name="other", mode="ReadWriteOnce"),
    }


def compose(kind: str = "nfs", target: str = MEDIA) -> dict[str, str]:
    web = "image: shop\n    command: gunicorn shop.wsgi"
    volumes = f"volumes:\n  media:\n    driver_opts: {{type: {kind}}}\n"
    text = f"services:\n  web:\n    {web}\n    volumes: ['media:{target}']\n{volumes}"
    return {"compose.yaml": text}


APP = """\
locals {{ folder = "{target}" }}
resource "azurerm_container_app" "web" {{
  volume {{
    name         = azurerm_storage.web.name
    storage_type = "{kind}"
  }}
  container {{
    command = ["gunicorn", "shop.wsgi"]
    volume_mounts {{
      name = azurerm_storage.{mounted}.name
      path = local.folder
    }}
  }}
}}
"""
TASK = """\
resource "aws_ecs_task_definition" "web" {{
  container_definitions = jsonencode([{{
    command     = ["{command}", "shop.wsgi"]
    mountPoints = [{{ sourceVolume = "media", containerPath = "{target}" }}]
  }}])
  volume {{
    name = "media"
    {kind} {{
      file_system_id = aws_efs_file_system.media.id
    }}
  }}
}}
"""


def app(kind: str = "AzureFile", target: str = "/srv", mounted: str = "web") -> dict[str, str]:
    return {"infra/web.tf": APP.format(kind=kind, target=target, mounted=mounted)}


def task(
    kind: str = "efs_volume_configuration", target: str = "/srv/media", command: str = "gunicorn"
) -> dict[str, str]:
    return {"infra/task.tf": TASK.format(kind=kind, target=target, command=command)}


@pytest.mark.parametrize(
    "files",
    [
        pods(),
        pods(target="/srv"),
        {**pods(), **compose("none")},
        compose(),
        compose(target="/srv"),
        app(),
        app("NfsAzureFile"),
        task(),
        task("nfs"),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], files: dict[str, str]) -> None:
    project = make_project({**USE, **files}, MEDIA_ROOT=f"{MEDIA}/shop")
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    "files",
    [
        {},
        pods("ReadWriteOnce"),
        pods(other="other"),
        pods(target="/srv/exports"),
        compose("none"),
        {**pods("ReadWriteOnce"), **compose()},
        app("EmptyDir"),
        app(target="/var/log"),
        app(mounted="other"),
        task("docker_volume_configuration"),
        task(target="/srv/other"),
        task(command="metabase"),
    ],
)
def test_finds(make_project: Callable[..., Project], files: dict[str, str]) -> None:
    project = make_project({**USE, **files}, MEDIA_ROOT=f"{MEDIA}/shop")
    assert len(list(RULE.find(project))) == 1


def bound(script: str, name: str = "ops/setup.sh", source: str = "/mnt/shop") -> dict[str, str]:
    web = f"services:\n  web:\n    image: shop\n    volumes: ['{source}:{MEDIA}']\n"
    return {"compose.yaml": f"{web}    command: gunicorn shop.wsgi\n", name: f"{script}\n"}


MOUNTS = "mount -t efs -o tls $FILES:/ /mnt/shop"
HERE = "export AT=/mnt/shop\nmount -t nfs4 $FILES:/ ${AT} || exit 1"
WRITES = {"shop/code.py": f"def f(): open('{MEDIA}/prices.csv', 'w').write('1')\n"}
ON_NETWORK = [
    bound(MOUNTS),
    bound(HERE),
    bound(HERE, source="${AT:-/mnt/shop}/media"),
    bound("mount.nfs files:/ \\\n  /mnt/shop"),
    bound("mount --types=cifs //files/shop /mnt -o ro"),
    bound('echo "$FILES:/ /mnt/shop efs _netdev,tls 0 0" >> /etc/fstab'),
    bound("mount -t nfs files:/ ${AT:-/mnt/shop}"),
]
ON_DISK = [
    bound("mount /dev/sdb /mnt/shop"),
    bound("mount -t ext4 /dev/sdb /mnt/shop # nfs"),
    bound(f"# {MOUNTS}"),
    bound("echo '/dev/sdb /mnt/shop ext4 defaults 0 0' >> /etc/fstab # no nfs"),
    bound("mount -t nfs files:/ /mnt/backups"),
    bound("mount -t nfs files:/ $SOMEWHERE"),
    bound("AT=/mnt/shop\nAT=/mnt/other\nmount -t nfs files:/ $AT"),
    bound("umount -t nfs /mnt/shop"),
    bound(MOUNTS, "dev/setup.sh"),
    bound(MOUNTS, source="media"),
    bound(MOUNTS, source="/mnt"),
]


@pytest.mark.parametrize("files", ON_NETWORK)
def test_what_a_script_mounts_on_each_machine_is_silent(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    project = make_project({**WRITES, **USE, **files}, MEDIA_ROOT=f"{MEDIA}/shop")
    assert [*RULE.find(project), *volume_state.RULE.find(project)] == []
    assert list(file_write.RULE.find(project)) == []


@pytest.mark.parametrize("files", ON_DISK)
def test_finds_what_no_script_mounts(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    project = make_project({**WRITES, **files}, MEDIA_ROOT="/elsewhere")
    assert len(list(volume_state.RULE.find(project))) == 1
    assert len(list(file_write.RULE.find(project))) == 1


@pytest.mark.parametrize(("files", "count"), [(pods(), 0), (pods(other="other"), 1), ({}, 1)])
def test_code_that_writes_to_a_volume_of_a_network(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(file_write.RULE.find(make_project({**WRITES, **files})))) == count


@pytest.mark.parametrize(("at", "count"), [("/srv/media", 0), ("/srv/other", 1)])
def test_a_machine_without_containers(
    make_project: Callable[..., Project], at: str, count: int
) -> None:
    files = {
        "deploy/setup.sh": f"mount -t nfs files:/ {at}\n",
        "Procfile": "web: gunicorn shop.wsgi",
    }
    assert len(list(file_write.RULE.find(make_project({**WRITES, **files})))) == count
