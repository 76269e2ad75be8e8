"""What a guard at the top ends the settings without is there below it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found, places
from support.written import read

HEAD = """import os
from django.core.management.utils import get_random_secret_key
INSTALLED_APPS = []
MIDDLEWARE = []
ROOT_URLCONF = "urls"
DEBUG = os.environ.get("DEBUG") == "1"
SECRET_KEY = os.environ.get("SHOP_SECRET", "")
"""
GUARD = "if not DEBUG and not SECRET_KEY:\n    raise Exception('Set SHOP_SECRET')\n"
DRAW = (
    "if not SECRET_KEY:\n    print('for development')\n    SECRET_KEY = get_random_secret_key()\n"
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (GUARD + DRAW, 0),
        (GUARD.replace("not SECRET_KEY", "SECRET_KEY == ''") + DRAW, 0),
        (GUARD.replace("not DEBUG and not", "not PATH or not") + DRAW, 0),
        (
            GUARD.replace("not DEBUG and ", "")
            + DRAW.replace("not SECRET_KEY", "SECRET_KEY == ''"),
            0,
        ),
        (DRAW, 1),
        # It warns and goes on, asks something else, or is asked under a mode that nobody knows.
        (GUARD.replace("raise Exception", "print") + DRAW, 1),
        (GUARD.replace("not SECRET_KEY", "not OTHER_KEY") + DRAW, 1),
        (GUARD.replace("not DEBUG", "mode() == 'live'") + DRAW, 1),
        # What was given is thrown away again.
        (GUARD + "SECRET_KEY = ''\n" + DRAW, 1),
        (GUARD + "SECRET_KEY = get_random_secret_key()\n", 1),
    ],
)
def test_a_key_that_settings_insist_on_is_not_drawn(tmp_path: Path, text: str, number: int) -> None:
    said = found(tmp_path, {"settings.py": HEAD + text, "manage.py": ""})
    assert len(places(said, "secret-random")) == number


@pytest.mark.parametrize(
    ("guard", "expected"), [("if not HOST:\n  raise E\n", "there"), ("if not DEBUG:\n  pass\n", 1)]
)
def test_a_branch_that_asks_for_it_is_taken(tmp_path: Path, guard: str, expected: object) -> None:
    text = f"HOST = os.getenv('HOST')\n{guard}X = 1\nif HOST:\n  X = 'there'\n"
    assert read(tmp_path, {"settings.py": HEAD + text}).names["X"] == expected
