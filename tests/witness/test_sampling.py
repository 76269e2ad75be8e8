"""A share of real requests: what it costs when it is off, and what it says when it is on."""

from __future__ import annotations

import json
from pathlib import Path

from support.projects import run_python
from support.shop import Make

from django_scaleready.witness import sampling

VIEWS = """
import ledger
from django.http import HttpResponse


def token(request):
    ledger.Client().sign_in()
    return HttpResponse("signed in")


def excused(request):
    ledger.Client().sign_in()  # scaleready: ignore[file-write] one replica by contract
    return HttpResponse("signed in")
"""
LOGGING = """
INSTALLED_APPS = ["django_scaleready"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "django_scaleready.logs.formatters.JSONFormatter"}},
    "handlers": {"stdout": {
        "class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json",
    }},
    "root": {"handlers": ["stdout"], "level": "INFO"},
}
"""
# Asks as often as told, as a server does: without the test client, through WSGI.
ASK = """
import random, sys
random.seed(1)
hooks = []
sys.addaudithook(lambda event, args: event == "sys.addaudithook" and hooks.append(event))
sys.path.append("site-packages")
import django
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
path, count = sys.argv[1], int(sys.argv[2])
for _ in range(count):
    response = application(
        {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "80",
         "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer},
        lambda status, headers: None,
    )
    b"".join(response)
    response.close()
loaded = [name for name in sys.modules if name.startswith("django_scaleready.witness")]
print("hooks", len(hooks), "modules", len(loaded))
"""


def ask(folder: Path, path: str, count: int = 1, **variables: str) -> list[str]:
    settings = folder / "shop/settings.py"
    if LOGGING not in settings.read_text():
        settings.write_text(settings.read_text() + LOGGING)
    done = run_python(
        folder,
        "-c",
        ASK,
        path,
        str(count),
        DJANGO_SETTINGS_MODULE="shop.settings",
        **variables,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_off_there_is_no_hook_and_no_module(shop: Make) -> None:
    assert ask(shop(VIEWS), "/token/") == ["hooks 0 modules 0"]
    assert ask(shop(VIEWS), "/token/", SCALEREADY_WITNESS="0") == ["hooks 0 modules 0"]


def test_a_finding_is_a_line_and_then_counted(shop: Make) -> None:
    *lines, last = ask(shop(VIEWS), "/token/", 12, SCALEREADY_WITNESS="1")
    assert last.startswith("hooks 1 ")
    first, tenth = [json.loads(line) for line in lines]
    assert first["id"] == "scaleready.E140"
    assert (first["path"], first["line"]) == ("shop/views.py", 7)
    assert (first["package"], first["target"]) == ("ledger 1.2", "ledger-token.json")
    assert (first["logger"], first["level"]) == ("django_scaleready.witness", "WARNING")
    assert first["seen"] == 1
    assert tenth["seen"] == 10


def test_what_the_project_excuses_is_silent(shop: Make) -> None:
    (last,) = ask(shop(VIEWS), "/excused/", 12, SCALEREADY_WITNESS="1")
    assert last.startswith("hooks 1 ")


def test_shared_paths_are_silent(shop: Make) -> None:
    folder = shop(VIEWS)
    settings = folder / "shop/settings.py"
    declared = {"WITNESS": 1.0, "SHARED_PATHS": [str(folder)]}
    settings.write_text(f"{settings.read_text()}\nSCALEREADY = {declared}\n")
    (last,) = ask(folder, "/token/", 3)
    assert last.startswith("hooks 1 ")


def test_a_share_is_a_share(shop: Make) -> None:
    """Of 600 requests a twentieth: more than 9, less than 100."""
    lines = ask(shop(VIEWS), "/token/", 600, SCALEREADY_WITNESS="0.05")
    assert [json.loads(line)["seen"] for line in lines[:-1]] == [1, 10]


def test_what_is_told_of_how_many() -> None:
    told = [count for count in range(1, 1200) if sampling.is_told(count)]
    assert told == [1, 10, 100, 1000]
