"""The calls that write, read or make files, and which of their arguments is the path."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django_scaleready.checks.code.paths.outputs import RUNNERS, outputs
from django_scaleready.checks.code.paths.pathlike import bound_pathlike, pathlike
from django_scaleready.checks.code.paths.removals import paths_removed
from django_scaleready.checks.code.paths.streams import is_stream
from django_scaleready.checks.code.paths.unwritten import is_added_to, is_left_empty, is_only_read
from django_scaleready.checks.code.paths.writers import (
    ARCHIVER,
    CALLED,
    DIRECTORIES,
    DIRECTORY,
    FLAGS,
    GONE,
    LEFT,
    LIKELY,
    LOOKERS,
    LOOKING,
    MAILBOXES,
    METHOD,
    METHODS,
    MOVERS,
    MOVES,
    OF_PATHS,
    OF_ROWS,
    OPENERS,
    READ,
    READERS,
    REMOVERS,
    SOURCES,
    STORAGES,
    SURE,
    TAKEN,
    TARGETS,
    WRITERS,
)
from django_scaleready.checks.code.threads.left_alone import names_of
from django_scaleready.checks.code.tree.reading import Reading, file_name
from django_scaleready.checks.code.tree.scopes import EXCEPT, LEAVES, Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, last_parts, written

# Any that may create or change: "w", "ab", "r+", "w:gz".
_MODE = re.compile(r"[a-z+:0-9]{0,4}[wax+][a-z+:0-9]{0,4}")
_READ = re.compile(r"r[bt]?|")
SHOWN = 80
STEPS = 20
# A folder that is made for what these make is as temporary.
TEMPORARY = ("NamedTemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp")


SERVE = "django.views.static.serve"
# With delete=False and a folder of the project's own it is a file like any other.
NAMED = "tempfile.NamedTemporaryFile"

NAMES: dict[str, tuple[Any, ...]] = {
    **{name: (LIKELY, position, *TARGETS) for name, position in WRITERS.items()},
    **{name: (READ, position, "document_root", "filename") for name, position in READERS.items()},
    **dict.fromkeys(DIRECTORIES, (DIRECTORY, 0, "name", "path")),
    **dict.fromkeys(REMOVERS, (GONE, 0, "path")),
}
CALLS = last_parts(
    *OPENERS, *NAMES, *MAILBOXES, *OF_PATHS, OF_ROWS, *METHODS, *MOVES, NAMED, *RUNNERS
)


class FileUse(NamedTuple):
    """One use of a path. ``removed``: the same function writes it and removes it again."""

    site: Site
    kind: str
    path: ast.expr
    shown: str
    removed: bool
    name: str


def file_uses(reading: Reading) -> Iterator[FileUse]:
    """Yield the uses of paths in a file, those under DEBUG left out."""
    touched = {id(getattr(site.call.func, "value", None)) for site in reading.module.calls("close")}
    temporary = {place for site in reading.module.calls(*TEMPORARY) for place in _folder(site)}
    yield from _served(reading)
    for site in reading.module.calls_that_run(*CALLS):
        for does, path in uses_of(reading, site):
            kind = does
            if kind == DIRECTORY and (site.scope, written(path)) in temporary:
                continue
            if kind in {SURE, LIKELY}:
                # open(path, "a").close() puts nothing in.
                empty = id(site.call) in touched or is_left_empty(reading.module, site)
                kind = DIRECTORY if empty else READ if is_only_read(site) else kind
            if reading.module.resolve(path) != "os.devnull":
                yield _judged(reading, site, kind, path)


def _judged(reading: Reading, site: Site, kind: str, path: ast.expr) -> FileUse:
    removed = kind != GONE and _is_removed(reading, site, path)
    removed = removed or (kind in {SURE, LIKELY} and _is_moved(reading, site, path))
    if removed and kind == READ:
        kind, removed = (TAKEN if _takes(reading, site) else READ), False
    return FileUse(site, kind, path, written(path)[:SHOWN], removed, file_name(path, site))


def _is_moved(reading: Reading, site: Site, path: ast.expr) -> bool:
    """Whether a file is moved by the function that writes it: its new place is a use of its own."""
    return any(
        other.scope is site.scope
        and other.line > site.line
        and not other.flags & (EXCEPT | LEAVES) & ~site.flags
        and reading.module.resolve(other.call.func) in MOVERS
        and written(other.call.args[0]) == written(path)
        for other in reading.module.calls("move", "rename", "replace")
        if other.call.args
    )


def uses_of(reading: Reading, site: Site) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a call does to which path; some do one thing to one, and another to another."""
    if found := _use(reading, site):
        yield found
    if last_name(site.call.func) in RUNNERS:
        yield from ((METHOD, path) for path in outputs(reading.module, site))
    elif site.call.args and reading.module.resolve(site.call.func) in SOURCES:
        yield READ, site.call.args[0]


