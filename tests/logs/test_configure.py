"""What Django calls with LOGGING."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import pytest

from django_scaleready.logs.configure import configure


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    # Captured twice is captured once: what another test left on would hide what this one does.
    logging.captureWarnings(False)
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = before


def test_warnings_become_records(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure({"version": 1, "disable_existing_loggers": False})
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert [record.name for record in caplog.records] == ["py.warnings"]


def test_the_dictionary_is_applied() -> None:
    configure(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "loggers": {"test.configure": {"level": "ERROR"}},
        }
    )
    assert logging.getLogger("test.configure").level == logging.ERROR
