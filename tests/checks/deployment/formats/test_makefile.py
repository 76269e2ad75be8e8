"""What ``make`` starts in a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.deployment.formats import makefile
from django_scaleready.checks.deployment.view import Deployment

MAKEFILE = """\
WORKERS ?= 5
SERVE = gunicorn -w $(WORKERS)

.PHONY: web
web: migrate  ## what is deployed
\t@$(SERVE) \\
\t\t-k gthread shop.wsgi

migrate: export DJANGO_DEBUG = 1
migrate:
\t-python manage.py migrate

lint:
\truff check $$PWD

again: again
\t$(MAKE) web
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["make", "web"], ["python manage.py migrate", "gunicorn -w 5 \\\n-k gthread shop.wsgi"]),
        (["make"], ["python manage.py migrate", "gunicorn -w 5 \\\n-k gthread shop.wsgi"]),
        (["make", "lint"], ["ruff check $PWD"]),
        (["make", "-j", "4", "X=1", "lint"], ["ruff check $PWD"]),
        (["make", "again"], ["make web"]),
        (["make", "nothing"], []),
    ],
)
def test_the_recipes_of_a_target(words: list[str], expected: list[str]) -> None:
    assert [text.strip() for text in makefile.recipes(MAKEFILE, words)] == expected


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["make", "web"], "Makefile"),
        (["make", "-C", "/app", "web"], "/app/Makefile"),
        (["make", "-f", "deploy.mk", "web"], "deploy.mk"),
    ],
)
def test_which_file_it_reads(words: list[str], path: str) -> None:
    assert makefile.path_of(words) == path


def started(root: Path, command: str) -> list[tuple[str, str]]:
    text = f"services:\n  web:\n    build: .\n    command: {command}\n"
    (root / "compose.yaml").write_text(text)
    (root / "Makefile").write_text(MAKEFILE)
    (root / "Dockerfile").write_text("FROM python:3.13\n")
    commands = Deployment(root).commands
    return [(command.program, str(command.location)) for command in commands]


@pytest.mark.parametrize("command", ["make web", "make again", "sh -c 'exec make web'"])
def test_what_make_starts_is_what_the_container_starts(tmp_path: Path, command: str) -> None:
    expected = [("manage.py", "Makefile:11"), ("gunicorn", "Makefile:6")]
    assert started(tmp_path, command) == expected
    assert "Makefile" in Deployment(tmp_path).paths
    # It passes a signal on to what it runs.
    assert all(command.supervised for command in Deployment(tmp_path).commands)


def test_what_no_container_starts_is_for_developers(tmp_path: Path) -> None:
    assert started(tmp_path, "gunicorn shop.wsgi") == [("gunicorn", "compose.yaml:4")]
    assert "Makefile" not in Deployment(tmp_path).paths


def test_a_circle_of_makefiles_ends(tmp_path: Path) -> None:
    started(tmp_path, "make web")
    (tmp_path / "Makefile").write_text("web: web\n\tmake web\nA = $(B)\nB = $(A)\n\t$(A)\n")
    assert Deployment(tmp_path).commands == []


def test_what_is_restarted_when_the_code_changes_is_started(tmp_path: Path) -> None:
    command = "watchmedo auto-restart -p '*.py' --recursive -- celery -A shop worker -B"
    assert [program for program, _ in started(tmp_path, command)] == ["celery"]
