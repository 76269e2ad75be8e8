"""Programs of the system, and those that wheels bring."""

from __future__ import annotations

import os
import shutil
import sysconfig

from django_scaleready.drill.waiting import DrillError

# Debian keeps servers in a directory that is on root's PATH alone.
_SERVERS = ("/usr/sbin", "/usr/local/sbin")


def find(name: str) -> str | None:
    """Return where a program is, None if it is not installed."""
    # A virtual environment is not on PATH when it is not activated.
    scripts = sysconfig.get_path("scripts")
    searched = os.pathsep.join([os.environ.get("PATH", os.defpath), scripts, *_SERVERS])
    return shutil.which(name, path=searched)


def require(name: str) -> str:
    """Return where a program is; DrillError, naming it, if it is not installed."""
    program = find(name)
    if program is None:
        raise DrillError(f"{name} is not installed: apt-get install {name}, or the like.")
    return program
