"""Which parameters no call leaves to their default, as well as the names that are called tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from django_scaleready.checks.code.codebase import gives
from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.summary import Call, Fact, Summary
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

if TYPE_CHECKING:
    from pathlib import Path

    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project

# Whatever else decorates a function may call it.
_PLAIN = frozenset({"classmethod", "staticmethod"})


def is_never_taken(project: Project, source: Summary, function: str, parameter: str) -> bool:
    """Whether no replica comes to use the default of a parameter of a function."""
    if is_always_given(project, source, function, parameter):
        return True
    target = source.functions.get(function)
    return target is not None and project.is_operators(source, Fact(target.line, function))


def is_always_given(project: Project, source: Summary, function: str, parameter: str) -> bool:
    """Whether a function is called, and each call of it outside of tests gives a parameter."""
    # Files are read for it, and each settings module asks.
    return project.code.once(_is_always_given, project.root, source.path, function, parameter)


def _is_always_given(code: Codebase, root: Path, path: str, function: str, parameter: str) -> bool:
    source = code.by_path[path]
    target = source.functions.get(function)
    if target is None or not _PLAIN.issuperset(target.decorators):
        return False
    calls = list(_Calls(code, source, function).found(root))
    return bool(calls) and all(call and gives(call, target, parameter) for call in calls)


class _Calls:
    """The calls of one function, wherever they stand.

    Of an object whose class is not seen its method is told by its name, and by the classes that
    the file speaks of which have one of that name.
    """

    def __init__(self, code: Codebase, source: Summary, function: str) -> None:
        self._code, self._source, self._function = code, source, function
        around, _, last = function.rpartition(".")
        self._owner = around.rpartition(".")[2]
        # Who makes an object of a class calls its __init__.
        self._name = self._owner if last == "__init__" else last
        ends = (name.rpartition(".") for each in code.files for name in each.functions)
        owners = {owner.rpartition(".")[2] for owner, _, method in ends if method == last}
        self._is_method = bool(self._owner) and self._name == last
        # A static or a class method is asked of the class by its name.
        self._is_of_class = source.functions[function].parameters[:1] != ("self",)
        self._others = owners - {self._owner, ""} if self._name == last else set()

    def found(self, root: Path) -> Iterator[Call | None]:
        """Yield the calls, and None for what hands the function on to who knows whom."""
        for summary in self._code.files:
            if self._says(summary):
                tree = tree_of(self._code, root, summary.path)
                yield from self._in(summary, [*_deployed(tree)]) if tree else [None]

    def _says(self, summary: Summary) -> bool:
        """Whether a file may call it: it is there, named after a dot, or imported."""
        if summary is self._source or self._name in summary.mentions:
            return True
        imported = (d for d in summary.imported if d.rpartition(".")[2] == self._name)
        return any(self._is_own(dotted) is not False for dotted in imported)

    def _is_own(self, dotted: str) -> bool | None:
        """Whether a dotted name is the function's; None if it is not known."""
        found = self._code.function(dotted)
        return (found[0].path, found[1]) == (self._source.path, self._function) if found else None

    def _in(self, summary: Summary, nodes: list[ast.AST]) -> Iterator[Call | None]:
        aliases = [node for node in nodes if isinstance(node, ast.alias)]
        names = {self._name, *(a.asname for a in aliases if a.asname and a.name == self._name)}
        said = {*map(last_name, nodes), *(alias.name for alias in aliases)}
        imported = {(alias.asname or alias.name).rpartition(".")[2] for alias in aliases}
        known = dict(self._known(summary))
        called = set()
        for node in nodes:
            if isinstance(node, ast.Call) and last_name(node.func) in names:
                called.add(id(node.func))
                if known.get(node.lineno, self._may_be_own(said)):
                    stars = ["*" for argument in node.args if isinstance(argument, ast.Starred)]
                    named = (*stars, *(keyword.arg or "**" for keyword in node.keywords))
                    yield Call(self._name, node.lineno, 0, len(node.args), named=named)
        for node in nodes:
            read = isinstance(getattr(node, "ctx", None), ast.Load) and id(node) not in called
            has_name = read and last_name(node) in names and self._may_be_own(said)
            if has_name and self._may_be_read(node, summary is self._source, said, imported):
                yield None

    def _may_be_read(self, node: ast.AST, own: bool, said: Set[str], imported: Set[str]) -> bool:
        """Whether what has the function's name may be it, and not a variable that has it, too.

        ``own``: it stands in the function's file.
        """
        if isinstance(node, ast.Name):
            # In the body of its class a method has no dot before it.
            return own or not self._is_method
        if not self._is_method:
            return last_name(getattr(node, "value", node)) in imported
        return self._owner in said or not self._is_of_class

    def _known(self, summary: Summary) -> Iterator[tuple[int, bool]]:
        """Yield the lines of calls that are seen to be of a function: of this one, or not."""
        for function in summary.functions.values():
            for call in function.calls:
                if call.callee.rpartition(".")[2] == self._name and (
                    found := self._code.function(call.callee)
                ):
                    yield (
                        call.line,
                        (found[0].path, found[1]) == (self._source.path, self._function),
                    )

    def _may_be_own(self, said: Set[str]) -> bool:
        return self._owner in said or self._others.isdisjoint(said)


def _deployed(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all nodes but those below ``if __name__ == "__main__"``, which no replica runs."""
    for statement in tree.body:
        match statement:
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()])):
                for other in statement.orelse:
                    yield from nodes_of(other)
            case _:
                yield from nodes_of(statement)
