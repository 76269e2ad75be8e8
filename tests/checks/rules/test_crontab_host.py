"""crontab-host: jobs of one machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.crontab_host import RULE


@pytest.mark.parametrize(
    "settings",
    [{"INSTALLED_APPS": ["django_crontab"], "CRONJOBS": [("0 4 * * *", "shop.cron.clean_up")]}],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": ["django_crontab"], "CRONJOBS": []},
        {"INSTALLED_APPS": [], "CRONJOBS": [("0 4 * * *", "shop.cron.clean_up")]},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
