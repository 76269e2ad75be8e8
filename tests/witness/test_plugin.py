"""``pytest --scaleready`` on projects of their own, in processes of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.projects import run_python
from support.shop import Make

VIEWS = """
import ledger
from django.http import HttpResponse


def token(request):
    ledger.Client().sign_in()
    return HttpResponse("signed in")


def quiet(request):
    return HttpResponse("quiet")
"""
TESTS = """
import urllib.request


def test_token(client):
    assert client.get("/token/").status_code == 200


def test_quiet(client):
    assert client.get("/quiet/").status_code == 200
"""


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, timeout=120)


def findings(folder: Path, *options: str) -> list[tuple[str, str, str]]:
    """Run the tests; what kind of thing was seen where, and what it was."""
    done = run_pytest(folder, "--scaleready", "--scaleready-output", "seen.json", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A trace was lost" not in done.stdout
    document = json.loads((folder / "seen.json").read_text())
    return [
        (one["kind"], f"{one['place']['path']}:{one['place']['line']}", one["target"])
        for one in document["witnessed"]
    ]


def test_a_summary_names_line_package_and_file(shop: Make) -> None:
    done = run_pytest(shop(VIEWS, tests__test_shop=TESTS), "--scaleready")
    assert done.returncode == 0, done.stdout
    assert "shop/views.py:7: error scaleready.E140 witnessed-file" in done.stdout
    assert "ledger 1.2 writes ledger-token.json" in done.stdout
    assert "Related: ledger/__init__.py" in done.stdout
    assert "1 thing would break with 2 replicas." in done.stdout
    assert "Watched 2 requests, 2 tests." in done.stdout


def test_strict_fails(shop: Make) -> None:
    done = run_pytest(shop(VIEWS, tests__test_shop=TESTS), "--scaleready=strict")
    assert done.returncode == 1
    assert "1 of these would break, so the run fails" in done.stdout
    assert "2 passed" in done.stdout


def test_strict_passes_where_nothing_stays(shop: Make) -> None:
    folder = shop(VIEWS, tests__test_shop=TESTS)
    done = run_pytest(folder, "--scaleready=strict", "-k", "quiet")
    assert done.returncode == 0
    assert "Nothing found that would break" in done.stdout


def test_who_does_not_ask_gets_nothing(shop: Make) -> None:
    """The plugin is loaded, and with it nothing: no hook, no module of ours, no word."""
    tests = """
import sys
from django.core.handlers.base import BaseHandler


def test_nothing_is_there(client):
    client.get("/token/")
    ours = [name for name in sys.modules if name.startswith("django_scaleready.")]
    assert ours == ["django_scaleready.witness", "django_scaleready.witness.plugin"]
    assert BaseHandler.get_response.__module__ == "django.core.handlers.base"
"""
    done = run_pytest(shop(VIEWS, tests__test_shop=tests))
    assert done.returncode == 0, done.stdout
    assert "scaleready" not in done.stdout


def test_the_option_takes_no_folder_for_its_value(shop: Make) -> None:
    done = run_pytest(shop(VIEWS, tests__test_shop=TESTS), "--scaleready", "tests")
    assert "Watched 2 requests" in done.stdout


@pytest.mark.parametrize("option", ["--scaleready=strickt", "--scaleready-output=seen.json"])
def test_what_it_does_not_know_is_refused(shop: Make, option: str) -> None:
    done = run_pytest(shop(VIEWS, tests__test_shop=TESTS), option)
    assert done.returncode == 4
    assert "--scaleready" in done.stderr


def test_a_project_without_settings_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    done = run_pytest(tmp_path, "--scaleready", "-p", "no:django")
    assert done.returncode == 4
    assert "DJANGO_SETTINGS_MODULE" in done.stderr


def test_a_run_without_requests_says_that_it_saw_none(shop: Make) -> None:
    done = run_pytest(shop(VIEWS, tests__test_shop="def test_it(): pass\n"), "--scaleready")
    assert "Watched 1 test." in done.stdout


def test_workers_of_xdist_report_to_the_controller(shop: Make) -> None:
    folder = shop(VIEWS, tests__test_shop=TESTS)
    done = run_pytest(folder, "--scaleready=strict", "-n", "2")
    assert done.returncode == 1
    assert done.stdout.count("ledger 1.2 writes ledger-token.json") == 1
    assert "Watched 2 requests, 2 tests." in done.stdout


def test_a_server_of_the_test_and_coroutines_are_watched(shop: Make) -> None:
    tests = """
