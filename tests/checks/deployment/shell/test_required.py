"""Variables that a start script refuses to do without."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deploy_files import deployment_of

from django_scaleready.checks.deployment.shell.required import needed, required
from django_scaleready.checks.deployment.shell.script import parse

SAYS = "then\n  echo 'A has to be set' >&2\n  exit 1\nfi\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'if [ -z "$A" ]; {SAYS}', "A"),
        (f"if [[ -z $A ]]; {SAYS}", "A"),
        (f'if test -z "${{A:-}}"; {SAYS}', "A"),
        (f'if [ ! -n "$A" ]; {SAYS}', "A"),
        (f'if [ "$A" = "" ]; {SAYS}', "A"),
        (f'if [ -z "$A" ] || [ -z "$B" ]; {SAYS}', "AB"),
        (f'if [ -z "$A" -o -z "$B" ]; {SAYS}', "AB"),
        ('[ -z "${A+x}" ] && { echo missing; exit 1; }', "A"),
        ('[ -n "$A" ] || exit 1', "A"),
        ('[ "$A" ] || exit 1', "A"),
        ('test -n "$A" || exit 2', "A"),
        (': "${A:?has to be set}"', "A"),
        ('export B="${A:?}"', "A"),
        ('[ -z "$A" ] && exit 1\nA=2', "A"),
    ],
)
def test_a_script_that_ends_without_it_needs_it(text: str, expected: str) -> None:
    assert set(needed(parse("start.sh", text).root)) == {*expected}


@pytest.mark.parametrize(
    "text",
    [
        'if [ -z "$A" ]; then A=sqlite; fi',
        'if [ -z "$A" ]; then exit 0; fi',
        'if [ -z "$A" ]; then\n  gunicorn shop.wsgi\n  exit 1\nfi',
        f'if [ -n "$A" ]; {SAYS}',
        f'if ! [ -z "$A" ]; {SAYS}',
        f'if [ ! -z "$A" ]; {SAYS}',
        f'if [ "$A" != "" ]; {SAYS}',
        f'if [ -z "$A" ] && [ -z "$B" ]; {SAYS}',
        f'if [ -z "$A" -a -z "$B" ]; {SAYS}',
        f'if [ -z "${{A:-x}}" ]; {SAYS}',
        f'A="${{A:-x}}"\nif [ -z "$A" ]; {SAYS}',
        f'if [ "$1" = web ]; then\nif [ -z "$A" ]; {SAYS}fi',
        f'check() {{\nif [ -z "$A" ]; {SAYS}}}',
        f'if [ -z "$1" ]; {SAYS}',
        '[ -n "$A" ] && exit 1',
        '[ -z "$A" ] || exit 1',
        '[ ! -z "$A" ] || exit 1',
        '[ -n "$B" ] && : "${A:?}"',
        ': "${A:=x}"',
    ],
)
def test_any_other_script_does_without_it(text: str) -> None:
    assert set(needed(parse("start.sh", text).root)) == set()


CHECK = f'#!/bin/sh\nif [ -z "$DATABASE_URL" ]; {SAYS}'
DOCKERFILE = 'FROM python\nCOPY . /app\nENTRYPOINT ["/app/entrypoint.sh"]\n'


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": DOCKERFILE, "entrypoint.sh": f"{CHECK}exec gunicorn shop.wsgi\n"},
        # What it was told to start is the image's to say.
        {
            "Dockerfile": f'{DOCKERFILE}CMD ["/app/start.sh"]\n',
            "entrypoint.sh": f'{CHECK}exec "$@"\n',
            "start.sh": "#!/bin/sh\nexec gunicorn shop.wsgi\n",
        },
        # What lies there is put there as the image is built.
        {"Dockerfile": DOCKERFILE, "entrypoint.sh": f"{CHECK}exec runsvdir /etc/service\n"},
        {"Dockerfile": DOCKERFILE, "entrypoint.sh": f"{CHECK}exec /bin/s6-svscan /services\n"},
        {"Dockerfile": DOCKERFILE, "entrypoint.sh": f"{CHECK}exec /usr/bin/svscanboot\n"},
    ],
)
def test_what_a_server_is_started_through(tmp_path: Path, files: dict[str, str]) -> None:
    assert required(deployment_of(tmp_path, files)) == {"DATABASE_URL"}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('export DATABASE_URL="postgres://$USER@$HOST/shop"', {"DATABASE_URL"}),
        ("if [ $ENV = prod ]; then\n  export DB=mysql://$H/x\nfi", {"DB"}),
        ("export DB=postgresql+psycopg://$H/x", {"DB"}),
        ("# export DB=postgres://$H/x", set()),
        ("DB=postgres://$H/x ./wait", set()),
        ('export DB="sqlite:///x"', set()),
        ('if [ $H ]; then export DB=postgres://$H/x; else export DB="sqlite:///x"; fi', set()),
    ],
)
def test_an_address_that_the_script_exports(tmp_path: Path, line: str, names: set[str]) -> None:
    text = f"#!/bin/bash\n{line}\nexec gunicorn shop.wsgi\n"
    files = {"Dockerfile": DOCKERFILE, "entrypoint.sh": text}
    assert required(deployment_of(tmp_path, files)) == names


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": DOCKERFILE, "entrypoint.sh": f"{CHECK}exec celery -A shop worker\n"},
        {"Dockerfile": DOCKERFILE, "entrypoint.sh": f"{CHECK}runsvdir /etc/service &\ntail -f x\n"},
        {"Procfile": "web: gunicorn shop.wsgi\n", "backup.sh": f"{CHECK}pg_dump\n"},
        {"Dockerfile.dev": DOCKERFILE, "entrypoint.sh": f"{CHECK}exec ./manage.py runserver\n"},
    ],
)
def test_what_no_server_is_started_through(tmp_path: Path, files: dict[str, str]) -> None:
    assert required(deployment_of(tmp_path, files)) == frozenset()
