"""What a start script in Python runs: by subprocess, by os.exec, in a task of invoke."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import TASK_RUNNERS, Command
from django_scaleready.checks.deployment.files import read

# Nothing else that a container's script may start matters.
_MATTERS = re.compile(r"\b(migrate|gunicorn|uvicorn|celery|uwsgi|daphne|runserver|rqworker)\b")
_WAITS = frozenset({"run", "call", "check_call", "check_output", "system", "sudo"})
_MODULES = frozenset({"subprocess", "sp", "os", "c", "ctx", "context", "conn"})
_EXECS = re.compile(r"exec[lv]p?e?")


class Started(NamedTuple):
    """A program that a script starts; ``execs``: in its own place."""

    words: tuple[str, ...]
    line: int
    execs: bool
    awaited: bool


class Source(NamedTuple):
    """A script of the project: its path below the root, and its text."""

    path: str
    text: str

    @property
    def passes_on(self) -> bool:
        """Whether it says what is to be done about a signal."""
        return "SIGTERM" in self.text


def find(root: Path, path: str, beside: str) -> Source | None:
    """Return a script that a path in a container may be of; None if it starts nothing of ours."""
    parts = [part for part in PurePosixPath(path).parts if part not in {"/", "."}]
    for start in range(len(parts)):
        for folder in dict.fromkeys((beside, "")):
            name = posixpath.normpath(posixpath.join(folder, *parts[start:]))
            text = None if name.startswith("..") else read(root / name, root)
            if isinstance(text, str):
                return Source(name, text) if _MATTERS.search(text) else None
    return None


def commands(root: Path, command: Command, beside: str) -> Iterator[Command]:
    """Yield what a script starts that is given to Python, by its path or as a module, or a task."""
    words = [word for word in command.arguments if not word.startswith("-")]
    invoked = command.program in TASK_RUNNERS
    path = "tasks.py" if invoked else "".join(words[:1])
    if ("-m", path) in pairwise(command.arguments):
        path = f"{path.replace('.', '/')}.py"
    source = find(root, path, beside) if words and path.endswith(".py") else None
    for found in started(source, words[0] if invoked else "") if source else ():
        yield replace(
            command,
            words=found.words,
            location=Location(source.path, found.line) if source else command.location,
            alone=command.alone and found.execs,
            awaited=command.awaited and found.awaited,
            supervised=command.supervised or bool(source and source.passes_on),
            via=(*command.via, command.location),
        )


def started(source: Source, task: str = "") -> list[Started]:
    """Return what a script starts, in its order; of one task alone if that is named."""
    try:
        tree: ast.AST = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The check of the source says so.
        return []
    if task:
        named = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        tree = next((n for n in named if n.name == task.replace("-", "_")), ast.Module([], []))
    found = [made for node in ast.walk(tree) for made in _made(node)]
    return sorted(found, key=lambda each: each.line)


def _made(node: ast.AST) -> Iterator[Started]:
    if not isinstance(node, ast.Call) or not node.args:
        return
    owner, _, name = ast.unparse(node.func).rpartition(".")
    words: tuple[str, ...] = ()
    if owner in _MODULES and (name in _WAITS or name == "Popen"):
        words = _words(node.args[0])
    elif owner == "os" and _EXECS.fullmatch(name):
        listed = "l" in name
        words = tuple(map(_text, node.args[1:])) if listed else _words(node.args[-1])
        words = words or _words(node.args[1]) if len(node.args) > 1 else words
    elif name == "call_command":
        words = ("manage.py", *map(_text, node.args))
    elif (owner, name) == ("uvicorn", "run"):
        words = ("uvicorn", _text(node.args[0]))
    execs = words[:1] == ("uvicorn",) or bool(_EXECS.fullmatch(name))
    if words:
        yield Started(words, node.lineno, execs, name != "Popen")


def _words(node: ast.expr) -> tuple[str, ...]:
    """Return the words of a list, or a shell with the line that a text is."""
    if isinstance(node, ast.List | ast.Tuple):
        return tuple(map(_text, node.elts))
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _text(node)
        return ("sh", "-c", text) if text else ()
    return ()


def _text(node: ast.expr) -> str:
    """Return a text; what only running tells is a variable in it."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return "python" if ast.unparse(node) == "sys.executable" else "$value"