import asyncio, urllib.request
from django.test import AsyncClient


def test_live(live_server):
    assert urllib.request.urlopen(f"{live_server.url}/token/").status == 200


def test_async():
    assert asyncio.run(AsyncClient().get("/coroutine/")).status_code == 200


def test_streamed(client):
    b"".join(client.get("/streamed/").streaming_content)
"""
    views = """
import asyncio, ledger
from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse


def token(request):
    ledger.Client("a.json").sign_in()
    return HttpResponse("signed in")


async def coroutine(request):
    await asyncio.to_thread(ledger.Client("b.json").sign_in)
    await sync_to_async(ledger.count)("page")
    return HttpResponse("signed in")


def streamed(request):
    def lines():
        ledger.Client("c.json").sign_in()
        yield "signed in"
    return StreamingHttpResponse(lines())
"""
    # What ran in a thread with no line of the project in it is laid to the view.
    assert findings(shop(views, tests__test_shop=tests)) == [
        ("file", "shop/views.py:8", "a.json"),
        ("file", "shop/views.py:12", "b.json"),
        ("sqlite", "shop/views.py:12", "quota.db"),
        ("file", "shop/views.py:20", "c.json"),
    ]


def test_functions_that_a_test_calls_are_a_warning(shop: Make) -> None:
    tests = """
from shop import export
from django.core.management import call_command


def test_export(tmp_path):
    export.write("orders.csv")
    export.write(tmp_path / "told.csv")
    (tmp_path / "own").write_text("the test's own")
    open("beside-the-test", "w").close()
    call_command("dump")
"""
    command = """
from django.core.management.base import BaseCommand
from shop import export


class Command(BaseCommand):
    def handle(self, **options):
        export.write("dump.csv")
"""
    export = "def write(path):\n    with open(path, 'w') as file:\n        file.write('x')\n"
    folder = shop(
        VIEWS,
        tests__test_shop=tests,
        shop__export=export,
        shop__management__commands__dump=command,
    )
    settings = folder / "shop/settings.py"
    settings.write_text(settings.read_text() + 'INSTALLED_APPS = ["shop"]\n')
    assert findings(folder) == [("file", "shop/export.py:2", "orders.csv")]
    assert run_pytest(folder, "--scaleready=strict").returncode == 0


def test_a_comment_silences(shop: Make) -> None:
    views = VIEWS.replace(
        "ledger.Client().sign_in()",
        "ledger.Client().sign_in()  # scaleready: ignore[witnessed-file] one replica by contract",
    )
    done = run_pytest(shop(views, tests__test_shop=TESTS), "--scaleready=strict")
    assert done.returncode == 0
    assert "Nothing found that would break with 2 replicas (1 silenced)." in done.stdout


def test_a_file_that_cannot_be_written_is_said_and_fails(shop: Make) -> None:
    folder = shop(VIEWS, tests__test_shop=TESTS)
    done = run_pytest(folder, "--scaleready", "--scaleready-output", "no/such/seen.json")
    assert done.returncode == 1
    assert "--scaleready-output no/such/seen.json: No such file or directory." in done.stdout
    assert "INTERNALERROR" not in done.stdout


def test_an_eager_task_is_a_task_and_not_the_request_that_sends_it(shop: Make) -> None:
    tasks = """
import ledger
from celery import shared_task


@shared_task
def renew():
    ledger.Client().sign_in()


@shared_task
def rest():
    return "rested"
"""
    views = """
from django.http import HttpResponse
from shop import tasks


def token(request):
    tasks.rest.apply()
    tasks.renew.apply()
    return HttpResponse("renewed")
"""
    tests = "def test_token(client):\n    client.get('/token/')\n"
    folder = shop(views, shop__tasks=tasks, tests__test_shop=tests)
    done = run_pytest(folder, "--scaleready")
    assert "shop/tasks.py:8: error" in done.stdout
    assert "which is there when the task is over" in done.stdout
    assert "Seen in shop.tasks.renew." in done.stdout.replace("\n    ", " ")
    assert "Watched 1 request, 2 tasks, 1 test." in done.stdout
