"""Files that settings run as if their lines stood there: ``exec``, and django-split-settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django_scaleready.checks.static.values.undecided import UNDECIDED, Opened

GLOBS = frozenset({"glob.glob", "glob.iglob"})
LOOKS = GLOBS | {"os.path.exists", "os.path.isfile", "os.path.isdir"}
INCLUDE = "split_settings.tools.include"
_WILD = re.compile(r"[*?\[]")
Value = Callable[[ast.expr], Any]


def executed(call: ast.Call, value: Value) -> Path | None:
    """Return the file whose text ``exec`` is given, or that ``execfile`` names."""
    name = getattr(call.func, "id", "")
    if not call.args or name not in {"exec", "execfile"}:
        return None
    if name == "execfile":
        path = value(call.args[0])
        return Path(path) if isinstance(path, str | Path) else None
    for node in ast.walk(call.args[0]):
        if isinstance(node, ast.expr) and isinstance(held := value(node), Opened):
            return held.path
        if isinstance(node, ast.Attribute) and node.attr in {"read_text", "read_bytes"}:
            held = value(node.value)
            return held if isinstance(held, Path) else None
    return None


def included(call: ast.Call, folder: Path, value: Value) -> Iterator[Path]:
    """Yield the files that ``include("base.py", optional("local.py"), "apps/*.py")`` runs."""
    for given in _patterns(call, value):
        if not isinstance(given, str) or not given:
            continue
        if _WILD.search(given):
            yield from sorted(folder.glob(given)) if not given.startswith("/") else ()
        elif (path := folder / given).is_file():
            yield path


def _patterns(call: ast.Call, value: Value) -> Iterator[Any]:
    for node in call.args:
        if isinstance(node, ast.Starred):
            held = value(node.value)
            yield from held if isinstance(held, list | tuple) else ()
        else:
            yield value(node)


def is_there(path: Path, root: Path | None) -> bool:
    """Whether a file or a folder is in the repository."""
    return root is not None and path.is_relative_to(root) and path.exists()


def look(dotted: str, arguments: list[Any], root: Path | None) -> Any:
    """Return what a look at the disk shows, as far as the repository is what is looked at.

    What is not here a deployment may have.
    """
    given = arguments[0] if arguments else None
    if root is None or not isinstance(given, str | Path):
        return UNDECIDED
    if dotted not in GLOBS:
        return True if is_there(Path(given), root) else UNDECIDED
    if not Path(given).is_relative_to(root):
        return UNDECIDED
    below = Path(given).relative_to(root).as_posix()
    return [str(path) for path in sorted(root.glob(below))] if below != "." else []
