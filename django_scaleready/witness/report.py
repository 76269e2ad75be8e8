"""From what was seen in one or several processes to a report, in the form of the check."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core import checks

from django_scaleready.checks.messages import is_serious
from django_scaleready.checks.reports.build import build, render
from django_scaleready.checks.reports.report import Report
from django_scaleready.checks.witnessed import Seen, as_data, from_data, merged, write
from django_scaleready.witness.judging import found, is_silenced
from django_scaleready.witness.recorder import Recorder

TITLE = "scaleready: what would stay behind on one replica"
_MOMENTS = ("request", "task", "test")


class Gathered:
    """What the processes of one test run have seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: list[Seen] = []
        self._watched: Counter[str] = Counter()
        self._errors: dict[str, None] = {}

    @property
    def seen(self) -> tuple[Seen, ...]:
        """One entry for each kind and place."""
        return merged(self._seen)

    def take(self, recorder: Recorder) -> None:
        """Add what this process saw; it is over now."""
        recorder.finish()
        self._seen += recorder.seen.values()
        self._watched.update(recorder.watched)
        self._errors.update(recorder.errors)

    def add(self, text: str) -> None:
        """Add what another process handed over."""
        told = json.loads(text)
        self._seen += [from_data(data) for data in told["seen"]]
        self._watched.update(told["watched"])
        self._errors.update(dict.fromkeys(told["errors"]))

    def report(self) -> Report:
        """Return the report; what is certain and an error fails."""
        everything = [found(seen) for seen in self.seen]
        visible = [item for item in everything if not is_silenced(item, self.root)]
        return build(
            visible,
            root=self.root,
            serious=lambda finding: is_serious(finding, checks.ERROR),
            silenced=len(everything) - len(visible),
        )

    def written(self, path: Path) -> str:
        """Write the file for ``check --witnessed``; return what is wrong with the path, or ""."""
        try:
            write(path, self.seen)
        except OSError as error:
            return f"--scaleready-output {path}: {error.strerror}."
        return ""

    def lines(self, paint: Callable[[str, str], str] | None = None) -> Iterator[str]:
        """Yield a summary; the last line says what was watched, for nothing may have been."""
        if any(self._watched[word] for word in _MOMENTS):
            yield from render(self.report(), "text", paint).splitlines()
        for error in self._errors:
            yield f"A trace was lost: {error}"
        yield self._extent()

    def _extent(self) -> str:
        counted = [
            f"{number:,} {word}{'' if number == 1 else 's'}"
            for word in _MOMENTS
            if (number := self._watched[word])
        ]
        if not counted:
            return "Nothing was watched: no request was made and no task ran in these processes."
        return f"Watched {', '.join(counted)}."


def carried(recorder: Recorder) -> str:
    """Return what a process has seen as text, for ``Gathered.add`` of another."""
    return json.dumps(
        {
            "seen": [as_data(seen) for seen in recorder.seen.values()],
            "watched": recorder.watched,
            "errors": list(recorder.errors),
        }
    )
