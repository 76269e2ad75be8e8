"""Who gets SIGTERM: what the rule says of a script, and what a real shell does with it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.drill.processes import Process
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

# Writes down that it runs, and that it was told to stop.
SERVER = """#!/bin/sh
trap 'echo heard > {folder}/heard; exit 0' TERM
echo here > {folder}/here
while :; do sleep 0.02; done
"""
LINES = [
    "gunicorn",
    "true; gunicorn",
    "true && gunicorn",
    "exec gunicorn",
    "true; exec gunicorn",
    "cd / && exec gunicorn",
    "exec env A=1 gunicorn",
    "if true; then gunicorn; fi",
    "if true; then exec gunicorn; fi",
    "gunicorn & wait",
    "trap 'kill $!' TERM; gunicorn & wait",
    "(gunicorn); true",
    "gunicorn; true",
    "true || gunicorn; gunicorn",
    "f() { exec gunicorn; }; f",
    "gunicorn > /dev/null; true",
    'set -- gunicorn; exec "$@"',
    'set -- gunicorn; "$@"; true',
]


def says_deaf(root: Path, text: str, shell: str, *, inline: bool) -> bool:
    """What is made of the line as a CMD, or as the script that a CMD starts."""
    quoted = text.replace('"', '\\"')
    if not inline:
        (root / "start.sh").write_text(f"#!/bin/{shell}\n{text}\n")
    command = f'["{shell}", "-c", "{quoted}"]' if inline else f'["{shell}", "start.sh"]'
    (root / "Dockerfile").write_text(f"FROM x\nCMD {command}\n")
    deployment = Deployment(root)
    (served,) = {c for process in deployment.processes for c in process.servers}
    return not served.alone


def started(supervisor: Supervisor, root: Path, words: list[str]) -> Process:
    """A shell with a line that starts a server, which is there."""
    server = root / "bin" / "gunicorn"
    server.parent.mkdir()
    server.write_text(SERVER.format(folder=root))
    server.chmod(0o755)
    path = {"PATH": f"{server.parent}:{os.environ['PATH']}"}
    process = supervisor.process(root.name, [*words], environment=path, directory=root)
    process.start()
    return process


@pytest.mark.live
@pytest.mark.parametrize("inline", [False, True], ids=["script", "inline"])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_rule_agrees_with_the_shell(tmp_path: Path, shell: str, *, inline: bool) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    folders = {text: tmp_path / f"line{number}" for number, text in enumerate(LINES)}
    said = {}
    with Supervisor() as supervisor:
        running = []
        for text, folder in folders.items():
            folder.mkdir()
            said[text] = says_deaf(folder, text, shell, inline=inline)
            (folder / "start.sh").write_text(f"{text}\n")
            words = [shell, "-c", text] if inline else [shell, str(folder / "start.sh")]
            running.append(started(supervisor, folder, words))
        until(lambda: all((f / "here").exists() for f in folders.values()), 30, "all servers run")
        for process in running:
            # To the shell alone, as an orchestrator does.
            os.kill(process.pid, signal.SIGTERM)
        told = [folder for text, folder in folders.items() if not said[text]]
        until(lambda: all((f / "heard").exists() for f in told), 30, "they are told that can be")
        heard = {text: (folder / "heard").exists() for text, folder in folders.items()}
    assert {text: not deaf for text, deaf in said.items()} == heard
