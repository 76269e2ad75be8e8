"""The deploy files joined: what is started where the project is deployed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.deploy_files import deployment_of

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.deployment.view import Deployment

Make = Callable[[dict[str, str]], Deployment]
GUNICORN = 'CMD ["gunicorn", "shop.wsgi"]\n'
START = 'CMD ["./go.sh"]\n'


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return partial(deployment_of, tmp_path)


def calls(process: Process) -> list[str]:
    return [" ".join(command.call) for command in process.commands]


def started(deployment: Deployment) -> dict[str, list[str]]:
    return {process.name: calls(process) for process in deployment.processes}


def compose(service: str) -> str:
    return f"services:\n  web:\n{service}"


def mounted(*lines: str) -> str:
    listed = "".join(f"    {line}\n" for line in lines)
    return compose(f"    build: .\n    volumes: ['.:/app']\n{listed}")


MOUNTED_WORKER = (
    "  worker:\n    build: .\n    volumes: ['.:/app']\n    command: celery -A shop worker\n"
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Dockerfile": f"FROM x\n{GUNICORN}"}, {"Dockerfile": ["gunicorn shop.wsgi"]}),
        (
            {
                "docker/ProdDockerfile": f"FROM x\n{GUNICORN}",
                "docker/DevDockerfile": "FROM x\nCMD b",
            },
            {"ProdDockerfile": ["gunicorn shop.wsgi"]},
        ),
        (
            {"compose.yml": compose("    build: .\n"), "Dockerfile": f"FROM x\n{GUNICORN}"},
            {"web": ["gunicorn shop.wsgi"], "Dockerfile": ["gunicorn shop.wsgi"]},
        ),
        (
            {
                "compose.yml": compose("    build: {context: ., dockerfile: docker/Web}\n"),
                "docker/Web": "",
                "Dockerfile": f"FROM x\n{GUNICORN}",
            },
            {"web": [], "Dockerfile": ["gunicorn shop.wsgi"]},
        ),
        (
            {
                "compose.yml": compose("    build: .\n    command: daphne shop.asgi\n"),
                "Dockerfile": 'FROM x\nENTRYPOINT ["/e.sh"]\nCMD ["gunicorn"]\n',
                "e.sh": '#!/bin/sh\nexec env A=1 "$@"\n',
            },
            {"web": ["daphne shop.asgi"]},
        ),
        (
            {
                "compose.yml": compose("    build: {context: ., target: prod}\n"),
                "Dockerfile": 'FROM x AS prod\nCMD ["uvicorn"]\nFROM x AS more\nCMD ["daphne"]\n',
            },
            {"web": ["uvicorn"], "more": ["daphne"]},
        ),
        (
            {
                "Dockerfile": 'FROM x\nCOPY deploy/run /start\nCMD ["/start"]\n',
                "deploy/run": "#!/bin/sh\nexec gunicorn shop.wsgi\n",
            },
            {"Dockerfile": ["gunicorn shop.wsgi"]},
        ),
        (
            {
                "Dockerfile": f"FROM x\nWORKDIR /app\nCOPY tools/a/go.sh ./\n{START}",
                "tools/a/go.sh": "exec gunicorn a\n",
                "tools/b/go.sh": "exec gunicorn b\n",
            },
            {"Dockerfile": ["gunicorn a"]},
        ),
        (
            {
                "Dockerfile": f"FROM x\nCOPY . /app\n{START}",
                "tools/a/go.sh": "exec gunicorn a\n",
                "tools/b/go.sh": "exec gunicorn b\n",
            },
            {"Dockerfile": ["./go.sh"]},
        ),
        (
            {"web.service": "[Service]\nExecStart=-/venv/bin/uwsgi --socket :1\n"},
            {"web": ["/venv/bin/uwsgi --socket :1"]},
        ),
        ({"bin/start-web.sh": "exec gunicorn a\n"}, {"start-web.sh": ["gunicorn a"]}),
        ({"devops/Dockerfile": f"FROM x\n{GUNICORN}"}, {"Dockerfile": ["gunicorn shop.wsgi"]}),
        (
            {"Dockerfile": f"FROM x\nENV DJANGO_SETTINGS_MODULE=local.settings\n{GUNICORN}"},
            {"Dockerfile": ["gunicorn shop.wsgi"]},
        ),
    ],
)
def test_what_is_started(make: Make, files: dict[str, str], expected: dict[str, list[str]]) -> None:
    assert started(make(files)) == expected


def test_what_else_a_start_script_may_be_told_to_start(make: Make) -> None:
    modes = "web) exec gunicorn a;;\nworker) exec celery -A a worker;;\ndev) exec uvicorn a;;\n"
    files = {
        "Dockerfile": 'FROM x\nCOPY deploy/shop.sh /bin/shop\nENTRYPOINT ["shop"]\nCMD ["web"]\n',
        "deploy/shop.sh": f'case "$1" in\n{modes}help) echo web worker;;\nesac\n',
    }
    assert started(make(files)) == {
        "Dockerfile": ["gunicorn a"],
        "shop.sh web": ["gunicorn a"],
        "shop.sh worker": ["celery -A a worker"],
    }


BUILT_BY_NAME = """ARG KIND={}
ARG SYSTEM=python:3.13
FROM $SYSTEM AS base
FROM base AS shop
CMD ["gunicorn", "a"]
FROM base AS sockets
CMD ["daphne", "a"]
FROM ${{KIND}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BUILT_BY_NAME.format("shop"), ["gunicorn a"]),
        (BUILT_BY_NAME.format('"sockets"'), ["daphne a"]),
        (BUILT_BY_NAME.format("base"), None),
        # Nothing here says which it is.
        (BUILT_BY_NAME.replace("={}", "").format(), None),
        # What stands in a stage is not known to the next FROM.
        ("FROM x AS shop\nCMD gunicorn a\nARG KIND=shop\nFROM $KIND\n", None),
        (
            "ARG KIND=shop\nARG ALSO=${KIND}\nFROM x AS shop\nCMD daphne a\nFROM $ALSO\n",
            ["daphne a"],
        ),
    ],
)
def test_an_image_whose_stage_a_variable_names(
    make: Make, text: str, expected: list[str] | None
) -> None:
    made = started(make({"Dockerfile": text}))
    assert made == ({} if expected is None else {"Dockerfile": expected})


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("prod.sh", True),
        ("bin/run-prod.sh", True),
        ("start_production.sh", True),
        ("prod.py", False),
        ("prod-dump.sh", False),
        ("deploy-prod.sh", False),
        ("bin/product.sh", False),
    ],
)
def test_a_script_whose_name_says_that_it_starts_what_is_deployed(
    make: Make, name: str, taken: bool
) -> None:
    assert bool(started(make({name: "#!/bin/sh\ngunicorn a\n"}))) is taken


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("$TRACE gunicorn a", "gunicorn a"),
        ("${WRAP}$TRACE gunicorn a", "gunicorn a"),
        ("exec $TRACE gunicorn a", "gunicorn a"),
        ("$PYTHON manage.py migrate", "manage.py migrate"),
        # It may be any program.
        ("$TRACE shop a", "$TRACE shop a"),
        ("$COMPOSE run web gunicorn a", "$COMPOSE run web gunicorn a"),
        ("$BIN/tool gunicorn a", "$BIN/tool gunicorn a"),
    ],
)
def test_a_variable_before_a_program(make: Make, line: str, words: str) -> None:
    text = f'#!/bin/sh\nTRACE=""\nif [ -f /trace ]; then TRACE="trace --"; fi\n{line}\n'
    made = make({"Dockerfile": 'FROM x\nCMD ["./go.sh"]\n', "go.sh": text})
    assert started(made) == {"Dockerfile": [words]}


