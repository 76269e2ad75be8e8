"""Whether a script that traps SIGTERM is still there when what it started has stopped."""

from __future__ import annotations

import re

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.shell.script import Script, text_of

_TRAP = re.compile(r"^[ \t]*trap[ \t]+(?:--[ \t]+)?('[^']*'|\"[^\"]*\"|\S+)([^#\n]*)", re.MULTILINE)
_TERM = re.compile(r"\b(SIG)?TERM\b|\b15\b")
_WAIT = re.compile(r"(?:^|[;&|]|\b(?:do|then|else)[ \t])[ \t]*wait\b(?![-\w])", re.MULTILINE)
_LOOP = re.compile(r"^[ \t]*(while|until)\b", re.MULTILINE)
# In what a trap does, or behind the wait: something that takes its time.
_STAYS = re.compile(r"\b(wait|sleep|while|until|tail|exec)\b")


def cut_at(script: Script) -> Location | None:
    """Return the ``wait`` at which a script ends when a trap has run; None for none.

    A signal with a trap interrupts ``wait``: what the trap has told to stop needs another one, or
    it is killed with the first process of its container.
    """
    text = text_of(script.root)
    waits = list(_WAIT.finditer(text))
    handlers = [found[1].strip("\"'") for found in _TRAP.finditer(text) if _TERM.search(found[2])]
    if len(waits) != 1 or not handlers:
        return None
    looped = text[: waits[0].start()].rpartition("done")[2]
    if _LOOP.search(looped):
        return None
    done = [text[waits[0].end() :], *(_body(text, handler) for handler in handlers)]
    if any(_STAYS.search(part) for part in done):
        return None
    above = script.root.start_point[0] + 1
    return Location(script.path, text.count("\n", 0, waits[0].end()) + above)


def _body(text: str, handler: str) -> str:
    """Return what a trap does, with what stands in the functions that it calls."""
    names = "|".join(map(re.escape, re.findall(r"[A-Za-z_][\w-]*", handler)))
    defined = re.compile(
        rf"^[ \t]*(?:function[ \t]+)?(?:{names})[ \t]*(?:\(\))?\s*\{{(.*?)^[ \t]*\}}",
        re.MULTILINE | re.DOTALL,
    )
    return "\n".join([handler, *(found[1] for found in defined.finditer(text))]) if names else ""
