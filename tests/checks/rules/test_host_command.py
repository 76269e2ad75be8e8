"""host-command: what changes one replica alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.host_command import RULE

HEAD = """import subprocess, os, tempfile
from django.core.management import call_command
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(): subprocess.run(['git', 'pull'])",
        "def f(): os.system('pip install x')",
        "def f(): subprocess.check_call('crontab /srv/x', shell=True)",
        "def f(): call_command('migrate')",
        "def f(): call_command('migrate', database='default')",
        "def f(d): subprocess.Popen(['git', 'clone', d])",
        "def f(u): subprocess.run(['git', 'clone', u, '/srv/themes'])",
        "def f(d): subprocess.run(['git', 'fetch'], cwd=d)",
        "def f(u): subprocess.run(['crontab', '-u', u, '-'])",
        "def f(u): os.system(f'systemctl restart {u}')",
        "def f(): os.system('cd /srv/shop && git pull')",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(): subprocess.run(['git', 'rev-parse', 'HEAD'])",
        "def f(): os.system('cd /srv/shop && git log')",
        "def f(p): subprocess.run(['ffmpeg', '-i', p])",
        "def f(u): subprocess.run(['crontab', '-u', u, '-l'])",
        "def f(): os.popen('systemctl --user is-active mopidy')",
        "def f(n): os.system(f'sudo systemctl list-unit-files {n}')",
        "def f(): os.system('supervisorctl -c /srv/x.conf status')",
        "def f(): call_command('clearsessions')",
        "def f(made): call_command('migrate', 'content', database=made)",
        "def f(command): subprocess.run(command)",
        "def f(u):\n  d = tempfile.mkdtemp()\n  subprocess.run(['git', 'clone', u, d])",
        (
            "def f(u, d=None):\n  if d is None:\n    d = tempfile.mkdtemp()\n"
            "    subprocess.run(['git', 'clone', '--', u, d])"
        ),
        (
            "def f():\n  with tempfile.TemporaryDirectory() as d:\n"
            "    subprocess.run(['git', 'fetch'], cwd=d)"
        ),
        "if __name__ == '__main__':\n  call_command('migrate')",
        "def f():\n  raise Exception('no more')\n  call_command('migrate')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_what_is_not_known_before_it_runs_is_shown_as_such(
    make_project: Callable[..., Project],
) -> None:
    code = HEAD + "def f(u): subprocess.run(['crontab', '-u', u.name, '-'])"
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert finding.message.startswith("'crontab -u ? -' ")


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(): subprocess.run(['git', 'pull'])"}
    assert list(RULE.find(make_project(files))) == []
