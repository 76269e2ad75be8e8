"""runserver-deployed: the Procfile, read as the platform reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.runserver_deployed import RULE


def find(make_project: Callable[..., Project], text: str, name: str = "Procfile") -> list[Any]:
    return list(RULE.find(make_project({name: text})))


@pytest.mark.parametrize(
    "command",
    [
        "python manage.py runserver 0.0.0.0:$PORT",
        "python -m django runserver",
        "django-admin runserver --settings=shop.settings",
        "python manage.py migrate && python manage.py runserver",
        "sh -c 'cd src; exec python manage.py runserver'",
        "uv run ./manage.py runserver_plus",
        "DEBUG=1 python3 manage.py --verbosity=2 runserver",
    ],
)
def test_finds(make_project: Callable[..., Project], command: str) -> None:
    (finding,) = find(make_project, f"# what is started\n\nweb: {command}\n")
    assert finding.severity is Severity.ERROR
    assert str(finding.location) == "Procfile:3"


@pytest.mark.parametrize(
    "text",
    [
        "web: gunicorn mysite.wsgi",
        "release: python manage.py migrate",
        "# web: python manage.py runserver",
        "web: echo runserver",
        "web: python manage.py shell runserver",
        "",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], text: str) -> None:
    assert find(make_project, text) == []


def test_the_file_for_development_is_silent(make_project: Callable[..., Project]) -> None:
    assert find(make_project, "web: python manage.py runserver", "Procfile.dev") == []


@pytest.mark.parametrize("line", ["web python manage.py runserver", "web: gunicorn 'mysite"])
def test_a_line_that_cannot_be_read_is_unknown(
    make_project: Callable[..., Project], line: str
) -> None:
    project = make_project({"Procfile": line})
    assert list(RULE.find(project)) == []
    assert project.unknown[0].subject == "Procfile:1"


GUNICORN, RUNSERVER = "FROM x\nCMD gunicorn a.wsgi\n", "FROM x\nCMD python manage.py runserver\n"


def test_another_project_of_the_repository_has_its_own_server(
    make_project: Callable[..., Project],
) -> None:
    files = {
        "a/manage.py": "",
        "a/Dockerfile": GUNICORN,
        "b/manage.py": "",
        "b/Dockerfile": RUNSERVER,
    }
    (finding,) = RULE.find(make_project(files))
    assert isinstance(finding, Finding)
    assert str(finding.location) == "b/Dockerfile:2"


@pytest.mark.parametrize(
    "files",
    [
        {"manage.py": "", "a/Dockerfile": GUNICORN, "b/Dockerfile": RUNSERVER},
        {"a/manage.py": "", "a/Dockerfile": RUNSERVER, "docker/Dockerfile": GUNICORN},
        {"a/manage.py": "", "a/Dockerfile": GUNICORN, "docker/Dockerfile": RUNSERVER},
        {"a/manage.py": "", "a/Dockerfile": GUNICORN, "a/docker/Dockerfile": RUNSERVER},
    ],
)
def test_beside_the_projects_server_its_development_server_is_silent(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert list(RULE.find(make_project(files))) == []


IMAGE = "FROM python\nCOPY . /app\nENTRYPOINT ['python', 'manage.py']\nCMD ['runserver']\n"
BUILT = "    build: {context: ., dockerfile: docker/Dockerfile}\n"
SHELL = f"  shell:\n{BUILT}    command: /bin/bash\n"


@pytest.mark.parametrize(
    ("service", "count"),
    [
        (f"  web:\n{BUILT}    volumes: ['./src:/app/src']\n", 0),
        (f"  web:\n{BUILT}    volumes: ['./src:/app/src']\n{SHELL}", 0),
        (f"  web:\n{BUILT}", 1),
        (f"  web:\n{BUILT}    volumes: ['media:/app/media']\n{SHELL}", 1),
    ],
)
def test_an_image_that_is_started_with_the_code_mounted(
    make_project: Callable[..., Project], service: str, count: int
) -> None:
    image = IMAGE.replace("'", '"')
    files = {"docker/Dockerfile": image, "docker-compose.yml": f"services:\n{service}"}
    assert len(list(RULE.find(make_project(files)))) == count


SERVE = "uvicorn shop.asgi:application --reload\n"
LISTED = {"Procfile": "web: gunicorn shop.wsgi\n"}
OPENS = f"#!/bin/sh\n(sleep 3; xdg-open http://localhost:8000) &\n{SERVE}"
CERTIFIES = f"#!/bin/sh\nopenssl req -x509 -nodes -subj /CN=localhost\n{SERVE}"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (LISTED | {"run.sh": OPENS}, 0),
        (LISTED | {"run.sh": CERTIFIES}, 0),
        (LISTED | {"run.sh": f"#!/bin/sh\n{SERVE}"}, 1),
        (LISTED | {"run.sh": f"#!/bin/sh\n# the logs are open http clients\n{SERVE}"}, 1),
        # Somebody says that an image takes it, or nothing else says what is deployed.
        ({"Dockerfile": "FROM x\nCOPY . .\nCMD ./run.sh\n", "run.sh": CERTIFIES}, 1),
        ({"run.sh": CERTIFIES}, 1),
    ],
)
def test_a_start_script_that_is_for_a_desktop_is_silent(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project(files)))) == count
