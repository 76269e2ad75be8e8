"""What an app takes its options from: a class or a module that is not Django's settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found, places

SETTINGS = "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
SCHEDULE = "beat_schedule = {'refresh': {'task': 'shop.refresh', 'schedule': 3600}}\n"
KEPT = "beat_scheduler = 'django_celery_beat.schedulers:DatabaseScheduler'\n"
OLD = "CELERYBEAT_SCHEDULER = 'django_celery_beat.schedulers:DatabaseScheduler'\n"


def in_class(*lines: str, bases: str = "", name: str = "Options") -> str:
    """Write a class of options."""
    return f"class {name}{bases}:\n  queue = 'x'\n" + "".join(f"  {line}" for line in lines)


def beats(folder: Path, app: str, options: str) -> list[str]:
    """Where a schedule is kept in a file."""
    files = {
        "manage.py": "",
        "settings.py": SETTINGS,
        "shop/__init__.py": "",
        "shop/options.py": options,
        "shop/defaults.py": in_class(KEPT, name="Defaults"),
        "shop/queue.py": f"from celery import Celery\n{app}",
        "Procfile": "beat: celery -A shop.queue beat\n",
    }
    return places(found(folder, files), "beat-schedule-file")


BY_CLASS = "from shop.options import Options\napp = Celery()\napp.config_from_object(Options)\n"
BY_MODULE = "from shop import options\napp = Celery()\napp.config_from_object(options)\n"
BY_NAME = "app = Celery()\napp.config_from_object('shop.options{}')\n"
PREFIXED = "app = Celery()\napp.config_from_object('shop.options', namespace='Q')\n"


@pytest.mark.parametrize(
    ("app", "options"),
    [
        (BY_CLASS, in_class(SCHEDULE, KEPT)),
        (BY_CLASS, in_class(OLD)),
        (BY_CLASS, f"from shop.defaults import Defaults\n{in_class(SCHEDULE, bases='(Defaults)')}"),
        (BY_CLASS, in_class("if today():\n", f"  {SCHEDULE}", KEPT)),
        (BY_CLASS, in_class("beat_scheduler = scheduler()\n")),
        (BY_MODULE, SCHEDULE + KEPT),
        (BY_NAME.format(""), KEPT),
        (BY_NAME.format(":Options"), in_class(KEPT)),
        (BY_NAME.format(".Options"), in_class(KEPT)),
        (PREFIXED, "Q_BEAT_SCHEDULER = 'redbeat.RedBeatScheduler'\n"),
        (f"{in_class(KEPT)}app = Celery()\napp.config_from_object(Options)\n", ""),
    ],
)
def test_a_scheduler_that_is_given_so_is_known(tmp_path: Path, app: str, options: str) -> None:
    assert beats(tmp_path, app, options) == []


@pytest.mark.parametrize(
    ("app", "options"),
    [
        (BY_CLASS, in_class(SCHEDULE)),
        (BY_CLASS, in_class(SCHEDULE) + in_class(KEPT, name="Other")),
        (BY_CLASS, KEPT + in_class(SCHEDULE)),
        (BY_CLASS, in_class(SCHEDULE, f"def later():\n    {KEPT}")),
        (BY_CLASS, in_class(KEPT, "beat_scheduler = 'celery.beat:PersistentScheduler'\n")),
        (BY_CLASS, "from elsewhere import Options\n"),
        (BY_MODULE, in_class(KEPT)),
        (BY_NAME.format(""), SCHEDULE),
        (BY_NAME.format(":Other"), in_class(KEPT)),
        (PREFIXED, KEPT),
        ("app = Celery()\n", KEPT),
        # What is set on the app stands above it.
        (
            f"{BY_CLASS}app.conf.beat_scheduler = 'celery.beat.PersistentScheduler'\n",
            in_class(KEPT),
        ),
    ],
)
def test_what_gives_no_other_scheduler_leaves_the_file(
    tmp_path: Path, app: str, options: str
) -> None:
    assert len(beats(tmp_path, app, options)) == 1
