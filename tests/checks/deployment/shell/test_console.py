"""Which files a start script brings to the container's output."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of, script

from django_scaleready.checks.deployment.shell.console import is_tailed


def tailed(root: Path, command: str, path: str) -> bool:
    deployment = deployment_of(root, script(f"{command} &", "exec gunicorn shop.wsgi"))
    return is_tailed(deployment, path.format(root=root))


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("tail -F /srv/logs/*.log", "/srv/logs/a.log"),
        ("tail -n 0 -qF /srv/b.log /srv/logs/a.log", "/srv/logs/a.log"),
        ("tail --follow=name logs/a.log", "logs/a.log"),
        # Beside the folder where the image's work is done, or below it.
        ("tail -f $HOME/logs/*.log", "../logs/a.log"),
        ("tail -f /home/app/logs/*.log", "{root}/logs/a.log"),
    ],
)
def test_what_is_followed_is_printed(tmp_path: Path, command: str, path: str) -> None:
    assert tailed(tmp_path, command, path)


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("tail -F /srv/logs/*.log", "/var/logs/a.log"),
        ("tail -F /srv/logs/*.log", "/srv/logs/a.txt"),
        ("tail -F /srv/logs/b.log", "logs/a.log"),
        ("tail -f /home/app/logs/*.log", "../other/a.log"),
        ("tail -f /home/app/logs/*.log", "{root}/other/a.log"),
        ("tail -n 5 /srv/logs/a.log", "/srv/logs/a.log"),
        ("tail -F /srv/logs/a.log > /srv/all", "/srv/logs/a.log"),
        ("tail -f /dev/null", ""),
        ("tail -f -n 0", "0"),
        ("echo tail -F /srv/logs/a.log", "/srv/logs/a.log"),
    ],
)
def test_what_is_not_followed_is_not(tmp_path: Path, command: str, path: str) -> None:
    assert not tailed(tmp_path, command, path)
