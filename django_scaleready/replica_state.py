"""What all processes of a replica know at once: one page of memory, made before the fork.

``lifecycle`` is the way to read and change it where Django is loaded. The web server's master,
which loads no Django, and ``manage.py scaleready drain``, which is no child of it, come here.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

NAME: Final = "scaleready"
SIZE: Final = mmap.PAGESIZE

_MAGIC: Final = b"scalrdy1"
# One byte each, so that no process has to read what another may be changing in order to write.
_FLAGS: Final = slice(8, 12)
STARTED, DRAINING, REFUSING, BROKEN = range(4)
_STOPPING: Final = 12
# Aligned, so that each is written at once. Seconds; the first on the clock of ``monotonic``, which
# all processes of a machine share. NaN is "nobody said".
_SINCE, _DRAIN, _GRACEFUL, _TIMEOUT, _CLAIMED = 16, 24, 32, 40, 48
_SECONDS: Final = struct.Struct("@d")
_LEAVING: Final = 56
_PID: Final = struct.Struct("@I")
_REASON: Final = struct.Struct("@IH")
_REASON_BYTES: Final = 1024
_REASONS: Final = {REFUSING: 1024, BROKEN: 2048}


class NoReplicaError(LookupError):
    """A process is no web server that runs with this package's configuration."""