def test_the_modes_of_a_script_that_has_one_by_itself(make: Make) -> None:
    text = """
    if [[ "$1" = "web" || -z "$1" ]]; then gunicorn a
    elif [[ "$1" = "worker" ]]; then celery -A a worker
    else exec "$@"; fi
    """
    files = {"Dockerfile": 'FROM x\nENTRYPOINT ["./go.sh"]\n', "go.sh": f"#!/bin/bash{text}"}
    assert started(make(files)) == {
        "Dockerfile": ["gunicorn a"],
        "go.sh web": ["gunicorn a"],
        "go.sh worker": ["celery -A a worker"],
    }


@pytest.mark.parametrize(
    ("given", "modes"),
    [
        ("KIND=$1", ["go.sh worker"]),
        ('KIND="${1:-web}"', ["Dockerfile", "go.sh worker"]),
        ("FIRST=$1; KIND=$FIRST", ["go.sh worker"]),
        ("KIND=$2", []),
        ("KIND=web", ["Dockerfile"]),
        ("OTHER=$1", []),
    ],
)
def test_the_modes_of_a_script_that_names_its_first_argument(
    make: Make, given: str, modes: list[str]
) -> None:
    cases = "web) exec gunicorn a;; worker) exec celery -A a worker;; esac"
    text = f"#!/bin/sh\n{given}\nshift\ncase ${{KIND}} in {cases}\n"
    files = {"Dockerfile": 'FROM x\nENTRYPOINT ["./go.sh"]\n', "go.sh": text}
    kept = [name for name, found in started(make(files)).items() if found and name != "go.sh web"]
    assert kept == modes


def test_a_supervisor_with_what_it_includes(make: Make) -> None:
    files = {
        "Dockerfile": 'FROM x\nCMD ["supervisord", "-n", "-c", "/etc/supervisord.conf"]\n',
        "docker/supervisord.conf": "[include]\nfiles = conf.d/*.conf web-*.conf\n",
        "docker/conf.d/a.conf": "[program:a]\ncommand = celery -A a worker\n",
        "docker/web-b.conf": "[program:b]\ncommand = gunicorn a\n",
        "docker/other.conf": "[program:c]\ncommand = daphne a\n",
    }
    found = started(make(files))
    assert found["Dockerfile"] == [
        "supervisord -n -c /etc/supervisord.conf",
        "celery -A a worker",
        "gunicorn a",
    ]


CFG = "[options.entry_points]\nconsole_scripts =\n    shopctl = shop:manage\n    other = shop:run\n"


