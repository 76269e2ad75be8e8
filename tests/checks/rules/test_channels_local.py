"""channels-local: a message must reach the sockets of all replicas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.channels_local import RULE

LOCAL = {"CHANNEL_LAYERS": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}}
USED = {"shop/news.py": "from channels.layers import get_channel_layer\n"}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (LOCAL, USED),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": f"{__name__}.Renamed"}}}, USED),
        (LOCAL, {"shop/asgi.py": "import channels.routing\n"}),
    ],
)
def test_finds(
    make_project: Callable[..., Project], settings: dict[str, Any], code: dict[str, str]
) -> None:
    (finding,) = RULE.find(make_project(code, **settings))
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
    assert list(RULE.find(make_project(USED, **settings))) == []


@pytest.mark.parametrize("code", ["", "from shop.channels import sell\n", "import asgiref\n"])
def test_a_layer_that_nobody_uses_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/asgi.py": code}, **LOCAL))) == []


class Renamed(InMemoryChannelLayer):  # type: ignore[misc]  # channels is not typed
    pass


class Shared:
    pass
