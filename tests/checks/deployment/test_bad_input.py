"""What cannot be read is named with its reason, and the rest goes on."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.base import Area, Unknown
from django_scaleready.checks.deployment.files import MAX_BYTES
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.registry import RULES
from django_scaleready.checks.static.scan import scan

DEEP = b"apiVersion: v1\nkind: Pod\nspec: " + b"[" * 9_000 + b"]" * 9_000
GOOD = "web: python manage.py migrate && gunicorn shop.wsgi\n"


def unknown(root: Path) -> list[Unknown]:
    """Run the rules on deploy files; what stands in the Procfile is found in spite of all."""
    (root / "Procfile").write_text(GOOD)
    result = scan(root, [rule for rule in RULES if rule.area is Area.DEPLOY])
    assert "scaleready.W092" in [found.rule.code for found in result.found]
    return result.unknown


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("docker-compose.yml", b"services:\n  web: [\n", "line 3"),
        ("docker-compose.yml", b"services:\n  web:\n\timage: x\n", "line 3"),
        ("k8s/web.yaml", b"apiVersion: v1\nkind: Pod\nspec: {a: b: c}\n", "line 3"),
        ("Dockerfile", b"FROM x\nCMD a\0b\n", "NUL byte"),
        ("Dockerfile", b"FROM x\n" + b"# x\n" * MAX_BYTES, "too large"),
        # Composing it by recursion in C would end the process, not raise.
        (
            "k8s/web.yaml",
            b"apiVersion: v1\nkind: Pod\nspec: " + b"[" * 9000 + b"]" * 9000,
            "deeper",
        ),
        ("k8s/a.yml", b"apiVersion: v1\nkind: Pod\n" + b"# x\n" * MAX_BYTES, "too large"),
        ("nginx.conf", b"server {\n  location / {\n", "line 2"),
        ("uwsgi.ini", b"a = b\n[uwsgi]\nmodule = x\n", "line"),
        ("supervisord.conf", b"command = x\n[program:web]\n", "line"),
        ("web.service", b"ExecStart=x\n[Service]\n", "line"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    (found,) = unknown(tmp_path)
    assert found.subject == name
    assert reason in found.reason


def test_a_gunicorn_configuration_that_is_not_python(tmp_path: Path) -> None:
    (tmp_path / "gunicorn.conf.py").write_text("bind = (\n")
    (tmp_path / "Dockerfile").write_text("FROM x\nCMD gunicorn shop.wsgi\n")
    (found,) = unknown(tmp_path)
    assert found.subject == "gunicorn.conf.py:1"


def test_templates_are_one_line_for_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "helm" / "templates"
    folder.mkdir(parents=True)
    for number in range(5):
        text = "apiVersion: v1\nkind: Pod\nspec: {{ .Values.spec }}\n  {{- if x }}\n  a: [\n"
        (folder / f"pod{number}.yaml").write_text(text)
    (found,) = unknown(tmp_path)
    assert found.subject == "helm/templates"
    assert "templates" in found.reason


@pytest.mark.parametrize("target", ["Dockerfile", "nowhere", "/etc/passwd"])
def test_links_into_a_loop_into_nowhere_and_out_of_the_project(tmp_path: Path, target: str) -> None:
    (tmp_path / "Dockerfile").symlink_to(target)
    (found,) = unknown(tmp_path)
    assert found.subject == "Dockerfile"


def test_a_loop_of_folders_ends(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "deploy").symlink_to(tmp_path)
    assert unknown(tmp_path) == []


def test_a_file_that_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # For root, who may read everything, permissions would prove nothing.
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    opened = Path.open

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "Dockerfile":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    (found,) = unknown(tmp_path)
    assert found.subject == "Dockerfile"
    assert "Permission denied" in found.reason


def test_a_folder_that_nobody_may_look_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    stat = os.stat

    def refuse(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if os.fspath(path).startswith(f"{tmp_path}/closed/"):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert unknown(tmp_path) == []


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "entrypoint.sh")
    (tmp_path / "Dockerfile").mkdir()
    assert unknown(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("start.sh", "(" * 20_000),
        ("start.sh", "if x; then " * 3_000),
        ("start.sh", '#!/bin/sh\nexec ./start.sh "$@"\n'),
        ("nginx.conf", "server {\n" * 2_000),
        ("compose.yml", "services: " + "[" * 5_000),
        ("compose.yml", "services: " + "[" * 100_000 + "]" * 100_000),
        ("data.yml", "# x\n" * MAX_BYTES),
        ("nginx.conf", "\n" * 200_000),
        ("data.yml", "\t\n" * 100_000),
        ("supervisor.conf", "[program\n" * 25_000),
        ("Dockerfile", "FROM x\nCMD [" + "[" * 5_000),
        ("Dockerfile", "FROM x\nCMD " + "http://" * 30_000),
        ("supervisord.conf", "[program:a]\ncommand = supervisord -c supervisord.conf\n"),
        ("uwsgi.ini", "[uwsgi]\nmodule = a\nattach-daemon = uwsgi uwsgi.ini\n"),
    ],
)
def test_what_is_nested_deeply_or_starts_itself_ends(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    began = time.monotonic()
    unknown(tmp_path)
    assert time.monotonic() - began < 20


NAMES = ("Dockerfile", "compose.yml", "Procfile", "start.sh", "uwsgi.ini", "nginx.conf")
WORDS = (
    *("FROM x", "CMD [", '"a"', "]", "services:", "  web:", "    build: .", "    command:", "- x"),
    *("web: ", "if [ ", "$A", "${A:-", "}", ";", "then", "fi", "&&", "exec ", '"$@"', "[uwsgi]"),
    *("socket = ", "location / {", "uwsgi_pass ", ";", "}", "\\", "\n", "\t", "'", "`", "\udce9"),
)


@pytest.mark.parametrize("seed", range(60))
def test_any_text_ends_without_an_error(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    for name in NAMES:
        text = "".join(dice.choice(WORDS) + dice.choice(" \n") for _ in range(60))
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    deployment = Deployment(tmp_path)
    assert isinstance(deployment.processes, list)
    for made in (deployment.gunicorn, deployment.uwsgi, deployment.nginx, deployment.supervisors):
        assert isinstance(made, list)