class ReplicaState:
    """The state of one replica; private to the process until ``share`` is called.

    Reading is a look into memory: no system call and no lock, so that a signal handler and every
    request may do it.
    """

    def __init__(self) -> None:
        self._memory: bytearray | mmap.mmap = bytearray(SIZE)
        self._memory[: len(_MAGIC)] = _MAGIC
        for offset in (_SINCE, _DRAIN, _GRACEFUL, _TIMEOUT, _CLAIMED):
            _SECONDS.pack_into(self._memory, offset, math.nan)

    def share(self) -> None:
        """Have every process forked from now on see the same state; a second call does nothing.

        On Linux another process of the same user finds it by ``attach``.
        """
        if isinstance(self._memory, mmap.mmap):
            return
        descriptor = -1
        # Refused by some sandboxes. Then only ``attach`` goes without.
        with suppress(AttributeError, OSError):
            descriptor = os.memfd_create(NAME, os.MFD_CLOEXEC)
            os.truncate(descriptor, SIZE)
        # It keeps a descriptor of its own, under which the memory is found.
        shared = mmap.mmap(descriptor, SIZE)
        if descriptor >= 0:
            os.close(descriptor)
        shared[:] = bytes(self._memory)
        self._memory = shared

    @property
    def shared(self) -> bool:
        """Whether ``share`` was called, here or in the process that this was forked from."""
        return isinstance(self._memory, mmap.mmap)

    @classmethod
    def attach(cls, pid: int) -> Self:
        """Return the state that the process ``pid`` shares.

        Raises NoReplicaError if it shares none, PermissionError if it is another user's, and
        ProcessLookupError if there is no such process.
        """
        folder = Path(f"/proc/{pid}/fd")
        try:
            descriptors = sorted(folder.iterdir())
        except FileNotFoundError:
            raise ProcessLookupError(f"There is no process {pid}.") from None
        for path in descriptors:
            with suppress(FileNotFoundError):  # closed in the meantime
                if str(path.readlink()).startswith(f"/memfd:{NAME} "):
                    return cls._opened(path)
        raise NoReplicaError(f"Process {pid} shares no state.")

    @classmethod
    def _opened(cls, path: Path) -> Self:
        with path.open("r+b", buffering=0) as file:
            memory = mmap.mmap(file.fileno(), SIZE)
        if memory[: len(_MAGIC)] != _MAGIC:
            raise NoReplicaError(f"{path} is of another release of this package.")
        state = cls()
        state._memory = memory
        return state

    # -- Flags: bytes of 0 or 1, in the order of STARTED, DRAINING, REFUSING, BROKEN. --

    def flags(self) -> bytes:
        """All four flags at once, a byte each: what a request asks of the state."""
        return bytes(self._memory[_FLAGS])

    def flag(self, which: int) -> bool:
        """Whether one of STARTED, DRAINING, REFUSING, BROKEN is set."""
        return bool(self._memory[_FLAGS.start + which])

    def _set(self, which: int, value: bool) -> None:
        self._memory[_FLAGS.start + which] = value

    def start(self) -> None:
        """The startup gate has passed; never taken back."""
        self._set(STARTED, True)

    def drain(self) -> None:
        """Begin to drain, unless that has begun. Safe in a signal handler."""
        if not self.flag(DRAINING):
            _SECONDS.pack_into(self._memory, _SINCE, time.monotonic())
            self._set(DRAINING, True)

    def refuse(self, reason: str) -> None:
        """Stop asking for traffic, until ``accept``."""
        self._write_reason(REFUSING, reason)
        self._set(REFUSING, True)

    def accept(self) -> None:
        """Take ``refuse`` back."""
        self._set(REFUSING, False)

    def breaks(self, reason: str) -> None:
        """Have the replica replaced; never taken back."""
        self._write_reason(BROKEN, reason)
        self._set(BROKEN, True)

    # -- The master's own --

    def stop(self) -> None:
        """The master is about to end its workers."""
        self._memory[_STOPPING] = True

    @property
    def stopping(self) -> bool:
        """Whether a worker has to end, for one whose SIGTERM was lost."""
        return bool(self._memory[_STOPPING])

    # -- The workers' own --

    @property
    def leaving(self) -> tuple[int, float]:
        """The worker whose turn it is to be recycled, 0 for none, and since when (monotonic)."""
        (pid,) = _PID.unpack_from(self._memory, _LEAVING)
        return pid, self._read(_CLAIMED)

    def leave(self, pid: int) -> None:
        """Say whose turn it is; 0 for nobody's."""
        _SECONDS.pack_into(self._memory, _CLAIMED, time.monotonic())
        _PID.pack_into(self._memory, _LEAVING, pid)

    # -- Figures --

    @property
    def drained_for(self) -> float:
        """Seconds since the drain began; 0.0 if it has not."""
        if not self.flag(DRAINING):
            return 0.0
        return max(0.0, time.monotonic() - self._read(_SINCE))

    def declare(self, *, drain: float, graceful: float, timeout: float) -> None:
        """Leave the project's figures, in seconds, for the master, which cannot read settings."""
        _SECONDS.pack_into(self._memory, _TIMEOUT, timeout)
        _SECONDS.pack_into(self._memory, _GRACEFUL, graceful)
        _SECONDS.pack_into(self._memory, _DRAIN, drain)

    @property
    def declared_drain(self) -> float | None:
        """Seconds to drain for; None if nobody has said."""
        return _known(self._read(_DRAIN))

    @property
    def declared_graceful(self) -> float | None:
        """Seconds that requests in flight get after the drain; None if nobody has said."""
        return _known(self._read(_GRACEFUL))

    @property
    def declared_timeout(self) -> float | None:
        """Seconds that a worker may be silent; None if nobody has said."""
        return _known(self._read(_TIMEOUT))

    def _read(self, offset: int) -> float:
        seconds: float = _SECONDS.unpack_from(self._memory, offset)[0]
        return seconds

    # -- Reasons --

    def reason(self, which: int) -> str:
        """Why REFUSING or BROKEN was set; "" if it was not, or if no reason can be read."""
        if not self.flag(which):
            return ""
        begin = _REASONS[which]
        # Two processes may write at once. A mixture of two reasons is not shown; the next who
        # looks finds one of them.
        for _ in range(3):
            slot = bytes(self._memory[begin : begin + _REASON_BYTES])
            checksum, length = _REASON.unpack_from(slot)
            text = slot[_REASON.size : _REASON.size + length]
            if zlib.crc32(text) == checksum:
                return text.decode(errors="ignore")
        return ""

    def _write_reason(self, which: int, reason: str) -> None:
        text = reason.encode(errors="replace")[: _REASON_BYTES - _REASON.size]
        slot = _REASON.pack(zlib.crc32(text), len(text)) + text
        begin = _REASONS[which]
        self._memory[begin : begin + len(slot)] = slot


def _known(seconds: float) -> float | None:
    return None if math.isnan(seconds) else seconds


replica = ReplicaState()
