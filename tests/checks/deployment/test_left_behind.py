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
