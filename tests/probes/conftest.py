"""Each test begins with a replica that serves, and with nothing known of any check."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.replica import fresh_state  # noqa: F401 - a fixture

from django_scaleready import lifecycle
from django_scaleready.probes import asking


@pytest.fixture(autouse=True)
def serving(
    fresh_state: object,  # noqa: F811 - the fixture above
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    # A machine that stands still for a while is no check that hangs.
    monkeypatch.setenv("SCALEREADY_PROBE_DEADLINE", "30")
    lifecycle.started()
    asking.forget()
    yield
    asking.forget()
