"""What the function behind a console script starts, along the way that it takes as it is called.

A branch that its arguments do not decide is not taken: a program of several subcommands starts what
belongs to the one that is named.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.names import EXECUTES
from django_scaleready.checks.deployment.shell.python_scripts import (
    Started,
    made,
    of_module,
    run_by,
)

_MANAGES = "django-admin"
_ARGV = "sys.argv"
_ENDS = (ast.Return, ast.Raise)
# A function may call itself.
_DEEPEST = 6
_UNKNOWN = object()
_Words = tuple[str, ...]


@dataclass(slots=True)
class _Walker:
    """Walks through functions of one file; ``runs`` says whether a name is of a manage.py's main.

    ``given`` are the arguments of the program, ``argv`` what ``sys.argv`` has been set to.
    """

    functions: dict[str, ast.FunctionDef]
    given: _Words
    runs: Callable[[str], bool]
    found: list[Started] = field(default_factory=list)
    argv: _Words | None = None
    depth: int = 0

    def call(self, function: ast.FunctionDef) -> None:
        """Walk through a function; what its parameters are is not known."""
        if self.depth < _DEEPEST:
            self.depth += 1
            self._all(function.body, {})
            self.depth -= 1

    def _all(self, body: Sequence[ast.stmt], names: dict[str, object]) -> bool:
        """Walk through statements; returns whether the function ends within."""
        return any(self._one(statement, names) for statement in body)

    def _one(self, node: ast.stmt, names: dict[str, object]) -> bool:
        match node:
            case ast.If():
                held = self._holds(node.test, names)
                if held is not None:
                    return self._all(node.body if held else node.orelse, names)
                _forget(node, names)
            case ast.For(target=ast.Name(id=name), iter=ast.List() | ast.Tuple() as listed):
                for each in listed.elts:
                    names[name] = self._value(each, names)
                    self._all(node.body, names)
            case ast.For() | ast.While() | ast.Match():
                _forget(node, names)
            case ast.Try():
                return self._all(node.body, names) or self._all(node.finalbody, names)
            case ast.With():
                return self._all(node.body, names)
            case ast.FunctionDef() | ast.ClassDef():
                pass
            case _:
                return self._simple(node, names)
        return False

    def _simple(self, node: ast.stmt, names: dict[str, object]) -> bool:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and self._called(call, names):
                return True
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            plain = node.value if not isinstance(node, ast.AugAssign) else None
            value = _UNKNOWN if plain is None else self._value(plain, names)
            for target in targets:
                if ast.unparse(target) == _ARGV:
                    self.argv = value if isinstance(value, tuple) else ()
                elif isinstance(target, ast.Name):
                    names[target.id] = value
        return isinstance(node, _ENDS)

    def _called(self, call: ast.Call, names: dict[str, object]) -> bool:
        """Note what a call starts; returns whether it does so in the process's own place."""
        name = ast.unparse(call.func)
        if name in self.functions:
            self.call(self.functions[name])
        elif self.runs(name):
            words = self._value(call.args[0], names) if call.args else self.argv
            if isinstance(words, tuple) and words[1:] and words != (_ARGV, *self.given):
                self.found.append(Started((_MANAGES, *words[1:]), call.lineno, False, True))
        else:
            for each in made(call, lambda node: self._words(node, names)):
                self.found.append(each)
                return each.execs
        return False

    def _words(self, node: ast.expr, names: dict[str, object]) -> _Words | None:
        value = self._value(node, names)
        return value if isinstance(value, tuple) else None

    def _value(self, node: ast.expr, names: dict[str, object]) -> object:
        """Return a constant, or words: a list of them, ``sys.argv`` and parts of it."""
        found: object = _UNKNOWN
        match node:
            case ast.Constant():
                found = node.value
            case ast.Name(id=name):
                found = names.get(name, _UNKNOWN)
            case ast.List() | ast.Tuple():
                found = tuple(word for each in node.elts for word in self._each(each, names))
            case ast.BinOp(op=ast.Add()):
                left, right = self._value(node.left, names), self._value(node.right, names)
                if isinstance(left, tuple):
                    found = (*left, *(right if isinstance(right, tuple) else ("$value",)))
            case ast.Subscript(slice=ast.Slice(lower=ast.Constant(value=int(first)), upper=None)):
                words = self._value(node.value, names)
                found = words[first:] if isinstance(words, tuple) else _UNKNOWN
            case ast.Attribute() if ast.unparse(node) == _ARGV:
                found = (_ARGV, *self.given) if self.argv is None else self.argv
            case ast.Attribute() if ast.unparse(node) == "sys.executable":
                found = "python"
        return found

    def _each(self, node: ast.expr, names: dict[str, object]) -> Iterator[str]:
        if isinstance(node, ast.Starred):
            words = self._value(node.value, names)
            yield from words if isinstance(words, tuple) else ("$value",)
        else:
            value = self._value(node, names)
            yield value if isinstance(value, str) else "$value"

    def _holds(self, test: ast.expr, names: dict[str, object]) -> bool | None:
        """Return whether a condition holds, as far as the arguments tell."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                held = self._holds(test.operand, names)
                return None if held is None else not held
            case ast.BoolOp():
                wanted = isinstance(test.op, ast.Or)
                parts = [self._holds(part, names) for part in test.values]
                decided = wanted if wanted in parts else not wanted
                return None if None in parts and wanted not in parts else decided
            case ast.Compare(ops=[ast.In() | ast.NotIn() as op], comparators=[listed]):
                sought, words = self._value(test.left, names), self._value(listed, names)
                if isinstance(sought, str) and isinstance(words, tuple):
                    return (sought in words) == isinstance(op, ast.In)
            case ast.Name() | ast.Constant():
                value = self._value(test, names)
                return None if value is _UNKNOWN else bool(value)
        return None


def _forget(node: ast.stmt, names: dict[str, object]) -> None:
    """Note that what is assigned on a way that is perhaps taken is not known."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names[inner.id] = _UNKNOWN


def commands(root: Path, command: Command, function: str) -> Iterator[Command]:
    """Yield what a console script starts that stands for ``module:function``."""
    module, _, name = function.partition(":")
    source = of_module(root, module)
    if source is None or not source.starts:
        return

    def runs(dotted: str) -> bool:
        called = of_module(root, dotted.rpartition(".")[0])
        return called is not None and f"{EXECUTES}({_ARGV})" in called.text

    for each in _started(source.text, name, command.arguments, runs):
        yield run_by(command, source, each)


def _started(text: str, name: str, given: _Words, runs: Callable[[str], bool]) -> list[Started]:
    """Return what the function of a name starts, in its order.

    ``runs`` tells of a dotted name whether it is a function that does what manage.py's does.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The check of the source says so.
        return []
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name not in functions:
        return []
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }
    walker = _Walker(functions, given, lambda called: _is_run(imported.get(called, called), runs))
    walker.call(functions[name])
    return walker.found


def _is_run(dotted: str, runs: Callable[[str], bool]) -> bool:
    return dotted.rpartition(".")[2] == EXECUTES or ("." in dotted and runs(dotted))
