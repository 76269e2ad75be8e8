"""Progress is for a terminal: nothing of it reaches a file or a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

FILES, LINES = 150, 600


def scan(folder: Path, stderr: int) -> subprocess.CompletedProcess[bytes]:
    for number in range(FILES):
        (folder / f"m{number}.py").write_text("def f(x): return g(x, y=[x.a, 1])\n" * LINES)
    return subprocess.run(
        [sys.executable, "-m", "django_scaleready", "scan", str(folder)],
        stdout=subprocess.PIPE,
        stderr=stderr,
        timeout=60,
        check=False,
        env={"XDG_CACHE_HOME": str(folder / ".cache"), "TERM": "xterm"},
    )


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        done = scan(tmp_path, theirs)
        shown = os.read(ours, 65_536)
    finally:
        os.close(theirs)
        os.close(ours)
    assert b"Reading " in shown
    assert f" of {FILES} files".encode() in shown
    assert shown.endswith(b"\r")
    assert b"Reading" not in done.stdout


def test_a_pipe_does_not(tmp_path: Path) -> None:
    done = scan(tmp_path, subprocess.PIPE)
    assert done.stderr == b""


@pytest.mark.parametrize("module", ["django_scaleready.checks", "django_scaleready.drill"])
def test_a_web_process_does_not_import_it(module: str) -> None:
    code = (
        "import sys, django; from django.conf import settings;"
        "settings.configure(INSTALLED_APPS=['django_scaleready']); django.setup();"
        f"print(sorted(m for m in sys.modules if m.startswith({module + '.'!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
