"""What the scripts of a package.json start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.deploy_files import deployment_of

from django_scaleready.checks.deployment.formats.node_scripts import asked

SCRIPTS = {
    "start": "gunicorn shop.wsgi",
    "preserve": "python manage.py migrate",
    "serve": "cross-env A=1 gunicorn shop.wsgi",
    "all": "run-p all:*",
    "all:web": "gunicorn shop.wsgi",
    "all:work": "celery -A shop worker",
    "both": "concurrently -n web,work 'npm:all:web' 'celery -A shop beat'",
    "again": "npm run again",
}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("npm start", ("start", (), "")),
        ("npm run serve -- --bind :80", ("serve", ("--bind", ":80"), "")),
        ("npm --prefix back run serve", ("serve", (), "back")),
        ("yarn --cwd=back serve", ("serve", (), "back")),
        ("pnpm serve", ("serve", (), "")),
        ("npm ci", None),
        ("yarn", None),
    ],
)
def test_what_is_asked_for(words: str, expected: tuple[object, ...] | None) -> None:
    assert asked(words.split()) == expected


@pytest.mark.parametrize(
    ("command", "programs"),
    [
        ("npm start", ["gunicorn"]),
        ("npm run serve", ["manage.py", "gunicorn"]),
        ("yarn all", ["gunicorn", "celery"]),
        ("npx run-s all:web all:work", ["gunicorn", "celery"]),
        ("yarn both", ["gunicorn", "celery"]),
        ("npm run missing", ["npm"]),
        ("npm run again", []),
    ],
)
def test_programs(tmp_path: Path, command: str, programs: list[str]) -> None:
    package = json.dumps({"scripts": SCRIPTS}, indent=2)
    files = {"Procfile": f"web: {command}\n", "package.json": package}
    deployment = deployment_of(tmp_path, files)
    assert [found.program for found in deployment.commands] == programs
    assert deployment.paths[0] == "Procfile"


@pytest.mark.parametrize("text", ["{", "[]", '{"scripts": 1}', '{"scripts": {"web": {}}}'])
def test_a_package_that_says_nothing(tmp_path: Path, text: str) -> None:
    files = {"Procfile": "web: npm run web\n", "package.json": text}
    deployment = deployment_of(tmp_path, files)
    assert [found.program for found in deployment.commands] == ["npm"]
    assert deployment.unknown == []
