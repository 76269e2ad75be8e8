"""uwsgi-brutal-stop: what uWSGI does on SIGTERM."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, image, places

from django_scaleready.checks.base import Severity
from django_scaleready.checks.rules.uwsgi_brutal_stop import RULE

INI = "[uwsgi]\nmodule = shop.wsgi\nhttp-socket = :8000\n"
HOOK = "unix_signal:15 gracefully_kill_them_all"
GRACEFUL = "hook-master-start = unix_signal:15 gracefully_kill_them_all\n"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"uwsgi.ini": INI}, "uwsgi.ini"),
        ({"uwsgi.ini": f"{INI}die-on-term = false\n"}, "uwsgi.ini"),
        ({"ansible/roles/web/files/uwsgi.ini": INI}, "ansible/roles/web/files/uwsgi.ini"),
        (
            {"docker/uwsgi.ini": INI, **image('["uwsgi", "--ini", "/app/docker/uwsgi.ini"]')},
            "docker/uwsgi.ini",
        ),
        (image('["uwsgi", "--http", ":8000", "--module", "shop.wsgi"]'), "Dockerfile:3"),
    ],
)
def test_finds(make_project: Make, files: dict[str, str], place: str) -> None:
    findings = found(make_project, RULE, files)
    assert places(findings) == [place]
    assert findings[0].severity is Severity.WARNING


@pytest.mark.parametrize("line", ["die-on-term", "die-on-term = true"])
def test_stopping_at_once_is_information(make_project: Make, line: str) -> None:
    (finding,) = found(make_project, RULE, {"uwsgi.ini": f"{INI}{line}\n"})
    assert finding.severity is Severity.INFO
    assert finding.location.line == 4


def test_the_environment_of_the_image_counts(make_project: Make) -> None:
    files = image('["uwsgi"]', "ENV UWSGI_MODULE=shop.wsgi")
    assert places(found(make_project, RULE, files)) == ["Dockerfile:4"]
    files = image('["uwsgi"]', f'ENV UWSGI_MODULE=shop UWSGI_HOOK_MASTER_START="{HOOK}"')
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "files",
    [
        {"uwsgi.ini": INI + GRACEFUL},
        {"uwsgi.ini": "[uwsgi]\nemperor = /etc/vassals\n"},
        {"dev/uwsgi.ini": INI},
        {"ansible/roles/dev/files/uwsgi.ini": INI},
        {"shop/views/web/files/uwsgi.ini": INI},
        {"uwsgi.ini": INI, **image('["uwsgi", "uwsgi.ini"]', "STOPSIGNAL SIGHUP")},
        {
            "uwsgi.ini": INI,
            "web.service": "[Service]\nExecStart=uwsgi uwsgi.ini\nKillSignal=SIGINT\n",
        },
        image('uwsgi --ini "$(python -m django_scaleready uwsgi-ini)" --module shop.wsgi'),
        {"tox.ini": "[tox]\n", **image("gunicorn shop.wsgi")},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
