"""Files of a site that no process loads: no chain of imports leads to them.

It begins with what Django, Celery, servers and programs load by itself, with what a text or a file
of data names, and with what may be loaded by a name that is put together. A file that only such
files import is left over from before, and so is all that only it calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.running.by_hand import DISCOVERED, LOADED, run_by_hand
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.reaching.loaded import end, imported
from django_scaleready.checks.reaching.sayers import Sayers, is_site

# What servers, Celery and settings look up in a file by names of their own.
LOOKED_UP = re.compile(r"asgi|celery|conf|gunicorn|handler|hook|lambda|plugin|settings|wsgi")
# Folders of which django-extensions runs all that lies there, one of them or a day's.
_RUN = re.compile(r"(^|/)(jobs(/\w+)?|scripts)/\w+\.py")
# Packages that load whatever lies in folders they are told.
_PLUGGED = frozenset({"pluggy", "stevedore", "straight", "yapsy"})
# Other ways to import by a name than those of importlib, pkgutil and Django.
_LOADERS = re.compile(
    r"(imp|runpy|pkg_resources|zope\.dottedname)(\.|$)|.*\.(locate|symbol_by_name)$"
)
_OF_APPS = re.compile(r"(admin|apps|models|tasks|urls|views)\.py")
_WORD = re.compile(rb"\w+")


def unloaded(code: Codebase, sayers: Sayers, root: Path, running: Set[str]) -> frozenset[str]:
    """Return the files that nothing loads; none of what is no whole site, or has plugins."""
    packages = {dotted.partition(".")[0] for dotted in code.importing}
    if not code.once(is_site) or not _PLUGGED.isdisjoint(packages):
        return frozenset()
    loaders = {*sayers.importing.by_name, *_importing(code)} - code.once(run_by_hand)
    words = {word for path in loaders for word in _WORD.findall(files.content(root, path))}
    folders = tuple(path[: path.rfind("/") + 1] for path in loaders)
    # An import of a name that ends like a file's may be of it.
    apps, ends = code.once(_in_apps), code.once(imported)
    by_itself = running | code.once(run_by_hand)
    pending = {
        source.path
        for source in code
        if source.path not in by_itself
        and not source.path.startswith(folders)
        and source.path.rpartition("/")[0] not in apps
        and words.isdisjoint(_ends(source))
        and not _is_found(source)
        and not (end(source.module) in ends and source.path not in code.importers)
    }
    _take_imported(code, pending, code.by_path.keys() - pending)
    # Few are left to look for in texts.
    _take_imported(code, pending, {p for p in pending if _is_said(code.by_path[p], sayers)})
    return frozenset(pending)


def _take_imported(code: Codebase, pending: set[str], loaded: Set[str]) -> None:
    """Take out of some files those that are loaded, and what they import, one through the other."""
    pending -= loaded
    while loaded:
        loaded = {path for path in pending if not loaded.isdisjoint(code.importers.get(path, ()))}
        pending -= loaded


def _importing(code: Codebase) -> Iterator[str]:
    """Yield the files that import others by a name, in other ways than the usual ones."""
    for dotted, paths in code.importing.items():
        if _LOADERS.match(dotted):
            yield from paths
    for source in code:
        if any("__import__" in words for words in source.said.values()):
            yield source.path


def _in_apps(code: Codebase) -> frozenset[str]:
    """Return the folders in which packages look for files by names of theirs: ``jobs.py``."""
    found = (source.path.rpartition("/") for source in code)
    return frozenset(folder for folder, _, name in found if _OF_APPS.fullmatch(name))


def _is_found(source: Summary) -> bool:
    """Whether something looks for files of its name, or in folders like its own."""
    *folders, name = source.path.split("/")
    if LOADED.search(name) or LOOKED_UP.search(name) or _RUN.search(source.path):
        return True
    return not DISCOVERED.isdisjoint(folders[-1:])


def _is_said(source: Summary, sayers: Sayers) -> bool:
    """Whether a text names a file, or what stands in it, by its dotted name."""
    *_, around, name = f".{source.module}".rsplit(".", 2)
    own = f"{around}.{name}".lstrip(".")
    if any(sayers.in_texts(source)) or any(sayers.in_code_texts(own)):
        return True
    return sayers.is_in_data(name, own)


def _ends(source: Summary) -> Iterator[bytes]:
    """Yield the name of a file, and of the folder around it."""
    yield from (part.encode() for part in source.module.split(".")[-2:])
