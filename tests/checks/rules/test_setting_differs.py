"""setting-differs: what is shared is an error, what names the replica is silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.setting_differs import RULE

Make = Callable[..., Project]
HEAD = "import os, socket, time, uuid\n"
CACHE = "CACHES = {{'default': {{'BACKEND': 'django.core.cache.backends.db.DatabaseCache', {}}}}}"


# Together, because each project is loaded several times: a line each.
FOUND = {
    CACHE.format("'KEY_PREFIX': str(int(time.time()))"): Severity.ERROR,
    "SESSION_COOKIE_NAME = f's{os.getpid()}'": Severity.ERROR,
    "CELERY_TASK_DEFAULT_QUEUE = socket.gethostname()": Severity.ERROR,
    "STATIC_URL = f'/static/{int(time.time())}/'": Severity.WARNING,
    "MIDDLEWARE = list({f'm{n}' for n in range(9)})": Severity.WARNING,
    "SHARD = hash('shop') % 1000": Severity.WARNING,
    "X_DIR = os.path.abspath('x')": Severity.INFO,
}
SILENT = (
    CACHE.format("'KEY_PREFIX': 'shop'"),
    "ALLOWED_HOSTS = ['shop.example', socket.gethostname()]",
    "HOSTNAME = socket.gethostname()",
    "LOGGING = {'version': 1, 'formatters': {'f': {'datefmt': socket.gethostname()}}}",
    "STARTED_AT = time.time()",
    "LANGUAGES_SHOWN = list({f'l{n}' for n in range(9)})",
    "STATIC_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'static')",
    "REDIS_TIMEOUT = float(os.environ.get('NO_SUCH', 3))",
    # Another rule's business.
    "SECRET_KEY = str(uuid.uuid4())",
)


def test_finds(make_project: Make) -> None:
    findings = RULE.find(make_project({"settings.py": HEAD + "\n".join(FOUND)}))
    found = {str(finding.location): finding.severity for finding in findings}
    assert found == {
        f"settings.py:{line}": severity for line, severity in enumerate(FOUND.values(), 2)
    }


def test_finds_a_prefix_of_keys_that_names_the_replica(make_project: Make) -> None:
    text = CACHE.format("'KEY_PREFIX': socket.gethostname()")
    (finding,) = RULE.find(make_project({"settings.py": HEAD + text}))
    assert finding.severity is Severity.ERROR


def test_stays_silent(make_project: Make) -> None:
    assert list(RULE.find(make_project({"settings.py": HEAD + "\n".join(SILENT)}))) == []


def test_what_follows_the_folder_is_one_finding(make_project: Make) -> None:
    text = "A_DIR = os.path.abspath('a')\nB_DIR = os.path.abspath('b')"
    (finding,) = RULE.find(make_project({"settings.py": HEAD + text}))
    assert "A_DIR, B_DIR" in finding.message
    assert [str(place) for place in finding.related] == ["settings.py:3"]


def test_settings_that_load_only_once_are_unknown(make_project: Make) -> None:
    project = make_project({"settings.py": "X = 1"})
    (project.root / "settings.py").write_text("raise RuntimeError")
    assert list(RULE.find(project)) == []
    (unknown,) = project.unknown
    assert "RuntimeError" in unknown.reason


def test_the_folders_of_imported_settings_are_silent(
    make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "true")
    text = "from django_scaleready.settings.storage import *"
    assert list(RULE.find(make_project({"settings.py": text}))) == []
