"""What looks like something that is started, and is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of

COMPOSE = """\
services:
  shop:
    image: shop
    command: %s
    volumes: [".:/app", "%s:/etc/supervisord.conf"]
"""
OVER_TREE = "start-dev.sh"


@pytest.mark.parametrize(
    ("command", "source", "count"),
    [
        (OVER_TREE, "./tools/all.conf", 0),
        (OVER_TREE, "../../tools/all.conf", 0),
        (OVER_TREE, "../all.conf", 0),
        (OVER_TREE, "./other/all.conf", 1),
        (OVER_TREE, "./tools/supervisor.conf", 1),
        ("gunicorn shop.wsgi", "./tools/all.conf", 1),
    ],
)
def test_a_supervisor_that_only_developers_mount(
    tmp_path: Path, command: str, source: str, count: int
) -> None:
    files = {
        "docker-compose.yml": COMPOSE % (command, source),
        "tools/all.conf": "[program:web]\ncommand = gunicorn shop.wsgi -b :80\n",
    }
    programs = [c for p in deployment_of(tmp_path, files).processes for c in p.servers if c.via]
    assert len(programs) == count


IMAGE = "FROM python\nCOPY . /app\nCMD exec gunicorn shop.wsgi\n"
RUN = {"run.sh": "gunicorn shop.wsgi\n"}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"Dockerfile": IMAGE, ".dockerignore": "*.sh\n"}, 0),
        ({"Dockerfile": IMAGE, ".dockerignore": "*\n!shop\n"}, 0),
        ({"web.Dockerfile": IMAGE, "web.Dockerfile.dockerignore": "run.sh"}, 0),
        ({"docker/Dockerfile": IMAGE, ".dockerignore": "run.sh"}, 0),
        # It is in the image, or in one of them.
        ({"Dockerfile": IMAGE}, 1),
        ({"Dockerfile": IMAGE, ".dockerignore": "*.sh\n!run.sh\n"}, 1),
        (
            {"Dockerfile": IMAGE, ".dockerignore": "run.sh", "Dockerfile.dockerignore": "tests"},
            1,
        ),
        # The image starts nothing, or is nobody's that is deployed.
        ({"Dockerfile": "FROM python\nCOPY . /app\n", ".dockerignore": "run.sh"}, 1),
        ({"dev/Dockerfile": IMAGE, ".dockerignore": "run.sh"}, 1),
        ({".dockerignore": "run.sh"}, 1),
    ],
)
def test_a_script_that_is_left_out_of_the_image(
    tmp_path: Path, files: dict[str, str], count: int
) -> None:
    processes = deployment_of(tmp_path, {**RUN, **files}).processes
    assert [p.name for p in processes].count("run.sh") == count


@pytest.mark.parametrize(
    ("path", "count"),
    [("deploy/ansible/files/run.sh", 1), ("deploy/files/run.sh", 0)],
)
def test_a_script_that_comes_to_a_machine_otherwise(tmp_path: Path, path: str, count: int) -> None:
    files = {path: RUN["run.sh"], "Dockerfile": IMAGE, ".dockerignore": "deploy\n"}
    processes = deployment_of(tmp_path, files).processes
    assert [p.name for p in processes].count("run.sh") == count


def test_a_script_beside_the_image_that_may_be_built_there(tmp_path: Path) -> None:
    files = {"shop/run.sh": RUN["run.sh"], "shop/Dockerfile": IMAGE, ".dockerignore": "shop\n"}
    processes = deployment_of(tmp_path, files).processes
    assert [p.name for p in processes].count("run.sh") == 1
