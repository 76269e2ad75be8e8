"""On and off: one witness in a process."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack

from django.conf import settings

from django_scaleready.checks.root import find_root
from django_scaleready.checks.witnessed import Seen
from django_scaleready.conf import conf
from django_scaleready.witness import hook
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.requests import Requests
from django_scaleready.witness.tasks import Tasks

_off = ExitStack()


def recorder(
    heard: Callable[[Seen], None] | None = None,
    lost: Callable[[str], None] | None = None,
    patience: float = math.inf,
) -> Recorder:
    """Return one for the project whose settings are in force; see Recorder."""
    root = find_root(str(getattr(settings, "SETTINGS_MODULE", None) or ""))
    return Recorder(root, shared=conf.shared_paths, heard=heard, lost=lost, patience=patience)


def start(recorder: Recorder, share: float = 1.0) -> None:
    """Watch a share of the requests and tasks of this process, instead of what was watched."""
    stop()
    watched: list[Requests | Tasks] = [Requests(recorder, share), Tasks(recorder, share)]
    for one in watched:
        one.start()
        _off.callback(one.stop)
    recorder.threads.watch(recorder.origin)
    _off.callback(recorder.threads.unwatch)
    hook.listen(recorder)
    _off.callback(hook.mute)


def stop() -> None:
    """Watch nothing; the hook stays, and returns at once."""
    _off.close()
