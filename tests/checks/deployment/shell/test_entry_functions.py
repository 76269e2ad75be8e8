"""What a console script of the project starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of, image

from django_scaleready.checks.deployment.shell.entry_points import entry_points

MANAGE = (
    "import sys\nfrom django.core.management import execute_from_command_line\n\n\n"
    "def main():\n    execute_from_command_line(sys.argv)\n"
)
HEAD = (
    "import os, subprocess, sys\nfrom django.core.management import call_command\n"
    "from shop.manage import main as manage\nfrom shop.tools import main as tools\n\n\n"
)
SERVES = "os.execvp('gunicorn', ['gunicorn', 'shop.wsgi', *sys.argv[1:]])"
SETUP = "setup(entry_points={'console_scripts': ['shopd=shop.run:main']})\n"


def started(root: Path, command: str, *body: str, more: str = "", **files: str) -> list[str]:
    """What ``shopd`` starts, whose function has these lines."""
    lines = "".join(f"    {line}\n" for line in body)
    made = {
        **image(command),
        "setup.py": SETUP,
        "shop/run.py": f"{HEAD}{more}\ndef main(name=''):\n{lines}",
        "shop/manage.py": MANAGE,
        "shop/tools.py": "def main():\n    print('migrate')\n",
        **{name.replace("__", "/") + ".py": text for name, text in files.items()},
    }
    deployment = deployment_of(root, made)
    assert deployment.unknown == []
    ran = [each for each in deployment.commands if each.location.path.endswith(".py")]
    assert all(each.via for each in ran)
    return [" ".join(each.call) for each in ran]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["call_command('migrate')", SERVES], ["manage.py migrate", "gunicorn shop.wsgi -b :80"]),
        (["sys.argv = ['x', 'migrate']", "manage()"], ["django-admin migrate"]),
        (["execute_from_command_line(['manage.py', 'migrate'])"], ["django-admin migrate"]),
        (["argv = sys.argv", "subprocess.run(['celery', 'beat'] + argv[2:])"], ["celery beat :80"]),
        (
            ["w = [sys.executable, '-m', 'gunicorn.app.wsgiapp', name]", "os.execv(w[0], w)"],
            ["gunicorn $value"],
        ),
        (["fast = False", "if not fast:", "    call_command('migrate')"], ["manage.py migrate"]),
        (
            ["for o in ['-b', '-f']:", "    if o in sys.argv:", "        call_command('migrate')"],
            ["manage.py migrate"],
        ),
        (["if '-h' in sys.argv:", "    return", SERVES], ["gunicorn shop.wsgi -b :80"]),
        (["if 0 or '-h' in sys.argv:", "    return", SERVES], ["gunicorn shop.wsgi -b :80"]),
        (["try:", "    prepare()", "finally:", "    pass"], ["manage.py migrate"]),
        # What only running decides, or the arguments say otherwise.
        (["if name:", "    call_command('migrate')"], []),
        (["if name == 'web':", "    call_command('migrate')", "else:", f"    {SERVES}"], []),
        (["fast = name", "if not fast:", "    call_command('migrate')"], []),
        (["x = 0", "if name:", "    x = 1", "if not x:", "    call_command('migrate')"], []),
        (["if '-b' in sys.argv:", "    return", "call_command('migrate')"], []),
        (["if '-b' not in sys.argv:", "    call_command('migrate')"], []),
        (["def later():", "    call_command('migrate')", "print(later)"], []),
        (["while name:", "    call_command('migrate')"], []),
        (["sys.argv = ['x', 'migrate']", "tools()"], []),
        (["manage()  # migrate"], []),
        (["return 1", "call_command('migrate')"], []),
        (["main()", "os.system(name)"], []),
    ],
)  # fmt: skip
def test_the_way_that_is_taken(tmp_path: Path, body: list[str], expected: list[str]) -> None:
    more = "def prepare():\n    call_command('migrate')\n\n"
    assert started(tmp_path, '["shopd", "-b", ":80"]', *body, more=more)[: len(expected) + 1] == (
        expected
    )


def test_who_gets_the_signal(tmp_path: Path) -> None:
    files = {
        **image('["shopd"]'),
        "setup.py": SETUP,
        "shop/run.py": f"{HEAD}def main():\n    {SERVES}\n",
    }
    (process,) = deployment_of(tmp_path, files).processes
    (server,) = process.servers
    assert (server.alone, str(server.location), str(server.via[0])) == (
        *(True, "shop/run.py:8"),
        "Dockerfile:3",
    )


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("setup.py", SETUP, 1),
        ("setup.py", SETUP.replace("[", "").replace("]", ""), 1),
        (
            "setup.cfg",
            "[options.entry_points]\nconsole_scripts =\n  shopd = shop.run:main [x]\n",
            1,
        ),
        ("pyproject.toml", "[project.scripts]\nshopd = 'shop.run:main'\n", 1),
        ("pyproject.toml", "[tool.poetry.scripts]\nshopd = 'shop.run:main'\n", 1),
        ("pyproject.toml", "[tool.poetry.scripts]\nshopd = {callable = 'shop.run:main'}\n", 1),
        ("setup.py", "setup(entry_points={'console_scripts': [made]})", 0),
        ("setup.py", "setup(entry_points={'shop.plugins': ['shopd=shop.run:main']})", 0),
        ("setup.py", "console_scripts = (", 0),
        ("setup.cfg", "console_scripts\n", 0),
        ("setup.cfg", "[metadata]\nname = console_scripts\n", 0),
        ("pyproject.toml", "[project.scripts]\nshopd = \n", 0),
        ("pyproject.toml", "tool = 1\nproject = 2\n", 0),
    ],
)
def test_where_they_are_listed(tmp_path: Path, name: str, text: str, count: int) -> None:
    (tmp_path / name).write_text(text)
    assert [*entry_points(tmp_path).items()] == [("shopd", "shop.run:main")] * count
