"""A log record with a stack that is not the caller's."""

from __future__ import annotations

import logging


def log_with_stack(logger: logging.Logger, level: int, text: str, stack: str) -> None:
    """Log ``text`` with ``stack``: a field of the one line in JSON, readable on a console."""
    if logger.isEnabledFor(level):
        record = logger.makeRecord(
            logger.name, level, __file__, 0, text, (), None, sinfo=stack or None
        )
        logger.handle(record)
