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
    (folder / "shop").mkdir()
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
        # Where the settings come from is not to be told from a file.
        ("CELERY_TASK_TIME_LIMIT = 60\n", ""),
    ],
)
def test_a_name_that_may_be_read_is_silent(tmp_path: Path, settings: str, takes: str) -> None:
    assert found(tmp_path, "celery-setting", settings, takes) == []


def test_a_task_that_is_acknowledged_early_is_found(tmp_path: Path) -> None:
    assert len(found(tmp_path, "celery-acks-early")) == 1


@pytest.mark.parametrize(
    ("settings", "task"), [("CELERY_TASK_ACKS_LATE = True\n", ""), ("", "(acks_late=True)")]
)
def test_late_acknowledgement_is_silent(tmp_path: Path, settings: str, task: str) -> None:
    assert found(tmp_path, "celery-acks-early", settings, task=task) == []
