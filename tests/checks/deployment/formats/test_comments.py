"""A comment in a deploy file silences a rule as one in the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.base import Result
from django_scaleready.checks.static.scan import scan

DOCKER = "FROM python\nWORKDIR /app\nCOPY . .\n"
SLUG = "runserver-deployed"
WHY = f"# scaleready: ignore[{SLUG}] a show-room on one machine"
RUN = "python manage.py runserver 0.0.0.0:8000"
KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: shop
"""


def found(folder: Path, files: dict[str, str]) -> Result:
    for name, text in files.items():
        (folder / name).write_text(text)
    return scan(folder)


def slugs(result: Result) -> list[str]:
    return sorted(f.rule.slug for f in result.found if f.rule.slug in {SLUG, "suppression"})


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": f"{DOCKER}{WHY}\nCMD {RUN}\n"},
        {"Dockerfile": f"{DOCKER}{WHY}\n\n# and more about it\nCMD \\\n  {RUN}\n"},
        {"Procfile": f"{WHY}\nweb: {RUN}\n"},
        {"docker-compose.yml": f"services:\n  web:\n    build: .\n    {WHY}\n    command: {RUN}\n"},
        {"docker-compose.yml": f"services:\n  web:\n    build: .\n    command: {RUN}  {WHY}\n"},
        {"web.yaml": f'{KUBERNETES}          command: ["sh", "-c", "{RUN}"] {WHY}\n'},
        {
            "Dockerfile": f'{DOCKER}ENTRYPOINT ["./start.sh"]\n',
            "start.sh": f"#!/bin/sh\nexec {RUN} {WHY}\n",
        },
        {
            "Dockerfile": f'{DOCKER}CMD ["supervisord", "-c", "supervisord.conf"]\n',
            "supervisord.conf": f"[program:web]\n; {WHY[2:]}\ncommand={RUN}\n",
        },
        {"supervisord.conf": f"[program:web]\ncommand={RUN} ; {WHY[2:]}\n"},
        {"supervisord.conf": f"[program:web]\ncommand={RUN} {WHY}\n"},
        {"web.service": f"[Service]\n{WHY}\nExecStart=/srv/{RUN}\n"},
        {"web.service": f"[Service]\n; {WHY[2:]}\n\n; more\nExecStart=/srv/{RUN}\n"},
        {"web.service": f"[Service]\nExecStart=/srv/{RUN} \\\n  {WHY}\n  --nostatic\n"},
        {"Dockerfile": f"{DOCKER}CMD {RUN} \\\n  {WHY}\n  --nostatic\n"},
        {"Dockerfile": f'{DOCKER}CMD ["./start.sh"]\n',
            "start.sh": f"#!/bin/sh\necho \"it's up\"; exec {RUN} {WHY}\n"},
        {"docker-compose.yml": "services:\n  web:\n    build: .\n"
            f"    command: {RUN} --x=it's  {WHY}\n"},
    ],
)  # fmt: skip
def test_a_comment_silences(tmp_path: Path, files: dict[str, str]) -> None:
    commented = {
        name: text.replace(WHY, "").replace(f"; {WHY[2:]}", "") for name, text in files.items()
    }
    assert SLUG in slugs(found(tmp_path, commented))
    result = found(tmp_path, files)
    assert slugs(result) == []
    assert result.suppressed == 1


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (f"# scaleready: ignore[{SLUG}]", "no reason"),
        ("# scaleready: ignore[runserver-deploid] why", f"Did you mean {SLUG}?"),
        ("# scaleready: ignore why", "names no rule"),
    ],
)
def test_a_comment_that_does_not(tmp_path: Path, comment: str, said: str) -> None:
    result = found(tmp_path, {"Procfile": f"{comment}\nweb: {RUN}\n"})
    assert slugs(result) == [SLUG, "suppression"]
    assert any(said in each.finding.message for each in result.found)


@pytest.mark.parametrize(
    "files",
    [
        {"web.service": f"{WHY}\n[Unit]\nAfter=x\n[Service]\nExecStart=/srv/{RUN}\n"},
        {"web.service": f"[Service]\nExecStart=/srv/{RUN}\n{WHY}\n"},
        {"supervisord.conf": f"[program:web]\n{WHY}\nautostart = true\ncommand={RUN}\n"},
    ],
)
def test_a_comment_on_another_statement(tmp_path: Path, files: dict[str, str]) -> None:
    assert slugs(found(tmp_path, files)) == [SLUG, "suppression"]


def test_a_stale_comment(tmp_path: Path) -> None:
    result = found(tmp_path, {"Procfile": f"{WHY}\nweb: gunicorn shop.wsgi\n"})
    (stale,) = [f for f in result.found if f.rule.slug == "suppression"]
    assert "finds nothing here" in stale.finding.message
    assert str(stale.finding.location) == "Procfile:1"


@pytest.mark.parametrize(
    "files",
    [
        # Docker passes on what stands behind an instruction, and so does a quotation.
        {"Dockerfile": f"{DOCKER}CMD {RUN} {WHY}\n"},
        {
            "Dockerfile": f'{DOCKER}ENTRYPOINT ["./start.sh"]\n',
            "start.sh": f"#!/bin/sh\necho ' {WHY}'; exec {RUN}\n",
        },
        {"web.service": f"[Service]\nExecStart=/srv/{RUN} {WHY}\n"},
        {"docker-compose.yml": f"services:\n  web:\n    build: .\n    command: '{RUN} {WHY}'\n"},
    ],
)
def test_what_is_no_comment(tmp_path: Path, files: dict[str, str]) -> None:
    assert slugs(found(tmp_path, files)) == [SLUG]


