"""The shape of Python's syntax tree, as far as the walk needs it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

# The expressions right below one, by its type; the rest of its fields are names and operators.
CHILDREN: dict[type, Callable[[Any], Iterable[Any]]] = {
    ast.Await: lambda node: (node.value,),
    ast.BinOp: attrgetter("left", "right"),
    ast.BoolOp: attrgetter("values"),
    ast.Compare: lambda node: (node.left, *node.comparators),
    ast.comprehension: lambda node: (node.iter, *node.ifs),
    ast.Dict: lambda node: (*node.keys, *node.values),
    ast.DictComp: lambda node: (node.key, node.value, *node.generators),
    ast.FormattedValue: lambda node: (node.value,),
    ast.GeneratorExp: lambda node: (node.elt, *node.generators),
    ast.IfExp: attrgetter("test", "body", "orelse"),
    ast.JoinedStr: attrgetter("values"),
    ast.List: attrgetter("elts"),
    ast.ListComp: lambda node: (node.elt, *node.generators),
    ast.NamedExpr: lambda node: (node.value,),
    ast.Set: attrgetter("elts"),
    ast.SetComp: lambda node: (node.elt, *node.generators),
    ast.Slice: attrgetter("lower", "upper", "step"),
    ast.Starred: lambda node: (node.value,),
    ast.Subscript: attrgetter("value", "slice"),
    ast.Tuple: attrgetter("elts"),
    ast.UnaryOp: lambda node: (node.operand,),
    ast.Yield: lambda node: (node.value,),
    ast.YieldFrom: lambda node: (node.value,),
}


def absolute(module: str, is_package: bool, node: ast.ImportFrom) -> str:
    """Return the dotted name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    package = module.split(".")
    if not is_package:
        package = package[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def parameters(arguments: ast.arguments) -> dict[str, ast.expr | None]:
    """Return the names of a function's parameters with their defaults."""
    positional = [*arguments.posonlyargs, *arguments.args]
    found: dict[str, ast.expr | None] = {argument.arg: None for argument in positional}
    if arguments.defaults:
        last = positional[-len(arguments.defaults) :]
        found.update((a.arg, d) for a, d in zip(last, arguments.defaults, strict=True))
    if arguments.kwonlyargs:
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        found.update((argument.arg, default) for argument, default in pairs)
    return found


def last_name(node: ast.AST | None) -> str:
    """Return a name, or that of an attribute: of ``shutil.move`` it is move; "" for any other."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def last_parts(*names: str) -> tuple[str, ...]:
    """Return the last parts of dotted names, each once: by these a file's calls are looked up."""
    return tuple(sorted({name.rpartition(".")[2] for name in names}))
