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


@pytest.mark.parametrize(
    ("files", "reloads"),
    [
        ({"uwsgi.ini": f"{INI}master = true\n"}, True),
        (image('["uwsgi", "-M", "--http", ":8000", "--module", "shop.wsgi"]'), True),
        ({"uwsgi.ini": INI}, False),
        ({"uwsgi.ini": f"{INI}master = false\n"}, False),
    ],
)
def test_only_a_master_reloads(make_project: Make, files: dict[str, str], reloads: bool) -> None:
    (finding,) = found(make_project, RULE, files)
    assert ("reloads on SIGTERM" in finding.message) is reloads
    assert ("Set master = true" in finding.hint) is not reloads


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
        {"uwsgi.ini": f"{INI}master = true\n{GRACEFUL}"},
        {"uwsgi.ini": INI, **image('["uwsgi", "uwsgi.ini"]', "STOPSIGNAL SIGQUIT")},
        {"router.ini": "[uwsgi]\nmaster = true\nfastrouter = :3031\n"},
        {"dev/uwsgi.ini": f"{INI}master = true\n"},
        image('uwsgi --ini "$(python -m django_scaleready uwsgi-ini)" --module shop.wsgi'),
        {"tox.ini": "[tox]\n", **image("gunicorn shop.wsgi")},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


BUILT = {"etc/uwsgi.ini": INI, **image("python serve.py")}
PACKAGES = {"requirements/base.txt": "Django\nredis\n"}


@pytest.mark.parametrize(
    "files",
    [
        {**BUILT, **PACKAGES},
        {**BUILT, "pyproject.toml": "[project]\nname = 'shop'\ndependencies = ['Django']\n"},
        {**BUILT, "api/deps/prod.in": "Django\n"},
    ],
)
def test_an_ini_of_a_server_that_nobody_installs_was_left_behind(
    make_project: Make, files: dict[str, str]
) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "files",
    [
        {**BUILT, "requirements/base.txt": "Django\npyuwsgi==2.0.28\n"},
        {**BUILT, **PACKAGES, "requirements/prod.txt": "uWSGI\n"},
        {**BUILT, **PACKAGES, "bin/up.sh": "#!/bin/sh\npip install uwsgi\n"},
        {**BUILT, **PACKAGES, "nginx.conf": "server {\n  uwsgi_pass unix:/run/a;\n}\n"},
        # Nothing says what is installed, or something else may.
        BUILT,
        {**PACKAGES, "etc/uwsgi.ini": INI},
        {**PACKAGES, "etc/uwsgi.ini": INI, "dev/Dockerfile": "FROM x\nCMD python serve.py\n"},
        {**PACKAGES, **image("python a.py"), "ansible/roles/web/files/uwsgi.ini": INI},
    ],
)
def test_an_ini_of_a_server_that_may_be_installed(
    make_project: Make, files: dict[str, str]
) -> None:
    assert len(found(make_project, RULE, files)) == 1


SHARED = f"[flake8]\nmax-line-length = 100\n\n{INI}"
TOLD = image('["uwsgi", "--ini", "/app/setup.cfg"]')


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"setup.cfg": SHARED, **TOLD}, "setup.cfg:4"),
        ({"setup.cfg": INI, **TOLD}, "setup.cfg"),
        ({"setup.cfg": f"{INI}[isort]\nline_length = 88\n", **TOLD}, "setup.cfg"),
        ({"uwsgi.ini": f"{INI}[uwsgi:more]\nprocesses = 2\n"}, "uwsgi.ini"),
    ],
)
def test_a_section_of_a_file_for_others(
    make_project: Make, files: dict[str, str], place: str
) -> None:
    assert places(found(make_project, RULE, files)) == [place]


@pytest.mark.parametrize(
    "files",
    [
        {"setup.cfg": SHARED + GRACEFUL, **TOLD},
        {"setup.cfg": "[flake8]\nmax-line-length = 100\n", **TOLD},
        {"setup.cfg": "[metadata]\nname = shop\n[options]\ninstall_requires = uwsgi\n"},
        # What a section says is no word that its server is installed.
        {"setup.cfg": SHARED, **image("python serve.py"), **PACKAGES},
        {"dev/setup.cfg": SHARED},
    ],
)
def test_a_file_for_others_without_such_a_section(
    make_project: Make, files: dict[str, str]
) -> None:
    assert found(make_project, RULE, files) == []