@pytest.mark.parametrize(
    ("cfg", "command"),
    [
        (CFG, "migrate"),
        ("[metadata]\nname = shopctl\n", ""),
        (CFG.replace("console_scripts", "gui_scripts"), ""),
        (CFG.replace("shopctl", "shopping"), ""),
        ("no [ini", ""),
    ],
)
def test_a_program_that_setup_cfg_names_runs_commands(make: Make, cfg: str, command: str) -> None:
    files = {"Dockerfile": "FROM x\nCMD shopctl migrate\n", "setup.cfg": cfg}
    (process,) = make(files).processes
    assert [each.management for each in process.commands] == [command]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("honcho -f Procfile.web start", ["honcho -f Procfile.web start", "daphne shop.asgi"]),
        ("honcho start", ["honcho start"]),
    ],
)
def test_a_procfile_of_another_name_has_to_be_named(
    make: Make, command: str, expected: list[str]
) -> None:
    files = {"compose.yml": compose(f"    build: .\n    command: {command}\n")}
    made = make({**files, "Procfile.web": "web: daphne shop.asgi\n", "Dockerfile": "FROM x\n"})
    assert started(made) == {"web": expected}


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("together check a && shop-manage migrate && gunicorn shop.wsgi ||| ticker", True),
        # They take it for an argument.
        ("shop-manage migrate && gunicorn shop.wsgi", False),
        ("python manage.py migrate && gunicorn shop.wsgi", False),
        ("celery -A shop worker && gunicorn shop.wsgi", False),
        ("together check a || gunicorn shop.wsgi", False),
    ],
)
def test_a_program_that_is_given_a_line_without_a_shell(
    make: Make, words: str, taken: bool
) -> None:
    scripts = '[project]\nname = "shop"\n[project.scripts]\nshop-manage = "shop.run:main"\n'
    image = f"FROM x\nCMD {json.dumps(words.split())}\n"
    (process,) = make({"Dockerfile": image, "pyproject.toml": scripts}).processes
    found = [" ".join(command.words) for command in process.commands]
    parts = ["check a", "shop-manage migrate", "gunicorn shop.wsgi", "ticker"]
    assert found == [words, *(parts if taken else [])]
    assert {command.supervised for command in process.commands[1:]} <= {True}


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("python -m gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("uv run --no-sync gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("poetry run python manage.py runworker", "manage.py runworker"),
        ("newrelic-admin run-program gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("wait-for-it db:5432 -t 30 -- daphne shop.asgi", "daphne shop.asgi"),
        ("bin/docker-wait.sh db:5432 -- gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("gosu celery celery -A shop worker", "celery -A shop worker"),
        ("env A=1 nice -n 5 python3.13 /app/manage.py qcluster", "/app/manage.py qcluster"),
        ("tini -s -- dumb-init gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("python -m shop migrate", "django-admin migrate"),
        ("uv run -m manage migrate", "manage.py migrate"),
        ("python -Wd -u -m shop.manage migrate", "manage.py migrate"),
        ("sudo -u shop python -u manage.py migrate", "manage.py migrate"),
        ("sudo -u celery celery -A shop worker", "celery -A shop worker"),
        ("python -m manager migrate", "python -m manager migrate"),
        ("chpst -u shop -e /etc/env gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("setuidgid celery celery -A shop worker", "celery -A shop worker"),
        ("numactl --interleave=all uwsgi --ini uwsgi.ini", "uwsgi --ini uwsgi.ini"),
        ("mise exec -- gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("su - shop -c 'exec gunicorn shop.wsgi'", "gunicorn shop.wsgi"),
        ("runuser shop --command='gunicorn shop.wsgi'", "gunicorn shop.wsgi"),
        ("doppler run -c prd --command 'gunicorn shop.wsgi'", "gunicorn shop.wsgi"),
        ("doppler run -c prd -- gunicorn shop.wsgi", "gunicorn shop.wsgi"),
        ("nice gunicorn shop.wsgi --command=x", "gunicorn shop.wsgi --command=x"),
        ("shop-server start --ini /app/uwsgi.ini", "uwsgi --ini /app/uwsgi.ini"),
        ("tini -- shop start --ini=uwsgi.ini", "uwsgi --ini=uwsgi.ini"),
        ("shop-server start --port 80", "shop-server start --port 80"),
        ("shop-server check --ini uwsgi.ini", "shop-server check --ini uwsgi.ini"),
        ("pip install gunicorn", "pip install gunicorn"),
        ("pkill gunicorn", "pkill gunicorn"),
        ("sleep 5", ""),
    ],
)
def test_the_program_that_matters(make: Make, words: str, call: str) -> None:
    files = {"Procfile": f"web: {words}\n", "shop/wsgi.py": ""}
    assert started(make(files)) == {"web": [call] if call else []}


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile.dev": "web: gunicorn a\n"},
        {".lando.yml": "services:\n  web:\n    build: .\n    command: gunicorn a\n"},
        {"Dockerfile.dev": f"FROM x\n{GUNICORN}"},
        {"dev/Dockerfile": f"FROM x\n{GUNICORN}"},
        {".devcontainer/Dockerfile": f"FROM x\n{GUNICORN}"},
        {".github/workflows/Dockerfile": f"FROM x\n{GUNICORN}"},
        {"tests/Dockerfile": f"FROM x\n{GUNICORN}"},
        {"docker-compose.override.yml": compose("    image: a\n    command: gunicorn a\n")},
        {"compose.yml": compose("    image: a\n    command: gunicorn a\n    profiles: [dev]\n")},
        {"compose.yml": "services:\n  test:\n    image: a\n    command: gunicorn a\n"},
        {"Dockerfile": f"FROM x\nENV DJANGO_SETTINGS_MODULE=a.settings.local\n{GUNICORN}"},
        {
            "compose.yml": compose(
                "    image: a\n    command: gunicorn a\n    environment: {DEBUG: 1}\n"
            )
        },
        {
            "compose.yml": compose(
                "    build: .\n    command: python manage.py runserver\n    volumes: ['.:/app']\n"
            )
        },
        {
            "compose.yml": compose(
                "    build: .\n    command: ./manage.py runserver\n    volumes: ['./shop:/app']\n"
            )
        },
        {
            "docker-compose.yml": compose(
                "    image: a\n    command: python manage.py runserver\n"
            ),
            "docker-compose.prod.yml": "services: {}\n",
        },
        {"compose.yml": mounted("command: scripts/run-dev.sh")},
        {"compose.yml": mounted("command: /shop/local/start.sh")},
        {"compose.yml": mounted("command: /usr/local/bin/start-local.sh")},
        {"compose.yml": mounted("environment: {DEV_ENV: 'True'}", "command: gunicorn a")},
        {"compose.yml": mounted("environment: [SHOP_ENV=local]", "command: gunicorn a")},
        {"compose.yml": mounted("command: gunicorn a").replace("/app", "/shop_devel")},
        {"compose.yml": mounted("environment: {SHOP_DEBUG: 1}", "command: gunicorn a")},
        {
            "compose.yml": compose(
                "    build: .\n    command: gunicorn a\n    environment: {DEV_ENV: 'True'}\n"
            )
        },
        {"compose.yml": compose("    image: shop:dev\n    command: gunicorn a\n")},
        {
            "compose.yml": compose(
                "    image: a/shop:1\n    command: gunicorn a\n    env_file: env.d/development\n"
            )
        },
        {"compose.yml": mounted("env_file: ['env.d/${ENV:-dev}']", "command: gunicorn a")},
        {"compose.yml": mounted("env_file: [{path: .envs/.local/a}]", "command: gunicorn a")},
        {
            "compose.yml": "services:\n"
            "  web:\n    build: {dockerfile: dev/Dockerfile}\n    image: shop\n"
            "  worker:\n    image: shop\n    command: celery -A shop worker\n"
        },
        {"compose.yml": mounted("command: ./manage.py runserver") + MOUNTED_WORKER},
        {
            "compose.yml": mounted("command: scripts/run-dev.sh") + MOUNTED_WORKER,
            "scripts/run-dev.sh": "gunicorn --reload shop.wsgi\n",
        },
        {"Procfile": "db: docker-compose up db\nweb: python manage.py runserver\n"},
        {"run.sh": "python manage.py runserver\n"},
        {"docker/demo/Dockerfile": f"FROM x\n{GUNICORN}"},
        {"docker/fuzz/Dockerfile": f"FROM x\n{GUNICORN}"},
        {"a/b/c/d/Dockerfile": f"FROM x\n{GUNICORN}"},
    ],
)
def test_what_is_for_development_is_left_out(make: Make, files: dict[str, str]) -> None:
    assert make(files).processes == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        # The tag and the file of variables that somebody chooses who starts it.
        (compose("    image: shop:${TAG:-dev}\n    command: gunicorn a\n"), ["web"]),
        (compose("    image: shop:devices\n    command: gunicorn a\n"), ["web"]),
        (
            compose("    image: a\n    command: gunicorn a\n    env_file: 'env/${ENV:-dev}'\n"),
            ["web"],
        ),
        (mounted("command: gunicorn a", "env_file: .env"), ["web"]),
        (mounted("command: /usr/local/bin/start.sh"), ["web"]),
        # A worker beside a server that is deployed, mounted or not.
        (mounted("command: gunicorn a") + MOUNTED_WORKER, ["web", "worker"]),
        (
            mounted("command: ./manage.py runserver").replace("web:", "try:")
            + MOUNTED_WORKER
            + "  web:\n    image: a\n    command: gunicorn a\n",
            ["web"],
        ),
        # Its code is in the image.
        (
            mounted("command: ./manage.py runserver")
            + MOUNTED_WORKER.replace("    volumes: ['.:/app']\n", ""),
            ["worker"],
        ),
        (f"services:\n{MOUNTED_WORKER}", ["worker"]),
    ],
)
def test_what_is_not_said_to_be_for_development_is_kept(
    make: Make, text: str, kept: list[str]
) -> None:
    assert [process.name for process in make({"compose.yml": text}).processes] == kept


