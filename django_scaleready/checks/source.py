"""The project's own Python files: found once, parsed once, each name resolved to what it means."""

from __future__ import annotations

import ast
import enum
import os
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.places import relative

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Not the project's code, or not what a replica runs.
SKIPPED_FOLDERS = frozenset(
    [
        *("migrations", "test", "testing", "tests", "docs", "examples", "static", "build", "dist"),
        *("env", "venv", "site-packages", "__pycache__", "node_modules", "bower_components"),
        *("_vendor", "extern", "third_party", "vendor", "vendored"),
    ]
)
# At the top of the project; deeper down such a name may well be an app's.
SCRIPT_FOLDERS = frozenset({"bin", "ci", "deploy", "docker", "scripts", "tools"})
TASK_DECORATORS = frozenset({"actor", "db_task", "job", "periodic_task", "shared_task", "task"})


class Moment(enum.StrEnum):
    """When a piece of code runs."""

    IMPORT = "import"
    READY = "ready"
    REQUEST = "request"
    TASK = "task"
    COMMAND = "command"


class Source:
    """One parsed file."""

    def __init__(self, path: Path, root: Path, tree: ast.Module) -> None:
        """Take an absolute path, the project's root, and what the file parses to."""
        self.path = path
        self.name = relative(path, root)
        self.tree = tree

    @property
    def module(self) -> str:
        """The dotted name, counted from the project's root."""
        parts = Path(self.name).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def at(self, node: ast.AST) -> Location:
        """Return the place of a node."""
        return Location(self.name, getattr(node, "lineno", 0))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the file, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """Every call of the file."""
        return tuple(node for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions by qualified name: ``refresh``, ``Client.save``."""
        return {
            self.qualified(node): node
            for node in self.nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Each node's parent."""
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def imports(self) -> dict[str, str]:
        """What each imported name stands for, wherever in the file the import is written."""
        names: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    names[bound] = alias.name if alias.asname else bound
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{module}.{alias.name}"
        return names

    @cached_property
    def imported(self) -> frozenset[str]:
        """The dotted names of everything imported."""
        return frozenset(self.imports.values())

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        if self.path.name != "__init__.py":
            package = package[:-1]
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])

    def resolve(self, node: ast.AST) -> str:
        """Return the dotted name behind an expression, through the imports; "" if it has none."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self.resolve(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around a node, the nearest first."""
        while node := self.parents.get(node):  # type: ignore[assignment]  # None ends the loop
            yield node

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the nearest function around a node."""
        for outer in self.above(node):
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                return outer
        return None

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the nearest class around a node."""
        return next((o for o in self.above(node) if isinstance(o, ast.ClassDef)), None)

    def qualified(self, node: Function) -> str:
        """Return a function's name below those of the classes and functions around it."""
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        outer = [o.name for o in self.above(node) if isinstance(o, named)]
        return ".".join([*reversed(outer), node.name])

    def moment(self, node: ast.AST) -> Moment:
        """Return when a node runs; a function nobody calls at start counts as a request's."""
        if self.is_script or self._under_main(node):
            return Moment.COMMAND
        functions = [o for o in [node, *self.above(node)] if isinstance(o, Function)]
        if not functions:
            return Moment.IMPORT
        for function in functions:
            if self.is_task(function):
                return Moment.TASK
        outermost = functions[-1]
        if outermost.name == "ready" and self._is_app_config(self.class_of(outermost)):
            return Moment.READY
        return Moment.REQUEST

    @cached_property
    def is_script(self) -> bool:
        """Whether an operator runs this file: a management command, or a program of its own."""
        folders = Path(self.name).parent.parts
        if folders[-2:] == ("management", "commands") or SCRIPT_FOLDERS.intersection(folders[:1]):
            return True
        return self.path.name in {"manage.py", "fabfile.py", "setup.py", "noxfile.py"} or any(
            isinstance(node, ast.If) and _is_main_guard(node) for node in self.tree.body
        )

    def _under_main(self, node: ast.AST) -> bool:
        outer = [o for o in self.above(node) if isinstance(o, ast.If)]
        return any(_is_main_guard(o) or _is_typing_guard(self, o) for o in outer)

    def is_debug_only(self, node: ast.AST) -> bool:
        """Whether a node runs under ``if settings.DEBUG`` or in the development server alone."""
        inner = node
        for outer in self.above(node):
            if isinstance(outer, ast.If) and inner in outer.body and _wants_debug(outer.test):
                return True
            inner = outer
        return False

    def is_task(self, function: Function) -> bool:
        """Whether a decorator makes the function a task of a queue."""
        for decorator in function.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.resolve(call).rpartition(".")[2] in TASK_DECORATORS:
                return True
        return False

    def _is_app_config(self, node: ast.ClassDef | None) -> bool:
        bases = node.bases if node else []
        return any(self.resolve(base).endswith("AppConfig") for base in bases)


