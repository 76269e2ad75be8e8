"""Deploy files for the tests of the rules, short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django_scaleready.checks.base import Finding, Rule
from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.project import Project

Make = Callable[..., Project]
WEB = "gunicorn shop.wsgi"


def found(make_project: Make, rule: Rule, files: dict[str, str], **settings: Any) -> list[Finding]:
    """What a rule finds in some files."""
    items = list(rule.find(make_project(files, **settings)))
    assert all(isinstance(item, Finding) for item in items)
    return [item for item in items if isinstance(item, Finding)]


def places(findings: list[Finding]) -> list[str]:
    return [str(finding.location) for finding in findings]


def deployment_of(root: Path, files: Mapping[str, str]) -> Deployment:
    """What some files, written below a folder, say of a deployment."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Deployment(root)


def calls(process: Process) -> list[tuple[str, int]]:
    """What a process runs, and on which lines that stands."""
    return [(" ".join(command.words), command.location.line) for command in process.commands]


def image(cmd: str, *lines: str) -> dict[str, str]:
    """A Dockerfile with a CMD as it stands."""
    return {"Dockerfile": "\n".join(["FROM python:3.13", "COPY . /app", *lines, f"CMD {cmd}", ""])}


def script(*lines: str, name: str = "start.sh") -> dict[str, str]:
    """An image that starts a script."""
    return {**image(f'["/app/{name}"]'), name: "\n".join(["#!/bin/sh", *lines, ""])}


def compose(*lines: str, name: str = "docker-compose.yml") -> dict[str, str]:
    """A compose file with one service that serves; its lines begin at line 5."""
    head = ["services:", "  web:", "    image: shop", f"    command: {WEB}"]
    return {name: "\n".join([*head, *lines, ""])}


def manifest(*container: str, pod: str = "", kind: str = "Deployment") -> dict[str, str]:
    """A manifest of one container; the container's lines begin at line 11."""
    head = [
        "apiVersion: apps/v1",
        f"kind: {kind}",
        "metadata: {name: shop}",
        "spec:",
        "  template:",
        "    spec:",
        f"      {pod or 'hostNetwork: false'}",
        "      containers:",
        "        - name: web",
        "          image: registry.example/shop:1",
    ]
    return {"k8s/web.yaml": "\n".join([*head, *(f"          {line}" for line in container), ""])}
