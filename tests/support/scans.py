"""A repository that a test makes up, scanned as anybody would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from support.written import write


def scan(folder: Path, files: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Write the files of a repository and scan it, in a process of its own."""
    write(folder, files)
    return subprocess.run(
        [sys.executable, "-m", "django_scaleready", "scan", str(folder), *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "", "XDG_CACHE_HOME": str(folder / ".cache")},
    )


def found(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """What a scan of such files says, as JSON."""
    done = scan(folder, files, "--format", "json")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def places(said: dict[str, Any], slug: str) -> list[str]:
    """Where a rule finds something."""
    return [f"{f['path']}:{f['line']}" for f in said["findings"] if f["slug"] == slug]
