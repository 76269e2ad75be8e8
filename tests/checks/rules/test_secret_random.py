"""secret-random: found by loading the settings anew, wherever the key comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.secret_random import RULE
from django_scaleready.checks.static.scan import scan
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
        "SECRET_KEY = 'written down'\nEXPORT_SECRET = SECRET_KEY",
        "import os\nSECRET_KEY = 'x'\nMAIL_SALT = os.environ.get('NO_SUCH_SALT', SECRET_KEY)",
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


DRAWN = (
    "import os, secrets, uuid\nSECRET_KEY = os.environ.get('NO_SUCH_KEY') or secrets.token_hex()\n"
)


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ("EXPORT_SECRET = os.environ.get('NO_SUCH_SECRET', SECRET_KEY)", {2: [3]}),
        ("EXPORT_SECRET = SECRET_KEY\nMAIL_SALT = SECRET_KEY", {2: [3, 4]}),
        ("PAD = 1\nSIGNING_KEY = str(uuid.uuid4())\nMAIL_SALT = SIGNING_KEY", {2: [], 4: [5]}),
    ],
)
def test_a_key_that_another_one_takes_is_one_leak(
    make_project: Make, more: str, lines: dict[int, list[int]]
) -> None:
    found = RULE.find(make_project({"settings.py": DRAWN + more}))
    assert {f.location.line: [place.line for place in f.related] for f in found} == lines


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ("EXPORT_SECRET = os.environ.get('EXPORT', SECRET_KEY)", {2: [3]}),
        ("EXPORT_SECRET = str(SECRET_KEY)\nMAIL_SALT = f'{SECRET_KEY}'", {2: [3, 4]}),
        ("JWT_SECRET_KEY = secrets.token_hex()", {2: [], 3: []}),
        ("PAD = 1\nSIGNING_KEY = str(uuid.uuid4())\nMAIL_SALT = str(SIGNING_KEY)", {2: [], 4: [5]}),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_it_is_where_the_settings_are_only_read(
    tmp_path: Path, more: str, lines: dict[int, list[int]], given: bool
) -> None:
    env = {"NO_SUCH_KEY": {"generator": "secret"}} if given else {}
    (tmp_path / "settings.py").write_text(
        f"{DRAWN}{more}\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\n"
    )
    (tmp_path / "manage.py").touch()
    (tmp_path / "app.json").write_text(json.dumps({"env": env}))
    found = [each.finding for each in scan(tmp_path, [RULE]).found]
    left = {line: more for line, more in lines.items() if line != 2 or not given}
    assert {f.location.line: [place.line for place in f.related] for f in found} == left


def test_in_development_it_warns(make_project: Make) -> None:
    text = "import uuid\nDEBUG = True\nSECRET_KEY = str(uuid.uuid4())"
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert finding.severity is Severity.WARNING


def test_without_a_settings_module_there_is_nothing_to_load(make_project: Make) -> None:
    assert list(RULE.find(make_project(SECRET_KEY="configured by a call"))) == []


FROM_SCRIPT = "import os\nSECRET_KEY = os.environ['SHOP_SECRET_KEY']\n"
MAKES = (
    'FROM python:3.13\nCOPY start.sh /\nENTRYPOINT ["/start.sh"]\nCMD ["gunicorn", "shop.wsgi"]\n'
)
SERVICE = "services:\n  web:\n    build: .\n    environment:\n      - SHOP_SECRET_KEY=$K\n"


def starts(*lines: str) -> str:
    return "\n".join(["#!/bin/sh", *lines, 'exec "$@"'])


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        (["export SHOP_SECRET_KEY=$(openssl rand -hex 32)"], Severity.ERROR),
        (["export SHOP_SECRET_KEY=${SHOP_SECRET_KEY:-$(openssl rand -hex 32)}"], Severity.ERROR),
        (["SHOP_SECRET_KEY=`uuidgen`; export SHOP_SECRET_KEY"], Severity.ERROR),
        (["KEY=$(head -c 9 /dev/random)", 'export SHOP_SECRET_KEY="$KEY"'], Severity.ERROR),
        (["set -a", "SHOP_SECRET_KEY=$(cat /proc/sys/kernel/random/uuid)"], Severity.ERROR),
        (["[ -f /x ] && export SHOP_SECRET_KEY=$(pwgen 50 1)"], Severity.WARNING),
    ],
)  # fmt: skip
def test_a_start_script_draws_it(
    make_project: Callable[..., Project], lines: list[str], severity: Severity
) -> None:
    files = {"conf.py": FROM_SCRIPT, "Dockerfile": MAKES, "start.sh": starts(*lines)}
    (finding,) = RULE.find(make_project(files))
    assert finding.location.path == "start.sh"
    assert finding.severity is severity


DRAWS = starts("export SHOP_SECRET_KEY=${SHOP_SECRET_KEY:-$(openssl rand -hex 32)}")


@pytest.mark.parametrize(
    "files",
    [
        # It is given, by whatever starts the container.
        {"start.sh": DRAWS, "compose.yaml": SERVICE},
        {"start.sh": DRAWS, "compose.yaml": SERVICE.replace("SHOP_SECRET_KEY=$K", "A=b"),
         ".env.example": "export SHOP_SECRET_KEY=\n"},
        {"start.sh": DRAWS, "Dockerfile": MAKES + "ENV SHOP_SECRET_KEY=x\n"},
        # Programs do not get it, or something else.
        {"start.sh": starts("SHOP_SECRET_KEY=$(openssl rand -hex 32)")},
        {"start.sh": starts("export SHOP_SECRET_KEY=$(cat /run/secrets/key)")},
        {"start.sh": starts("KEY=$(uuidgen)", "KEY=x", "export SHOP_SECRET_KEY=$KEY")},
        {"start.sh": starts("export SHOP_RUN=$(uuidgen)")},
        {"start.sh": starts("export OAUTH_CLIENT_SECRET=$(uuidgen)"),
         "conf.py": "import os\nOAUTH = os.environ['OAUTH_CLIENT_SECRET']"},
        # As the image is built, by an operator, for a test, in a container that does not serve.
        {"Dockerfile": "FROM x\nRUN export SHOP_SECRET_KEY=$(uuidgen) && ./manage.py check\n"
         "CMD gunicorn shop.wsgi", "start.sh": ""},
        {"Dockerfile": "FROM x\nCMD gunicorn shop.wsgi", "deploy/install.sh": DRAWS},
        {"Dockerfile": "FROM x\n", "tests/Dockerfile": MAKES, "tests/start.sh": DRAWS},
        {"Dockerfile": MAKES.replace('"gunicorn", "shop.wsgi"', '"date"'), "start.sh": DRAWS},
    ],
)  # fmt: skip
def test_no_start_script_draws_it(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert (
        list(RULE.find(make_project({"conf.py": FROM_SCRIPT, "Dockerfile": MAKES, **files}))) == []
    )
