"""Celery's settings and tasks, where a project is only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.base import Found
from django_scaleready.checks.static.scan import scan

BASE = "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
APP = "from celery import Celery\napp = Celery('shop')\n"
TAKES = "app.config_from_object('django.conf:settings'{})\n"
NAMESPACE = ", namespace='CELERY'"
TASK = "from celery import shared_task\n@shared_task{}\ndef invoice(): ...\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))


def found(
    folder: Path, slug: str, settings: str = "", takes: str = NAMESPACE, task: str = ""
) -> list[Found]:
    (folder / "shop").mkdir(exist_ok=True)
    (folder / "settings.py").write_text(BASE + settings)
    (folder / "shop" / "celery.py").write_text(APP + TAKES.format(takes))
    (folder / "shop" / "tasks.py").write_text(TASK.format(task))
    return [item for item in scan(folder).found if item.rule.slug == slug]


def test_a_typo_is_found(tmp_path: Path) -> None:
    (item,) = found(tmp_path, "celery-setting", "CELERY_TASK_TIMELIMIT = 60\n")
    assert str(item.finding.location) == "settings.py:5"


@pytest.mark.parametrize("name", ["CELERY_TASK_ALWAYS_EAGER", "CELERY_ALWAYS_EAGER"])
def test_a_setting_is_named_where_it_stands_however_it_is_spelt(tmp_path: Path, name: str) -> None:
    (item,) = found(tmp_path, "celery-eager", f"{name} = True\n")
    assert str(item.finding.location) == "settings.py:5"


@pytest.mark.parametrize(
    ("settings", "takes"),
    [
        ("CELERY_TASK_TIME_LIMIT = 60\nCELERYD_CONCURRENCY = 4\n", NAMESPACE),
        # Whether there is a namespace is not to be told from the file.
        ("CELERY_TASK_TIME_LIMIT = 60\n", ", **options"),
    ],
)
def test_a_name_that_may_be_read_is_silent(tmp_path: Path, settings: str, takes: str) -> None:
    assert found(tmp_path, "celery-setting", settings, takes) == []


@pytest.mark.parametrize(("seconds", "count"), [("10", 1), ("3600", 0), ("hours(1)", 0)])
def test_an_option_that_code_gives_is_read(tmp_path: Path, seconds: str, count: int) -> None:
    options = f"app.conf.broker_transport_options = {{'visibility_timeout': {seconds}}}\n"
    (tmp_path / "conf.py").write_text(f"from shop.celery import app\nimport celery\n{options}")
    settings = "CELERY_BROKER_URL = 'redis://redis:6379'\n"
    items = found(tmp_path, "celery-visibility", settings)
    assert [str(item.finding.location) for item in items] == ["conf.py:3"] * count


def test_a_task_that_is_acknowledged_early_is_found(tmp_path: Path) -> None:
    assert len(found(tmp_path, "celery-acks-early")) == 1


@pytest.mark.parametrize(
    ("settings", "task", "count"),
    [
        ("CELERY_TASK_ACKS_LATE = True\n", "", 1),
        ("CELERY_TASK_ACKS_LATE = True\n", "(acks_late=False)", 0),
        ("CELERY_TASK_ACKS_LATE = True\nCELERY_TASK_SOFT_TIME_LIMIT = 60\n", "", 0),
        ("CELERY_TASK_ACKS_LATE = False\n", "", 0),
    ],
)
def test_the_settings_say_that_tasks_are_acknowledged_late(
    tmp_path: Path, settings: str, task: str, count: int
) -> None:
    options = (
        "CELERY_BROKER_URL = 'redis://redis:6379'\n"
        "CELERY_BROKER_TRANSPORT_OPTIONS = {'visibility_timeout': 1800}\n"
    )
    assert len(found(tmp_path, "celery-visibility", options + settings, task=task)) == count


@pytest.mark.parametrize(("limit", "count"), [("", 1), (" --time-limit=60", 0)])
def test_a_worker_is_started_with_a_limit_for_all(tmp_path: Path, limit: str, count: int) -> None:
    (tmp_path / "Procfile").write_text(f"worker: celery -A shop worker{limit}\n")
    settings = (
        "CELERY_BROKER_URL = 'redis://redis:6379'\nCELERY_TASK_ACKS_LATE = True\n"
        "CELERY_BROKER_TRANSPORT_OPTIONS = {'visibility_timeout': 1800}\n"
    )
    assert len(found(tmp_path, "celery-visibility", settings)) == count


@pytest.mark.parametrize(
    ("settings", "task"), [("CELERY_TASK_ACKS_LATE = True\n", ""), ("", "(acks_late=True)")]
)
def test_late_acknowledgement_is_silent(tmp_path: Path, settings: str, task: str) -> None:
    assert found(tmp_path, "celery-acks-early", settings, task=task) == []


@pytest.mark.parametrize(
    "code",
    [
        "",
        "app.conf.update(task_serializer='json')\n",
        "app.conf.update(task_time_limit=None)\n",
        "other.update(task_time_limit=60)\n",
        "class Own(Celery): ...\nown = Own('shop')\n",
    ],
)
def test_a_task_without_a_limit_is_found(tmp_path: Path, code: str) -> None:
    assert len(found(tmp_path, "celery-no-time-limit", takes=f"{NAMESPACE})\n{code}#")) == 1


@pytest.mark.parametrize(
    "code",
    [
        "app.conf.update(task_time_limit=60)\n",
        "app.conf.update({'task_soft_time_limit': 60})\n",
        "app.conf.task_time_limit = 60\n",
        "app.conf.task_time_limit = limit()\n",
        "from django.conf import settings\napp.conf.task_time_limit = settings.LIMIT\n",
        "app = Celery('shop', task_time_limit=60)\n",
    ],
)
def test_a_limit_that_is_set_on_the_app_is_silent(tmp_path: Path, code: str) -> None:
    takes = f"{NAMESPACE})\n{code}#"
    assert found(tmp_path, "celery-no-time-limit", "LIMIT = 60\n", takes=takes) == []


def test_a_scheduler_that_is_set_on_the_app_is_silent(tmp_path: Path) -> None:
    code = "app.conf.beat_schedule = {'x': 1}\napp.conf.beat_scheduler = 'redbeat.RedBeatScheduler'"
    assert found(tmp_path, "beat-schedule-file", takes=f"{NAMESPACE})\n{code}#") == []


def test_an_app_of_a_derived_class_is_found(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "settings.py").write_text(BASE)
    (tmp_path / "shop" / "celery.py").write_text(
        "import celery\nclass Own(celery.Celery): ...\napp = Own('shop')\n"
        "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
    )
    (tmp_path / "shop" / "tasks.py").write_text(TASK.format(""))
    slugs = [item.rule.slug for item in scan(tmp_path).found]
    assert slugs.count("celery-no-time-limit") == 1


SCHEDULE = "app.conf.beat_schedule = {'night': {'task': 'x', 'schedule': 60}}\n"


def found_in_code(folder: Path, slug: str, code: str) -> list[Found]:
    (folder / "shop").mkdir(exist_ok=True)
    (folder / "settings.py").write_text(BASE)
    (folder / "shop" / "celery.py").write_text(APP + TAKES.format(NAMESPACE) + SCHEDULE + code)
    (folder / "shop" / "tasks.py").write_text(TASK.format(""))
    return [item for item in scan(folder).found if item.rule.slug == slug]


@pytest.mark.parametrize(
    "code",
    [
        "app.conf.beat_scheduler = 'django_celery_beat.schedulers:DatabaseScheduler'\n",
        "app.conf.update(beat_scheduler='redbeat.RedBeatScheduler')\n",
        "app.conf.update({'beat_scheduler': 'redbeat.RedBeatScheduler'})\n",
        "app.conf['beat_scheduler'] = scheduler()\n",
    ],
)
def test_a_scheduler_that_code_names_is_silent(tmp_path: Path, code: str) -> None:
    assert found_in_code(tmp_path, "beat-schedule-file", code) == []


@pytest.mark.parametrize(
    "code",
    [
        "",
        "app.conf.beat_max_loop_interval = 5\n",
        "app.conf.beat_scheduler = 'celery.beat:PersistentScheduler'\n",
        "other.beat_scheduler = 'redbeat.RedBeatScheduler'\n",
    ],
)
def test_the_default_scheduler_is_found_where_code_names_none(tmp_path: Path, code: str) -> None:
    assert len(found_in_code(tmp_path, "beat-schedule-file", code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "app.conf.task_time_limit = 60\n",
        "app.conf.update(task_soft_time_limit=minutes(5))\n",
    ],
)
def test_a_limit_that_code_gives_is_one(tmp_path: Path, code: str) -> None:
    assert found_in_code(tmp_path, "celery-no-time-limit", code) == []


def test_a_limit_may_stand_in_a_module_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "celeryconfig.py").write_text("task_time_limit = 60\n")
    assert found_in_code(tmp_path, "celery-no-time-limit", "") == []


def test_tasks_have_no_limit_where_code_gives_none(tmp_path: Path) -> None:
    (tmp_path / "shopconfig.py").write_text("task_time_limit = 60\n")
    assert len(found_in_code(tmp_path, "celery-no-time-limit", "")) == 1


@pytest.mark.parametrize(
    ("app", "count"),
    [
        (APP, 1),
        ("from celery import Celery as C\napp = C('shop')\n", 1),
        ("from tenant_schemas_celery.app import CeleryApp\napp = CeleryApp('shop')\n", 1),
        ("from shop.jobs import Runner\nrunner = Runner('shop')\napp = None\n", 0),
        ("def app(): ...\n", 0),
    ],
)
def test_an_app_is_known_by_what_configures_it(tmp_path: Path, app: str, count: int) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "settings.py").write_text(BASE)
    (tmp_path / "shop" / "celery.py").write_text(app + TAKES.format(NAMESPACE))
    (tmp_path / "shop" / "tasks.py").write_text(TASK.format(""))
    slugs = [item.rule.slug for item in scan(tmp_path).found]
    assert slugs.count("celery-no-time-limit") == count


LOADER = "import djcelery\ndjcelery.setup_loader()\n"


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (LOADER, 1),
        (LOADER.replace("djcelery", "vault"), 0),
        (f"{LOADER}CELERYD_TASK_TIME_LIMIT = 60\n", 0),
        (f"{LOADER}CELERYD_TASK_SOFT_TIME_LIMIT = 60\n", 0),
    ],
)
def test_the_app_of_celery_3_is_configured_by_djcelery(
    tmp_path: Path, settings: str, count: int
) -> None:
    (tmp_path / "settings.py").write_text(BASE + settings)
    (tmp_path / "tasks.py").write_text(TASK.format(""))
    (tmp_path / "urls.py").write_text("import tasks\nurlpatterns = []\n")
    slugs = [item.rule.slug for item in scan(tmp_path).found]
    assert slugs.count("celery-no-time-limit") == count


@pytest.mark.parametrize(("late", "count"), [("False", 1), ("True", 0)])
def test_the_old_name_of_late_acknowledgement_is_read(
    tmp_path: Path, late: str, count: int
) -> None:
    settings = f"CELERY_ACKS_LATE = {late}\n"
    assert len(found(tmp_path, "celery-acks-early", settings, takes="")) == count


WORKER = "from celery import Celery\ncelery = Celery('voice')\ncelery.config_from_object('conf')\n"
DJANGO = "from django.db import models\n"
NOISE = "@celery.task\ndef transcribe(): ...\n"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        # Another program in the same repository, with an app of its own.
        ({"voice/celery.py": WORKER + NOISE}, ""),
        (
            {
                "voice/app/celery.py": WORKER,
                "voice/app/jobs.py": f"from .celery import celery\n{NOISE}",
            },
            "",
        ),
        ({"voice/celery.py": WORKER + NOISE, "shop/jobs.py": "@app.task\ndef pay(): ...\n"}, "pay"),
        # An app of the site's own that takes no settings by itself.
        ({"voice/celery.py": WORKER + NOISE, "voice/models.py": DJANGO}, "transcribe"),
        ({"voice.py": WORKER + NOISE}, "transcribe"),
        ({"shop/voice.py": WORKER + NOISE}, "transcribe"),
        ({"voice/celery.py": WORKER, "talk/jobs.py": "@app.task\ndef hear(): ...\n"}, "hear"),
    ],
)
def test_tasks_are_those_of_the_app_of_their_own_tree(
    tmp_path: Path, files: dict[str, str], named: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        head = "from shop.celery import app\n" if "@app" in text else ""
        (tmp_path / name).write_text(head + text)
    items = found(tmp_path, "celery-no-time-limit", task="(time_limit=9)")
    assert [str(item.finding.location) for item in items] == ["shop/celery.py:2"] * bool(named)
    assert all(f"task {named} may run" in item.finding.message for item in items)
