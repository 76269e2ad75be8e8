"""token-file: a token in a file of one replica."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.token_file import RULE

HEAD = """import spotipy
from http.cookiejar import MozillaCookieJar
from spotipy.oauth2 import SpotifyOAuth
from O365 import Account
from telethon import TelegramClient
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(): SpotifyOAuth(scope='x')",
        "def f(c): Account(c)",
        "def f(c): Account(c, auth_flow_type='authorization')",
        "def f(): TelegramClient('bot', 1, 'x')",
        "def f(gauth): gauth.SaveCredentialsFile('x')",
        "def f():\n  j = MozillaCookieJar('c')\n  j.save()",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(h): SpotifyOAuth(cache_handler=h)",
        "def f(c, b): Account(c, token_backend=b)",
        "def f(c): Account(c, auth_flow_type='credentials', tenant_id='x')",
        "def f(c, b): Account(c, token_backend=b, auth_flow_type='authorization')",
        "def f(session): TelegramClient(session, 1, 'x')",
        "def f(options): SpotifyOAuth(**options)",
        "def f():\n  j = MozillaCookieJar('c')\n  j.load()",
        "from shop.models import Account\ndef f(c): Account(c)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(): SpotifyOAuth(scope='x')"}
    assert list(RULE.find(make_project(files))) == []
