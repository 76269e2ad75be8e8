"""secret-random: found by loading the settings anew, wherever the key comes from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.secret_random import RULE
from django_scaleready.checks.twins.difference import Difference, Follows

Make = Callable[..., Project]


@pytest.mark.parametrize(
    "text",
    [
        "import secrets\nSECRET_KEY = secrets.token_hex()",
        "import os\nSECRET_KEY = os.environ.get('NO_SUCH_KEY') or os.urandom(9).hex()",
        "import socket\nSECRET_KEY = socket.gethostname()",
        "import uuid\nSIMPLE_JWT = {'SIGNING_KEY': str(uuid.uuid4())}",
        "import uuid\nHASHID_FIELD_SALT = str(uuid.uuid4())",
    ],
)
def test_finds(make_project: Make, text: str) -> None:
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert finding.severity is Severity.ERROR
    assert str(finding.location) == "settings.py:2"


@pytest.mark.parametrize(
    "text",
    [
        "SECRET_KEY = 'written down'",
        "import os\nSECRET_KEY = os.environ.get('PATH')",
        "import hashlib\nSECRET_KEY = hashlib.sha256(b'pepper').hexdigest()",
        "import random\nSECRET_KEY = str(random.Random(7).random())",
        # Another rule's business.
        "import uuid\nRELEASE = str(uuid.uuid4())",
    ],
)
def test_stays_silent(make_project: Make, text: str) -> None:
    assert list(RULE.find(make_project({"settings.py": text}))) == []


ASKS = "import os, secrets\nSECRET_KEY = os.environ.get('SHOP_SECRET') or secrets.token_hex()\n"
WRITES = """key=$(openssl rand -hex 32)\necho "SHOP_SECRET=$key" >> docker/shop.env\n"""
STARTS = {"Dockerfile": 'FROM python\nCOPY . /app\nCMD ["/app/install.sh"]\n'}


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"install.sh": WRITES}, Severity.INFO),
        ({"install.sh": WRITES.replace("docker/shop.env", ".env")}, Severity.INFO),
        ({"install.sh": WRITES.replace("SHOP_SECRET", "OTHER_SECRET")}, Severity.ERROR),
        ({"install.sh": WRITES.replace("docker/shop.env", "notes.txt")}, Severity.ERROR),
        # Each container would write another one.
        ({"install.sh": f"{WRITES}exec gunicorn shop.wsgi\n", **STARTS}, Severity.ERROR),
    ],
)
def test_a_key_that_is_written_where_the_project_is_installed(
    make_project: Make, files: dict[str, str], severity: Severity
) -> None:
    (finding,) = RULE.find(make_project({"settings.py": ASKS, **files}))
    assert finding.severity is severity


def test_a_key_that_is_kept_in_a_file_is_another_rules(make_project: Make) -> None:
    text = """import secrets
from pathlib import Path
KEY_FILE = Path(__file__).with_name("key.txt")
if KEY_FILE.exists():
    SECRET_KEY = KEY_FILE.read_text()
else:
    SECRET_KEY = secrets.token_hex()
    KEY_FILE.write_text(SECRET_KEY)
"""
    project = make_project({"settings.py": text})
    project.differences = [Difference(("SECRET_KEY",), Follows.START)]
    assert list(RULE.find(project)) == []


def test_in_development_it_warns(make_project: Make) -> None:
    text = "import uuid\nDEBUG = True\nSECRET_KEY = str(uuid.uuid4())"
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert finding.severity is Severity.WARNING


def test_without_a_settings_module_there_is_nothing_to_load(make_project: Make) -> None:
    assert list(RULE.find(make_project(SECRET_KEY="configured by a call"))) == []
