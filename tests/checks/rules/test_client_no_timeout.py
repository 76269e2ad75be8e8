"""client-no-timeout: a connection that may wait for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.client_no_timeout import RULE

HEAD = """import smtplib, socket, http.client
from ftplib import FTP
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(): FTP('h')",
        "def f(): smtplib.SMTP('h', 25)",
        "def f(): http.client.HTTPSConnection('h')",
        "def f(): socket.create_connection(('h', 1))",
        "def f(): FTP('h', timeout=None)",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(): FTP('h', timeout=5)",
        "def f(): FTP()",
        "def f(): socket.create_connection(('h', 1), 5)",
        "def f(options): FTP('h', **options)",
        "socket.setdefaulttimeout(5)\ndef f(): FTP('h')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(): FTP('h')"}
    assert list(RULE.find(make_project(files))) == []