def _served(reading: Reading) -> Iterator[FileUse]:
    """Yield the folders that URLs lead to, past a web server: re_path(..., serve, {...})."""
    if SERVE not in reading.module.imports.values():
        return
    for site in reading.module.calls_that_run("path", "re_path", "url"):
        view, given = site.call.args[1:2], site.call.args[2:3]
        given += [k.value for k in site.call.keywords if k.arg == "kwargs"]
        if view and reading.module.resolve(view[0]) == SERVE:
            for options in (each for each in given if isinstance(each, ast.Dict)):
                for key, value in zip(options.keys, options.values, strict=True):
                    if getattr(key, "value", "") == "document_root":
                        yield _judged(reading, site, READ, value)


def _folder(site: Site) -> Iterator[tuple[Scope, str]]:
    """Yield the folder that a temporary file is made in, as written."""
    yield from ((site.scope, written(k.value)) for k in site.call.keywords if k.arg == "dir")


def _use(reading: Reading, site: Site) -> tuple[str, ast.expr] | None:
    call = site.call
    name = reading.module.resolve(call.func)
    if name in OPENERS:
        if any(keyword.arg == "fileobj" for keyword in call.keywords):
            return None
        path = reading.argument(call, 0, "file", "filename", "name")
        # What opens an archive takes a stream as well.
        if path is None or is_stream(path, site.scope):
            return None
        return _opened(call, path, 1, OPENERS[name])
    if name in {NAMED, "os.open"}:
        return _left_behind(reading, site) if name == NAMED else _by_flags(call)
    if name in MAILBOXES and call.args:
        return (LIKELY if is_added_to(reading.module, site) else READ), call.args[0]
    return _named(reading, site, name)


def _named(reading: Reading, site: Site, name: str) -> tuple[str, ast.expr] | None:
    call = site.call
    if name in NAMES:
        kind, position, *called = NAMES[name]
        path = reading.argument(call, position, *called)
        return None if path is None else (kind, path)
    return _method(reading, site) if isinstance(call.func, ast.Attribute) else None


def _left_behind(reading: Reading, site: Site) -> tuple[str, ast.expr] | None:
    """Return the folder of a temporary file that nobody removes, or moves on, where it is made."""
    given = {keyword.arg: keyword.value for keyword in site.call.keywords}
    kept, folder = given.get("delete"), given.get("dir")
    if folder is None or not isinstance(kept, ast.Constant) or kept.value:
        return None
    names = {f"{name}.name" for name in names_of(site)}
    gone = paths_removed(reading.module, site.scope, site.flags, site.line)
    for other in reading.module.calls("link", "move", "rename", "replace"):
        if other.scope is site.scope and other.call.args:
            gone.add(written(other.call.args[0]))
    return None if names & gone else (LEFT, folder)


def _method(reading: Reading, site: Site) -> tuple[str, ast.expr] | None:
    call, function = site.call, site.call.func
    if not isinstance(function, ast.Attribute):
        return None
    if function.attr == OF_ROWS and not call.args:
        return (READ, function.value) if _may_lead(function.value, site.scope) else None
    if function.attr in OF_PATHS:
        return OF_PATHS[function.attr], function.value
    if function.attr == "open":
        # A storage's or a field's open() looks alike, so the path must be known.
        return _opened(call, function.value, 0, LIKELY)
    if function.attr in MOVES:
        target = [*call.args, *(k.value for k in call.keywords if k.arg == "target")]
        return (METHOD, target[0]) if len(target) == 1 else None
    return _given(reading, site, function) if function.attr in METHODS else None


