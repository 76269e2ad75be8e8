"""``python -m django_scaleready uwsgi-ini``: writes the figures for uWSGI, prints where they are.

Reads WEB_CONCURRENCY and the ladder's variables. An ini file cannot compute: the cores that a
container may use, or a time-out that follows from others. ``replica.ini``, which it includes,
holds everything that is the same everywhere. A figure for which uWSGI's own variable is set
(UWSGI_THREADS, UWSGI_HARAKIRI ...) is left out, because the file would win over it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from celery.utils.sysinfo import cpu_budget  # type: ignore[attr-defined]  # newer than its stubs

from django_scaleready.declarations import from_environment
from django_scaleready.env import EnvError, env

USAGE = """\
usage: uwsgi --ini "$(python -m django_scaleready uwsgi-ini)" --module mysite.wsgi [options]

Prints the path of an ini file for uWSGI: worker count, time-outs and recycling from the
environment, and how a replica starts, drains and stops. Further options of uWSGI go behind it
and win, --http-socket or --socket among them.
"""
INCLUDED = Path(__file__).with_name("replica.ini")
# Memory, and there also where the file system is read-only.
_MEMORY = Path("/dev/shm")  # noqa: S108 - files in it are checked for their owner
_ALIASES = {"processes": "workers"}
_SOMAXCONN = Path("/proc/sys/net/core/somaxconn")


def main(arguments: list[str]) -> None:
    """Print the path; exits with 2 if something in the environment is not as it must be."""
    if arguments:
        if arguments in (["-h"], ["--help"]):
            sys.stdout.write(USAGE)
            raise SystemExit(0)
        sys.stderr.write(f"{USAGE}\nuwsgi-ini: error: got {arguments[0]!r}, accepts nothing\n")
        raise SystemExit(2)
    try:
        # Looked at now: in uWSGI it would be found out by a keeper that cannot start.
        import_module("django_scaleready.settings.logging")
        print(write(figures()))  # noqa: T201 - what the command is for
    except (EnvError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def figures() -> dict[str, int]:
    """uWSGI's options that depend on the machine or the environment; times in seconds.

    Raises EnvError, naming the variable.
    """
    ladder = from_environment()
    # Not the cores of the host: the quota and affinity of the container.
    processes = env.whole("WEB_CONCURRENCY", cpu_budget().count, minimum=1)
    requests = env.whole("UWSGI_MAX_REQUESTS", 1000)
    spread = requests // (processes + 1)
    return {
        "processes": processes,
        # A request that waits for the database must not hold the whole process.
        "threads": 4,
        # Until nginx and HAProxy, which wait, are refused. uWSGI does not start with more than
        # the kernel allows.
        "listen": min(2048, _allowed_backlog()),
        # What leaks, leaks until the process ends. Worker n ends after n deltas more: spread over
        # one life, so that no two are away at once.
        "max-requests": requests - spread,
        "max-requests-delta": spread,
        # A request that takes longer would be cut by the next deployment anyway. It ends the
        # worker, with the requests of its other threads.
        "harakiri": ladder.graceful_timeout,
        "worker-reload-mercy": ladder.graceful_timeout,
    }


def _allowed_backlog() -> int:
    try:
        return int(_SOMAXCONN.read_text())
    except OSError:  # not Linux: uWSGI's own default
        return 100


def write(options: Mapping[str, int]) -> Path:
    """Write the file and return its path; the same figures give the same file.

    Raises OSError if there is no directory to write to that is the user's own.
    """
    folder = _folder()
    lines = [
        "[uwsgi]",
        # %T, microseconds: two replicas on one machine must not share a FIFO.
        f"set-placeholder = scaleready-run={folder.parent}/scaleready-%T",
        *(
            f"{name} = {value}"
            for name, value in options.items()
            if not any(_variable(said) in os.environ for said in (name, _ALIASES.get(name, name)))
        ),
        f"ini = {INCLUDED}",
    ]
    text = "\n".join(lines) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / f"uwsgi-{digest}.ini"
    # Renamed into place: another replica may be reading it.
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)  # uWSGI may have dropped its privileges when it reloads
    Path(file.name).replace(path)
    return path


def _variable(option: str) -> str:
    return f"UWSGI_{option.upper().replace('-', '_')}"


def _folder() -> Path:
    """A directory that nobody else can write to."""
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    folder = parent / f"scaleready-{os.getuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or folder.is_symlink() or status.st_mode & 0o022:
        raise PermissionError(f"{folder}: is not this user's own; remove it.")
    return folder
