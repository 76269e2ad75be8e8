"""protocol-mismatch: nginx and what it passes to."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.protocol_mismatch import RULE


def nginx(directive: str, upstream: str = "") -> dict[str, str]:
    return {"nginx.conf": f"{upstream}\nserver {{\n  location / {{\n    {directive};\n  }}\n}}\n"}


def uwsgi(*options: str) -> dict[str, str]:
    return {"uwsgi.ini": "\n".join(["[uwsgi]", "module = shop.wsgi", *options, ""])}


def gunicorn(options: str) -> dict[str, str]:
    return {"Procfile": f"web: gunicorn {options} shop.wsgi\n"}


UPSTREAM = "upstream app { server web:8000; }"


@pytest.mark.parametrize(
    "files",
    [
        {**nginx("uwsgi_pass 127.0.0.1:8000"), **gunicorn("-b 0.0.0.0:8000")},
        {**nginx("uwsgi_pass unix:/run/app.sock"), **gunicorn("--bind unix:/run/app.sock")},
        {**nginx("uwsgi_pass app", UPSTREAM), **gunicorn("--bind=:8000")},
        {**nginx("proxy_pass http://127.0.0.1:8000"), **uwsgi("socket = :8000")},
        {**nginx("proxy_pass http://unix:/run/app.sock"), **uwsgi("socket = /run/app.sock")},
        {**nginx("uwsgi_pass localhost:8000"), **uwsgi("http-socket = :8000")},
    ],
)
def test_finds(make_project: Make, files: dict[str, str]) -> None:
    (finding,) = found(make_project, RULE, files)
    assert finding.severity is Severity.ERROR
    assert str(finding.location) == "nginx.conf:4"
    assert finding.related


@pytest.mark.parametrize(
    "files",
    [
        {**nginx("proxy_pass http://127.0.0.1:8000"), **gunicorn("-b 0.0.0.0:8000")},
        {**nginx("uwsgi_pass 127.0.0.1:8000"), **gunicorn("-b :8000 --protocol uwsgi")},
        {**nginx("uwsgi_pass 127.0.0.1:8000"), **uwsgi("socket = :8000")},
        {**nginx("proxy_pass http://127.0.0.1:8000"), **uwsgi("http-socket = :8000")},
        {**nginx("proxy_pass http://localhost:8000"), **uwsgi("socket = :8000", "protocol = http")},
        {**nginx("uwsgi_pass 127.0.0.1:9000"), **gunicorn("-b :8000")},
        {**nginx("uwsgi_pass elsewhere:8000"), **gunicorn("-b :8000")},
        {**nginx("uwsgi_pass 127.0.0.1:8000"), **uwsgi("socket = :8000", "http = :8000")},
        {**nginx("proxy_pass https://127.0.0.1:8000"), **uwsgi("socket = :8000")},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


def test_one_of_two_configurations_is_for_another_server(make_project: Make) -> None:
    right = {"nginx/uwsgi.conf": nginx("uwsgi_pass 127.0.0.1:8000")["nginx.conf"]}
    wrong = {"nginx/plain.conf": nginx("proxy_pass http://127.0.0.1:8000")["nginx.conf"]}
    assert found(make_project, RULE, {**right, **wrong, **uwsgi("socket = :8000")}) == []


def test_a_wrong_pass_beside_a_right_one_in_a_file_is_found(make_project: Make) -> None:
    both = nginx("uwsgi_pass 127.0.0.1:8000")["nginx.conf"]
    both += nginx("proxy_pass http://127.0.0.1:8000")["nginx.conf"]
    assert len(found(make_project, RULE, {"nginx.conf": both, **uwsgi("socket = :8000")})) == 1
