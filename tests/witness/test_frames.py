"""Whose code a file is, and who is named for what was done."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import django.views.generic.base
import pytest
from django.views.generic import View

import django_scaleready.conf
from django_scaleready.checks.base import Location
from django_scaleready.witness.distributions import distribution
from django_scaleready.witness.frames import Frames, Owner

ROOT = Path("/srv/shop")


@pytest.fixture
def frames() -> Frames:
    return Frames(ROOT)


@pytest.mark.parametrize(
    ("file", "owner", "shown"),
    [
        ("/srv/shop/orders/views.py", Owner.PROJECT, "orders/views.py"),
        ("/srv/shop/manage.py", Owner.PROJECT, "manage.py"),
        ("/srv/shop/tests/helpers.py", Owner.TEST, ""),
        ("/srv/shop/orders/test_views.py", Owner.TEST, ""),
        ("/srv/shop/conftest.py", Owner.TEST, ""),
        ("/srv/tests/test_shop.py", Owner.TEST, ""),
        ("/srv/shop/orders/migrations/0001_initial.py", Owner.LIBRARY, ""),
        ("/srv/shop/vendor/ledger.py", Owner.LIBRARY, ""),
        ("/srv/shop/.venv/lib/python3.11/site-packages/ledger/api.py", Owner.PACKAGE, None),
        ("/usr/lib/python3/dist-packages/ledger.py", Owner.PACKAGE, "ledger.py"),
        ("/x/site-packages/django/core/files/move.py", Owner.LIBRARY, "django/core/files/move.py"),
        ("/opt/checkout/ledger/api.py", Owner.PACKAGE, "ledger/api.py"),
        (django_scaleready.conf.__file__, Owner.KIT, ""),
        (sys.modules["threading"].__file__, Owner.LIBRARY, ""),
        ("<frozen importlib._bootstrap>", Owner.LIBRARY, ""),
        ("", Owner.LIBRARY, ""),
    ],
)
def test_whose_code_a_file_is(frames: Frames, file: str, owner: Owner, shown: str | None) -> None:
    source = frames.source(file, "ledger.api")
    assert source.owner is owner
    assert source.shown == ("ledger/api.py" if shown is None else shown)


def stack(*calls: tuple[str, str]) -> FrameType:
    """Return the innermost of frames of such modules and files, the outermost first."""
    held: list[FrameType] = []
    inner: Any = lambda: held.append(sys._getframe(1))  # noqa: E731 - it has to have no name
    for module, file in reversed(calls):
        names: dict[str, Any] = {"__name__": module, "__file__": file, "inner": inner}
        exec("def call():\n    inner()", names)
        inner = names["call"]
    # Further out stands this test, which would be named for a test.
    names = {"__name__": "django.core.handlers.base", "__file__": "/x/site-packages/django/h.py"}
    exec("def call(inner):\n    inner()", names)
    names["call"](inner)
    return held[0]


VIEW = ("shop.views", "/srv/shop/shop/views.py")
MIDDLEWARE = ("shop.middleware", "/srv/shop/shop/middleware.py")
HANDLER = ("django.core.handlers.exception", "/x/site-packages/django/core/handlers/exception.py")
SDK = ("ledger.api", "/x/site-packages/ledger/api.py")
FILES = ("filelock.unix", "/x/site-packages/filelock/unix.py")
PATHLIB = ("pathlib", sys.modules["pathlib"].__file__ or "")
CACHE = ("django.core.cache.backends.filebased", "/x/site-packages/django/core/cache/backends/f.py")
COMMAND = ("django.core.management.base", "/x/site-packages/django/core/management/base.py")
TEST = ("test_shop", "/srv/shop/tests/test_shop.py")


@pytest.mark.parametrize(
    ("calls", "place", "package"),
    [
        ((VIEW,), "shop/views.py", ""),
        ((VIEW, PATHLIB), "shop/views.py", ""),
        ((VIEW, SDK), "shop/views.py", "ledger/api.py"),
        # The one that did it is named, not the one that was called.
        ((VIEW, SDK, FILES), "shop/views.py", "filelock/unix.py"),
        # Middleware has called the handler, and done nothing.
        ((MIDDLEWARE, HANDLER, SDK), "", "ledger/api.py"),
        ((MIDDLEWARE,), "shop/middleware.py", ""),
    ],
)
def test_who_is_named(frames: Frames, calls: tuple[Any, ...], place: str, package: str) -> None:
    site = frames.site(stack(*calls))
    assert site is not None
    assert site.place == (Location(place, 2) if place else None)
    assert site.package == (Location(package, 2) if package else None)


@pytest.mark.parametrize("calls", [(VIEW, CACHE), (VIEW, TEST), (TEST, SDK)])
def test_what_the_settings_name_and_what_a_test_does_is_left_alone(
    frames: Frames, calls: tuple[Any, ...]
) -> None:
    assert frames.site(stack(*calls)) is None


def test_a_test_that_calls_says_nothing_about_commands(frames: Frames) -> None:
    assert frames.site(stack(COMMAND, VIEW), tested=True) is None
    assert frames.site(stack(COMMAND, VIEW)) is not None
    assert frames.site(stack(VIEW), tested=True) is not None
    assert frames.site(stack(SDK), tested=True) is None


class Page(View):
    """A view of this file."""


def plain() -> None: ...


def test_where_a_view_is_written() -> None:
    here = Path(__file__)
    # Its name is a test's; elsewhere it would be the project's.
    assert Frames(here.parent).place_of(plain) is None
    django_frames = Frames(Path(django.views.generic.base.__file__).parent)
    assert django_frames.place_of(Page.as_view()) is None
    assert django_frames.place_of(len) is None


def test_the_distribution_of_a_file() -> None:
    assert distribution("pytest_django/plugin.py").startswith("pytest-django ")
    assert distribution("no_such_package/api.py") == "no_such_package"
    assert distribution("six_of_one.py") == "six_of_one"
