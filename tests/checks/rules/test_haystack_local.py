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


@pytest.mark.parametrize(
    "settings",
    [
        {
            "INSTALLED_APPS": ["haystack"],
            "HAYSTACK_CONNECTIONS": {
                "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
            },
        }
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "settings",
    [
        {
            "INSTALLED_APPS": [],
            "HAYSTACK_CONNECTIONS": {
                "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
            },
        },
        {
            "INSTALLED_APPS": ["haystack"],
            "HAYSTACK_CONNECTIONS": {"default": {"ENGINE": f"{__name__}.Server"}},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


def test_an_index_on_disk_is_an_error(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its backend imports a library that has had no release since 2016.
    engine = type("WhooshEngine", (), {})
    module = types.ModuleType("haystack.backends.whoosh_backend")
    module.WhooshEngine = engine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    connections = {"default": {"ENGINE": f"{module.__name__}.WhooshEngine", "PATH": "/srv/index"}}
    settings = {"INSTALLED_APPS": ["haystack"], "HAYSTACK_CONNECTIONS": connections}
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR
    shared = make_project(**settings, SCALEREADY={"SHARED_PATHS": ["/srv"]})
    assert list(RULE.find(shared)) == []


class Server:
    def __init__(self, **_: Any) -> None: ...
