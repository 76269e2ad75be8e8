"""A share of the requests and tasks of a real process: ``SCALEREADY["WITNESS"] = 0.01``."""

from __future__ import annotations

import logging
from pathlib import Path

from django_scaleready.checks.base import Severity
from django_scaleready.checks.witnessed import Seen
from django_scaleready.witness import watch
from django_scaleready.witness.judging import found, is_silenced

logger = logging.getLogger("django_scaleready.witness")
# What may still be taken back, a temporary file in other hands, is told after so many seconds.
PATIENCE = 60.0
_LEVELS = {Severity.INFO: logging.INFO}


def start(share: float) -> None:
    """Watch this share from now on, and log what is found."""

    def heard(seen: Seen) -> None:
        tell(seen, recorder.frames.root)

    def lost(error: str) -> None:
        logger.warning("A trace was lost: %s", error)

    recorder = watch.recorder(heard, lost, PATIENCE)
    watch.start(recorder, share)


def is_told(count: int) -> bool:
    """Whether a count is one that is worth a line: 1, 10, 100, ..."""
    return str(count).rstrip("0") == "1"


def tell(seen: Seen, root: Path) -> None:
    """Log a finding when it is new in this process, and again when it was seen 10, 100, ... times.

    The fields are those of the check's JSON.
    """
    if not is_told(seen.count):
        return
    item = found(seen)
    if is_silenced(item, root):
        return
    finding = item.finding
    logger.log(
        _LEVELS.get(finding.severity, logging.WARNING),
        "%s",
        finding.message,
        extra={
            "id": item.rule.code,
            "slug": item.rule.slug,
            "severity": str(finding.severity),
            "path": finding.location.path,
            "line": finding.location.line,
            "hint": finding.hint,
            "package": seen.package,
            "target": seen.target,
            "seen": seen.count,
        },
    )
