"""Ends what a drill leaves behind when it is killed itself; a program, not imported by anything.

Reads lines on stdin: ``+<group> <signal>`` watches a process group, ``-<group>`` forgets it,
``rm <directory>`` names what goes at the end. The end of stdin is the end of the drill, however it
came: kill -9 closes a pipe too. Then each group still watched gets its signal, SIGKILL after
``PATIENCE`` seconds, and the directories are removed.

Not PR_SET_PDEATHSIG: that reaches the children alone and not theirs, fires when the *thread* ends
that started them, and exists on Linux only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time

PATIENCE = 3.0


def alive(group: int) -> bool:
    """Whether the group has a member, were it only a zombie."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(groups: dict[int, int]) -> None:
    """End all groups, politely first."""
    for group, number in groups.items():
        with contextlib.suppress(OSError):
            os.killpg(group, number)
            os.killpg(group, signal.SIGCONT)  # A frozen one would not hear of it.
    deadline = time.monotonic() + PATIENCE
    while any(map(alive, groups)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Follow stdin to its end, then clean up."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    directories: list[str] = []
    for line in sys.stdin:
        word = line.rstrip("\n")
        if word.startswith("rm "):
            directories.append(word[3:])
        elif word.startswith("-"):
            groups.pop(int(word[1:]), None)
        else:
            group, number = word[1:].split()
            groups[int(group)] = int(number)
    end(groups)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