TWO_FOLDERS = {
    "shop/Dockerfile": "FROM x\nWORKDIR /app\nCOPY . /app/\n",
    "shop/start.sh": "exec gunicorn shop.wsgi\n",
    "certs/start.sh": "openssl genrsa\n",
}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (
            "    build: ./shop\n    entrypoint: /app/start.sh\n    volumes: ['./shop:/app']\n",
            ["gunicorn shop.wsgi"],
        ),
        (
            "    build: ./shop\n    entrypoint: /app/start.sh\n    volumes: ['./certs:/app/']\n",
            ["openssl genrsa"],
        ),
        (
            "    build: ./shop\n    command: sh /app/start.sh\n    volumes: ['./certs:/other']\n",
            ["gunicorn shop.wsgi"],
        ),
        ("    image: a/shop\n    command: /srv/start.sh\n", ["/srv/start.sh"]),
        (
            "    image: a/shop\n    command: /srv/start.sh\n    volumes: ['/certs:/srv']\n",
            ["/srv/start.sh"],
        ),
    ],
)
def test_a_script_of_a_name_that_two_folders_have(
    make: Make, service: str, expected: list[str]
) -> None:
    found = {
        p.name: calls(p) for p in make({**TWO_FOLDERS, "compose.yml": compose(service)}).processes
    }
    assert found["web"] == expected


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("docker/web.docker", f"FROM x\n{GUNICORN}", 1),
        ("web.docker", f"# The shop\nARG TAG=1\n\nFROM x:$TAG\n{GUNICORN}", 1),
        ("docker/dockerfiles/web", f"FROM x\n{GUNICORN}", 1),
        ("Containerfiles/web", f"from x\n{GUNICORN}", 1),
        # What begins otherwise is something else.
        ("web.docker", f"{GUNICORN}", 0),
        ("web.docker", f"This is how it is built:\nFROM x\n{GUNICORN}", 0),
        ("docker/dockerfiles/README", f"To build it:\n\nFROM x\n{GUNICORN}", 0),
        ("docker/dockerfiles/web.sql", f"FROM x\n{GUNICORN}", 0),
        ("docker/images/web", f"FROM x\n{GUNICORN}", 0),
        ("docker/dev.docker", f"FROM x\n{GUNICORN}", 0),
    ],
)
def test_an_image_in_a_file_of_another_name(make: Make, name: str, text: str, count: int) -> None:
    made = [call for process in make({name: text}).processes for call in calls(process)]
    assert made == ["gunicorn shop.wsgi"] * count


