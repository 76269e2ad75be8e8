"""Which parameters no call gives, whatever class it is of whose method it calls.

Told by names: a call of any function of that name counts. One that hands on all that its function
was given, ``self.send(*args, **kwargs)``, gives what the calls of that function do.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of
from django_scaleready.checks.reaching.sayers import Sayers

# The functions that hand on what they were given, from one to the next.
DEPTH = 3
_BOUND = frozenset({"cls", "self"})
_PLAIN = frozenset({"classmethod", "staticmethod"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Parameter(NamedTuple):
    """A parameter, of all functions of a name, and how many others stand before it."""

    function: str
    name: str
    position: int


class NeverGiven:
    """Tells whether no call outside of tests and some other files gives a parameter."""

    def __init__(
        self, code: Codebase, sayers: Sayers, root: Path, passed_over: Collection[str]
    ) -> None:
        """Take the code in a folder, who says what in it, and the files that do not count."""
        self._code = code
        self._root = root
        self._sayers = sayers
        self._files = [source for source in code if source.path not in passed_over]
        self._known: dict[Parameter, bool] = {}

    def holds(self, parameters: tuple[str, ...], function: str, name: str) -> bool:
        """Whether a function is called, and no call of one of its name gives it a parameter."""
        bound = bool(_BOUND.intersection(parameters[:1]))
        last = function.rpartition(".")[2]
        wanted = Parameter(last, name, parameters.index(name) - bound)
        if wanted not in self._known:
            given = [*self._given(wanted, 0)]
            self._known[wanted] = bool(given) and not any(given)
        return self._known[wanted]

    def _given(self, wanted: Parameter, depth: int) -> Iterator[bool]:
        """Yield for each call of the function whether it may give the parameter.

        Who asks for the function by a text, or hands it on, may.
        """
        last = wanted.function
        if any(self._sayers.in_code_texts(last)):
            yield True
            return
        for source in self._files:
            if last in source.mentions or any(last in words.split() for words in _said(source)):
                tree = tree_of(self._code, self._root, source.path)
                yield from self._given_in(tree, wanted, depth) if tree else [True]

    def _given_in(self, tree: ast.Module, wanted: Parameter, depth: int) -> Iterator[bool]:
        called = set()
        for node in nodes_of(tree):
            if isinstance(node, ast.alias) and node.name == wanted.function and node.asname:
                yield True
            elif isinstance(node, ast.Call) and last_name(node.func) == wanted.function:
                called.add(id(node.func))
                yield self._gives(tree, node, wanted, depth)
            elif last_name(node) == wanted.function and id(node) not in called:
                # Of a call, the function comes after it.
                yield isinstance(getattr(node, "ctx", None), ast.Load)

    def _gives(self, tree: ast.Module, call: ast.Call, wanted: Parameter, depth: int) -> bool:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if wanted.name in given:
            return _may_be(given[wanted.name])
        starred = [isinstance(value, ast.Starred) for value in call.args]
        before = starred.index(True) if any(starred) else len(starred)
        if wanted.position < before:
            return _may_be(call.args[wanted.position])
        stars = [value for name, value in given.items() if name is None]
        stars += [getattr(value, "value", value) for value in call.args[before:]]
        return bool(stars) and self._is_handed(tree, call, stars, wanted, depth)

    def _is_handed(
        self,
        tree: ast.Module,
        call: ast.Call,
        stars: list[ast.expr],
        wanted: Parameter,
        depth: int,
    ) -> bool:
        """Whether the parameter may be in what comes in lists and mappings."""
        around = _around(tree, call)
        if around is None or depth == DEPTH or not _hands_on(around, stars):
            return True
        own = [each.arg for each in (*around.args.posonlyargs, *around.args.args)]
        if wanted.name in {*own, *(each.arg for each in around.args.kwonlyargs)}:
            return True
        if around.name == wanted.function:
            # One that derives from another: the calls of that name are asked anyway.
            return False
        first = sum(not isinstance(value, ast.Starred) for value in call.args)
        bound = bool(_BOUND.intersection(own[:1]))
        moved = wanted._replace(
            function=around.name, position=wanted.position - first + len(own) - bound
        )
        return any(self._given(moved, depth + 1))


def _said(source: Summary) -> Iterator[str]:
    """Yield what the places of a file say by name alone, each between spaces."""
    return (words.partition(" .")[0] for words in source.said.values())


def _may_be(value: ast.expr) -> bool:
    """Whether what is given may be more than nothing: not ``False``, ``None`` or ``""``."""
    return not isinstance(value, ast.Constant) or bool(value.value)


def _around(tree: ast.Module, call: ast.Call) -> _Function | None:
    """Return the function that a call stands in, the inner one of two."""
    found = [
        node
        for node in nodes_of(tree)
        if isinstance(node, _Function) and node.lineno <= call.lineno <= (node.end_lineno or 0)
    ]
    return max(found, key=lambda node: node.lineno, default=None)


def _hands_on(function: _Function, stars: list[ast.expr]) -> bool:
    """Whether all that comes in lists and mappings is what a function was called with.

    What is decorated or named by Python is called by who knows whom.
    """
    given = {each.arg for each in (function.args.vararg, function.args.kwarg) if each}
    if function.name.startswith("__") or not _PLAIN.issuperset(
        map(last_name, function.decorator_list)
    ):
        return False
    names = {getattr(star, "id", "") for star in stars}
    uses = [node for node in nodes_of(function) if getattr(node, "id", "") in names]
    # It is neither put together anew, nor filled.
    return names <= given and len(uses) == len(stars)
