"""Modules of a project that hold options and are no settings of Django's: read as those are."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.tree.syntax import nodes_of
from django_scaleready.checks.places import relative
from django_scaleready.checks.static.reader.definitions import Names, Settings
from django_scaleready.checks.static.reader.holders import Held, key
from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.roots import Roots


class Others:
    """Reads such modules, each once, when a rule asks for what is in one."""

    def __init__(self, root: Path, code: Codebase, roots: Roots) -> None:
        """Take the repository, its code, and what finds modules and knows the environment."""
        self._root = root
        self._code = code
        self._roots = roots
        self._trees: dict[Path, ast.Module] = {}
        self._read: dict[str, Settings] = {}

    def settings(self, module: str) -> Settings:
        """Return what a module of the project comes to; nothing where it cannot be read."""
        if module not in self._read:
            source = self._code.by_module.get(module)
            path = self._root / source.path if source else None
            found = attempt(module, self._reader().read, path) if path else Settings()
            self._read[module] = Settings() if isinstance(found, Unknown) else found
        return self._read[module]

    def _reader(self) -> Reader:
        return Reader(self._roots.find, self._trees, self._roots.environment, self._root)

    def held(self, dotted: str) -> Names:
        """Return what a module gives values, or a class of one; nothing of any other name."""
        found: Settings | Held | None = None
        if dotted in self._code.by_module:
            found = self.settings(dotted)
        else:
            module, _, name = dotted.rpartition(".")
            held = self.settings(module).names.get(key(name))
            found = held if isinstance(held, Held) else None
        return {name: found.names.get(name) for name in found.definitions} if found else {}

    def is_off(self, module: str, name: str) -> bool:
        """Whether a module has an option that is False wherever it is given a value.

        What it computes may be asked of Django's settings, which are others.
        """
        found = self.settings(module)
        # Who imports a name by itself gives it no value.
        values = [given.value for given in found.definitions.get(name, ()) if given.value]
        off = found.names.get(name) is False and bool(values) and all(map(_is_false, values))
        return off and name not in self._roots.environment and not self._is_changed(module, name)

    def _is_changed(self, module: str, name: str) -> bool:
        """Whether a function may give an option another value as it runs."""
        path = self._code.by_module[module].path
        inner = [relative(file, self._root) for file in self.settings(module).files]
        others = self._code.importers.get(path, ())
        return any(_declares(node, name) for node in self._naming(name, inner)) or any(
            _assigns(node, name) for node in self._naming(name, others)
        )

    def _naming(self, name: str, files_: Iterable[str]) -> Iterator[ast.AST]:
        """Yield all nodes of those files in which a name stands at all."""
        for path in files_:
            if name.encode() in files.content(self._root, path):
                tree = tree_of(self._code, self._root, path)
                yield from nodes_of(tree) if tree else ()


def _declares(node: ast.AST, name: str) -> bool:
    """Whether a function says that a name it may give a value is the module's: ``global NAME``."""
    return isinstance(node, ast.Global) and name in node.names


def _assigns(node: ast.AST, name: str) -> bool:
    """Whether it gives an attribute of something a value: ``setattr(config, "NAME", on)``, too."""
    if isinstance(node, ast.Attribute):
        return node.attr == name and isinstance(node.ctx, ast.Store)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "setattr"
        and any(isinstance(each, ast.Constant) and each.value == name for each in node.args)
    )


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
