"""A comment in a deploy file silences a rule as one in the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.base import Result
from django_scaleready.checks.static.scan import scan

DOCKER = "FROM python\nWORKDIR /app\nCOPY . .\n"
SLUG = "runserver-deployed"
WHY = f"# scaleready: ignore[{SLUG}] a show-room on one machine"
RUN = "python manage.py runserver 0.0.0.0:8000"
KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: shop
"""


def found(folder: Path, files: dict[str, str]) -> Result:
    for name, text in files.items():
        (folder / name).write_text(text)
    return scan(folder)


def slugs(result: Result) -> list[str]:
    return sorted(f.rule.slug for f in result.found if f.rule.slug in {SLUG, "suppression"})


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": f"{DOCKER}{WHY}\nCMD {RUN}\n"},
        {"Dockerfile": f"{DOCKER}{WHY}\n\n# and more about it\nCMD \\\n  {RUN}\n"},
        {"Procfile": f"{WHY}\nweb: {RUN}\n"},
        {"docker-compose.yml": f"services:\n  web:\n    build: .\n    {WHY}\n    command: {RUN}\n"},
        {"docker-compose.yml": f"services:\n  web:\n    build: .\n    command: {RUN}  {WHY}\n"},
        {"web.yaml": f'{KUBERNETES}          command: ["sh", "-c", "{RUN}"] {WHY}\n'},
        {
            "Dockerfile": f'{DOCKER}ENTRYPOINT ["./start.sh"]\n',
            "start.sh": f"#!/bin/sh\nexec {RUN} {WHY}\n",
        },
        {
            "Dockerfile": f'{DOCKER}CMD ["supervisord", "-c", "supervisord.conf"]\n',
            "supervisord.conf": f"[program:web]\n; {WHY[2:]}\ncommand={RUN}\n",
        },
    ],
)
def test_a_comment_silences(tmp_path: Path, files: dict[str, str]) -> None:
    commented = {
        name: text.replace(WHY, "").replace(f"; {WHY[2:]}", "") for name, text in files.items()
    }
    assert SLUG in slugs(found(tmp_path, commented))
    result = found(tmp_path, files)
    assert slugs(result) == []
    assert result.suppressed == 1


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (f"# scaleready: ignore[{SLUG}]", "no reason"),
        ("# scaleready: ignore[runserver-deploid] why", f"Did you mean {SLUG}?"),
        ("# scaleready: ignore why", "names no rule"),
    ],
)
def test_a_comment_that_does_not(tmp_path: Path, comment: str, said: str) -> None:
    result = found(tmp_path, {"Procfile": f"{comment}\nweb: {RUN}\n"})
    assert slugs(result) == [SLUG, "suppression"]
    assert any(said in each.finding.message for each in result.found)


def test_a_stale_comment(tmp_path: Path) -> None:
    result = found(tmp_path, {"Procfile": f"{WHY}\nweb: gunicorn shop.wsgi\n"})
    (stale,) = [f for f in result.found if f.rule.slug == "suppression"]
    assert "finds nothing here" in stale.finding.message
    assert str(stale.finding.location) == "Procfile:1"


@pytest.mark.parametrize(
    "files",
    [
        # Docker passes on what stands behind an instruction, and so does a quotation.
        {"Dockerfile": f"{DOCKER}CMD {RUN} {WHY}\n"},
        {
            "Dockerfile": f'{DOCKER}ENTRYPOINT ["./start.sh"]\n',
            "start.sh": f"#!/bin/sh\necho ' {WHY}'; exec {RUN}\n",
        },
    ],
)
def test_what_is_no_comment(tmp_path: Path, files: dict[str, str]) -> None:
    assert slugs(found(tmp_path, files)) == [SLUG]
