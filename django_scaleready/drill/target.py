"""Somebody's project, as it is: where it lies, what its settings say, how it is served."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django_scaleready.drill.finished import finished
from django_scaleready.drill.waiting import DrillError

_SECONDS = 60


@dataclass(frozen=True)
class Target:
    """``directory`` holds manage.py, ``settings`` is the dotted name of the settings module.

    ``environment`` is what its processes get beside HOME, LANG and PATH: the variables that its
    settings read. ``wsgi`` and ``asgi`` ("mysite.wsgi:application") are taken from the settings,
    and ``readiness`` (a path, "" for none: then a port that accepts is ready) from the middleware,
    if they are None.
    """

    directory: Path
    settings: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    python: str = sys.executable
    wsgi: str | None = None
    asgi: str | None = None
    readiness: str | None = None


@dataclass(frozen=True)
class Facts:
    """What the settings say. ``databases`` has ENGINE, NAME, HOST, PORT, USER, PASSWORD by alias.

    ``paths`` are the places on the disk that settings name, by setting; ``limitations`` is what a
    drill of this project cannot do, for the report.
    """

    wsgi: str
    asgi: str
    databases: Mapping[str, Mapping[str, str]] = field(repr=False)
    redis: Sequence[str] = field(repr=False)
    uses_kit: bool
    proxy_header: Sequence[str]
    remote_storages: Sequence[str]
    needs_broker: bool
    static_root: str
    paths: Mapping[str, Path]
    imported_from: Sequence[str]
    limitations: list[str] = field(default_factory=list)


def facts(target: Target) -> Facts:
    """Read the settings in a process of the project.

    Raises DrillError if they cannot be imported, or if a module that the server imports sets
    DJANGO_SETTINGS_MODULE: then the replicas would run on the project's real services.
    """
    told = run(target, "django_scaleready.drill.inside.facts", {})
    for file in filter(None, told.pop("modules")):
        _refuse_own_settings(Path(file))
    told["paths"] = {name: Path(path) for name, path in told["paths"].items() if path}
    found = Facts(**told)
    return replace(
        found,
        wsgi=found.wsgi if target.wsgi is None else target.wsgi,
        asgi=found.asgi if target.asgi is None else target.asgi,
    )


def run(target: Target, module: str, environment: Mapping[str, str], *arguments: str) -> Any:
    """Run a module in a process of the project; return the JSON that it prints.

    ``environment`` wins over the project's. Raises DrillError, with what the program said, if it
    fails.
    """
    what = f"{target.directory} with {target.settings}: {module}"
    done = finished(
        [target.python, "-m", module, *arguments],
        target.directory,
        {"DJANGO_SETTINGS_MODULE": target.settings, **target.environment, **environment},
        seconds=_SECONDS,
        what=what,
    )
    if done.returncode:
        raise DrillError(f"{what} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)


def _refuse_own_settings(file: Path) -> None:
    for line in _settings_assigned(file.read_text(encoding="utf-8")):
        raise DrillError(
            f"{file}, line {line}, sets DJANGO_SETTINGS_MODULE whatever the environment says, so a"
            " drill would run on the project's real services. Write"
            ' os.environ.setdefault("DJANGO_SETTINGS_MODULE", ...), as startproject does.'
        )


def _settings_assigned(source: str) -> list[int]:
    """The lines that assign the variable, as ``os.environ.setdefault`` does not."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and target.slice.value == "DJANGO_SETTINGS_MODULE"
    ]
