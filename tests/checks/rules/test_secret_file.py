"""secret-file: a key that each replica makes for itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.file_write import RULE as FILE_WRITE
from django_scaleready.checks.rules.secret_file import RULE

READ = """try:
  with open('/srv/key.txt') as f:
    SECRET_KEY = f.read()
except OSError:
  SECRET_KEY = 'x'
"""
WRITE = "def f():\n  with open('/srv/key.txt', 'w') as f: f.write('x')\n"
COMMAND = "shop/management/commands/key.py"


@pytest.mark.parametrize(
    "files",
    [
        {"conf.py": READ, "shop/code.py": WRITE},
        {"conf.py": READ, COMMAND: WRITE},
        {"conf.py": READ + WRITE},
        {"conf.py": READ, "shop/code.py": "from pathlib import Path\nK = Path('/srv') / 'key.txt'\n"
         "def f(): K.write_text('x')"},
        {"conf.py": READ.replace("'/srv/key.txt'", "A / NAME"), "shop/code.py":
         "def f():\n  with (A / 'b' / NAME).open('w') as f: ..."},
    ],
)  # fmt: skip
def test_finds(make_project: Callable[..., Project], files: dict[str, str]) -> None:
    (finding,) = RULE.find(make_project(files))
    assert str(finding.location) == "conf.py:2"
    assert finding.related


HELPER = """
import os

def from_file(path):
    if os.path.exists(path):
        with open(path) as f: return f.read()
    with open(path, "w") as f: f.write("x")
    return "x"
