"""Flags of objects that the code sets, and never to anything true: ``order.silent = False``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

_ASKING = frozenset({"delattr", "getattr", "hasattr"})


def is_never_true(code: Codebase, root: Path, name: str) -> bool:
    """Whether all that is said of an attribute is to ask for it, or to have it off.

    What nobody sets here at all, somebody else may.
    """
    if not code.is_mentioned(name):
        return False
    own = [source for source in code if not source.is_script]
    # Most flags are put on somewhere, which few files are asked for.
    if not _is_put(root, [source for source in own if name in source.mentions], name):
        return False
    offs = 0
    for source in (source for source in own if _says(source, name)):
        tree = tree_of(code, root, source.path)
        found = [*_of_tree(tree, name)] if tree else [False]
        if not all(found):
            return False
        offs += len(found)
    return bool(offs)


def _says(source: Summary, name: str) -> bool:
    return name in source.mentions or any(name in words for words in source.said.values())


def _is_put(root: Path, saying: Iterable[Summary], name: str) -> bool:
    """Whether some files have a flag off, and none has it on, as far as their texts tell."""
    put = re.compile(rb"\.%b[ \t]*=(?!=)[ \t]*(False|None)?" % name.encode())
    contents = (files.content(root, source.path) for source in saying)
    found = [value for content in contents for value in put.findall(content)]
    return bool(found) and all(found)


def _of_tree(tree: ast.Module, name: str) -> Iterator[bool]:
    """Yield whether it is set to be off, wherever it is not only asked for."""
    passed = set()
    for node in nodes_of(tree):
        match node:
            case ast.Assign(targets=targets, value=ast.Constant(False | None)):
                own = [each for each in targets if getattr(each, "attr", "") == name]
                passed |= {id(each) for each in own}
                yield from [True] * len(own)
            case ast.Call(args=[_, ast.Constant() as asked, *_]):
                if last_name(node.func) in _ASKING:
                    passed.add(id(asked))
            case ast.Attribute(ctx=ast.Load() | ast.Del()):
                passed.add(id(node))
    for node in nodes_of(tree):
        if id(node) not in passed and name in _names(node):
            yield False


def _names(node: ast.AST) -> Iterator[str]:
    """Yield what a node itself says, be it a name or a text."""
    for field in ("attr", "id", "arg", "name", "asname", "value"):
        said = getattr(node, field, None)
        if isinstance(said, str):
            yield said
