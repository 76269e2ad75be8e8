"""What a start script in Python runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of, image

from django_scaleready.checks.deployment.command import Command

TASKS = """\
from invoke import task

@task
def serve_all(c, port=8000):
    c.run("python manage.py migrate")
    c.run(f"gunicorn -b :{port} shop.wsgi")

@task
def lint(c):
    c.run("ruff check && python manage.py runserver")
"""


def started(root: Path, command: str, **scripts: str) -> list[Command]:
    files = {f"{name}.py": text for name, text in scripts.items()}
    deployment = deployment_of(root, {**image(command), **files})
    assert deployment.unknown == []
    return [found for found in deployment.commands if found.location.path.endswith(".py")]


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ('subprocess.check_call(["gunicorn", "shop.wsgi"])', "gunicorn shop.wsgi"),
        ('subprocess.run("gunicorn shop.wsgi", shell=True)', "gunicorn shop.wsgi"),
        ('subprocess.Popen(["celery", "-A", "shop", "beat"])', "celery -A shop beat"),
        ('os.system("python manage.py migrate")', "manage.py migrate"),
        (
            'os.execvp("gunicorn", ["gunicorn", f"-w{n}", "shop.wsgi"])',
            "gunicorn -w$value shop.wsgi",
        ),
        ('os.execlp("gunicorn", "gunicorn", "shop.wsgi")', "gunicorn shop.wsgi"),
        ('subprocess.run([sys.executable, "manage.py", "migrate"])', "manage.py migrate"),
        ('call_command("migrate", "--noinput")', "manage.py migrate --noinput"),
        ('uvicorn.run("shop.asgi:application")', "uvicorn shop.asgi:application"),
    ],
)
def test_calls(tmp_path: Path, line: str, call: str) -> None:
    (found,) = started(tmp_path, '["python", "/app/start.py"]', start=f"import os\n{line}\n")
    assert " ".join(found.call) == call
    assert str(found.location) == "start.py:2"


EMBEDDED = """\
from gunicorn.app.base import BaseApplication

class Shop(BaseApplication):
    def load(self):
        return application

Shop({"bind": BIND, "worker_class": "gthread", "timeout": 90}).run()
"""


def test_a_gunicorn_of_its_own(tmp_path: Path) -> None:
    (found,) = started(tmp_path, '["python", "/app/serve.py"]', serve=EMBEDDED)
    assert found.call == ("gunicorn", "--worker-class=gthread", "--timeout=90")
    assert (found.serves, found.alone) == (True, True)
    assert str(found.location) == "serve.py:7"


@pytest.mark.parametrize(
    "script",
    [
        EMBEDDED.replace("Shop({", "other({"),
        EMBEDDED.replace("gunicorn.app", "shop"),
        EMBEDDED.replace("(BaseApplication)", ""),
    ],
)
def test_what_is_no_gunicorn(tmp_path: Path, script: str) -> None:
    assert started(tmp_path, '["python", "/app/serve.py"]', serve=script) == []


SERVES = "import uvicorn\nuvicorn.run('shop.asgi')\n"
MOUNTS = "services:\n  web:\n    image: x\n    environment: [SECRET_KEY=x]\n    volumes: ['%s']\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        # It lies elsewhere than in the image.
        ({"Dockerfile": "FROM x\nWORKDIR /app\nCOPY ops/serve.py /app\nCMD python serve.py"}, 1),
        ({"Dockerfile": "FROM x\nWORKDIR /app\nCOPY ops /app\nCMD python serve.py"}, 1),
        ({"Dockerfile": "FROM x\nCOPY . /app\nCMD cd /app/ops && python serve.py"}, 1),
        (
            {
                "compose.yml": MOUNTS % ".:/app"
                + "    command: sh -c 'cd /app/ops; python serve.py'"
            },
            1,
        ),
        ({"Dockerfile": "FROM x\nWORKDIR /app\nCOPY lib /app\nCMD python serve.py"}, 0),
        ({"Dockerfile": "FROM x\nCOPY . /app\nCMD cd /srv && python serve.py"}, 0),
        ({"Dockerfile": "FROM x\nCOPY . /app\nCMD (cd /app/ops); python serve.py"}, 0),
        ({"compose.yml": MOUNTS % ".:/app" + "    command: sh -c 'cd /ops; python serve.py'"}, 0),
    ],
)
def test_where_a_script_lies(tmp_path: Path, files: dict[str, str], count: int) -> None:
    deployment = deployment_of(tmp_path, {**files, "ops/serve.py": SERVES})
    assert len([c for c in deployment.commands if c.serves]) == count


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("python -u -m shop.ops.install", 1),
        ("python -m shop.install", 0),
        ("python -m shop.ops", 0),
        ("python -m pip install shop/ops/install", 0),
    ],
)
def test_a_module_of_the_project(tmp_path: Path, command: str, count: int) -> None:
    text = "call_command('migrate')\n"
    found = started(tmp_path, f"sh -c '{command}'", **{"shop/ops/install": text})
    assert [each.management for each in found] == ["migrate"] * count


def test_a_task_of_invoke(tmp_path: Path) -> None:
    found = started(tmp_path, '["python", "-m", "invoke", "serve-all"]', tasks=TASKS)
    assert [each.program for each in found] == ["manage.py", "gunicorn"]


def test_who_gets_the_signal(tmp_path: Path) -> None:
    text = 'os.execvp("gunicorn", ["gunicorn"])\nsubprocess.run(["celery", "worker"])\n'
    server, worker = started(tmp_path, '["python", "start.py"]', start=text)
    assert (server.alone, worker.alone) == (True, False)


def test_a_script_that_passes_the_signal_on(tmp_path: Path) -> None:
    text = "signal.signal(signal.SIGTERM, stop)\nsubprocess.run(['gunicorn', 'shop.wsgi'])\n"
    (server,) = started(tmp_path, '["python", "start.py"]', start=text)
    assert server.supervised


@pytest.mark.parametrize(
    ("command", "scripts"),
    [
        ('["python", "start.py"]', {"start": "print('migrate')\n"}),
        ('["python", "start.py"]', {"start": "subprocess.run(words)  # gunicorn\n"}),
        ('["python", "start.py"]', {"start": "migrate(:\n"}),
        ('["python", "../../start.py"]', {"other": "os.system('gunicorn shop')\n"}),
        ('["invoke"]', {"tasks": TASKS}),
        ('["invoke", "missing"]', {"tasks": TASKS}),
        ('["python", "start.py"]', {"tasks": TASKS}),
    ],
)
def test_what_starts_nothing(tmp_path: Path, command: str, scripts: dict[str, str]) -> None:
    assert started(tmp_path, command, **scripts) == []
