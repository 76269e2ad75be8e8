"""A project that cannot be loaded: said in three lines, with exit code 2 and no traceback.

Django finds an app's commands through the settings. While those fail, ``manage.py check`` is
Django's own command, which knows no ``--deploy-scale``: it would complain of the option and keep
the error to itself. Other errors than ImproperlyConfigured and ImportError escape as a traceback.

``watch`` is called where the kit's settings or its app are imported, and acts in a run of ``check
--deploy-scale`` or ``scaleready`` alone. What fails before is out of its reach; ``python -m
django_scaleready check`` covers that too.
"""

from __future__ import annotations

import atexit
import os
import sys
import traceback
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from django_scaleready.service_urls import redacted
from django_scaleready.shapes import SHAPES, Fault, faults

EXIT_CODE = 2
_KIT = Path(__file__).resolve().parent


@cache
def watch() -> None:
    """Report settings or apps that fail to load, if a command of the kit was asked for."""
    if not _is_asked():
        return
    # Not at the top: whoever imports settings outside manage.py must not pay for it.
    from django.apps import apps
    from django.core.management import ManagementUtility
    from django.core.management.base import BaseCommand

    fetch = ManagementUtility.fetch_command
    previous = sys.excepthook
    process = os.getpid()
    raised = False

    def fetch_command(utility: ManagementUtility, subcommand: str) -> BaseCommand:
        # The utility has swallowed the error; the next thing it does is to look up the command.
        nonlocal raised
        if utility.settings_exception is not None:
            raised = True
            refuse(utility.settings_exception)
        return fetch(utility, subcommand)

    def excepthook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        nonlocal raised
        raised = True
        if isinstance(error, Exception) and not apps.ready:
            # Python takes the exit code of a SystemExit that a hook raises.
            refuse(error)
        previous(kind, error, trace)

    def at_exit() -> None:
        # sys.exit() passes no hook, and its code, 0 perhaps, would say that all is well.
        if not (apps.ready or raised) and os.getpid() == process:
            sys.stdout.flush()
            sys.stderr.write(f"{_ended()}\n")
            sys.stderr.flush()
            os._exit(EXIT_CODE)

    atexit.register(at_exit)
    ManagementUtility.fetch_command = fetch_command  # type: ignore[method-assign,assignment]  # this run only
    sys.excepthook = excepthook


def _is_asked() -> bool:
    name = "".join(sys.argv[1:2])
    return name == "scaleready" or (name == "check" and "--deploy-scale" in sys.argv)


def refuse(error: BaseException) -> NoReturn:
    """Say on stderr what could not be loaded, why and where; exit with 2."""
    from django.conf import settings

    module = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    what = "apps of" if settings.configured else "settings module"
    sys.stderr.write(f"{explain(error, f'The {what} {module!r}', _root())}\n")
    raise SystemExit(EXIT_CODE)


def explain(error: BaseException, what: str, root: Path) -> str:
    """Return the message: what failed, the last place of the project it passed, the error.

    A URL in it loses its password.
    """
    at = place(error, root)
    lines = [f"{what} could not be loaded, so nothing was {_intent()}."]
    lines += [f"  at {at}"] if at else []
    lines.append(f"  {_said(error)}")
    if error.__cause__ is not None:
        lines.append(f"  because of {_said(error.__cause__)}")
    if any(frame.name == "configure_logging" for frame in _frames(error)):
        lines.append("  It is LOGGING that cannot be configured.")
    said = "\n".join(lines)
    # Ours name them already.
    return "\n".join([said, *(f"  {line}" for line in _misshapen() if line not in said)])


def _said(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return redacted(f"SystemExit: sys.exit({error.code!r}) was called")
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return redacted(f"{type(error).__name__}: {message}")


def _misshapen() -> list[str]:
    """Return what is wrong with settings that Django does not name when it stumbles over them."""
    from django.conf import settings

    if not settings.configured:
        return []
    wrong: list[Fault] = []
    for name in SHAPES:
        # A value may be an object of the project's, and do what it likes when it is looked at.
        with suppress(Exception):
            if settings.is_overridden(name):  # type: ignore[misc]  # the stubs lack it
                wrong += faults(name, getattr(settings, name))
    return [f"{fault.setting}: {fault.problem}." for fault in wrong]


def _ended() -> str:
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    return (
        f"The settings module {module!r}, or what it loads, ended the process, so nothing was"
        f" {_intent()}.\n  sys.exit() was called; `python -m django_scaleready check` says where."
    )


def _intent() -> str:
    return "done" if sys.argv[1:2] == ["scaleready"] else "checked"


def _root() -> Path:
    program = Path(sys.argv[0] if sys.argv else "")
    return program.resolve().parent if program.name == "manage.py" else Path.cwd()


def place(error: BaseException, root: Path) -> str:
    """Return the last place of the project that an error passed; "" if it passed none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{_shown(Path(error.filename), root)}:{error.lineno}"
    own = [frame for frame in _frames(error) if _is_project(Path(frame.filename), root)]
    return f"{_shown(Path(own[-1].filename), root)}:{own[-1].lineno}" if own else ""


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    frames = traceback.extract_tb(error.__traceback__)
    # What the import system itself runs has no file: "<frozen importlib._bootstrap>".
    return [frame for frame in frames if not frame.filename.startswith("<")]


def _is_project(path: Path, root: Path) -> bool:
    path = path.resolve()
    others = (_KIT, Path(sys.prefix).resolve())
    return (
        path.is_relative_to(root)
        and path.name != "manage.py"
        and not any(path.is_relative_to(other) for other in others)
        and "site-packages" not in path.parts
    )


def _shown(path: Path, root: Path) -> str:
    path = path.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
