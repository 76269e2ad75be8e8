"""Loggers that a server configured before Django."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from django_scaleready.logs import servers
from django_scaleready.logs.handlers import OutputHandler

LOGGER = logging.getLogger("uvicorn.access")


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    yield
    LOGGER.handlers, LOGGER.propagate = [], True


def left_by_uvicorn(*handlers: logging.Handler) -> logging.Logger:
    """Not in a fixture: pytest adds handlers to loggers that it finds not propagating."""
    LOGGER.handlers, LOGGER.propagate = list(handlers), False
    return LOGGER


@pytest.fixture
def ours() -> Iterator[None]:
    handler = OutputHandler()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)


def test_what_prints_to_the_console_is_written_by_ours(ours: None) -> None:
    access = left_by_uvicorn(logging.StreamHandler())
    servers.adopt()
    assert (access.handlers, access.propagate) == ([], True)


def test_a_project_with_a_log_of_its_own_is_left_alone() -> None:
    access = left_by_uvicorn(logging.StreamHandler())
    servers.adopt()
    assert (len(access.handlers), access.propagate) == (1, False)


def test_an_access_log_that_was_switched_off_stays_so(ours: None) -> None:
    access = left_by_uvicorn()  # --no-access-log
    servers.adopt()
    assert not access.propagate


def test_a_file_that_was_chosen_stays(ours: None, tmp_path: Path) -> None:
    file = logging.FileHandler(tmp_path / "access.log")
    access = left_by_uvicorn(file)
    servers.adopt()
    file.close()
    assert access.handlers == [file]


def test_uvicorns_second_message_in_colour_is_left_out(ours: None) -> None:
    servers.adopt()
    logger = logging.getLogger("uvicorn.error")
    record = logger.makeRecord(
        "uvicorn.error", logging.INFO, "", 0, "Started", (), None, extra={"color_message": "x"}
    )
    assert logger.filter(record)
    assert not hasattr(record, "color_message")
