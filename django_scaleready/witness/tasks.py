"""Celery's tasks as windows: from ``task_prerun`` to ``task_postrun``, eager ones too."""

from __future__ import annotations

import random
from typing import Any

from celery.signals import task_postrun, task_prerun

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Moment
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.windows import Window


class Tasks:
    """Watches a share of the tasks of this process, 1.0 for all of them."""

    def __init__(self, recorder: Recorder, share: float) -> None:
        self.recorder, self.share = recorder, share
        self._open: dict[str, Window] = {}

    def start(self) -> None:
        """Begin with the next task."""
        task_prerun.connect(self._begin, weak=False, dispatch_uid=f"{__name__}.begin")
        task_postrun.connect(self._end, weak=False, dispatch_uid=f"{__name__}.end")

    def stop(self) -> None:
        """Watch no more of them."""
        task_prerun.disconnect(dispatch_uid=f"{__name__}.begin")
        task_postrun.disconnect(dispatch_uid=f"{__name__}.end")

    def _begin(self, *, task_id: str, task: Any, **_: Any) -> None:
        if self.share >= 1 or random.random() < self.share:  # noqa: S311 - a sample, no secret
            window = self.recorder.begin(Moment.TASK, lambda: self._describe(task))
            self._open[task_id] = window

    def _describe(self, task: Any) -> tuple[str, Location | None]:
        return str(task.name), self.recorder.frames.place_of(task.run)

    def _end(self, *, task_id: str, **_: Any) -> None:
        window = self._open.pop(task_id, None)
        if window is not None:
            window.end()
