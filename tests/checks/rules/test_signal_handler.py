"""signal-handler: who handles SIGTERM in a server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.signal_handler import RULE

Make = Callable[..., Project]
HEAD = "import signal, sys, os\nold = signal.getsignal(signal.SIGTERM)\n"
IMPORTED = "from signal import SIGTERM, signal\n"
STOP = "def stop(number, frame):\n    {}\n"
SET = "signal.signal(signal.SIGTERM, stop)\n"
READY = "class Shop(AppConfig):\n    def ready(self):\n        "
FLAG = "open('down', 'w').close()"


def handler(body: str, setting: str = SET, *, name: str = "wsgi.py") -> dict[str, str]:
    return {f"shop/{name}": HEAD + STOP.format(body) + setting}


@pytest.mark.parametrize(
    "files",
    [
        handler(FLAG),
        handler("print('bye')", name="asgi.py"),
        handler(FLAG, f"try:\n    {SET}except ValueError:\n    pass\n"),
        handler("pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"),
        handler(FLAG, READY + SET, name="apps.py"),
        {"shop/wsgi.py": IMPORTED + STOP.format(FLAG) + "signal(SIGTERM, stop)\n"},
    ],
)
def test_finds(make_project: Make, files: dict[str, str]) -> None:
    assert len(list(RULE.find(make_project(files)))) == 1


@pytest.mark.parametrize(
    "files",
    [
        handler("sys.exit(0)"),
        handler("raise SystemExit"),
        handler("old(number, frame)"),
        handler("os.kill(os.getpid(), signal.SIGQUIT)"),
        handler(FLAG, "signal.signal(signal.SIGUSR1, stop)\n"),
        handler(FLAG, "signal.signal(signal.SIGTERM, signal.SIG_DFL)\n"),
        handler(FLAG, "signal.signal(signal.SIGTERM, elsewhere)\n"),
        handler(FLAG, f"def unused():\n    {SET}"),
        handler(FLAG, name="management/commands/consume.py"),
        handler(FLAG, "if __name__ == '__main__':\n    " + SET),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert list(RULE.find(make_project(files))) == []
