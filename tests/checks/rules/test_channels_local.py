"""channels-local: a message must reach the sockets of all replicas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.channels_local import RULE


@pytest.mark.parametrize(
    "settings",
    [
        {"CHANNEL_LAYERS": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}},
        {"CHANNEL_LAYERS": {"default": {"BACKEND": f"{__name__}.Renamed"}}},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"CHANNEL_LAYERS": {}},
        {"CHANNEL_LAYERS": {"default": {"BACKEND": f"{__name__}.Shared"}}},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


class Renamed(InMemoryChannelLayer):  # type: ignore[misc]  # channels is not typed
    pass


class Shared:
    pass