def _wants_debug(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_wants_debug(value) for value in test.values)
    if isinstance(test, ast.Name | ast.Attribute):
        return ast.unparse(test).rpartition(".")[2] == "DEBUG"
    return isinstance(test, ast.Compare) and "runserver" in ast.unparse(test)


def _is_main_guard(node: ast.If) -> bool:
    test = node.test
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
    )


def _is_typing_guard(source: Source, node: ast.If) -> bool:
    return source.resolve(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _is_test(name: str) -> bool:
    return name.startswith("test_") or name in {"tests.py", "conftest.py"} or "_test." in name


class Sources:
    """All the files below a root that a replica may run."""

    def __init__(self, root: Path) -> None:
        """Take the project's root; nothing is read yet."""
        self.root = root
        self.unknown: list[Unknown] = []

    def __iter__(self) -> Iterator[Source]:
        """Iterate over the parsed files, in the order of their paths."""
        return iter(self._parsed)

    @cached_property
    def _parsed(self) -> tuple[Source, ...]:
        return tuple(source for path in self._paths() if (source := self._parse(path)))

    def _paths(self) -> list[Path]:
        found: list[Path] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if not _skipped(Path(folder, name))]
            found += [
                Path(folder, name) for name in files if name.endswith(".py") and not _is_test(name)
            ]
        return sorted(found)

    def _parse(self, path: Path) -> Source | None:
        try:
            with warnings.catch_warnings():
                # An odd escape in a string is the project's affair, and no output of a check.
                warnings.simplefilter("ignore")
                tree = ast.parse(path.read_bytes(), str(path))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = Location(relative(path, self.root), getattr(error, "lineno", None) or 0)
            cause = getattr(error, "msg", None) or type(error).__name__
            self.unknown.append(Unknown(str(place), f"the file could not be parsed: {cause}"))
            return None
        return Source(path, self.root, tree)

    @cached_property
    def by_module(self) -> dict[str, Source]:
        """The files by dotted name, and by each shorter one that is still unambiguous.

        A project's root need not be on the import path: ``src/shop/feeds.py`` is imported as
        ``shop.feeds``.
        """
        found: dict[str, Source | None] = {}
        for source in self:
            parts = source.module.split(".")
            for start in range(len(parts)):
                name = ".".join(parts[start:])
                found[name] = None if name in found and start else source
        return {name: source for name, source in found.items() if source}

    def function(self, dotted: str) -> tuple[Source, Function] | None:
        """Return the project's function of that dotted name."""
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            source = self.by_module.get(".".join(parts[:cut]))
            if source and (function := source.functions.get(".".join(parts[cut:]))):
                return source, function
        return None


def _skipped(folder: Path) -> bool:
    return (
        folder.name in SKIPPED_FOLDERS
        or folder.name.startswith(".")
        or folder.is_symlink()
        or (folder / "pyvenv.cfg").exists()
    )
