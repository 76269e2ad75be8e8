"""The loggers of web servers that configure logging before Django does, and print text."""

from __future__ import annotations

import logging

from django_scaleready.logs.handlers import OutputHandler

LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "_granian", "granian.access")


def adopt() -> None:
    """Have uvicorn's and granian's lines written as all others are, if the project logs by the kit.

    What was chosen stays: an access log that was switched off, a handler that writes to a file.
    """
    if not any(isinstance(handler, OutputHandler) for handler in logging.getLogger().handlers):
        return
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if logger.handlers and all(type(h) is logging.StreamHandler for h in logger.handlers):
            logger.handlers.clear()
            logger.propagate = True
    logging.getLogger("uvicorn.error").addFilter(_without_colour)


def _without_colour(record: logging.LogRecord) -> bool:
    """uvicorn gives each message a second time, with escape sequences, as a field."""
    vars(record).pop("color_message", None)
    return True
