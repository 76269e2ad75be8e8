"""What the threads of a worker were doing when it was ended.

uWSGI's own tracebacker needs a worker that still runs Python, and gives up at the first line of
source that is not ASCII. The interpreter's signal handler needs neither.
"""

from __future__ import annotations

import faulthandler
import os
import tempfile

_BYTES = 64 * 1024


class Traces:
    """A file for each of ``workers``, made before the fork: whoever it drops to may write to it."""

    def __init__(self, workers: int) -> None:
        # Append, so that the worker that follows does not overwrite what was not read yet.
        self._files = [
            tempfile.TemporaryFile(mode="a+b")  # noqa: SIM115 - kept open
            for _ in range(workers)
        ]
        self._read = [0] * workers
        self._seen = [0] * workers

    def arm(self, worker: int) -> None:
        """In a worker (counted from 1): write there when it crashes or gets SIGABRT."""
        faulthandler.enable(file=self._files[worker - 1], all_threads=True)

    def collect(self) -> dict[int, str]:
        """Return the new traces by worker; one that is still growing comes next time."""
        found = {}
        for index, file in enumerate(self._files):
            size = os.fstat(file.fileno()).st_size
            if size == self._seen[index] and size > self._read[index]:
                found[index + 1] = self._take(index, size)
            self._seen[index] = size
        return found

    def _take(self, index: int, size: int) -> str:
        begin, self._read[index] = self._read[index], size
        data = os.pread(self._files[index].fileno(), min(size - begin, _BYTES), begin)
        return data.decode(errors="replace")
