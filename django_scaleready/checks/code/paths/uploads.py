"""Uploads that code reaches by their path, past the storage: ``order.scan.path``.

Or by one that it puts together below the folder of the uploads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import DEBUG, MAIN, NEVER, Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

# Looked for in the text: few files have one, and their trees are gone through once more.
_WRITTEN = re.compile(rb"\.(?!request\b)[A-Za-z_]\w*\.path\b(?!\s*\()")
_ROOT = "django.conf.settings.MEDIA_ROOT"
_JOINS = frozenset({"os.path.join", "pathlib.Path", "pathlib.PurePath", "safe_join"})


@only_with("path")
def upload_paths(reading: Reading) -> Iterator[Fact]:
    """Note where the path of what may be a field's file is asked for: (the field's name,)."""
    module = reading.module
    if not _WRITTEN.search(module.content):
        return
    seen = set()
    for scope in module.scopes:
        for line, field in _asked(scope) if "path" in scope.attributes else ():
            if (line, scope.function) not in seen:
                seen.add((line, scope.function))
                yield Fact(line, scope.function, (field,))


def _asked(scope: Scope) -> Iterator[tuple[int, str]]:
    """Yield where an attribute called path of another attribute is used, and that one's name."""
    run: list[ast.expr] = [
        call for call, flags in scope.calls if not flags & (DEBUG | MAIN | NEVER)
    ]
    run += [value for values in scope.bindings.values() for value in values]
    for expression in (*run, *scope.returns):
        for node in nodes_of(expression):
            held = node.value if isinstance(node, ast.Attribute) and node.attr == "path" else None
            if isinstance(held, ast.Attribute):
                yield held.lineno, held.attr


@only_with("MEDIA_ROOT")
def below_media_root(reading: Reading) -> Iterator[Fact]:
    """Note where a function puts a path together below the folder of the uploads: ().

    What a storage is given, as its own folder or to be asked for, is reached through that one.
    """
    module = reading.module
    seen = set()
    for scope in module.scopes:
        for node in _of_functions(scope) if "MEDIA_ROOT" in scope.attributes else ():
            begins = _joined(module, node)
            line = getattr(node, "lineno", 0)
            if begins is None or module.resolve(begins) != _ROOT or (line, scope) in seen:
                continue
            seen.add((line, scope))
            yield Fact(line, scope.function, ())


def _of_functions(scope: Scope) -> Iterator[ast.AST]:
    """Yield the parts of what a function computes, but for what storages are given."""
    if not scope.function:
        return
    run = [call for call, flags in scope.calls if not flags & (DEBUG | MAIN | NEVER)]
    stored = {
        id(node)
        for call in run
        if "storage" in ast.unparse(call.func).lower()
        for node in nodes_of(call)
    }
    values = [value for values in scope.bindings.values() for value in values]
    for expression in (*run, *values, *scope.returns):
        yield from (node for node in nodes_of(expression) if id(node) not in stored)


def _joined(module: Module, node: ast.AST) -> ast.expr | None:
    """Return what a path begins with that is put together of several parts; None if it is none."""
    match node:
        case ast.Call(func=called, args=[first, _, *_]):
            name = module.resolve(called)
            known = name in _JOINS or name.rpartition(".")[2] in _JOINS
            return first if known else None
        case ast.BinOp(op=ast.Div(), left=ast.Call(args=[first]) as made):
            return first if module.resolve(made.func) in _JOINS else None
        case ast.BinOp(op=ast.Div() | ast.Add(), left=first):
            return first
        case ast.JoinedStr(values=[ast.FormattedValue(value=first), _, *_]):
            return first
    return None


COLLECTORS = (("upload-paths", upload_paths), ("below-media-root", below_media_root))
