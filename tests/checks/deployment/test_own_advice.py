"""What the documentation tells people to write has nothing that the rules would find."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from django_scaleready.checks.base import Area, Severity
from django_scaleready.checks.registry import RULES
from django_scaleready.checks.static.scan import scan

DOCS = Path(__file__).resolve().parents[3] / "docs" / "how-to"
HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
COMMAND = "[gunicorn, -c, 'python:django_scaleready.gunicorn', mysite.wsgi]"


def block(page: str, begins: str) -> str:
    """The first block of code on a page that begins with something."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    return next(text for text in blocks if text.startswith(begins))


def findings(root: Path, name: str, text: str) -> list[str]:
    (root / name).write_text(text)
    result = scan(root, [rule for rule in RULES if rule.area is Area.DEPLOY])
    assert result.deploy_files == (name,)
    shown = [found for found in result.found if found.finding.severity is not Severity.INFO]
    return [f"{found.rule.slug} {found.finding.message}" for found in shown]


BUILT = ("    command", "    build: .\n    command")
CONTAINER = "- name: web\n          image: mysite\n          command: {}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", block("docker.md", "FROM")),
        ("compose.yaml", block("docker.md", "services:").replace(*BUILT)),
        (
            "web.yaml",
            HEAD
            + block("kubernetes.md", "spec:").replace("- name: web\n", CONTAINER.format(COMMAND)),
        ),
    ],
    ids=lambda value: value[:12],
)
def test_is_silent(tmp_path: Path, name: str, text: str) -> None:
    assert findings(tmp_path, name, text) == []


def test_the_grace_period_of_the_page_is_needed(tmp_path: Path) -> None:
    text = block("docker.md", "services:").replace("    stop_grace_period: 30s\n", "")
    (found,) = findings(tmp_path, "compose.yaml", text.replace(*BUILT))
    assert found.startswith("grace-too-short")