"""


def test_a_function_that_keeps_what_it_makes(make_project: Callable[..., Project]) -> None:
    settings = "from shop.keys import from_file\nimport os\nSECRET_KEY = from_file(os.environ['K'])"
    project = make_project({"conf.py": settings, "shop/keys.py": HELPER})
    (finding,) = RULE.find(project)
    assert str(finding.location) == "conf.py:3"
    assert [str(place) for place in finding.related] == ["shop/keys.py:7"]
    assert list(FILE_WRITE.find(project)) == []


@pytest.mark.parametrize(
    ("value", "helper"),
    [
        (
            "from_file('/run/secrets/key')",
            "def from_file(path):\n  with open(path) as f: return f.read()",
        ),
        ("os.environ['K']", HELPER),
        ("from_file", HELPER.replace("from_file", "other")),
    ],
)
def test_a_function_that_only_reads(
    make_project: Callable[..., Project], value: str, helper: str
) -> None:
    settings = f"from shop.keys import from_file\nimport os\nSECRET_KEY = {value}"
    assert list(RULE.find(make_project({"conf.py": settings, "shop/keys.py": helper}))) == []


MAKES = 'FROM python:3.13\nCOPY start.sh /\nCMD ["/start.sh"]\n'


@pytest.mark.parametrize(("name", "count"), [("key.txt", 1), ("log.txt", 0)])
def test_what_starts_the_container_may_make_it(
    make_project: Callable[..., Project], name: str, count: int
) -> None:
    lines = (
        "#!/bin/sh",
        f"KEY_FILE=/srv/{name}",
        'if [ ! -s "$KEY_FILE" ]; then',
        '  python -c "import secrets; print(secrets.token_hex())" > "$KEY_FILE"',
        "fi",
        "exec gunicorn shop.wsgi",
    )
    files = {"conf.py": READ, "Dockerfile": MAKES, "start.sh": "\n".join(lines)}
    found = list(RULE.find(make_project(files)))
    assert len(found) == count
    assert all("start.sh:4" in [str(place) for place in f.related] for f in found)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("dd bs=48 count=1 if=/dev/urandom | base64 > /srv/secret_key", 1),
        ("openssl rand -hex 32 > /srv/secret-key.txt", 1),
        ('echo "$(head -1 /dev/urandom | md5sum | head -c 32)" > /srv/secret.key', 1),
        ("printf %s `openssl rand -hex 32` > /srv/secret_key", 1),
        ('echo "$(cat /run/secrets/key)" > /srv/secret_key', 0),
        ('echo "$SECRET_KEY" > /srv/secret_key', 0),
        ("openssl rand -hex 32 > /srv/salt", 0),
        ("openssl rand -hex 32", 0),
    ],
)
def test_a_start_script_may_hand_the_key_on(
    make_project: Callable[..., Project], line: str, count: int
) -> None:
    start = f"#!/bin/sh\n{line}\nexport SECRET_KEY=`cat /srv/secret_key`\nexec gunicorn shop.wsgi\n"
    files = {"conf.py": "SECRET_KEY = 'x'", "Dockerfile": MAKES, "start.sh": start}
    found = list(RULE.find(make_project(files)))
    assert [str(finding.location) for finding in found] == ["start.sh:2"] * count


ASKS = "import os\nSECRET_KEY = os.environ['SHOP_SECRET_KEY']\n"
KEEPS = """#!/bin/bash
set -e
make_key() {
  KEPT="/srv/data/$1"
  if [ -z "${!2:-}" ]; then
    if [ ! -f "$KEPT" ]; then
      echo "export $2=$(tr -dc 'a-z0-9' < /dev/urandom | head -c50)" > "$KEPT"
    fi
    source "$KEPT"
  fi
}
make_key .first SHOP_SECRET_KEY
exec gunicorn shop.wsgi
"""
READS = """#!/bin/sh
KEPT=${DATA:-/srv}/key
test -f "$KEPT" || openssl rand -hex 32 > "$KEPT"
export SHOP_SECRET_KEY=$(cat "$KEPT")
exec gunicorn shop.wsgi
"""
SERVICE = "services:\n  web:\n    build: .\n    environment:\n      SHOP_SECRET_KEY: ${KEY:?}\n"


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (KEEPS, 7),
        (READS, 3),
        (READS.replace('$(cat "$KEPT")', "`cat $KEPT`"), 3),
        (READS.replace("export SHOP", "SHOP").replace("exec", "export SHOP_SECRET_KEY\nexec"), 3),
        (
            "#!/bin/sh\nKEY=$(pwgen 50 1)\necho SHOP_SECRET_KEY=$KEY >> .env\nexec gunicorn s.wsgi",
            3,
        ),
    ],
)
def test_a_start_script_keeps_what_it_draws_for_a_variable(
    make_project: Callable[..., Project], start: str, line: int
) -> None:
    (finding,) = RULE.find(make_project({"conf.py": ASKS, "Dockerfile": MAKES, "start.sh": start}))
    assert str(finding.location) == f"start.sh:{line}"
    assert "SHOP_SECRET_KEY" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        # It is given, or said to be.
        {"start.sh": KEEPS, "compose.yaml": SERVICE},
        {"start.sh": READS, "compose.yaml": SERVICE},
        {"start.sh": READS, "compose.yaml": SERVICE.replace("environment", "labels"),
         "shop.env": "SHOP_SECRET_KEY=\n"},
        # Nobody asks for it, or it signs nothing.
        {"start.sh": KEEPS, "conf.py": "SECRET_KEY = 'x'"},
        {"start.sh": KEEPS.replace("SHOP_SECRET_KEY", "REDIS_PASSWORD"),
         "conf.py": "import os\nREDIS = os.environ['REDIS_PASSWORD']"},
        # An operator runs the script, or it is for development.
        {"Dockerfile": "FROM x\nCMD gunicorn shop.wsgi", "install.sh": KEEPS, "start.sh": ""},
        {"Dockerfile": "FROM x\n", "Dockerfile.dev": MAKES, "start.sh": READS},
        # What is kept is not made up here.
        {"start.sh": READS.replace("openssl rand -hex 32", "vault read key")},
        {"start.sh": READS.replace('cat "$KEPT"', "cat /run/secrets/key")},
    ],
)  # fmt: skip
def test_a_variable_that_no_start_script_draws(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert list(RULE.find(make_project({"conf.py": ASKS, "Dockerfile": MAKES, **files}))) == []


def test_asking_for_the_file_first_is_the_same_leak(make_project: Callable[..., Project]) -> None:
    asked = "import os\nif os.path.exists('/srv/key.txt'):\n  with open('/srv/key.txt') as f:\n"
    (finding,) = RULE.find(make_project({"conf.py": f"{asked}    SECRET_KEY = f.read()\n" + WRITE}))
    assert str(finding.location) == "conf.py:3"


@pytest.mark.parametrize(
    "files",
    [
        {"conf.py": READ},
        {"conf.py": READ, "shop/code.py": WRITE.replace("key.txt", "report.txt")},
        {"conf.py": "SECRET_KEY = 'x'", "shop/code.py": WRITE},
        {"conf.py": READ.replace("SECRET_KEY", "VERSION"), "shop/code.py": WRITE},
        {"conf.py": READ.replace("/srv/", "/run/secrets/").replace("key.", "k."), "a.py": WRITE},
        {
            "conf.py": "SECRET_KEY = 'x'" + "\n" * 9 + READ.replace("SECRET_KEY", "KEY"),
            "a.py": WRITE,
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], files: dict[str, str]) -> None:
    assert list(RULE.find(make_project(files))) == []


PLACED = 'import os\nSECRET_KEY = "changed when a container starts"\n'
SED = "sed -i \"s/^SECRET_KEY = .*/SECRET_KEY = '$(openssl rand -hex 32)'/\" /app/conf.py"
TELLS = "echo \"SECRET_KEY = '$(openssl rand -hex 32)'\" >> /app/conf.py"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([SED], 2),
        ([SED.replace("openssl rand -hex 32", "mktemp -u XXXXXXXXXXXX")], 2),
        (["KEY=$(pwgen 50 1)", SED.replace("$(openssl rand -hex 32)", "$KEY")], 3),
        (['sed --in-place -e "s/@SECRET_KEY@/$(uuidgen)/g" "/app/conf.py"'], 2),
        ([TELLS], 2),
        (["cat > /app/conf.py <<END", "DEBUG = $ON", 'SECRET_KEY = "$(uuidgen)"', "END"], 2),
        ([TELLS.replace("conf.py", "conf_of_host.py")], 2),
    ],
)
def test_a_start_script_writes_what_it_draws_into_settings(
    make_project: Callable[..., Project], lines: list[str], line: int
) -> None:
    start = "\n".join(["#!/bin/sh", *lines, "exec gunicorn shop.wsgi", ""])
    more = "try:\n  from conf_of_host import *\nexcept ImportError: pass\n"
    files = {"conf.py": PLACED + more, "Dockerfile": MAKES, "start.sh": start}
    found = list(RULE.find(make_project(files)))
    assert [str(finding.location) for finding in found] == [f"start.sh:{line}"]


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        # Nothing is drawn, for nothing that signs, or into no settings of the project's.
        ([SED.replace("$(openssl rand -hex 32)", "$GIVEN")], {}),
        ([SED.replace("$(openssl rand -hex 32)", "$(cat /run/secrets/key)")], {}),
        ([SED.replace("SECRET_KEY", "BUILD_LABEL")], {}),
        ([SED.replace("conf.py", "other.py")], {}),
        ([SED.replace("-i", "")], {}),
        ([TELLS.replace("conf.py", "other.py")], {}),
        (["cat > /app/conf.py <<END", 'LABEL = "$(uuidgen)"', "SECRET_KEY = 'x'", "END"], {}),
        # An operator does it, or the image has it already.
        ([SED], {"Dockerfile": "FROM x\nCMD gunicorn shop.wsgi"}),
        ([], {"Dockerfile": f"FROM x\nRUN {SED}\nCMD gunicorn shop.wsgi"}),
        # It is given all the same.
        ([SED], {"compose.yaml": SERVICE.replace("SHOP_SECRET_KEY", "SECRET_KEY")}),
    ],
)
def test_what_else_a_start_script_writes_into_settings(
    make_project: Callable[..., Project], lines: list[str], more: dict[str, str]
) -> None:
    start = "\n".join(["#!/bin/sh", *lines, "exec gunicorn shop.wsgi", ""])
    files = {"conf.py": PLACED, "Dockerfile": MAKES, "start.sh": start, **more}
    assert list(RULE.find(make_project(files))) == []


PRINTS = "#!/bin/sh\nkey() {\n  K=`pwgen 50 1`\n  echo ${K} > /srv/k\n  echo ${K}\n}\nkey\n"
PUTS = 'sed -i "s/the\\_key\\_goes\\_here/${SECRET_KEY}/" "/app/conf.py"'


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["SECRET_KEY=$(sh /app/make.sh)", PUTS], 3),
        (["SECRET_KEY=`./make.sh`", PUTS], 3),
        (["P=/app", 'SECRET_KEY="$(bash ${P}/make.sh 50)"', PUTS], 4),
        (["make() { SECRET_KEY=$(./make.sh); }", "make", PUTS], 4),
        ([SED.replace("openssl rand -hex 32", "./make.sh")], 2),
        (["make() { openssl rand -hex 32; }", SED.replace("openssl rand -hex 32", "make")], 3),
        (["SECRET_KEY=$(openssl rand -hex 32)", PUTS], 3),
    ],
)
def test_a_script_or_a_function_prints_what_it_draws(
    make_project: Callable[..., Project], lines: list[str], line: int
) -> None:
    start = "\n".join(["#!/bin/sh", *lines, "exec gunicorn shop.wsgi", ""])
    files = {"conf.py": PLACED, "Dockerfile": MAKES, "start.sh": start, "make.sh": PRINTS}
    found = list(RULE.find(make_project(files)))
    assert [str(finding.location) for finding in found] == [f"start.sh:{line}"]


@pytest.mark.parametrize(
    ("lines", "make"),
    [
        (["SECRET_KEY=$(sh /app/other.sh)", PUTS], PRINTS),
        (["SECRET_KEY=$(sh /app/make.sh)", PUTS], "cat /run/secrets/key\n"),
        # It keeps that for itself, or hands it on to another program.
        (["SECRET_KEY=$(sh /app/make.sh)", PUTS], "K=$(pwgen 9)\necho $GIVEN\n"),
        (["SECRET_KEY=$(sh /app/make.sh)", PUTS], "pwgen 9 1 > /srv/k\necho shop\n"),
        (["SECRET_KEY=$(sh /app/make.sh)", PUTS], "sh /app/make.sh\nA=$(sh /app/make.sh)\n"),
        (["make() { A=$(make); echo $A; }", "SECRET_KEY=$(make)", PUTS], PRINTS),
        (["LABEL=$(sh /app/make.sh)", PUTS.replace("SECRET_KEY", "LABEL")], PRINTS),
        (["sh /app/make.sh", PUTS], PRINTS),
        (["SECRET_KEY=$(sh /app/make.sh)", PUTS.replace("conf.py", "nothing.py")], PRINTS),
    ],
)
def test_what_else_a_script_prints(
    make_project: Callable[..., Project], lines: list[str], make: str
) -> None:
    start = "\n".join(["#!/bin/sh", *lines, "exec gunicorn shop.wsgi", ""])
    files = {"conf.py": PLACED, "Dockerfile": MAKES, "start.sh": start, "make.sh": make}
    assert list(RULE.find(make_project(files))) == []
