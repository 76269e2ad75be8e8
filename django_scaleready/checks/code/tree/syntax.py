"""The shape of Python's syntax tree, as far as the walk needs it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

# Statements after which the next one of their block does not run.
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
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

# Fields that hold no expression and no statement: names, numbers, operators and contexts.
_PLAIN = frozenset(
    [
        *("arg", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "op", "ops"),
        *("simple", "type_comment", "type_ignores"),
    ]
)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: ()}
# The statements below one, by its type.
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.Module, ast.ClassDef, ast.With, ast.AsyncWith), ("body",)),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ExceptHandler), ("body",)),
    **dict.fromkeys((ast.If, ast.For, ast.AsyncFor, ast.While), ("body", "orelse")),
    **dict.fromkeys((ast.Try, ast.TryStar), ("body", "handlers", "orelse", "finalbody")),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}


def nodes_of(top: ast.AST) -> list[ast.AST]:
    """Return a node and all below it, as ``ast.walk`` does, but for operators and contexts.

    It takes a third of the time: most of what that yields is ``Load()``.
    """
    found = [top]
    for node in found:
        found += children(node)
    return found


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes right below one, but for operators and contexts."""
    kind = node.__class__
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in kind._fields if name not in _PLAIN)
    found: list[ast.AST] = []
    for name in _FIELDS[kind]:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def blocks(top: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements below a node, without looking into any expression."""
    found: list[ast.AST] = [top]
    for node in found:
        for name in _BLOCKS[node.__class__]:
            block: list[ast.stmt] = getattr(node, name)
            if block:
                yield block
                found += [each for each in block if each.__class__ in _BLOCKS]


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


def written(node: ast.AST) -> str:
    """Return an expression as it is written; most are dotted names, which need no unparsing."""
    rest, inner = "", node
    while isinstance(inner, ast.Attribute):
        rest = f".{inner.attr}{rest}"
        inner = inner.value
    return f"{inner.id}{rest}" if isinstance(inner, ast.Name) else ast.unparse(node)


def last_name(node: ast.AST | None) -> str:
    """Return a name, or that of an attribute: of ``shutil.move`` it is move; "" for any other."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def last_parts(*names: str) -> tuple[str, ...]:
    """Return the last parts of dotted names, each once: by these a file's calls are looked up."""
    return tuple(sorted({name.rpartition(".")[2] for name in names}))
