"""Lists, dictionaries and their like in a settings module: what is known of what they hold."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import Any

from django_scaleready.checks.static.values import calls
from django_scaleready.checks.static.values.comprehensions import each_round
from django_scaleready.checks.static.values.undecided import UNDECIDED


class Containers:
    """Evaluates what holds several values."""

    @abstractmethod
    def value(self, node: ast.expr | None, names: dict[str, Any]) -> Any:
        """Return an expression's value, UNDECIDED if it cannot be told."""

    def _dict(self, node: ast.Dict, names: dict[str, Any]) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.value(value, names)
            if key is None:
                # What is undecided of an entry may be any key of it.
                found |= held if isinstance(held, dict) else {UNDECIDED: UNDECIDED}
            else:
                name = self.value(key, names)
                if isinstance(name, str | int | float | bool | None):
                    found[name] = held
        return found

    def _list(self, node: ast.List, names: dict[str, Any]) -> Any:
        return self._elements(node.elts, names)

    def _tuple(self, node: ast.Tuple, names: dict[str, Any]) -> Any:
        return tuple(self._elements(node.elts, names))

    def _set(self, node: ast.Set, names: dict[str, Any]) -> Any:
        return calls.safely(set, [self._elements(node.elts, names)], {})

    def _elements(self, nodes: list[ast.expr], names: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value, names)
                found += inner if isinstance(inner, list | tuple | set) else []
            else:
                found.append(self.value(node, names))
        return found

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, names: dict[str, Any]) -> Any:
        rounds = list(each_round(node.generators, names, self.value))
        return UNDECIDED if None in rounds else [self.value(node.elt, r) for r in rounds if r]

    def _of_pairs(self, node: ast.DictComp, names: dict[str, Any]) -> Any:
        rounds = list(each_round(node.generators, names, self.value))
        pairs = [(self.value(node.key, r), self.value(node.value, r)) for r in rounds if r]
        return UNDECIDED if None in rounds else calls.safely(dict, [pairs], {})

    def _options(self, keywords: list[ast.keyword], names: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for keyword in keywords:
            value = self.value(keyword.value, names)
            if keyword.arg:
                found[keyword.arg] = value
            elif isinstance(value, dict):
                found |= {key: held for key, held in value.items() if isinstance(key, str)}
        return found