RELOADED = mounted("command: ./manage.py runserver", "environment: [DEBUG=0]") + MOUNTED_WORKER
FOR_DEVELOPERS = {"compose.dev.yml": RELOADED.replace("DEBUG=0", "DEBUG=1")}


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ({"compose.yml": RELOADED, **FOR_DEVELOPERS}, ["web", "worker"]),
        (
            {"compose.yml": RELOADED.replace("./manage.py runserver", "gunicorn --reload a")}
            | FOR_DEVELOPERS,
            ["web", "worker"],
        ),
        # Nothing says that developers have another one.
        ({"compose.yml": RELOADED}, []),
        ({"compose.yml": RELOADED, "old/compose.dev.yml": RELOADED}, []),
        # Nothing says that it is not one of theirs, too.
        ({"compose.yml": RELOADED.replace("DEBUG=0", "A=0"), **FOR_DEVELOPERS}, []),
        ({"compose.yml": RELOADED.replace("=0", "=0, DEV_ENV=1"), **FOR_DEVELOPERS}, []),
        # Something else is deployed.
        ({"compose.yml": RELOADED, "Procfile": "web: gunicorn a", **FOR_DEVELOPERS}, ["web"]),
        (
            {"compose.yml": RELOADED, "compose.prod.yml": mounted("command: gunicorn a")}
            | FOR_DEVELOPERS,
            ["web"],
        ),
    ],
)
def test_a_file_that_turns_debugging_off_beside_the_developers_one(
    make: Make, files: dict[str, str], kept: list[str]
) -> None:
    assert [process.name for process in make(files).processes] == kept


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("web_local", "db"), ["web_local", "db"]),
        (("local-worker",), ["local-worker"]),
        (("web", "web_local"), ["web"]),
        (("web", "web-localhost"), ["web"]),
        (("local",), []),
        (("web_local_dev",), []),
        (("web_localdev",), []),
    ],
)
def test_a_service_called_local_is_for_development_beside_another(
    make: Make, names: tuple[str, ...], kept: list[str]
) -> None:
    services = "".join(f"  {name}:\n    image: a\n    command: gunicorn a\n" for name in names)
    found = make({"compose.yml": f"services:\n{services}"}).processes
    assert [process.name for process in found] == kept


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        # The only deployment there is.
        ({"compose.yml": mounted("command: gunicorn a")}, ["compose.yml"]),
        ({"compose.yml": mounted("command: gunicorn a", "environment: {UV_NO_DEV: 1}")},
         ["compose.yml"]),
        ({"compose.yml": mounted("command: gunicorn a", "environment: {SHOP_ENV: live}")},
         ["compose.yml"]),
        ({"compose.yml": compose("    build: .\n    command: gunicorn a\n"
          "    environment: {SENTRY_DEBUG: 1}\n")}, ["compose.yml"]),
        ({"Procfile": "web: ./manage.py runserver\n"}, ["Procfile"]),
        ({"compose.yml": mounted("command: gunicorn a"),
          "Procfile": "web: ./manage.py runserver\n"}, ["compose.yml"]),
        ({"compose.yml": mounted("command: gunicorn a"), "Procfile": "worker: celery worker\n"},
         ["compose.yml", "Procfile"]),
        # Beside another one it is a developer's.
        ({"compose.yml": mounted("command: gunicorn a"), "Procfile": "web: ./start\n"},
         ["Procfile"]),
        ({"compose.yml": mounted("command: gunicorn a"), "swarm/stack-compose.yml":
          compose("    image: shop\n    command: gunicorn a\n")}, ["swarm/stack-compose.yml"]),
        # One that has its code in the image is not.
        ({"compose.yml": mounted("command: gunicorn a").replace(".:/app", "./x:/x"),
          "Procfile": "web: ./start\n"}, ["compose.yml", "Procfile"]),
    ],
)  # fmt: skip
def test_a_compose_file_with_the_code_mounted_beside_another_deployment(
    make: Make, files: dict[str, str], kept: list[str]
) -> None:
    assert [process.location.path for process in make(files).processes] == kept


