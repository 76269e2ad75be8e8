"""What a script hands on: its variables to other scripts and supervisord, and another user."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of

IMAGE = 'FROM x\nWORKDIR /app\nCOPY . /app\nCMD ["/app/start.sh"]\n'
INNER = (
    '#!/bin/sh\nif [ "$MODE" = web ]; then exec gunicorn shop.wsgi; fi\nexec celery -A shop beat\n'
)
INI = "[supervisord]\n[program:web]\ndirectory=/app/shop\ncommand=./run.sh %(ENV_MODE)s\n"
RUN = '#!/bin/sh\n[ "$1" = web ] && exec gunicorn shop.wsgi\n'


def called(root: Path, files: dict[str, str]) -> list[str]:
    process = next(
        p
        for p in deployment_of(root, {"Dockerfile": IMAGE, **files}).processes
        if p.name == "Dockerfile"
    )
    commands = (" ".join(command.call) for command in process.commands)
    return sorted(text for text in commands if text.startswith(("gunicorn", "celery", "redis")))


@pytest.mark.parametrize(
    "start",
    [
        "export MODE=web\n/app/inner.sh",
        "MODE=web\nexport MODE\n/app/inner.sh",
        "set -a\nMODE=web\n/app/inner.sh",
        "export MODE=${MODE:-web}\nexec /app/inner.sh",
        "declare -x MODE=web\nsh /app/inner.sh",
    ],
)
def test_a_script_gets_what_is_exported(tmp_path: Path, start: str) -> None:
    files = {"start.sh": f"#!/bin/bash\n{start}\n", "inner.sh": INNER}
    assert called(tmp_path, files) == ["gunicorn shop.wsgi"]


@pytest.mark.parametrize(
    "start",
    [
        "MODE=web\n/app/inner.sh",
        "/app/inner.sh\nexport MODE=web",
        "export OTHER=web\n/app/inner.sh",
        "export MODE=worker\n/app/inner.sh",
        # One way of several: what holds by default is that nobody gives it.
        "if [ -f /x ]; then export MODE=web; fi\n/app/inner.sh",
    ],
)
def test_a_script_does_not_get_the_rest(tmp_path: Path, start: str) -> None:
    files = {"start.sh": f"#!/bin/bash\n{start}\n", "inner.sh": INNER}
    assert called(tmp_path, files) == ["celery -A shop beat"]


@pytest.mark.parametrize(
    ("mode", "other", "found"),
    [
        ("export MODE=web", "other/run.sh", ["gunicorn shop.wsgi"]),
        ("export MODE=db", "other/run.sh", []),
        ("MODE=web", "other/run.sh", []),
    ],
)
def test_a_program_of_supervisord_gets_it_where_it_works(
    tmp_path: Path, mode: str, other: str, found: list[str]
) -> None:
    start = f"#!/bin/sh\n{mode}\nexec supervisord -c /app/all.conf\n"
    files = {"start.sh": start, "all.conf": INI, "shop/run.sh": RUN, other: "#!/bin/sh\ndate\n"}
    assert called(tmp_path, files) == found


@pytest.mark.parametrize(
    ("put", "count"),
    [
        ("mv /app/off/redis.conf /app/on/redis.conf", 1),
        ("cp /app/off/redis.conf /app/on/", 1),
        ("cp /app/off/redis.conf /srv/", 0),
        ("rm /app/off/redis.conf", 0),
    ],
)
def test_a_start_script_may_put_a_program_where_it_is_included(
    tmp_path: Path, put: str, count: int
) -> None:
    files = {
        "start.sh": f"#!/bin/sh\n{put}\nexec supervisord -c /app/all.conf\n",
        "all.conf": "[supervisord]\nnodaemon=true\n[include]\nfiles = /app/on/*.conf\n",
        "off/redis.conf": "[program:redis]\ncommand=redis-server --save 60 1\n",
    }
    assert called(tmp_path, files) == ["redis-server --save 60 1"] * count


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("exec gosu shop /app/inner.sh", ["gunicorn shop.wsgi"]),
        ("exec s6-setuidgid shop sh /app/inner.sh", ["gunicorn shop.wsgi"]),
        ("exec gosu shop date", []),
        ("exec gosu /app/inner.sh date", []),
    ],
)
def test_a_user_may_be_called_as_the_project(tmp_path: Path, line: str, found: list[str]) -> None:
    files = {"start.sh": f"#!/bin/sh\n{line}\n", "shop/wsgi.py": "", "shop/settings.py": ""}
    inner = {"inner.sh": "#!/bin/sh\nexec gunicorn shop.wsgi\n"}
    assert called(tmp_path, files | inner) == found
