"""Each test begins with a replica that serves, and with nothing known of any check."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.replica import fresh_state  # noqa: F401 - a fixture

from django_scaleready import lifecycle
from django_scaleready.probes import asking


@pytest.fixture(autouse=True)
def serving(fresh_state: object) -> Iterator[None]:  # noqa: F811 - the fixture above
    lifecycle.started()
    asking.forget()
    yield
    asking.forget()
