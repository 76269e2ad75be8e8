"""One copy of each project for a test module; its processes end with the module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from django_scaleready.drill.supervisor import Supervisor


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor
