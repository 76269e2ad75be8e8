"""Examples of what a witness sees: run in a process of their own, for a hook stays in one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from support.projects import run_python
from support.written import write

from django_scaleready.checks.witnessed import Seen, read

PROGRAM = Path(__file__).with_name("witnessed_run.py")


def witnessed(folder: Path, files: Mapping[str, str]) -> tuple[Seen, ...]:
    """Write files below a folder, make the request of ``shop/views.py``, return what was seen."""
    write(folder, {"shop/__init__.py": "", **files})
    output = folder / "witnessed.json"
    done = run_python(folder, str(PROGRAM), str(folder), str(output))
    assert done.returncode == 0, done.stderr
    return read(output)
