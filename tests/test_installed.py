"""Which copy of the package the tests are about."""

from __future__ import annotations

import os
from pathlib import Path

import django_scaleready


def test_under_tox_the_installed_wheel_is_tested() -> None:
    home = Path(django_scaleready.__file__)
    installed = "site-packages" in home.parts
    assert installed or "TEST_THE_INSTALLED_PACKAGE" not in os.environ, home
