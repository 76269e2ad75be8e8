"""Which line of which settings file gave a setting its value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from django_scaleready.checks.places import Places


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Places]]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("DEBUG", "true")

    def make(module: str = "mysite.settings", **files: str) -> Places:
        package = tmp_path / "mysite"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
        for name, text in files.items():
            path = package.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        if "settings__base" in files:
            (package / "settings" / "__init__.py").touch()
        return Places(module, tmp_path)

    yield make
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "mysite":
            del sys.modules[name]


def test_the_last_assignment_wins(places: Callable[..., Places]) -> None:
    found = places(settings="A = 1\nA = 2\nB = 3\n")
    assert str(found.where("A")) == "mysite/settings.py:2"
    assert str(found.where("B")) == "mysite/settings.py:3"


def test_branches_and_class_bodies_are_read(places: Callable[..., Places]) -> None:
    text = "if x:\n    A = 1\ntry:\n    B = 1\nexcept E:\n    B = 2\nclass Prod:\n    C = 3\n"
    found = places(settings=text)
    assert [found.where(name).line for name in "ABC"] == [2, 6, 8]


def test_an_entry_of_a_dictionary_is_found(places: Callable[..., Places]) -> None:
    text = 'CACHES = {\n    "default": {},\n    "other": {\n        "BACKEND": "x",\n    },\n}\n'
    found = places(settings=text)
    assert found.where("CACHES", "other").line == 3
    assert found.where("CACHES", "other", "BACKEND").line == 4
    assert found.where("CACHES", "missing").line == 1


def test_an_item_set_later_is_found(places: Callable[..., Places]) -> None:
    text = 'DATABASES = {"default": {}}\nDATABASES["default"]["CONN_MAX_AGE"] = 60\n'
    found = places(settings=text)
    assert found.where("DATABASES", "default", "CONN_MAX_AGE").line == 2
    assert found.where("DATABASES", "default", "HOST").line == 2


@pytest.mark.parametrize(
    "change", ["APPS += ['x']", "APPS.append('x')", "APPS: list = []", "APPS, B = [], 1"]
)
def test_other_ways_to_set(places: Callable[..., Places], change: str) -> None:
    assert places(settings=f"APPS = []\n{change}\n").where("APPS").line == 2


@pytest.mark.parametrize("star", ["from .base import *", "from mysite.settings.base import *"])
def test_star_imports_are_followed(places: Callable[..., Places], star: str) -> None:
    found = places(
        "mysite.settings.prod",
        settings__base="A = 1\nB = 1\n",
        settings__prod=f"A = 0\n{star}\nB = 2\n",
    )
    assert str(found.where("A")) == "mysite/settings/base.py:1"
    assert str(found.where("B")) == "mysite/settings/prod.py:3"


def test_a_name_of_the_kit_stands_at_its_import(places: Callable[..., Places]) -> None:
    import django_scaleready.settings  # noqa: F401 - as the project's own settings have done

    found = places(settings="X = 1\nfrom django_scaleready.settings import *\nLOGGING = {}\n")
    assert str(found.where("DATABASES", "default")) == "mysite/settings.py:2"
    assert str(found.where("LOGGING")) == "mysite/settings.py:3"


def test_a_named_import_stands_where_it_is_written(places: Callable[..., Places]) -> None:
    found = places(settings="X = 1\nfrom elsewhere import CACHES\n")
    assert found.where("CACHES", "default").line == 2


def test_what_is_assigned_nowhere_stands_at_the_module(places: Callable[..., Places]) -> None:
    found = places(settings="globals()['A'] = 1\n")
    assert str(found.where("A")) == "mysite/settings.py"


@pytest.mark.parametrize("text", ["from .settings import *\nA = 1", "A = (", "\0"])
def test_a_circle_or_a_broken_file_does_no_harm(places: Callable[..., Places], text: str) -> None:
    assert places(settings=text).where("A").path == "mysite/settings.py"


def test_settings_without_a_module() -> None:
    assert str(Places("", Path.cwd()).where("A")) == "settings"
    assert str(Places("no.such.module", Path.cwd()).where("A")) == "no.such.module"


@pytest.mark.parametrize(
    ("text", "keys", "name"),
    [
        ("A = B", (), "B"),
        ("A = 1\nA = B", (), "B"),
        ("A = B\nA = 1", (), ""),
        ("A = str(B)", (), ""),
        ("A = {'x': {'y': B}}", ("x", "y"), "B"),
        ("A = {}\nA['x'] = {'y': B}", ("x", "y"), "B"),
        ("A = {'x': {'y': B}}\nA['z'] = 1", ("x", "y"), "B"),
        ("A = {'x': {'y': B}}\nA['x']['y'] = 1", ("x", "y"), ""),
        ("A = {'x': B}", ("x", "y"), ""),
        ("", (), ""),
    ],
)
def test_the_name_that_a_value_is_given_as(
    places: Callable[..., Places], text: str, keys: tuple[str, ...], name: str
) -> None:
    assert places(settings=f"B = 2\n{text}\n").written_as("A", *keys) == name