def test_the_command_of_an_image_that_developers_start_otherwise(make: Make) -> None:
    files = {"compose.yml": mounted("command: ./run-dev.sh"), "Dockerfile": f"FROM x\n{GUNICORN}"}
    (process,) = make(files).processes
    assert process.location.path == "Dockerfile"


TOLD = """services:
  web: {build: {context: ., target: dev}, volumes: ['.:/app'], command: ./work.sh}
  work: {build: ., command: celery -A shop worker}
"""


@pytest.mark.parametrize(
    ("composed", "count"),
    [
        # Nothing serves there that is deployed.
        (TOLD, 1),
        (f"{TOLD}  beat: {{build: ., command: sh -c 'celery -A shop beat'}}\n", 1),
        (f"{TOLD}  site: {{build: ., command: uwsgi --ini a.ini}}\n", 0),
        (f"{TOLD}  site: {{image: shop, command: gunicorn a}}\n", 0),
        (f"{TOLD}  site: {{build: ., command: ./serve.sh}}\n", 0),
    ],
)
def test_an_image_that_serves_where_no_service_does(make: Make, composed: str, count: int) -> None:
    image = "FROM x AS prod\nCMD uwsgi\nFROM prod AS dev\n"
    processes = make({"compose.yml": composed, "Dockerfile": image}).processes
    assert len([each for each in processes if each.kind is Kind.DOCKERFILE]) == count


def test_what_an_image_starts_is_no_developers_if_mounted_code_is_started_otherwise(
    make: Make,
) -> None:
    built = "    build: {context: ., dockerfile: ops/Dockerfile}\n"
    work = f"  work:\n{built}    volumes: ['./src:/src']\n    command: celery -A shop worker\n"
    image = "FROM x\nCMD ./manage.py runserver\n"
    files = {"compose.yml": compose(built) + work, "ops/Dockerfile": image}
    assert "Dockerfile" in {process.name for process in make(files).processes}


LEFT_TO_IT = compose("    build: .\n    environment: {DEV_ENV: 'True'}\n")
WORKED_ON = f"{LEFT_TO_IT}    command: gunicorn b\n"
LISTED = {"Procfile": "web: gunicorn a\n", "Dockerfile": f"FROM x\n{GUNICORN}"}


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ({"compose.yml": WORKED_ON}, ["Procfile"]),
        ({"compose.yml": LEFT_TO_IT, "Dockerfile": "FROM x\nCMD ./start-dev.sh\n"}, ["Procfile"]),
        ({"compose.yml": LEFT_TO_IT, "Dockerfile": "FROM node\nCMD npm start\n"}, ["Procfile"]),
        ({"compose.yml": WORKED_ON, "compose.selenium.yml": LEFT_TO_IT}, ["Procfile"]),
        # What they leave to the image may be how it is deployed.
        ({"compose.yml": LEFT_TO_IT}, ["Dockerfile", "Procfile"]),
        # Somebody else may build it, or does.
        ({}, ["Dockerfile", "Procfile"]),
        ({"compose.yml": compose("    build: .\n")}, ["Dockerfile", "Procfile", "compose.yml"]),
        (
            {"compose.yml": WORKED_ON, "heroku.yml": "build:\n  docker:\n    web: Dockerfile\n"},
            ["Dockerfile", "Procfile"],
        ),
        (
            {"compose.yml": WORKED_ON, "k8s.yml": "apiVersion: v1\nkind: ConfigMap\n"},
            ["Dockerfile", "Procfile"],
        ),
    ],
)
def test_an_image_that_developers_alone_build_beside_a_list(
    make: Make, files: dict[str, str], kept: list[str]
) -> None:
    found = {process.location.path for process in make({**LISTED, **files}).processes}
    assert sorted(found) == sorted(kept)


