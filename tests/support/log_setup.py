"""The loggers of this process, put back as they were.

Since Django 6.1 ``override_settings(LOGGING=...)`` configures them, and may disable all there are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """What is configured inside is undone, for every logger; handlers made there are closed."""
    before = {logger: _state(logger) for logger in _loggers()}
    yield
    for logger in _loggers():
        level, handlers, propagate, disabled = before.get(logger, (logging.NOTSET, [], True, False))
        for handler in set(logger.handlers).difference(handlers):
            # pytest adds its own to the root for each phase of a test, and takes them away.
            if not type(handler).__module__.startswith("_pytest"):
                logger.removeHandler(handler)
                handler.close()
        if logger is not logging.root:
            logger.handlers = handlers
        # Not by assignment: what it answered for a level is remembered.
        logger.setLevel(level)
        logger.propagate, logger.disabled = propagate, disabled


def _loggers() -> list[logging.Logger]:
    named = logging.root.manager.loggerDict.values()
    return [logging.root, *(logger for logger in named if isinstance(logger, logging.Logger))]


def _state(logger: logging.Logger) -> tuple[int, list[logging.Handler], bool, bool]:
    return logger.level, list(logger.handlers), logger.propagate, logger.disabled
