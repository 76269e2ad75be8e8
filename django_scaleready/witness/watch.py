"""On and off: one witness in a process."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from django_scaleready.checks.root import find_root
from django_scaleready.conf import conf
from django_scaleready.witness import hook
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.requests import Requests
from django_scaleready.witness.tasks import Tasks

_off = ExitStack()


def project_root() -> Path:
    """Return the folder that places are relative to: that of manage.py."""
    return find_root(str(getattr(settings, "SETTINGS_MODULE", None) or ""))


def recorder() -> Recorder:
    """Return one for the project whose settings are in force."""
    return Recorder(project_root(), shared=conf.shared_paths)


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
