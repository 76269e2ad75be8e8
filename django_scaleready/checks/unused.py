"""What no replica runs because nothing in the repository leads a replica there.

A function whose name nothing says: somebody wrote it to be called from a shell, or what called it
is gone. A name that stands in a text, ``"shop.hooks.sync"``, is one that something may call. And a
file of a folder that a management command goes through, and that nobody imports.
"""

from __future__ import annotations

import re
from pathlib import Path

from django_scaleready.checks.code import files
from django_scaleready.checks.code.by_hand import is_loaded
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import Fact, Moment, Summary

# Where else a function may be named: templates, settings that are data, what starts programs.
_TEXTS = (".cfg", ".conf", ".env", ".html", ".ini", ".service", ".sh", ".toml", ".yaml", ".yml")
# What servers, Celery and settings look up in a file by names of their own.
_LOOKED_UP = re.compile(r"asgi|celery|conf|gunicorn|handler|hook|lambda|plugin|settings|wsgi")


def is_loaded_by_commands(code: Codebase, root: Path, source: Summary) -> bool:
    """Whether a file's folder is named by management commands, and by no other file."""
    folder = source.path.rpartition("/")[0]
    if source.is_script or "/" not in folder or is_loaded(code, source):
        return False
    name = "/".join(folder.split("/")[-2:])
    known = code.once(_folders)
    if name not in known:
        word = re.compile(re.escape(name).replace("/", "[/.]").encode())
        known[name] = any(map(word.search, _commands(code, root))) and not any(
            word.search(_read(root, each.path)) for each in code if not _is_command(each)
        )
    return known[name]


def _folders(_: Codebase) -> dict[str, bool]:
    # To tell, the repository is read.
    return {}


def _commands(code: Codebase, root: Path) -> list[bytes]:
    """Return the texts of the management commands, which are read once."""
    texts = code.once(_texts)
    if not texts:
        texts += [_read(root, each.path) for each in code if _is_command(each)] or [b""]
    return texts


def _texts(_: Codebase) -> list[bytes]:
    return []


def _is_command(summary: Summary) -> bool:
    return "/management/commands/" in f"/{summary.path}"


def is_unused(code: Codebase, root: Path, source: Summary, fact: Fact) -> bool:
    """Whether a place is in a function that nothing can call, of a file whose others are used.

    What nobody uses at all may be a part of more than lies here.
    """
    name = fact.function
    function = source.functions.get(name)
    if not name.isidentifier() or name.startswith("__") or function is None or function.decorated:
        return False
    if function.moment is not Moment.REQUEST or code.is_mentioned(name):
        return False
    if code.callers((source.path, name)) or _LOOKED_UP.search(source.path.rpartition("/")[2]):
        return False
    if source.path not in code.importers or not _has_others(code, source):
        return False
    counts = code.once(_counts)
    if name not in counts:
        counts[name] = _count(code, root, name)
    # Its definition is the one place.
    return counts[name] == 1


def _counts(_: Codebase) -> dict[str, int]:
    # A function may write several files, and the repository is read for each name.
    return {}


def _count(code: Codebase, root: Path, name: str) -> int:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)".encode())
    texts = (_read(root, path) for path in code.listed if _may_name(code, path))
    return sum(len(word.findall(text)) for text in texts if name.encode() in text)


def _may_name(code: Codebase, path: str) -> bool:
    """Whether a file may name a function of the project: a program has often no suffix."""
    no_suffix = "." not in path.rpartition("/")[2]
    return no_suffix or path.endswith(_TEXTS) or path in code.by_path


def _has_others(code: Codebase, source: Summary) -> bool:
    return any(map(code.is_mentioned, (*source.functions, *source.classes)))


def _read(root: Path, path: str) -> bytes:
    """Return what stands in a file; nothing of one that cannot be read, or is long enough for data.

    Whoever reads the code says so.
    """
    try:
        return files.read(root, path)
    except (OSError, ValueError):
        return b""
