"""What ``LOGGING_CONFIG`` names: Django calls it with ``LOGGING`` once the settings are read."""

from __future__ import annotations

import logging
import logging.config
from typing import Any


def configure(settings: dict[str, Any]) -> None:
    """Apply a ``LOGGING`` dictionary and send warnings through it.

    No key of the dictionary does the latter, and a warning that Python prints itself is two bare
    lines on stderr.
    """
    logging.config.dictConfig(settings)
    logging.captureWarnings(True)