def test_an_image_beside_a_list_that_is_a_developers_itself(make: Make) -> None:
    files = {"compose.yml": WORKED_ON, "Procfile.dev": "web: gunicorn a\n"}
    (process,) = make({**files, "Dockerfile": LISTED["Dockerfile"]}).processes
    assert process.location.path == "Dockerfile"


BASE = "services:\n  base:\n    build: .\n    command: 'true'\n    environment: {DEV_ENV: '%s'}\n"
EXTENDS = "  web:\n    image: shop\n    extends: %s\n    command: gunicorn a\n"


@pytest.mark.parametrize(
    ("develops", "extends", "kept"),
    [
        ("true", "{service: base}", []),
        ("true", "base", []),
        ("false", "{service: base}", ["base", "web"]),
        ("true", "{file: other.yml, service: base}", ["web"]),
        ("true", "{service: web}", ["web"]),
        ("true", "{service: nobody}", ["web"]),
    ],
)
def test_what_a_service_has_from_the_one_that_it_extends(
    make: Make, develops: str, extends: str, kept: list[str]
) -> None:
    text = BASE % develops + EXTENDS % extends
    assert [process.name for process in make({"compose.yml": text}).processes] == kept


def test_what_two_services_say_together(make: Make) -> None:
    text = (
        "services:\n  base:\n    image: shop\n    command: [sleep, '1']\n"
        "    entrypoint: [wait]\n    healthcheck: {test: [curl, 'http://x:8000/old']}\n"
        "    environment: {A: '1', B: '1'}\n    volumes: ['a:/a']\n"
        "  web:\n    extends: {service: base}\n    command: [gunicorn, a]\n"
        "    entrypoint: [tini]\n    healthcheck: {test: [curl, 'http://x:8000/up']}\n"
        "    environment: {B: '2'}\n    volumes: ['b:/b']\n"
    )
    web = make({"compose.yml": text}).processes[1]
    assert web.words == ("tini", "gunicorn", "a")
    assert [probe.path for probe in web.probes] == ["/up"]
    assert web.location.line == 9
    assert web.environment == {"A": "1", "B": "2"}
    assert [volume.source for volume in web.volumes] == ["a", "b"]
    assert web.image == "shop"


OVERLAY = "services:\n  web:\n    command: gunicorn a\n    volumes: ['media:/media']\n"


@pytest.mark.parametrize("name", ["docker-compose.prod.yml", "docker-compose.override.prod.yml"])
def test_what_is_laid_over_the_plain_file_is_merged_into_it(make: Make, name: str) -> None:
    plain = compose("    image: a/shop\n    command: ./manage.py runserver\n")
    redis = "  redis:\n    image: redis\n"
    web, other = make({"docker-compose.yml": plain + redis, name: OVERLAY}).processes
    assert (web.name, other.name) == ("web", "redis")
    assert web.location.path == "docker-compose.yml"
    assert [command.words[0] for command in web.commands] == ["gunicorn"]
    assert [volume.target for volume in web.volumes] == ["/media"]


@pytest.mark.parametrize(
    ("name", "command", "count"),
    [
        ("docker-compose.deploy.yml", "gunicorn a --reload", 1),
        ("docker-compose.prod.yml", "./start.sh", 1),
        # Nothing says that it is for what is deployed, or no real server does.
        ("docker-compose.tools.yml", "gunicorn a --reload", 0),
        ("docker-compose.deploy.yml", "./manage.py runserver", 0),
        ("docker-compose.deploy.yml", "scripts/run-dev.sh", 0),
        ("docker-compose.dev.yml", "gunicorn a --reload", 0),
    ],
)
def test_a_file_for_production_leaves_what_looks_at_mounted_code(
    make: Make, name: str, command: str, count: int
) -> None:
    plain = mounted(f"command: {command}")
    over = "services:\n  web:\n    restart: unless-stopped\n"
    scripts = dict.fromkeys(["start.sh", "scripts/run-dev.sh"], "exec gunicorn a --reload\n")
    files = {"docker-compose.yml": plain, name: over, **scripts, "Dockerfile": "FROM python\n"}
    kept = [each for each in make(files).processes if each.name == "web"]
    assert len(kept) == count


BY_NAME = {
    "Dockerfile": "FROM python\nENV BEAT=yes\nCOPY . /app\nCMD /app/start.sh\n",
    "start.sh": "#!/bin/sh\nif [ X$BEAT = Xyes ]; then celery -A a beat; fi\ngunicorn a\n",
    "pyproject.toml": "[project]\nname = 'shop'\n",
}


def begun(make: Make, composed: dict[str, str]) -> list[tuple[str, list[str]]]:
    processes = make({**BY_NAME, **composed}).processes
    return [(each.name, [command.words[0] for command in each.commands]) for each in processes]


def test_a_file_that_names_only_other_images_is_laid_over_the_plain_one(make: Make) -> None:
    plain = compose("    image: a/shop\n    environment: {BEAT: 'no'}\n")
    composed = {"compose.yml": plain, "compose.full.yml": compose("    image: a/shop:full\n")}
    assert begun(make, composed) == [("web", ["gunicorn"])]


