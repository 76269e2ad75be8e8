"""Settings that no assignment gives: names that calls write, and modules that calls import.

``globals().update(...)``, ``setattr(sys.modules[__name__], ...)``, ``logging.config.dictConfig``,
``vars(importlib.import_module(...))``. A package that is handed all names may give any.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django_scaleready.checks.static.ini_logs import config_of
from django_scaleready.checks.static.reader.branches import of_deployment
from django_scaleready.checks.static.reader.definitions import Names
from django_scaleready.checks.static.reader.executed import INCLUDE
from django_scaleready.checks.static.reader.imports import Find, Imports
from django_scaleready.checks.static.reader.insisted import Insisted
from django_scaleready.checks.static.values.documents import OPENERS, Documents
from django_scaleready.checks.static.values.expressions import Call
from django_scaleready.checks.static.values.undecided import UNDECIDED, Namespace, Ref

IMPORTERS = frozenset({"importlib.import_module", "django.utils.importlib.import_module"})
# What such a function does to the module that calls it, it finds out by itself.
_PUTS_IN = re.compile(r"(^|\.)(import|inject|load)_settings(_modules)?$")


class ByName(Imports):
    """Runs the calls that read settings from elsewhere, or write them by name."""

    def __init__(
        self, call: Call, read: Callable[[Path, Names], Names], find: Find, root: Path | None
    ) -> None:
        """Take what ``Imports`` takes, and the repository's folder."""
        super().__init__(call, read, find)
        self._documents = Documents(root)
        self._insisted = Insisted()
        self._expressions.beside = self._beside
        self._expressions.method_beside = self._method_beside

    def _expression(self, node: ast.Expr, names: Names, path: Path) -> None:
        super()._expression(node, names, path)
        if isinstance(node.value, ast.Call) and not self._guarded and names is self.settings.names:
            self.settings.is_open |= self._puts_in(node.value, names)

    def _way(self, test: ast.expr) -> bool | None:
        """Return what a test comes to that only a deployment decides, None for any other."""
        taken = of_deployment(test)
        return self._insisted.way(test, self.settings.definitions) if taken is None else taken

    def _insist(self, node: ast.If, names: Names) -> None:
        """Note what these settings end without."""
        if names is self.settings.names:
            value = functools.partial(self._expressions.value, names=names)
            self._insisted.note(node, value, self.settings.definitions)

    def _puts_in(self, call: ast.Call, names: Names) -> bool:
        """Whether a call may set what reading does not show: ``package.settings(globals())``."""

        def is_handed(given: Any) -> bool:
            return isinstance(given, Namespace) and given.names is names

        parts = [*call.args, *(option.value for option in call.keywords)]
        arguments = [self._expressions.value(part, names) for part in parts]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "update":
            holder = self._expressions.value(call.func.value, names)
            return is_handed(holder) and any(given is UNDECIDED for given in arguments)
        called = self._expressions.value(call.func, names)
        # A builtin has no dot, and a function of the project's was run.
        if not isinstance(called, Ref) or called.origin or "." not in called.dotted:
            return False
        if called.dotted == INCLUDE:
            # Its files are read, and those that are not here are a machine's own.
            return False
        return bool(_PUTS_IN.search(called.dotted)) or any(map(is_handed, arguments))

    def _beside(
        self, node: ast.Call, dotted: str, arguments: list[Any], options: Names, names: Names
    ) -> Any:
        """Return what a call gives that nobody else knows."""
        first = arguments[0] if arguments else options.get("file")
        if dotted in {"globals", "locals"} or (dotted == "vars" and not arguments):
            return Namespace(names)
        if dotted == "vars":
            return first if isinstance(first, Namespace) else UNDECIDED
        if dotted == "setattr" and isinstance(first, Namespace) and arguments[2:]:
            self._put(arguments[1], arguments[2], node, first.names)
        elif dotted == "logging.config.dictConfig" and isinstance(first, dict):
            self._logging(first, node, names)
        elif dotted == "logging.config.fileConfig":
            self._logging(config_of(self._documents.file(first)), node, names)
        elif dotted in IMPORTERS and isinstance(first, str):
            return self._module_of(first, names)
        elif dotted in OPENERS and first is UNDECIDED:
            return self._documents.only(node)
        else:
            return self._documents.call(dotted, first, (*arguments[1:2], options.get("mode"))[0])
        return None

    def _module_of(self, dotted: str, names: Names) -> Any:
        origin = self._find(dotted, Path(str(names.get("__file__"))))
        return Namespace(self._read(origin, {})) if origin else UNDECIDED

    def _logging(self, config: Any, node: ast.Call, names: Names) -> None:
        """Take what is configured in the settings for what Django would configure after them."""
        if isinstance(config, dict):
            self._put("LOGGING", config, node, names)
            self._put("LOGGING_CONFIG", "logging.config.dictConfig", node, names)

    def _put(self, name: Any, value: Any, node: ast.Call, names: Names) -> None:
        if isinstance(name, str):
            written = node.args[-1] if node.args else None
            target = ast.Name(name, lineno=node.lineno, col_offset=0)
            self._bind(target, value, written, names, Path(str(names.get("__file__"))))

    def _method_beside(
        self, node: ast.Call, inner: Any, name: str, arguments: list[Any], options: Names
    ) -> Any:
        """Return what a method gives of the names of a module, or of a file."""
        if not isinstance(inner, Namespace):
            return self._documents.method(inner, name, arguments, options)
        first = arguments[0] if arguments else None
        if name == "update":
            given = first.names if isinstance(first, Namespace) else first
            pairs = {**(given if isinstance(given, dict) else {}), **options}
            for key, value in pairs.items():
                if not str(key).startswith("__"):
                    self._put(key, value, node, inner.names)
            return None
        if name not in {"get", "setdefault", "pop"} or not isinstance(first, str):
            return UNDECIDED
        if first in inner.names:
            return inner.names.pop(first) if name == "pop" else self._settle(inner.names, first)
        if name == "setdefault" and arguments[1:]:
            self._put(first, arguments[1], node, inner.names)
        return arguments[1] if arguments[1:] else None
