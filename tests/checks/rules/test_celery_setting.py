"""celery-setting: names that Celery does not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import celery
import kombu
import pytest
from celery import Celery
from celery.app.defaults import NAMESPACES, flatten

from django_scaleready.checks.base import Confidence, Finding, Severity
from django_scaleready.checks.known.celery_names import UNLISTED, known, spellings
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.celery_setting import RULE
from django_scaleready.checks.static.reader import kit
from django_scaleready.checks.static.scan import scan

APP = "from celery import Celery\napp = Celery('shop')\n"
TAKES = "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
FILES = {"shop/celery.py": APP + TAKES}
REDIS = {"CELERY_BROKER_URL": "redis://localhost:6379/2"}

PLAIN = "app.config_from_object('django.conf:settings')\n"


def found(make: Callable[..., Project], settings: str, **files: str) -> list[Finding]:
    texts = {f"shop/{name}.py": text for name, text in files.items()}
    project = make({**FILES, "settings.py": settings, **texts}, **REDIS)
    return [finding for finding in RULE.find(project) if isinstance(finding, Finding)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CELERY_TASK_TIMELIMIT", "CELERY_TASK_TIME_LIMIT"),
        ("CELERY_TASKS_ALWAYS_EAGER", "CELERY_TASK_ALWAYS_EAGER"),
        ("CELERY_WORKERS_CONCURRENCY", "CELERY_WORKER_CONCURRENCY"),
        ("CELERY_BEAT_SCHEDULE_FILE", "CELERY_BEAT_SCHEDULE_FILENAME"),
        ("CELERY_REDBEAT_LOCK_TIME_OUT", "CELERY_REDBEAT_LOCK_TIMEOUT"),
        ("CELERY_BROKER_TRANSPORT_OPTION", "CELERY_BROKER_TRANSPORT_OPTIONS"),
        # Old names stand as they are: below the namespace they are unknown.
        ("CELERY_CELERYD_CONCURRENCY", "CELERY_WORKER_CONCURRENCY"),
        ("CELERY_CELERYBEAT_SCHEDULE", "CELERY_BEAT_SCHEDULE"),
        ("CELERY_CELERY_RESULT_BACKEND", "CELERY_RESULT_BACKEND"),
        # Underscores, plurals, the order of words.
        ("CELERY_WORKER_MAXTASKSPERCHILD", "CELERY_WORKER_MAX_TASKS_PER_CHILD"),
        ("CELERY_TASK_LATE_ACKS", "CELERY_TASK_ACKS_LATE"),
        ("CELERY_TIME_ZONE", "CELERY_TIMEZONE"),
        # Whose it is.
        ("CELERY_SOFT_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT"),
        ("CELERY_CONCURRENCY", "CELERY_WORKER_CONCURRENCY"),
        ("CELERY_TASK_ACCEPT_CONTENT", "CELERY_ACCEPT_CONTENT"),
        ("CELERY_SERIALIZER", "CELERY_RESULT_SERIALIZER or CELERY_TASK_SERIALIZER"),
    ],
)
def test_finds_a_typo(make_project: Callable[..., Project], name: str, meant: str) -> None:
    (finding,) = found(make_project, f"{name} = 600\n")
    assert finding.severity is Severity.WARNING
    assert finding.hint == f"Did you mean {meant}?"
    assert str(finding.location) == "settings.py:1"


WORKER = "celery -A shop worker"
TOLD = "--max-tasks-per-child 100"
SHELL = f'options=(worker)\noptions+=({TOLD})\ncelery -A shop "${{options[@]}}"\n'


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"Procfile": f"work: {WORKER}\n"}, 1),
        ({"Procfile": f"work: {WORKER} --max-memory-per-child 9\n"}, 1),
        ({"Procfile": f"work: {WORKER} {TOLD}\nslow: {WORKER} -Q slow\n"}, 1),
        ({"Procfile": f"work: {WORKER} {TOLD}\n"}, 0),
        ({"Procfile": f"work: {WORKER} {TOLD}\nslow: {WORKER} -Q slow {TOLD}\n"}, 0),
        ({"Procfile": "work: bash work.sh\n", "work.sh": SHELL}, 0),
    ],
)
def test_what_the_command_line_says_holds(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    settings = "CELERY_MAX_TASKS_PER_CHILD = 100\n"
    project = make_project({**FILES, "settings.py": settings, **files}, **REDIS)
    assert len(list(RULE.find(project))) == count


def test_says_where_the_visibility_timeout_is_set(make_project: Callable[..., Project]) -> None:
    (finding,) = found(make_project, "CELERY_BROKER_VISIBILITY_TIMEOUT = 600\n")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.HIGH)
    hint = 'Set it in CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": seconds}.'
    assert finding.hint == hint


def test_leaves_to_flower_what_is_flowers(make_project: Callable[..., Project]) -> None:
    (finding,) = found(make_project, "CELERY_FLOWER_USER = 'me'\n")
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.MEDIUM)
    assert str(finding.hint).startswith("Flower takes it from")


@pytest.mark.parametrize(
    "name",
    [
        "CELERY_MAX_CACHED_PAGES",
        "CELERY_SEND_TASK_ERROR_EMAILS",
        # Near a name of celery-haystack, of a broker in parts, and of nothing at all.
        "CELERY_TASK_RETRY_DELAY",
        "CELERY_WORKER_USER",
        "CELERY_ENABLED",
        "CELERY_TIMEOUT",
        "CELERY_REDIS_URL",
        "CELERY_PRIORITY",
    ],
)
def test_what_is_near_no_name_is_information(
    make_project: Callable[..., Project], name: str
) -> None:
    (finding,) = found(make_project, f"{name} = 4\n")
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("settings", "severity"),
    [
        ("CELERY_EAGER_PROPAGATES = True\n", Severity.INFO),
        ("CELERY_EAGER_PROPAGATE = True\n", Severity.INFO),
        ("CELERY_STORES_EAGER_RESULT = True\n", Severity.INFO),
        (
            "CELERY_EAGER_PROPAGATES_EXCEPTIONS = 1\nCELERY_TASK_EAGER_PROPAGATES = 0\n",
            Severity.INFO,
        ),
        (
            "CELERY_EAGER_PROPAGATES = True\nCELERY_TASK_ALWAYS_EAGER = True\n",
            Severity.WARNING,
        ),
        ("CELERY_TASK_ALWAYS_EAGERS = True\n", Severity.WARNING),
    ],
)
def test_what_eager_tasks_alone_heed_is_information_where_none_are(
    make_project: Callable[..., Project], settings: str, severity: Severity
) -> None:
    (finding,) = found(make_project, settings)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("settings", "namespace", "severity"),
    [
        # Celery's default.
        ("CELERY_IGNORE_RESULTS = False\n", True, Severity.INFO),
        ("CELERY_TASK_TIMELIMIT = None\n", True, Severity.INFO),
        ("CELERYD_PREFETCH_MULTIPLIERS = 4\n", False, Severity.INFO),
        # What is set under the right name.
        ("CELERY_TASK_TIMELIMIT = 60\nCELERY_TASK_TIME_LIMIT = 60\n", True, Severity.INFO),
        ("CELERY_TASK_TIMELIMIT = 60\nCELERY_TASK_TIME_LIMIT = 90\n", True, Severity.WARNING),
        ("CELERY_IGNORE_RESULTS = True\n", True, Severity.WARNING),
        ("CELERY_TASK_TIMELIMIT = 60\n", True, Severity.WARNING),
        ("CELERYD_PREFETCH_MULTIPLIERS = 1\n", False, Severity.WARNING),
    ],
)
def test_what_is_so_anyway_is_information(
    tmp_path: Path, settings: str, namespace: bool, severity: Severity
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/celery.py").write_text(APP + (TAKES if namespace else PLAIN))
    apps = "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\nMIDDLEWARE = []\n"
    (tmp_path / "shop/settings.py").write_text(apps + settings)
    (finding,) = [f for f in scan(tmp_path).found if f.rule is RULE]
    assert finding.finding.severity is severity


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BROKER_URL", "CELERY_BROKER_URL"),
        ("CELERYD_TASK_TIME_LIMIT", "CELERY_TASK_TIME_LIMIT"),
        ("CELERYBEAT_SCHEDULER", "CELERY_BEAT_SCHEDULER"),
        ("CELERY_ALWAYS_EAGER", "CELERY_TASK_ALWAYS_EAGER"),
    ],
)
def test_finds_an_old_name_beside_the_new_one(
    make_project: Callable[..., Project], old: str, new: str
) -> None:
    (finding,) = found(make_project, f"{old} = 'one'\n{new} = 'other'\n")
    assert finding.message == f"{old} has no effect: Celery reads {new}, which says otherwise."
    assert [str(place) for place in finding.related] == ["settings.py:2"]
    # And so it does.
    app = Celery("shop", set_as_current=False)
    app.config_from_object({old: "one", new: "other"}, namespace="CELERY")
    assert "one" not in [app.conf.get(key) for key, _ in flatten(NAMESPACES)]


@pytest.mark.parametrize(
    ("takes", "settings", "count"),
    [
        (PLAIN, "CELERY_TASK_TIME_LIMIT = 600\n", 1),
        (PLAIN, "CELERY_BEAT_SCHEDULE = {'a': {'task': 'b', 'schedule': 60}}\n", 1),
        (
            "from django.conf import settings\n"
            + PLAIN.replace("'django.conf:settings'", "settings"),
            "CELERY_TASK_TIME_LIMIT = 600\n",
            1,
        ),
        # It is read by its old name, or says what is so anyway.
        (PLAIN, "CELERY_ACCEPT_CONTENT = ['yaml']\nCELERYD_TASK_TIME_LIMIT = 600\n", 0),
        (PLAIN, "CELERY_ENABLE_UTC = True\n", 0),
        (PLAIN, "CELERY_WORKER_CONCURRENCY = 2\nCELERYD_CONCURRENCY = 2\n", 0),
        (PLAIN + "app.conf.task_time_limit = 600\n", "CELERY_TASK_TIME_LIMIT = 600\n", 0),
        # Who knows what else it is given.
        ("app.config_from_object('shop.celeryconfig')\n", "CELERY_TASK_TIME_LIMIT = 600\n", 0),
        (PLAIN.replace(")", ", **more)"), "CELERY_TASK_TIME_LIMIT = 600\n", 0),
        (TAKES, "CELERY_TASK_TIME_LIMIT = 600\n", 0),
    ],
)
def test_a_scan_sees_the_namespace_that_is_missing(
    tmp_path: Path, takes: str, settings: str, count: int
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/celery.py").write_text(APP + takes)
    apps = "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\nMIDDLEWARE = []\n"
    (tmp_path / "shop/settings.py").write_text(apps + settings)
    assert len([f for f in scan(tmp_path).found if f.rule is RULE]) == count


@pytest.mark.parametrize(
    ("given", "count"),
    [
        (", namespace='CELERY'", 0),
        (", strict_typing=False, namespace='CELERY'", 0),
        (", namespace=None", 1),
        ("", 1),
    ],
)
def test_an_app_may_be_made_with_the_namespace(tmp_path: Path, given: str, count: int) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/celery.py").write_text(APP.replace("'shop'", f"'shop'{given}") + PLAIN)
    apps = "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\nMIDDLEWARE = []\n"
    (tmp_path / "shop/settings.py").write_text(apps + "CELERY_TASK_TIME_LIMIT = 600\n")
    assert len([f for f in scan(tmp_path).found if f.rule is RULE]) == count


def test_finds_the_namespace_that_is_missing(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    make_project({"shop/celery.py": APP}, CELERY_TASK_TIME_LIMIT=600, CELERY_RESULT_BACKEND="rpc")
    app = Celery("shop", set_as_current=False)
    app.config_from_object("django.conf:settings")
    (finding,) = RULE.find(Project(tmp_path, celery=app))
    assert isinstance(finding, Finding)
    assert finding.message.startswith("Celery does not read CELERY_TASK_TIME_LIMIT")
    assert app.conf.task_time_limit is None


@pytest.mark.parametrize(
    "settings",
    [
        "CELERY_TASK_TIME_LIMIT = 600\n",
        "CELERY_REDIS_BACKEND_HEALTH_CHECK_INTERVAL = 30\n",
        # Celery reads old names for as long as the new one is not there.
        "CELERYD_CONCURRENCY = 4\nCELERYBEAT_SCHEDULE = {}\nBROKER_POOL_LIMIT = 3\n",
        "CELERYD_TASK_TIME_LIMIT = 600\nCELERY_TASK_TIME_LIMIT = 600\n",
        # Of packages beside it.
        "CELERY_REDBEAT_KEY_PREFIX = 'shop:'\nCELERY_SINGLETON_LOCK_EXPIRY = 60\n",
        "CELERY_EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend'\n",
        "CELERY_HAYSTACK_QUEUE = 'search'\nCELERY_ONCE = {}\nDJANGO_CELERY_BEAT_TZ_AWARE = True\n",
        # Another setting is made of it.
        "CELERY_TASK_LIMIT = 600\nCELERY_TASK_TIME_LIMIT = CELERY_TASK_LIMIT + 60\n",
        # Not Celery's affair.
        "BROKERS_URL = 'https://brokers.example.com'\n",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: str) -> None:
    assert found(make_project, settings) == []


@pytest.mark.parametrize(
    "code",
    [
        "from django.conf import settings\nlimit = settings.CELERY_TASK_LIMITS\n",
        "from django.conf import settings\nlimit = getattr(settings, 'CELERY_TASK_LIMITS', 60)\n",
        "from settings import CELERY_TASK_LIMITS\n",
    ],
)
def test_stays_silent_about_what_the_project_reads(
    make_project: Callable[..., Project], code: str
) -> None:
    assert found(make_project, "CELERY_TASK_LIMITS = 60\n", tasks=code) == []


def test_the_name_of_a_variable_is_no_use(make_project: Callable[..., Project]) -> None:
    settings = "import os\nCELERY_TASK_TIMELIMIT = os.environ.get('CELERY_TASK_TIMELIMIT')\n"
    assert len(found(make_project, settings)) == 1


@pytest.mark.parametrize("files", [{}, {"shop/celery.py": "from celery import shared_task\n"}])
def test_stays_silent_without_an_app(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    project = Project(make_project(files, CELERY_TASK_TIMELIMIT=600).root)
    assert list(RULE.find(project)) == []


def test_stays_silent_about_an_app_with_settings_of_its_own(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    make_project({"shop/celery.py": APP}, CELERY_TASK_TIMELIMIT=600)
    app = Celery("shop", set_as_current=False)
    app.config_from_object({"task_time_limit": 60})
    assert list(RULE.find(Project(tmp_path, celery=app))) == []


def test_the_kits_own_names_are_known() -> None:
    assert kit.exported("django_scaleready.settings.celery").keys() <= known("CELERY")


def test_what_celery_reads_beyond_its_defaults_is_known() -> None:
    """A name that Celery asks its configuration for, anywhere in its source."""
    asks = re.compile(r"""(?:\bconf\.get\(|\b_get\()\s*['"](\w+)['"]""")
    folders = [Path(module.__file__).parent for module in (celery, kombu)]
    texts = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
    asked = {name for text in texts for name in asks.findall(text)}
    assert len(asked) > 30
    listed = {key for key, _ in flatten(NAMESPACES)} | {*UNLISTED}
    assert {name for name in asked if name.lower() not in listed} <= {"CELERY_DB_REUSE_MAX"}


def test_celery_takes_the_first_of_the_spellings_that_is_there() -> None:
    """Of every setting: each spelling by itself, and the first of them beside the others."""
    listed = zip(spellings("CELERY"), (key for key, _ in flatten(NAMESPACES)), strict=True)
    for names, key in listed:
        given: dict[str, str] = {}
        for name in reversed(names):
            given[name] = name
            for values in ({name: name}, given):
                app = Celery("shop", set_as_current=False, fixups=[])
                app.config_from_object(values, namespace="CELERY")
                assert app.conf[key] == name