@pytest.mark.parametrize(
    ("composed", "expected"),
    [
        # Of a service that is told nothing, or is a developer's, the image itself tells more.
        (compose("    image: a/shop\n"), ["celery", "gunicorn"]),
        (compose("    image: a/other\n    environment: {BEAT: 'no'}\n"), ["celery", "gunicorn"]),
        (
            compose("    image: a/shop\n    environment: {BEAT: 'no'}\n    volumes: ['.:/app']\n"),
            ["celery", "gunicorn"],
        ),
        (compose("    image: a/shop\n    environment: {BEAT: 'no'}\n"), ["gunicorn"]),
    ],
)
def test_an_image_that_a_service_names_is_started_with_its_environment(
    make: Make, composed: str, expected: list[str]
) -> None:
    found = [words for _, words in begun(make, {"compose.yml": composed}) if words]
    assert found[-1] == expected


def test_a_file_for_production_that_stands_alone_replaces_the_plain_one(make: Make) -> None:
    whole = OVERLAY.replace("command", "image: a/shop\n    command", 1)
    plain = compose("    image: a/shop\n    command: ./manage.py runserver\n")
    (web,) = make({"docker-compose.yml": plain, "docker-compose.prod.yml": whole}).processes
    assert web.location.path == "docker-compose.prod.yml"


def test_beside_a_server_the_development_server_is_for_developers(make: Make) -> None:
    files = {
        "docker/Dockerfile": "FROM x\nCMD ./manage.py migrate && ./manage.py runserver\n",
        "docker/prod/Dockerfile": f"FROM x\n{GUNICORN}",
    }
    (process,) = make(files).processes
    assert process.location.path == "docker/prod/Dockerfile"
    assert make({"docker/Dockerfile": files["docker/Dockerfile"]}).processes


def test_the_commands_that_replicas_run_when_they_start(make: Make) -> None:
    files = {
        "Procfile": "release: ./manage.py migrate\nweb: ./run.sh\n",
        "run.sh": "#!/bin/sh\n./manage.py load_catalogue\n"
        'if [ "$1" = shell ]; then ./manage.py shell; fi\nexec gunicorn shop.wsgi\n',
        "Dockerfile": "FROM x\nRUN ./manage.py collectstatic\n",
    }
    assert make(files).started_commands == {"load_catalogue"}


def test_the_files_that_say_how_it_is_deployed(make: Make) -> None:
    files = {
        "Dockerfile": 'FROM x\nCMD ["/start.sh"]\n',
        "start.sh": "exec gunicorn a\n",
        "scripts/release.sh": "git tag\n",
        "docker-compose.override.yml": "services: {}\n",
        "mkdocs.yml": "site_name: x\n",
        "app.yml": "a: 1\n",
    }
    assert make(files).paths == ["Dockerfile", "start.sh"]
    assert make({}).paths


def test_nothing_at_all(make: Make) -> None:
    deployment = make({"manage.py": ""})
    assert (deployment.paths, deployment.processes, deployment.unknown) == ([], [], [])


def test_a_manifest_with_what_is_around_its_container(make: Make) -> None:
    text = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: shop}
spec:
  replicas: 3
  template:
    spec:
      terminationGracePeriodSeconds: 45
      containers:
        - name: web
          image: shop:1
          args: [gunicorn, shop.wsgi]
          lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 8; true"]}}}
          volumeMounts: [{name: data, mountPath: /data}]
          readinessProbe: {exec: {command: [curl, "http://localhost/readyz"]}}
  volumeClaimTemplates: [{metadata: {name: data}}]
"""
    entrypoint = {"Dockerfile": 'FROM x\nENTRYPOINT ["/e.sh"]\n', "e.sh": 'exec "$@"\n'}
    found = make({"deploy/shop.yaml": text, **entrypoint}).processes
    process = next(process for process in found if process.name == "shop/web")
    assert calls(process) == ["gunicorn shop.wsgi"]
    assert process.grace is not None
    assert (process.grace.value, process.grace.location.line) == (45, 8)
    assert process.delay == 8
    assert process.replicas is not None
    assert process.replicas.value == 3
    assert [(v.target, v.shared, v.location.line) for v in process.volumes] == [
        ("/data", False, 14)
    ]
    assert [(p.purpose, p.path) for p in process.probes] == [("readiness", "/readyz")]


@pytest.mark.parametrize(
    ("folder", "count"),
    [
        ("docs/docker", 1),
        ("doc/docker", 1),
        ("docs/docker/web", 1),
        ("docs/examples", 0),
        ("docs/examples/docker", 0),
        ("docs", 0),
        ("docs/docker/dev", 0),
        ("docs/docker-compose", 0),
    ],
)
def test_an_image_that_lies_among_documents(tmp_path: Path, folder: str, count: int) -> None:
    files = {f"{folder}/Dockerfile": "FROM python\nRUN pip install shop\nCMD gunicorn shop.wsgi\n"}
    assert len(deployment_of(tmp_path, files).processes) == count


def test_a_link_among_documents_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "docker").symlink_to(tmp_path)
    files = {"Dockerfile": "FROM python\nRUN pip install shop\nCMD gunicorn shop.wsgi\n"}
    assert len(deployment_of(tmp_path, files).processes) == 1
