"""What ``just`` starts in a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.deployment.formats import justfile
from django_scaleready.checks.deployment.view import Deployment

JUSTFILE = """\
set shell := ["bash", "-uc"]
set dotenv-load

docker := if env("IN_DOCKER", "0") == "1" { "docker compose exec web" } else { "" }
port := env_var_or_default('PORT', "8000")

# What is deployed
default:
    @just --list

alias serve := web
[group('production')]
web: migrate (warm "menu")
\t@{{ docker }} gunicorn -b :{{port}} shop.wsgi

migrate app="":
    -python manage.py migrate {{ app }}

warm *keys: && done
    ./warm {{ keys }}

done:
    touch done

again:
    {{ just_executable() }} web

again-and-again: again-and-again

shell:
    #!/usr/bin/env python
    gunicorn
"""


SERVES = "gunicorn -b :8000 shop.wsgi"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["just"], ["just --list"]),
        (
            ["just", "web"],
            [
                "python manage.py migrate",
                "touch done",
                "./warm menu",
                "gunicorn -b :8000 shop.wsgi",
            ],
        ),
        (["just", "migrate", "shop"], ["python manage.py migrate shop"]),
        (["just", "migrate", "shop", "done"], ["python manage.py migrate shop", "touch done"]),
        (["just", "warm", "a", "b"], ["touch done", "./warm a b"]),
        (["just", "again"], ["just web"]),
        (["just", "again-and-again"], [""]),
        (["just", "--list"], ["just --list"]),
        (["just", "shell"], []),
        (["just", "nothing"], []),
    ],
)
def test_the_recipes_that_are_asked_for(words: list[str], expected: list[str]) -> None:
    assert [text.strip() for text in justfile.recipes(JUSTFILE, words, {})] == expected


def test_what_the_environment_says() -> None:
    (text,) = justfile.recipes("web:\n  gunicorn -b :{{ env('PORT') }}\n", ["just"], {})
    assert text.strip() == "gunicorn -b :${PORT}"
    *_, text = justfile.recipes(JUSTFILE, ["just", "serve"], {"IN_DOCKER": "1", "PORT": "80"})
    assert text.strip() == "docker compose exec web gunicorn -b :80 shop.wsgi"


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        (["just", "web"], ("justfile", "Justfile")),
        (["just", "-d", "/app", "web"], ("/app/justfile", "/app/Justfile")),
        (["just", "--justfile", "deploy.just", "web"], ("deploy.just",)),
    ],
)
def test_which_file_it_reads(words: list[str], paths: tuple[str, ...]) -> None:
    assert justfile.paths_of(words) == paths


def started(root: Path, command: str) -> list[tuple[str, str]]:
    text = f"services:\n  web:\n    build: .\n    command: {command}\n"
    (root / "compose.yaml").write_text(text)
    (root / "justfile").write_text(JUSTFILE)
    (root / "Dockerfile").write_text("FROM python:3.13\n")
    commands = Deployment(root).commands
    return [(command.program, str(command.location)) for command in commands]


@pytest.mark.parametrize("command", ["just web", "just again", "sh -c 'exec just serve'"])
def test_what_just_starts_is_what_the_container_starts(tmp_path: Path, command: str) -> None:
    found = dict(started(tmp_path, command))
    assert found["manage.py"] == "justfile:17"
    assert found["gunicorn"] == "justfile:14"
    assert "justfile" in Deployment(tmp_path).paths


def test_what_no_container_starts_is_for_developers(tmp_path: Path) -> None:
    assert started(tmp_path, "gunicorn shop.wsgi") == [("gunicorn", "compose.yaml:4")]
    assert "justfile" not in Deployment(tmp_path).paths


def test_a_circle_of_justfiles_ends(tmp_path: Path) -> None:
    started(tmp_path, "just web")
    (tmp_path / "justfile").write_text("a := b\nb := a\nweb: web\n  just web\n  {{ a }}\n")
    assert Deployment(tmp_path).commands == []
