"""The shape of Python's syntax tree, as far as the walk needs it."""

from __future__ import annotations

import ast

LEAVES = frozenset({ast.Name, ast.Constant})
# The fields that hold expressions, by node type; the rest of the fields are names and operators.
FIELDS: dict[type, tuple[str, ...]] = {
    ast.BinOp: ("left", "right"),
    ast.BoolOp: ("values",),
    ast.UnaryOp: ("operand",),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Dict: ("keys", "values"),
    ast.Set: ("elts",),
    ast.List: ("elts",),
    ast.Tuple: ("elts",),
    ast.ListComp: ("elt", "generators"),
    ast.SetComp: ("elt", "generators"),
    ast.GeneratorExp: ("elt", "generators"),
    ast.DictComp: ("key", "value", "generators"),
    ast.comprehension: ("iter", "ifs"),
    ast.Await: ("value",),
    ast.Yield: ("value",),
    ast.YieldFrom: ("value",),
    ast.Compare: ("left", "comparators"),
    ast.FormattedValue: ("value",),
    ast.JoinedStr: ("values",),
    ast.Subscript: ("value", "slice"),
    ast.Starred: ("value",),
    ast.Slice: ("lower", "upper", "step"),
    ast.NamedExpr: ("value",),
    ast.Lambda: ("body",),
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
    missing = [None] * (len(positional) - len(arguments.defaults))
    found: dict[str, ast.expr | None] = {
        argument.arg: default
        for argument, default in zip(positional, [*missing, *arguments.defaults], strict=True)
    }
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    found.update((argument.arg, default) for argument, default in pairs)
    return found
