"""The audit hook: every write, connection, socket and process of this interpreter passes here.

A hook can never be taken out again, so it is put in when somebody first asks for it, and does
nothing while nobody listens.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django_scaleready.checks.witnessed import Kind
from django_scaleready.witness.frames import Site
from django_scaleready.witness.recorder import Recorder
from django_scaleready.witness.traces import FileTrace, ProcessTrace, SocketTrace, Trace

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ELSEWHERE = ("/dev/", "/proc/", "/sys/")

_recorder: Recorder | None = None
_installed = False


def listen(recorder: Recorder) -> None:
    """Have a recorder told of everything from now on, instead of the one before."""
    global _installed, _recorder  # noqa: PLW0603 - an interpreter has one audit hook of ours
    _recorder = recorder
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def mute() -> None:
    """Tell nobody any more."""
    global _recorder  # noqa: PLW0603 - see above
    _recorder = None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _recorder is None:
        return
    sieve = _SIEVES.get(event)
    if sieve is None:
        return
    try:
        sieve(_recorder, args)
    except Exception as error:  # noqa: BLE001 - what a hook raises, the project's call raises
        _recorder.failed(error)


def _note(recorder: Recorder, make: Callable[[Site], Trace], depth: int = 3) -> None:
    """Take a trace of whoever called the function that the event is about."""
    found = recorder.window()
    if found is None:
        return
    window, born = found
    site = recorder.site(window, born, sys._getframe(depth))
    if site is not None:
        recorder.add(window, make(site))


def _open(recorder: Recorder, args: tuple[Any, ...]) -> None:
    path, _, flags = args
    if isinstance(flags, int) and flags & _WRITES:
        _write(recorder, Kind.FILE, path)


def _truncate(recorder: Recorder, args: tuple[Any, ...]) -> None:
    _write(recorder, Kind.FILE, args[0])


def _rename(recorder: Recorder, args: tuple[Any, ...]) -> None:
    _write(recorder, Kind.FILE, args[1])


def _sqlite(recorder: Recorder, args: tuple[Any, ...]) -> None:
    name = os.fsdecode(args[0])
    if name.startswith("file:"):
        parts = urlsplit(name)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if query.get("mode") in {"memory", "ro"} or query.get("immutable") == "1":
            return
        name = unquote(parts.path)
    # "" is a temporary file of the library's own.
    if name and not name.startswith(":"):
        _write(recorder, Kind.SQLITE, name)


def _write(recorder: Recorder, kind: Kind, path: Any) -> None:
    if isinstance(path, int):
        return
    found = recorder.window()
    if found is None:
        return
    full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - a string, and no link is followed
    if full.startswith(_ELSEWHERE) or full.endswith(".pyc") or "/__pycache__/" in full:
        return
    window, _ = found
    temporary = any(full == made or full.startswith(made + "/") for made in window.temporary)
    _note(recorder, lambda site: FileTrace(kind, site, full, temporary), depth=4)


def _temporary(recorder: Recorder, args: tuple[Any, ...]) -> None:
    if found := recorder.window():
        found[0].temporary.add(os.path.abspath(os.fsdecode(args[0])))  # noqa: PTH100 - as above


def _bind(recorder: Recorder, args: tuple[Any, ...]) -> None:
    bound, address = args
    if bound.family in {socket.AF_INET, socket.AF_INET6}:
        host, port = address[:2]
        target = f"port {port} of {host or 'every address'}" if port else f"a port of {host or '*'}"
        # Datagrams come back to the port that a client is bound to.
        chosen = bool(port) and bound.type == socket.SOCK_STREAM
        _note(recorder, lambda site: SocketTrace(site, target, bound, chosen))
    elif bound.family == getattr(socket, "AF_UNIX", None):
        name = os.fsdecode(address).replace("\0", "@")
        if name:
            _note(recorder, lambda site: SocketTrace(site, name, bound, chosen=False))


def _popen(recorder: Recorder, args: tuple[Any, ...]) -> None:
    executable, words, *_ = args
    # The object is the caller's own; its arguments may hold a password, its name does not.
    popen = sys._getframe(2).f_locals.get("self")
    target = _program(executable or words)
    given = getattr(popen, "args", words)
    _note(recorder, lambda site: ProcessTrace(site, target, popen, given, forked=False))


def _system(recorder: Recorder, args: tuple[Any, ...]) -> None:
    target = _program(args[0])
    _note(recorder, lambda site: ProcessTrace(site, target, None, None, forked=False))


def _spawn(recorder: Recorder, args: tuple[Any, ...]) -> None:
    """Note what os.posix_spawn starts, unless subprocess is whom it starts it for."""
    if sys._getframe(2).f_globals.get("__name__") != "subprocess":
        target = _program(args[0])
        _note(recorder, lambda site: ProcessTrace(site, target, None, None, forked=False))


def _fork(recorder: Recorder, _args: tuple[Any, ...]) -> None:
    _note(recorder, lambda site: ProcessTrace(site, "a fork of itself", None, None, forked=True))


def _program(command: Any) -> str:
    """Return the name of a program without the arguments."""
    first = command[0] if isinstance(command, list | tuple) and command else command
    words = os.fsdecode(first).split() if isinstance(first, str | bytes | os.PathLike) else []
    return os.path.basename(words[0]) if words else "a program"  # noqa: PTH119 - a word, no file


_SIEVES: dict[str, Callable[[Recorder, tuple[Any, ...]], None]] = {
    "open": _open,
    "os.rename": _rename,
    "os.truncate": _truncate,
    "os.fork": _fork,
    "os.forkpty": _fork,
    "os.posix_spawn": _spawn,
    "os.system": _system,
    "socket.bind": _bind,
    "sqlite3.connect": _sqlite,
    "subprocess.Popen": _popen,
    "tempfile.mkdtemp": _temporary,
    "tempfile.mkstemp": _temporary,
}
