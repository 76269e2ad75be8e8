"""Images of other programs that are built in the same repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.deploy_files import deployment_of

from django_scaleready.checks.base import Rule
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE as NO_TIMEOUT
from django_scaleready.checks.rules.signal_swallowed import RULE as SIGNAL
from django_scaleready.checks.rules.volume_state import RULE as VOLUME

SHOP = {"manage.py": "import django\n", "shop/settings.py": "", "shop/wsgi.py": ""}
PYTHON = {
    "mail/Dockerfile": "FROM python:3.13\nEXPOSE 25\nADD . /app\nENTRYPOINT python3 log.py\n",
    "mail/log.py": "import smtpd, requests\n\ndef f():\n    requests.get('http://b')\nf()\n",
}
STORE = {
    "ops/store/Dockerfile": (
        'FROM rhel7/rhel\nADD start.sh .\nEXPOSE 90\nVOLUME /data\nENTRYPOINT ["./start.sh"]\n'
    ),
    "ops/store/start.sh": "#!/bin/bash\n/opt/store server $@ /data\n",
}
MONITOR = {
    "nagios/Dockerfile": "FROM tools/nagios:1\nEXPOSE 80\nADD conf /etc/conf\nCMD supervisord\n",
    "nagios/conf/hosts.cfg": "host_name celery-1\n",
}


def with_line(files: dict[str, str], path: str, line: str) -> dict[str, str]:
    return {**files, path: f"{line}\n{files.get(path, '')}"}


OTHERS = [
    PYTHON,
    STORE,
    MONITOR,
    {"dns/Dockerfile": "FROM alpine\nCOPY set.py run.sh /\nCMD sh run.sh\n", "dns/set.py": ""},
    {**STORE, "ops/store/README.md": "Beside Django.\n"},
]


@pytest.mark.parametrize("files", OTHERS)
def test_takes_what_lies_beside_alone(tmp_path: Path, files: dict[str, str]) -> None:
    deployment = deployment_of(tmp_path, {**SHOP, **files})
    folder = next(iter(files)).rpartition("/")[0]
    assert deployment.images.other_folders == (f"{folder}/",)
    assert [p for p in deployment.processes if p.location.path.startswith(folder)] == []


@pytest.mark.parametrize(
    "files",
    [
        {name.rpartition("/")[2]: text for name, text in PYTHON.items()},
        # What is copied may be the project's.
        {**PYTHON, "log.py": ""},
        {**STORE, "start.sh": ""},
        {**STORE, "ops/start.sh": ""},
        {"docker/web/Dockerfile": "FROM python\nCOPY . /app\nCMD ./run.sh\n", "run.sh": ""},
        {"docker/web/Dockerfile": "FROM python\nCOPY shop /app/shop\nCMD ./run.sh\n"},
        {"docker/web/Dockerfile": "FROM shop/base\nCMD ./run.sh\n"},
        with_line(STORE, "ops/store/Dockerfile", "FROM alpine AS a\nCOPY ../../shop ."),
        with_line(STORE, "ops/store/Dockerfile", "FROM b AS a\nCOPY --from=shop/web:1 /app /app"),
        with_line(STORE, "ops/store/Dockerfile", "FROM shop:1 AS a"),
        # What it starts is the project's, or is told from outside.
        with_line(STORE, "ops/store/start.sh", "gunicorn shop.wsgi"),
        with_line(STORE, "ops/store/start.sh", "pip install x"),
        with_line(STORE, "ops/store/Dockerfile", "FROM company/base AS a"),
        with_line(PYTHON, "mail/requirements.txt", "Django==5.2"),
        with_line(PYTHON, "mail/log.py", "from celery import Celery"),
        with_line(MONITOR, "nagios/Dockerfile", "FROM x\nRUN git clone https://a/b"),
    ],
)
def test_any_other_may_be_the_projects(tmp_path: Path, files: dict[str, str]) -> None:
    assert deployment_of(tmp_path, {**SHOP, **files}).images.other_folders == ()


def test_a_service_that_is_told_to_run_the_project_does(tmp_path: Path) -> None:
    composed = "services:\n  web:\n    build: mail\n    image: mail\n    command: {}\n"
    for command, own in (("python manage.py rqworker", True), ("python3 log.py", False)):
        files = {**SHOP, **PYTHON, "compose.yml": composed.format(command)}
        (process,) = deployment_of(tmp_path, files).processes
        assert process.own is own


@pytest.mark.parametrize("rule", [SIGNAL, VOLUME])
@pytest.mark.parametrize("files", OTHERS)
def test_rules_say_nothing_of_it(
    make_project: Callable[..., Project], rule: Rule, files: dict[str, str]
) -> None:
    assert run_all([rule], make_project({**SHOP, **files})).found == []


def test_its_code_runs_in_no_replica(make_project: Callable[..., Project]) -> None:
    found = run_all([NO_TIMEOUT], make_project({**SHOP, **PYTHON})).found
    assert found == []
    imported = {**SHOP, **PYTHON, "shop/views.py": "from django import a\nfrom mail import log\n"}
    found = run_all([NO_TIMEOUT], make_project(imported)).found
    assert [each.finding.location.path for each in found] == ["mail/log.py"]


def service(image: str, *environment: str) -> dict[str, str]:
    """A compose file with one service that takes an image as it is published."""
    lines = [f"    - {each}" for each in environment]
    text = "\n".join(["services:", "  web:", f"    image: {image}", "    environment:", *lines, ""])
    return {**SHOP, "Dockerfile": "FROM python:3.13\nCMD gunicorn shop.wsgi\n", "compose.yml": text}


@pytest.mark.parametrize(
    ("files", "own"),
    [
        (service("acme/lists:1", "SECRET_KEY=x", "DJANGO_SETTINGS_MODULE=lists.settings"), False),
        (service("acme/lists:1", "SECRET_KEY=x", "DJANGO_SETTINGS_MODULE=lists.conf.live"), False),
        (service("acme/goods:1", "SECRET_KEY=x", "DJANGO_SETTINGS_MODULE=shop.settings"), True),
        (service("acme/goods:1", "SECRET_KEY=x", "DJANGO_SETTINGS_MODULE=${SETTINGS}"), True),
        (service("acme/goods:1", "SECRET_KEY=x"), True),
        # A file that the image makes, or that is in no repository.
        (service("acme/goods:1", "SECRET_KEY=x", "DJANGO_SETTINGS_MODULE=shop.secret"), True),
        (service("acme/shop:1", "DJANGO_SETTINGS_MODULE=private.settings"), True),
        (
            {
                **service("acme/goods:1", "DJANGO_SETTINGS_MODULE=conf.live"),
                "src/conf/live/__init__.py": "",
            },
            True,
        ),
    ],
)
def test_an_application_with_settings_of_its_own(
    tmp_path: Path, files: dict[str, str], own: bool
) -> None:
    processes = deployment_of(tmp_path, files).processes
    assert {p.name: p.own for p in processes}["web"] is own
