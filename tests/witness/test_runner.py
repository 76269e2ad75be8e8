"""Django's test runner with a witness, in one process and in several."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.projects import run_manage
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
from django.test import SimpleTestCase


class TokenTest(SimpleTestCase):
    def test_token(self):
        self.assertEqual(self.client.get("/token/").status_code, 200)


class QuietTest(SimpleTestCase):
    def test_quiet(self):
        self.assertEqual(self.client.get("/quiet/").status_code, 200)
"""
RUNNER = "django_scaleready.witness.runner.Runner"


def run_tests(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    settings = folder / "shop/settings.py"
    settings.write_text(f'{settings.read_text()}\nTEST_RUNNER = "{RUNNER}"\n')
    return run_manage(folder, "test", *options, PYTHONPATH="site-packages")


def test_a_summary_and_a_file(shop: Make) -> None:
    folder = shop(VIEWS, tests__test_shop=TESTS)
    done = run_tests(folder, "--scaleready-output", "seen.json")
    assert done.returncode == 0, done.stderr
    assert "shop/views.py:7: error scaleready.E140 witnessed-file" in done.stdout
    assert "ledger 1.2 writes ledger-token.json" in done.stdout
    assert "Watched 2 requests." in done.stdout
    (one,) = json.loads((folder / "seen.json").read_text())["witnessed"]
    assert one["during"] == "GET /token/"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_report_to_the_first(shop: Make, method: str) -> None:
    folder = shop(VIEWS, tests__test_shop=TESTS)
    manage = folder / "manage.py"
    start, _, call = manage.read_text().rstrip().rpartition("\n")
    main = f"""
if __name__ == "__main__":
    import multiprocessing
    multiprocessing.set_start_method("{method}")
    {call}
"""
    manage.write_text(start + main)
    done = run_tests(folder, "--parallel", "2", "--scaleready-strict")
    assert "Ran 2 tests" in done.stderr, done.stderr
    assert done.stdout.count("ledger 1.2 writes ledger-token.json") == 1
    assert "Watched 2 requests." in done.stdout
    assert done.returncode == 1


def test_silent_where_nothing_stays(shop: Make) -> None:
    folder = shop(VIEWS, tests__test_shop=TESTS)
    done = run_tests(folder, "--scaleready-strict", "-k", "quiet")
    assert done.returncode == 0
    assert "Nothing found that would break" in done.stdout