# nginx and uWSGI start no development server; here they do not stop, or share no sessions.
STICKY = "# scaleready: ignore[sticky-sessions] the old shop, until May"
STOP = "# scaleready: ignore[uwsgi-brutal-stop] the hook stands in the emperor's file"
NGINX = "upstream app {{{0}\n{1}  ip_hash;{2}\n  server web:8000;\n}}\n"
UWSGI = "{0}[uwsgi]\n{1}module = shop.wsgi\n{2}http-socket = :8000\n"


def verdict(folder: Path, files: dict[str, str], slug: str) -> tuple[list[str], int]:
    """The rules that find something, of one and of that about comments, and what is silenced."""
    result = found(folder, files)
    slugs = sorted(f.rule.slug for f in result.found if f.rule.slug in {slug, "suppression"})
    return slugs, result.suppressed


@pytest.mark.parametrize(
    "text",
    [
        NGINX.format("", "", f" {STICKY}"),
        NGINX.format("", "", STICKY),
        NGINX.format("", f"  {STICKY}\n", ""),
        NGINX.format("", f"  {STICKY}\n\n  # and more about it\n", ""),
        NGINX.format(" # it's old", "", f" {STICKY}"),
        # A quotation over two lines, and an apostrophe that begins none.
        f"log_format main 'a\n b';\nset $x it's;\n{NGINX.format('', '', f' {STICKY}')}",
        f'add_header X "it\'s";\n{NGINX.format("", "", f" {STICKY}")}',
        f"add_header X 'a\\'b';\n{NGINX.format('', '', f' {STICKY}')}",
    ],
)
def test_nginx(tmp_path: Path, text: str) -> None:
    assert verdict(tmp_path, {"nginx.conf": text}, "sticky-sessions") == ([], 1)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        (NGINX.format("", "", ""), ["sticky-sessions"]),
        (NGINX.format("", "", f'\n  set $x " {STICKY}";'), ["sticky-sessions"]),
        (NGINX.format("", "", f'\n  set $x "a\n  {STICKY}";'), ["sticky-sessions", "suppression"]),
        (NGINX.format("", "", f"\n  set $x a{STICKY.replace(' ', '')};"), ["sticky-sessions"]),
        (NGINX.format("", f"  ; {STICKY[2:]}\n", ""), []),
        (NGINX.format(f" {STICKY}", "", ""), ["sticky-sessions", "suppression"]),
        (NGINX.format("", "", f"\n  {STICKY}"), ["sticky-sessions", "suppression"]),
    ],
)
def test_what_is_no_comment_of_nginx(tmp_path: Path, text: str, slugs: list[str]) -> None:
    assert verdict(tmp_path, {"nginx.conf": text}, "sticky-sessions") == (slugs, 0)


@pytest.mark.parametrize(
    "text",
    [
        # What is missing is missing from the file as a whole.
        UWSGI.format(f"{STOP}\n", "", ""),
        UWSGI.format(f"; {STOP[2:]}\n\n", "", ""),
        UWSGI.format("", f"{STOP}\n", ""),
        UWSGI.format("; shop\n", f"  {STOP}\n", ""),
        UWSGI.format("", "", f"{STOP}\ndie-on-term = true\n"),
    ],
)
def test_uwsgi(tmp_path: Path, text: str) -> None:
    assert verdict(tmp_path, {"uwsgi.ini": text}, "uwsgi-brutal-stop") == ([], 1)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        (UWSGI.format("", "", ""), ["uwsgi-brutal-stop"]),
        (UWSGI.format("", "", f"{STOP}\n"), ["suppression", "uwsgi-brutal-stop"]),
        # uWSGI knows no comment behind a value.
        (UWSGI.format("", "", f"die-on-term = true {STOP}\n"), ["uwsgi-brutal-stop"]),
        (UWSGI.format("", "", f"env = A={STOP}\n"), ["uwsgi-brutal-stop"]),
    ],
)
def test_what_is_no_comment_of_uwsgi(tmp_path: Path, text: str, slugs: list[str]) -> None:
    assert verdict(tmp_path, {"uwsgi.ini": text}, "uwsgi-brutal-stop") == (slugs, 0)


SETTINGS = """\
SECRET_KEY = "x"
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["django.contrib.sessions"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
"""


def test_the_file_as_a_whole(tmp_path: Path) -> None:
    """In Python, too: what is missing from the settings stands on no line."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "manage.py").touch()
    slug, path = "log-no-stdout", "shop/settings.py"
    why, text = f"# scaleready: ignore[{slug}] an agent reads the file\n", SETTINGS
    assert verdict(tmp_path, {path: text}, slug) == ([slug], 0)
    assert verdict(tmp_path, {path: f"# The shop.\n{why}\n{text}"}, slug) == ([], 1)
    assert verdict(tmp_path, {path: f"{text}{why}X = 1\n"}, slug) == ([slug, "suppression"], 0)


def test_a_comment_in_capitals(tmp_path: Path) -> None:
    comment = f"# SCALEREADY: IGNORE[{SLUG}] a show-room on one machine"
    result = found(tmp_path, {"Procfile": f"{comment}\nweb: {RUN}\n"})
    assert (slugs(result), result.suppressed) == ([], 1)
