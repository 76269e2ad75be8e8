"""gunicorn's settings, from its configuration file and the command line, with their places."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import DeployFile

# gunicorn/config.py: the options that the rules ask for, with their short forms.
_OPTIONS: Final = {
    "accesslog": ("--access-logfile",),
    "errorlog": ("--error-logfile", "--log-file"),
    "bind": ("--bind", "-b"),
    "graceful_timeout": ("--graceful-timeout",),
    "keepalive": ("--keep-alive",),
    "max_requests": ("--max-requests",),
    "protocol": ("--protocol",),
    "threads": ("--threads",),
    "timeout": ("--timeout", "-t"),
    "worker_class": ("--worker-class", "-k"),
    "workers": ("--workers", "-w"),
}
_SWITCHES: Final = {
    "preload_app": ("--preload",),
    "reload": ("--reload",),
    "reuse_port": ("--reuse-port",),
    "daemon": ("--daemon", "-D"),
}
KIT: Final = "python:django_scaleready.gunicorn"
_DEFAULT = "gunicorn.conf.py"
_CASTS = frozenset({"int", "float", "str", "bool"})


# The handler that gunicorn gives the root logger unless it is told otherwise.
_CONSOLE: Final = ast.List([ast.Constant("console")], ast.Load())


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting's value as written, True for a switch, and where it stands."""

    value: str
    location: Location

    @property
    def is_on(self) -> bool:
        """Whether a switch is on."""
        return self.value.lower() in {"true", "1", "yes"}

    @property
    def number(self) -> float | None:
        """The value as a number."""
        return float(self.value) if re.fullmatch(r"\d+(\.\d+)?", self.value) else None


@dataclass(frozen=True, slots=True)
class Gunicorn:
    """A gunicorn server; ``kit``: it uses the configuration of this package.

    ``prints``: it gives the root logger of the process a handler that prints.
    """

    command: Command
    settings: Mapping[str, Setting]
    kit: bool = False
    prints: bool = False


def server(
    command: Command,
    find: Callable[[str], DeployFile | None],
    environment: Mapping[str, str | None],
) -> Gunicorn:
    """Return the settings of a command, without those of a file that is not Python."""
    # The first of an option holds here, and the command line is stronger.
    with suppress(ValueError):
        more = shlex.split(environment.get("GUNICORN_CMD_ARGS") or "")
        command = replace(command, words=(*command.words, *more))
    config = command.option("-c", "--config")
    file = None if config == KIT else find(_path(config or _DEFAULT))
    tree = _parsed(file) if file else None
    settings = _of_file(file, tree) if file and tree else {}
    for name, options in _OPTIONS.items():
        if value := command.option(*options):
            settings[name] = Setting(value, command.location)
    for name, options in _SWITCHES.items():
        if command.has_option(*options):
            settings[name] = Setting("true", command.location)
    return Gunicorn(command, settings, config == KIT, tree is not None and _prints(tree))


def _path(config: str) -> str:
    if config.startswith("python:"):
        return config.removeprefix("python:").replace(".", "/") + ".py"
    return config.removeprefix("file:")


def _parsed(file: DeployFile) -> ast.Module | None:
    try:
        return ast.parse(file.text)
    except (SyntaxError, ValueError):
        # The check of the source says so.
        return None


def _prints(tree: ast.Module) -> bool:
    """Whether ``logconfig_dict`` gives the root logger a handler that prints errors.

    What it leaves out gunicorn fills in (glogging.CONFIG_DEFAULTS): a root that prints.
    """
    assigned = [n for n in tree.body if isinstance(n, ast.Assign)]
    given = [n.value for n in assigned if ast.unparse(n.targets[0]) == "logconfig_dict"]
    if not given or not isinstance(given[-1], ast.Dict) or None in given[-1].keys:
        return False
    config = _entries(given[-1])
    root = config.get("root")
    named = _entries(root).get("handlers") if root else _CONSOLE
    handlers = config.get("handlers")
    if handlers is None:
        return isinstance(named, ast.List) and _is_named(named, "console")
    return isinstance(named, ast.List | ast.Tuple) and any(
        _is_named(named, name) and _is_stream(_entries(handler))
        for name, handler in _entries(handlers).items()
    )


def _entries(node: ast.expr) -> dict[str, ast.expr]:
    """Return the entries of a dictionary that have a text for a key."""
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _is_named(listed: ast.List | ast.Tuple, name: str) -> bool:
    return any(isinstance(each, ast.Constant) and each.value == name for each in listed.elts)


def _is_stream(handler: Mapping[str, ast.expr]) -> bool:
    """Whether a handler prints all errors that it gets."""
    kind = getattr(handler.get("class"), "value", "")
    level = getattr(handler.get("level"), "value", "")
    return kind == "logging.StreamHandler" and level != "CRITICAL" and "filters" not in handler


def _of_file(file: DeployFile, tree: ast.Module) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node in tree.body:
            for target in node.targets:
                value = _joined(node.value, found) or _value(node.value)
                if isinstance(target, ast.Name) and value is not None:
                    found[target.id] = Setting(value, Location(file.path, node.lineno))
    return found


def _joined(node: ast.expr, known: Mapping[str, Setting]) -> str | None:
    """Return a text that is put together: ``log_dir + "error.log"``, ``f"{log_dir}/error.log"``."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [left, right]
        case ast.JoinedStr(values=values):
            parts = [v.value if isinstance(v, ast.FormattedValue) else v for v in values]
        case _:
            return None
    texts = [_text(part, known) for part in parts]
    return "".join(map(str, texts)) if None not in texts else None


def _text(node: ast.expr, known: Mapping[str, Setting]) -> str | None:
    """Return what is surely a text, and no number to count with."""
    if isinstance(node, ast.Name):
        value = known[node.id].value if node.id in known else None
        return None if value is None or value.isdecimal() else value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return _joined(node, known)


def _value(node: ast.expr) -> str | None:
    """Return a constant, or the default of what is read from the environment."""
    if isinstance(node, ast.Constant):
        return None if node.value is None else str(node.value)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return _value(node.values[-1])
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = ast.unparse(node.func)
    if name in _CASTS:
        return _value(node.args[0])
    if re.search(r"environ\.get$|getenv$|^env(\.\w+)?$|^config$", name):
        default = [kw.value for kw in node.keywords if kw.arg == "default"] or node.args[1:2]
        return _value(default[0]) if default else None
    return None
