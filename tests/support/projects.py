"""Small projects for the check: written to a folder, their settings in force in this process."""

from __future__ import annotations

import itertools
import logging.config
import os
import re
import subprocess
import sys
import types
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from celery import Celery
from celery import _state as celery_state
from django.test import override_settings
from support import log_setup
from support.written import write

from django_scaleready.checks.project import Project

_numbers = itertools.count(1)
_SETTINGS = "settings.py"


class Projects:
    """Makes projects, and undoes them all when closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._undo = ExitStack()

    def make(self, files: dict[str, str] | None = None, **settings: Any) -> Project:
        """Write files, put ``settings.py`` and the given settings in force, return the project.

        A file that makes a Celery app is executed, and so are the files below it that use the app.
        """
        files = files or {}
        write(self.folder, files)
        if _SETTINGS in files:
            settings = {**self._load_settings(), **settings}
        if "LOGGING" in settings:
            self._undo.enter_context(log_setup.kept())
        with warnings.catch_warnings():
            # Django warns that connections do not follow DATABASES. Rules read the setting.
            warnings.filterwarnings("ignore", message="Overriding setting DATABASES")
            # Apps read their settings while they are loaded, so those come first. And the outermost
            # override hides the name of the module.
            last = ("INSTALLED_APPS", "SETTINGS_MODULE")
            apps = {name: settings.pop(name) for name in last if name in settings}
            self._undo.enter_context(override_settings(**settings))
            self._undo.enter_context(override_settings(**apps))
        if "LOGGING" in settings:
            logging.config.dictConfig({**settings["LOGGING"], "disable_existing_loggers": False})
        return Project(self.folder, celery=self._celery(files))

    def close(self) -> None:
        self._undo.close()

    def _load_settings(self) -> dict[str, Any]:
        path = self.folder / _SETTINGS
        module = types.ModuleType(f"project_settings_{next(_numbers)}")
        module.__file__ = str(path)
        sys.modules[module.__name__] = module
        self._undo.callback(sys.modules.pop, module.__name__)
        exec(compile(path.read_text(), path, "exec"), vars(module))
        values = {name: value for name, value in vars(module).items() if name.isupper()}
        return {**values, "SETTINGS_MODULE": module.__name__}

    def _celery(self, files: dict[str, str]) -> Celery | None:
        name = next((name for name in files if name.endswith("celery.py")), None)
        if name is None:
            return None
        app = Celery("shop", set_as_current=False)
        # A task is shared with every app that is made later, those of other tests included.
        shared = celery_state._on_app_finalizers
        self._undo.callback(shared.intersection_update, set(shared))
        app.config_from_object("django.conf:settings", namespace="CELERY")
        package = types.ModuleType(name.removesuffix(".py").replace("/", "."))
        package.app = app  # type: ignore[attr-defined]
        for module in (package, types.ModuleType(package.__name__.partition(".")[0])):
            sys.modules[module.__name__] = module
            self._undo.callback(sys.modules.pop, module.__name__)
        for other, text in files.items():
            if other.endswith("tasks.py"):
                exec(text, {"__name__": other.removesuffix(".py").replace("/", ".")})
        return app


def run_python(
    folder: Path, *arguments: str, timeout: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, in a process of its own and without a settings module."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def run_manage(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the manage.py of a folder."""
    return run_python(folder, "manage.py", *arguments, **environment)


def examples(docstring: str, heading: str) -> dict[str, str]:
    """Return the files of a rule's example, by title, from below a heading of its docstring."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", docstring, re.DOTALL | re.MULTILINE)
    text = section[1] if section else ""
    return dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', text, re.DOTALL | re.MULTILINE))
