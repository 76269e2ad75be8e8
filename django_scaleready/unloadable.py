"""A project that cannot be loaded: said in three lines, with exit code 2 and no traceback.

Django finds an app's commands through the settings. While those fail, ``manage.py check`` is
Django's own command, which knows no ``--deploy-scale``: it would complain of the option and keep
the error to itself. Other errors than ImproperlyConfigured and ImportError escape as a traceback.

``watch`` is called where the kit's settings or its app are imported, and acts in a run of ``check
--deploy-scale`` or ``scaleready`` alone. What fails before is out of its reach; ``python -m
django_scaleready check`` covers that too.
"""

from __future__ import annotations

import os
import sys
import traceback
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NoReturn

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

    def fetch_command(utility: ManagementUtility, subcommand: str) -> BaseCommand:
        # The utility has swallowed the error; the next thing it does is to look up the command.
        if utility.settings_exception is not None:
            refuse(utility.settings_exception)
        return fetch(utility, subcommand)

    def excepthook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not apps.ready:
            # Python takes the exit code of a SystemExit that a hook raises.
            refuse(error)
        previous(kind, error, trace)

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
    """Return the message: what failed, the last place of the project it passed, the error."""
    place = _place(error, root)
    lines = [f"{what} could not be loaded, so nothing was {_intent()}."]
    lines += [f"  at {place}"] if place else []
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    lines.append(f"  {type(error).__name__}: {message}")
    return "\n".join(lines)


def _intent() -> str:
    return "done" if sys.argv[1:2] == ["scaleready"] else "checked"


def _root() -> Path:
    program = Path(sys.argv[0] if sys.argv else "")
    return program.resolve().parent if program.name == "manage.py" else Path.cwd()


def _place(error: BaseException, root: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{_shown(Path(error.filename), root)}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    # What the import system itself runs has no file: "<frozen importlib._bootstrap>".
    files = [frame for frame in frames if not frame.filename.startswith("<")]
    own = [frame for frame in files if _is_project(Path(frame.filename), root)]
    return f"{_shown(Path(own[-1].filename), root)}:{own[-1].lineno}" if own else ""


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
