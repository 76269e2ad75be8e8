"""Whether a cron that is started has anything to do."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import DeployFile
from django_scaleready.checks.deployment.process import Process

# They do what lies in their folders, and nothing by themselves.
_DAEMONS = frozenset({"cron", "crond"})
_STARTERS = frozenset({"service", "systemctl"})
# Where they look, and what puts something there.
_GIVEN = re.compile(
    r"crontab|installtasks|\bcrond?\b[^\n]* -c\b|/etc/cron|/cron\.d\b|spool/cron|/etc/periodic"
    r"|\bcron\.(hourly|daily|weekly|monthly)"
)
# Those of a program or a file, of all that may be said of crontabs.
_TABLE = re.compile(
    r"(^|[;&|(`\"']|\b(do|else|exec|run|sudo|then))[ \t]*\S*\bcrontab\b"
    r"|[/.:]crontab|crontabs?[/.:]|^[ \t]*(add|copy|cp|install|ln|mv)\b[^\n]*crontab"
    r"|installtasks|\bcrond?\b[^\n]* -c\b|/etc/cron|/cron\.d\b|spool/cron|/etc/periodic"
    r"|\bcron\.(hourly|daily|weekly|monthly)",
    re.MULTILINE | re.IGNORECASE,
)
# What a folder holds that is copied over the root, or over /etc.
_BELOW = {
    "/": ("etc/cron*", "etc/periodic", "var/spool/cron"),
    "/etc": ("cron*", "periodic"),
    "/var": ("spool/cron",),
}


def is_idle(
    root: Path,
    files: Iterable[DeployFile],
    process: Process,
    command: Command,
    *,
    has_jobs: bool = True,
) -> bool:
    """Whether a daemon is started for whose folders nothing is made: it does nothing of ours.

    Where ``has_jobs`` is false, ``manage.py crontab`` makes nothing for it either.
    """
    given = _GIVEN if has_jobs else _TABLE
    if not _looks_around(command) or any(given.search(file.text) for file in files):
        return False
    beside = posixpath.dirname(process.location.path)
    return not any(
        any((root / folder / source.lstrip("/")).glob(pattern))
        for source, target in (*process.copies, *process.placed)
        for pattern in _BELOW.get(posixpath.normpath(target), ())
        for folder in (beside, "")
    )


def _looks_around(command: Command) -> bool:
    """Whether a daemon looks where all of them do; uWSGI's own cron is told what to do."""
    if command.program in _DAEMONS:
        return command.arguments[:1] == () or command.arguments[0].startswith("-")
    return command.program in _STARTERS
