"""Who sets up logging in a worker."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from celery import Celery
from celery.signals import setup_logging
from support.projects import run_python

from django_scaleready.celery import signals


def connected(monkeypatch: pytest.MonkeyPatch, *handlers: logging.Handler) -> int:
    """Connect twice, with these handlers at the root; return how many receivers there are."""
    monkeypatch.setattr(logging.getLogger(), "handlers", list(handlers))
    monkeypatch.setattr(setup_logging, "receivers", [])
    signals.connect()
    signals.connect()
    return len(setup_logging.receivers)


def test_a_logging_of_the_project_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = logging.NullHandler()
    assert connected(monkeypatch, mine) == 1
    Celery("kept", set_as_current=False).log.setup()
    assert logging.getLogger().handlers == [mine]


def test_without_one_celery_sets_up_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connected(monkeypatch) == 0


SETTLE = "django_scaleready.celery.settle_patiently"
CONNECTED = """
import sys
from celery.signals import celeryd_after_setup, setup_logging
def names(signal): return [key[0] for key, receiver in signal.receivers]
print(names(celeryd_after_setup), names(setup_logging), sys.modules["celery.signals"].__loader__)
"""


TESTS = Path(__file__).resolve().parent.parent


def start(code: str) -> str:
    """What a new process prints."""
    site = {"DJANGO_SETTINGS_MODULE": "support.drain_site", "PYTHONPATH": str(TESTS)}
    done = run_python(TESTS, "-c", code, **site)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("first", ["", "import celery.signals\n"])
def test_a_process_connects_when_celery_is_there(first: str) -> None:
    said = start(f"{first}import django\ndjango.setup()\n{CONNECTED}")
    keep = "django_scaleready.celery.keep_logging"
    assert said.startswith(f"['{SETTLE}'] ['{keep}'] ")
    assert "SourceFileLoader" in said


def test_a_process_without_tasks_does_not_load_celery() -> None:
    code = "import sys\nfrom django.core.wsgi import get_wsgi_application as load\nload()\n"
    # Nor what only the check needs.
    names = "{'celery', 'kombu', 'django_scaleready.checks', 'yaml', 'tree_sitter', 'crossplane'}"
    assert start(f"{code}print({names} & {{*sys.modules}})") == "set()\n"


def test_two_apps_connect_once() -> None:
    setup = "import django\nfrom django.apps import apps\ndjango.setup()\n"
    again = "apps.get_app_config('scaleready').ready()\n"
    assert start(f"{setup}{again}{CONNECTED}").count(SETTLE) == 1
    assert start(f"{setup}import celery.signals\n{again}{CONNECTED}").count(SETTLE) == 1