def _may_lead(node: ast.expr, scope: Scope) -> bool:
    return pathlike(node) or bound_pathlike(node, scope)


def _given(reading: Reading, site: Site, method: ast.Attribute) -> tuple[str, ast.expr] | None:
    """Return the path that one of ``METHODS`` is given."""
    path = reading.argument(site.call, METHODS[method.attr], *CALLED)
    if path is None or not _may_be_path(path):
        return None
    # A storage, and a field's file, are saved under a name; what a file is told to write is a text.
    named = written(method.value).lower()
    known = method.attr != "write" or "tree" in named
    stored = named.endswith(("storage", "file")) or _is_looked_up(reading, method.value, site.scope)
    return (METHOD, path) if known and not stored else None


def _is_looked_up(reading: Reading, node: ast.expr, scope: Scope) -> bool:
    """Whether an object is one of the settings' storages: ``storages[settings.EXPORTS]``."""
    values = [node]
    if isinstance(node, ast.Name):
        values = next((o.bindings[node.id] for o in scope.outer if node.id in o.bindings), [])
    looked_up = [v.value for v in values if isinstance(v, ast.Subscript)]
    return any(reading.module.resolve(each) == STORAGES for each in looked_up)


def _may_be_path(node: ast.expr) -> bool:
    """Whether an argument is anything but a mere name: document.save("draft")."""
    return not isinstance(node, ast.Constant) or str(node.value).startswith("/")


def _by_flags(call: ast.Call) -> tuple[str, ast.expr] | None:
    shown = written(call.args[1]) if len(call.args) > 1 else ""
    return (LIKELY, call.args[0]) if any(flag in shown for flag in FLAGS) else None


def _opened(
    call: ast.Call, path: ast.expr, position: int, kind: str
) -> tuple[str, ast.expr] | None:
    given = next((k.value for k in call.keywords if k.arg == "mode"), None)
    if given is None and len(call.args) > position:
        given = call.args[position]
    mode = given.value if isinstance(given, ast.Constant) else ("" if given is None else None)
    if not isinstance(mode, str):
        return None
    if _MODE.fullmatch(mode):
        return kind, path
    return (READ, path) if _READ.fullmatch(mode) else None


def _takes(reading: Reading, site: Site) -> bool:
    """Whether the content of a file is read, and not only after a failure."""
    named = getattr(site.call.func, "attr", "") in LOOKING
    looks = named or reading.module.resolve(site.call.func) in LOOKERS
    return not looks and not site.flags & EXCEPT


def _is_removed(reading: Reading, site: Site, path: ast.expr) -> bool:
    removed = paths_removed(reading.module, site.scope, site.flags, site.line)
    if not removed:
        return False
    roots = _roots(site, path)
    if reading.module.resolve(site.call.func) == ARCHIVER:
        # It writes beside the folder of that name, and returns the path.
        roots = roots - {written(path)} | names_of(site)
    return bool(removed & roots)


def _roots(site: Site, path: ast.expr) -> set[str]:
    """Return, as written, the path and what it is made of: removing the folder removes the file."""
    found: set[str] = set()
    pending: list[ast.expr] = [path]
    while pending and len(found) < STEPS:
        node = pending.pop()
        shown = written(node)
        if shown in found:
            continue
        found.add(shown)
        if isinstance(node, ast.Name):
            pending += site.scope.bindings.get(node.id, ())
        elif isinstance(node, ast.BinOp):
            pending.append(node.left)
        elif isinstance(node, ast.JoinedStr):
            # What begins with the folder lies in it.
            pending += (v.value for v in node.values[:1] if isinstance(v, ast.FormattedValue))
        elif isinstance(node, ast.Call):
            pending += node.args[:1]
            if isinstance(node.func, ast.Attribute):
                pending.append(node.func.value)
        elif isinstance(node, ast.Attribute):
            pending.append(node.value)
    return found
