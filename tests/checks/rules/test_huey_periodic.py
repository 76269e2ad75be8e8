"""huey-periodic: each consumer fires what is periodic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.huey_periodic import RULE

TASK = (
    "from huey import crontab\nfrom huey.contrib.djhuey import db_periodic_task\n"
    "@db_periodic_task(crontab(minute='0'))\ndef clean(): ...\n"
)
PLAIN = "from huey.contrib.djhuey import task\n@task()\ndef clean(): ...\n"
APPS = ["django_scaleready", "huey.contrib.djhuey"]
REDIS = {"huey_class": "huey.RedisHuey", "immediate": False}


def find(make_project: Callable[..., Project], code: str, **settings: Any) -> list[Any]:
    return list(RULE.find(make_project({"shop/jobs.py": code}, **settings)))


@pytest.mark.parametrize("consumer", [{"periodic": True}, {"workers": 2}])
def test_finds(make_project: Callable[..., Project], consumer: dict[str, Any]) -> None:
    huey = {**REDIS, "consumer": consumer}
    (finding,) = find(make_project, TASK, INSTALLED_APPS=APPS, HUEY=huey)
    assert [str(place) for place in finding.related] == ["shop/jobs.py:3"]


def test_off_in_this_process(make_project: Callable[..., Project]) -> None:
    huey = {**REDIS, "consumer": {"periodic": False}}
    assert find(make_project, TASK, INSTALLED_APPS=APPS, HUEY=huey) == []


def test_nothing_periodic(make_project: Callable[..., Project]) -> None:
    assert find(make_project, PLAIN, INSTALLED_APPS=APPS, HUEY=REDIS) == []


def test_not_installed(make_project: Callable[..., Project]) -> None:
    assert find(make_project, TASK, INSTALLED_APPS=["django_scaleready"], HUEY=REDIS) == []


QUIET = "worker: python manage.py run_huey --no-periodic\n"
FIRES = "clock: python manage.py run_huey --workers 1\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"Procfile": QUIET + FIRES}, 0),
        ({"Procfile": QUIET}, 0),
        ({"Procfile": f"worker: huey_consumer.py shop.huey -n\n{FIRES}"}, 0),
        ({"Procfile": f"worker: poetry run huey_consumer shop.huey -n\n{FIRES}"}, 0),
        ({"Procfile": FIRES}, 1),
        ({"Procfile": f"{QUIET}{FIRES}more: python manage.py run_huey\n"}, 1),
        ({"Procfile": QUIET + FIRES, "a/Procfile": FIRES}, 1),
        (
            {
                "compose.yml": "services:\n"
                "  a: {image: shop, command: ./manage.py run_huey -n}\n"
                "  b: {image: shop, command: ./manage.py run_huey, deploy: {replicas: 2}}\n"
            },
            1,
        ),
    ],
)
def test_the_consumers_of_a_deployment(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    project = make_project({"shop/jobs.py": TASK, **files}, INSTALLED_APPS=APPS, HUEY=REDIS)
    assert len(list(RULE.find(project))) == count
