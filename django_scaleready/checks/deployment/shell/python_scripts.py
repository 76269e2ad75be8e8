"""What a start script in Python runs: by subprocess, by os.exec, in a task of invoke."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import EMBEDDED, PYTHON, TASK_RUNNERS, Command
from django_scaleready.checks.deployment.files import read
from django_scaleready.checks.deployment.finding import sources
from django_scaleready.checks.deployment.process import Process

# Nothing else that a container's script may start matters.
_MATTERS = re.compile(
    r"\b(migrate|gunicorn|uvicorn|celery|uwsgi|daphne|runserver|rqworker|get_wsgi_application)\b"
)
_WAITS = frozenset({"run", "call", "check_call", "check_output", "system", "sudo"})
_MODULES = frozenset({"subprocess", "sp", "os", "c", "ctx", "context", "conn"})
# What a class of the script's own is derived from that is a gunicorn server.
_EMBEDS = "gunicorn.app"
_APPLICATIONS = frozenset({"BaseApplication", "WSGIApplication"})
# What serves an application that Django gives the script itself.
_ASKS = "get_wsgi_application"
_SERVES = {"WSGIServer": "gevent.pywsgi", "serve": "waitress"}
_SHEBANG = re.compile(r"#!.*\bpython")
_PLAIN = re.compile(r"(^|/)[\w-]+$")
_MODULE_FILES = (".py", "/__init__.py")
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
    def starts(self) -> bool:
        """Whether it may start what matters."""
        return bool(_MATTERS.search(self.text))

    @property
    def passes_on(self) -> bool:
        """Whether it says what is to be done about a signal."""
        return "SIGTERM" in self.text


def find(root: Path, path: str, folder: str, process: Process) -> Source | None:
    """Return a script that a path in a container may be of; None if it starts nothing of ours.

    ``folder``: where a shell has gone before.
    """
    for name in map(posixpath.normpath, _names(path, folder, process)):
        text = None if name.startswith(("..", "/")) else read(root / name, root)
        if isinstance(text, str):
            return Source(name, text) if _MATTERS.search(text) else None
    return None


def of_module(root: Path, module: str) -> Source | None:
    """Return the project's module of a dotted name."""
    path = module.replace(".", "/")
    for name in (f"{above}{path}{end}" for above in ("", "src/") for end in _MODULE_FILES):
        if isinstance(text := read(root / name, root), str):
            return Source(name, text)
    return None


def _names(path: str, folder: str, process: Process) -> Iterator[str]:
    """Yield what the project's file may be: a longer end of the path first, then what is copied."""
    beside = posixpath.dirname(process.location.path)
    parts = [part for part in PurePosixPath(path).parts if part not in {"/", "."}]
    for start in range(len(parts)):
        for above in dict.fromkeys((beside, "")):
            yield posixpath.join(above, *parts[start:])
    if parts:
        whole = posixpath.join(process.folder, folder, path)
        yield from sources(posixpath.normpath(whole), process)


def _named(path: str) -> bool:
    """Whether a path may be a script's, which has often no suffix."""
    return path.endswith(".py") or bool(_PLAIN.search(path))


def _path(command: Command, words: list[str]) -> str:
    """Return the path of the script that is started, "" if there is none."""
    if command.program in TASK_RUNNERS:
        return "tasks.py" if words else ""
    if not PYTHON.fullmatch(command.program):
        path = "".join(command.call[:1])
        return path if "/" in path and _named(path) else ""
    path = "".join(words[:1])
    if ("-m", path) in pairwise(command.arguments):
        return f"{path.replace('.', '/')}.py"
    return path if _named(path) and "-c" not in command.arguments else ""


def commands(root: Path, command: Command, process: Process) -> Iterator[Command]:
    """Yield what a script starts that is given to Python, by its path or as a module, or a task.

    So does one that is started itself, if its first line says that it is Python's.
    """
    words = [word for word in command.arguments if not word.startswith("-")]
    invoked = command.program in TASK_RUNNERS
    path = _path(command, words)
    source = find(root, path, command.folder, process) if path else None
    given = invoked or PYTHON.fullmatch(command.program)
    if source and not given and not _SHEBANG.match(source.text):
        return
    if source:
        for each in started(source, words[0] if invoked else ""):
            yield run_by(command, source, each)


def run_by(command: Command, source: Source, each: Started) -> Command:
    """Return a program that a script starts, which a command starts."""
    return replace(
        command,
        words=each.words,
        location=Location(source.path, each.line),
        alone=command.alone and each.execs,
        awaited=command.awaited and each.awaited,
        supervised=command.supervised or source.passes_on,
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
    found = [each for node in ast.walk(tree) for each in made(node)]
    found += _served(tree) if _ASKS in source.text and not task else ()
    found += _embedded(tree) if _EMBEDS in source.text and not task else ()
    return sorted(found, key=lambda each: each.line)


def _embedded(tree: ast.AST) -> Iterator[Started]:
    """Yield the gunicorn that a script runs in itself, by a class derived from one of gunicorn's.

    Its options are those of the dictionaries that are written out.
    """
    nodes = [*ast.walk(tree)]
    classes = (node for node in nodes if isinstance(node, ast.ClassDef))
    bases = {c.name: {ast.unparse(b).rpartition(".")[2] for b in c.bases} for c in classes}
    own = {name for name, given in bases.items() if given & _APPLICATIONS}
    runs = (
        node.lineno
        for node in nodes
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "run"
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)
        if ast.unparse(node.func.value.func).rpartition(".")[2] in own | _APPLICATIONS
    )
    options = [
        f"--{_text(key).replace('_', '-')}={_text(value)}"
        for node in nodes
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
    ]
    yield from (Started(("gunicorn", *options), line, execs=True, awaited=True) for line in runs)


def _served(tree: ast.AST) -> Iterator[Started]:
    """Yield the servers of gevent and waitress that a script runs in itself."""
    nodes = [*ast.walk(tree)]
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    for node in nodes:
        name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and _SERVES.get(name) in modules:
            yield Started((EMBEDDED,), node.lineno, execs=True, awaited=True)


def made(
    node: ast.AST, told: Callable[[ast.expr], tuple[str, ...] | None] = lambda _: None
) -> Iterator[Started]:
    """Yield what a call starts; ``told`` returns the words of a value that is known."""
    if not isinstance(node, ast.Call) or not node.args:
        return

    def words_of(given: ast.expr) -> tuple[str, ...]:
        return told(given) or _words(given)

    owner, _, name = ast.unparse(node.func).rpartition(".")
    words: tuple[str, ...] = ()
    if owner in _MODULES and (name in _WAITS or name == "Popen"):
        words = words_of(node.args[0])
    elif owner == "os" and _EXECS.fullmatch(name):
        listed = "l" in name
        words = tuple(map(_text, node.args[1:])) if listed else words_of(node.args[-1])
        words = words or words_of(node.args[1]) if len(node.args) > 1 else words
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
