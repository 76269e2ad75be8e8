"""What an image that starts a shell by itself is told to start: the programs that it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of

from django_scaleready.checks.deployment.files import Kind

ROOT = "docker/rootfs"
BIN = f"{ROOT}/usr/local/bin"
COPIES = f"COPY . /src\nCOPY {ROOT} /\n"
ENTRY = '#!/bin/sh\nmkdir -p /srv/shop\nexec tini -- "$@"\n'
WEB = "#!/bin/sh\nuwsgi --ini /etc/shop/uwsgi.ini\n"
WORK = "#!/bin/sh\n. /etc/shop/work.conf\ncelery -A $APP worker\n"
SERVER = "[uwsgi]\nmodule = shop.wsgi\n"


def files(
    start: str = 'ENTRYPOINT ["/entry.sh"]\nCMD ["/bin/bash"]\n', copies: str = COPIES, **more: str
) -> dict[str, str]:
    """An image whose folder of programs is copied as a whole; ``more`` are programs."""
    return {
        "Dockerfile": f"FROM python\n{copies}{start}",
        f"{ROOT}/entry.sh": ENTRY,
        f"{ROOT}/etc/shop/uwsgi.ini": SERVER,
        f"{ROOT}/etc/templates/uwsgi.ini": SERVER,
        f"{ROOT}/etc/shop/work.conf": 'APP="shop.server"\n',
        **{f"{BIN}/{name}": text for name, text in more.items()},
    }


def going_on(root: Path, given: dict[str, str]) -> dict[str, list[str]]:
    """What goes on running, by its name, with the places of its server or worker."""
    return {
        process.name: [f"{c.location}: {' '.join(c.words)}" for c in process.commands[-1:]]
        for process in deployment_of(root, given).processes
        if process.stays and process.kind is not Kind.UWSGI
    }


@pytest.mark.parametrize(
    "start",
    [
        'ENTRYPOINT ["/entry.sh"]\nCMD ["/bin/bash"]\n',
        'ENTRYPOINT ["/entry.sh"]\nCMD bash\n',
        'ENTRYPOINT ["/entry.sh"]\n',
        'CMD ["sh"]\n',
    ],
)
def test_the_programs_of_an_image_that_starts_a_shell(tmp_path: Path, start: str) -> None:
    given = files(start, frontend=WEB, labour=WORK, fill="#!/bin/sh\n./manage.py loaddata a\n")
    assert going_on(tmp_path, given) == {
        "frontend": [f"{BIN}/frontend:2: uwsgi --ini /etc/shop/uwsgi.ini"],
        "labour": [f"{BIN}/labour:3: celery -A shop.server worker"],
    }


def test_they_are_told_by_a_manifest_as_well(tmp_path: Path) -> None:
    service = "services:\n  web:\n    build: .\n    command: frontend\n"
    given = {**files(frontend=WEB, labour=WORK), "docker-compose.yml": service}
    assert list(going_on(tmp_path, given)) == ["web"]


def test_a_server_among_them_has_the_file_that_is_copied(tmp_path: Path) -> None:
    given = files(frontend=WEB)
    given[f"{ROOT}/etc/shop/uwsgi.ini"] += "logto = /var/log/shop.log\n"
    ((_, server),) = deployment_of(
        tmp_path, {**given, f"{BIN}/say": "#!/bin/sh\n: uwsgi.ini"}
    ).uwsgi
    logged = server.first("logto")
    assert logged is not None
    assert logged.value == "/var/log/shop.log"


@pytest.mark.parametrize(
    "given",
    [
        # The image starts something by itself.
        files('CMD ["python", "serve.py"]\n', frontend=WEB),
        files("", frontend=WEB),
        # They lie elsewhere, or are no programs that go on.
        files(copies=f"COPY . /src\nCOPY {ROOT} /opt/shop\n", frontend=WEB),
        files(copies="COPY . /src\n", frontend=WEB),
        files(frontend="#!/bin/sh\n./manage.py migrate\n"),
        {**files(), f"{ROOT}/usr/local/share/frontend": WEB},
        {**files(), f"{ROOT}/usr/local/bin/more/frontend": WEB},
        # The image, or the file, is for those who work on it.
        {**files(), "Dockerfile": "FROM python\n", "dev.Dockerfile": files()["Dockerfile"],
         f"{BIN}/frontend": WEB},
        files(**{"frontend-dev": WEB}),
    ],
)  # fmt: skip
def test_what_nobody_has_to_name(tmp_path: Path, given: dict[str, str]) -> None:
    assert going_on(tmp_path, given) == {}


def test_something_else_is_deployed_of_it(tmp_path: Path) -> None:
    given = {**files(frontend=WEB), "Procfile": "web: gunicorn shop.wsgi\n"}
    assert list(going_on(tmp_path, given)) == ["web"]


@pytest.mark.parametrize(("sourced", "known"), [("/etc/shop/work.conf", 1), ("/etc/shop.conf", 0)])
def test_what_a_script_reads_its_variables_from(tmp_path: Path, sourced: str, known: int) -> None:
    given = files(labour=WORK.replace("/etc/shop/work.conf", sourced))
    ((call,),) = going_on(tmp_path, given).values()
    assert ("shop.server" in call) is bool(known)
