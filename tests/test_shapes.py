"""Settings of the wrong type: named, and what is right of them is still used."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import global_settings

from django_scaleready.shapes import OPTIONAL, SHAPES, faults, usable

REDIS = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}


@pytest.mark.parametrize(
    ("name", "value", "setting", "problem"),
    [
        ("CACHES", None, "CACHES", "got None, accepts a dictionary of dictionaries"),
        ("CACHES", [], "CACHES", "got a list, accepts a dictionary of dictionaries"),
        ("CACHES", {"a": "redis://:pw@h"}, "CACHES['a']", "got a str, accepts a dictionary"),
        ("DATABASES", {"default": {"OPTIONS": "pool"}}, "DATABASES['default']['OPTIONS']",
         "got a str, accepts a dictionary"),
        ("INSTALLED_APPS", "shop", "INSTALLED_APPS", "got a str, accepts a list of strings"),
        ("MIDDLEWARE", ["a.B", 5], "MIDDLEWARE[1]", "got an int, accepts a string"),
        ("MEDIA_ROOT", None, "MEDIA_ROOT", "got None, accepts the path of a folder"),
        ("TEMPLATES", {}, "TEMPLATES", "got a dict, accepts a list of dictionaries"),
        ("SILENCED_SYSTEM_CHECKS", "scaleready.E001", "SILENCED_SYSTEM_CHECKS",
         "got a str, accepts a list of ids"),
        ("LOGGING", "x", "LOGGING", "got a str, accepts a dictionary"),
    ],
)  # fmt: skip
def test_names_the_setting_and_what_it_accepts(
    name: str, value: Any, setting: str, problem: str
) -> None:
    (fault,) = faults(name, value)
    assert (fault.setting, fault.problem) == (setting, problem)
    assert "pw" not in str(fault)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CACHES", {"default": REDIS}),
        ("CACHES", {}),
        ("DATABASES", {"default": {"OPTIONS": None}}),
        ("MIDDLEWARE", ("a.B",)),
        ("SILENCED_SYSTEM_CHECKS", {"models.W042": "a reason"}),
        ("LOGGING", None),
        ("CHANNEL_LAYERS", {}),
        ("SOMETHING_ELSE", 5),
    ],
)
def test_leaves_alone(name: str, value: Any) -> None:
    assert list(faults(name, value)) == []


def test_django_s_defaults_are_right() -> None:
    named = {name for name in SHAPES if hasattr(global_settings, name)}
    assert "CACHES" in named
    assert [each for name in named for each in faults(name, getattr(global_settings, name))] == []
    assert {"DATABASES", "MIDDLEWARE", "STORAGES"} <= SHAPES.keys() - OPTIONAL.keys()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("CACHES", "redis://h", {}),
        ("CACHES", {"default": REDIS, "other": "redis://h"}, {"default": REDIS}),
        ("MIDDLEWARE", None, ()),
        ("MIDDLEWARE", ["a.B", 5], ["a.B"]),
        ("SESSION_ENGINE", None, None),
    ],
)
def test_what_is_right_is_kept(name: str, value: Any, kept: Any) -> None:
    assert usable(name, value) == kept
