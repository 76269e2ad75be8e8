"""haystack-local: an index on one disk."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.haystack_local import RULE

WHOOSH = "haystack.backends.whoosh_backend.WhooshEngine"


def connected(engine: str, *apps: str, **options: str) -> dict[str, Any]:
    connections = {"default": {"ENGINE": engine, **options}}
    return {"INSTALLED_APPS": list(apps), "HAYSTACK_CONNECTIONS": connections}


@pytest.mark.parametrize("engine", [WHOOSH, "xapian_backend.XapianEngine", f"{__name__}.Renamed"])
def test_finds(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    # Its backend imports a library that has had no release since 2016.
    module = types.ModuleType("haystack.backends.whoosh_backend")
    module.WhooshEngine = Engine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (finding,) = RULE.find(make_project(**connected(engine, "haystack", PATH="/srv/index")))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        connected(WHOOSH, PATH="/srv/index"),
        connected("haystack.backends.simple_backend.SimpleEngine", "haystack"),
        connected(f"{__name__}.Server", "haystack"),
        {
            **connected(WHOOSH, "haystack", PATH="/srv/index"),
            "SCALEREADY": {"SHARED_PATHS": ["/srv"]},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


class Engine:
    pass


class Renamed(Engine):
    pass


class Server:
    def __init__(self, **_: Any) -> None: ...
