"""What two ways through a settings module come to, and which way an error leads."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable
from typing import Any

from django_scaleready.checks.static.given.environment import MODE
from django_scaleready.checks.static.reader.definitions import Names
from django_scaleready.checks.static.values.calls import ENVIRON
from django_scaleready.checks.static.values.undecided import UNDECIDED, Environment, Ref, same

ADDS = frozenset({"append", "extend", "insert"})
OWN = frozenset({"__file__", "__name__"})
# What catches the error of a variable that is not set.
CATCHERS = frozenset(
    [
        *("KeyError", "LookupError", "Exception", "BaseException"),
        # django-environ's, environs', python-decouple's.
        *("ImproperlyConfigured", "EnvError", "EnvValidationError", "UndefinedValueError"),
    ]
)
# What catches the error of ``int("")``.
NOT_GIVEN = frozenset({"ValueError", "Exception", "BaseException"})
# It raises unless it is given a default.
READERS = frozenset({Ref("decouple.config")})


def copied(names: Names) -> Names:
    """Return the names, with copies of what a statement may change in place."""
    return {
        name: copy.deepcopy(v) if isinstance(v, dict | list) and name.isupper() else v
        for name, v in names.items()
    }


def merge(names: Names, one_way: Names, other_way: Names) -> None:
    """Keep in ``names`` what two ways agree on."""
    for name in {*one_way, *other_way}:
        one, other = one_way.get(name, UNDECIDED), other_way.get(name, UNDECIDED)
        if name in names and name not in OWN and one is other:
            continue
        names[name] = one if same(one, other) else _agreed(one, other, name.isupper())


def lengthen(body: Iterable[ast.stmt], names: Names) -> None:
    """Leave open what a loop over what cannot be told adds to lists: ``APPS += (each.name,)``."""
    for node in (part for statement in body for part in ast.walk(statement)):
        held: ast.expr | None = None
        added = False
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            held, added = node.target, True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            held, added = node.func.value, node.func.attr in ADDS
        value = names.get(held.id) if added and isinstance(held, ast.Name) else None
        if isinstance(held, ast.Name) and isinstance(value, list | tuple):
            names[held.id] = [*value, UNDECIDED] if isinstance(value, list) else (*value, UNDECIDED)


def _agreed(one: Any, other: Any, is_setting: bool) -> Any:
    """Return what two values have in common.

    A list or a dictionary holds what either way may add to it: an app, a middleware, an alias.
    """
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return max((one, other), key=len)
    if isinstance(one, dict) and isinstance(other, dict):
        found = {**one, **other}
        for key in one.keys() & other.keys():
            if not same(one[key], other[key]):
                found[key] = _agreed(one[key], other[key], is_setting)
        return found
    return UNDECIDED if is_setting else other


def assigned(body: list[ast.stmt]) -> set[str]:
    """Return the names that a block assigns, also in the branches that it has."""
    found = set()
    for statement in body:
        if isinstance(statement, ast.Assign):
            found |= {getattr(target, "id", "") for target in statement.targets}
        elif isinstance(statement, ast.If):
            found |= assigned([*statement.body, *statement.orelse])
    return found


def of_deployment(test: ast.expr) -> bool | None:
    """Return what a test comes to that asks only whether a deployment says which one it is.

    One does: ``if os.environ.get("SHOP_ENVIRONMENT"):``. None for any other test.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = of_deployment(test.operand)
        return None if inner is None else not inner
    asked = test.value if isinstance(test, ast.NamedExpr) else test
    if isinstance(asked, ast.Compare) and isinstance(asked.ops[0], ast.In):
        return (_is_mode(asked.left) and "environ" in ast.unparse(asked.comparators[0])) or None
    if not isinstance(asked, ast.Call) or not asked.args:
        return None
    default = [*asked.args[1:], *(keyword.value for keyword in asked.keywords)]
    is_off = not any(getattr(given, "value", True) for given in default)
    reads = ast.unparse(asked.func).endswith(("environ.get", "getenv"))
    return (reads and is_off and _is_mode(asked.args[0])) or None


def _is_mode(node: ast.expr) -> bool:
    name = getattr(node, "value", None)
    return isinstance(name, str) and MODE.search(name) is not None


def without_debug(node: ast.If) -> list[ast.stmt] | None:
    """Return what runs where a variable has DEBUG off; None if it is not asked for one.

    ``if os.environ.get("DEBUG", "true") == "false": ... else: DEBUG = True``: a deployment sets it.
    """
    texts = (part.value for part in ast.walk(node.test) if isinstance(part, ast.Constant))
    if not any(isinstance(text, str) and text.endswith("DEBUG") for text in texts):
        return None
    if _turns_debug_on(node.orelse):
        return node.body
    return node.orelse if _turns_debug_on(node.body) else None


def _turns_debug_on(body: list[ast.stmt]) -> bool:
    return any(ast.unparse(statement) == "DEBUG = True" for statement in body)


def catcher(node: ast.Try, value: Callable[[ast.expr], Any]) -> ast.ExceptHandler | None:
    """Return the handler that runs because the first statement asks for a variable not set.

    ``int(os.environ.get("NAME", ""))`` asks for one, too.
    """
    inner = list(ast.walk(node.body[0]))
    if any(_is_of_nothing(each, value) for each in inner):
        return next((h for h in node.handlers if _catches(h, NOT_GIVEN)), None)
    asks = any(_asks(each, value) and not _is_set(each, value) for each in inner)
    return next((h for h in node.handlers if _catches(h, CATCHERS)), None) if asks else None


def _is_of_nothing(node: ast.AST, value: Callable[[ast.expr], Any]) -> bool:
    """Whether a number is made of nothing."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return False
    given = value(node.args[0]) if getattr(node.func, "id", "") in {"int", "float"} else None
    return isinstance(given, str) and not given.strip()


def _asks(node: ast.AST, value: Callable[[ast.expr], Any]) -> bool:
    """Whether an expression raises where a variable is not set."""
    if isinstance(node, ast.Subscript):
        return bool(value(node.value) == ENVIRON)
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return False
    function = node.func
    # env("NAME") and env.str("NAME").
    held = function.value if isinstance(function, ast.Attribute) else function
    env = value(held)
    if isinstance(env, Environment):
        return not any(name == getattr(node.args[0], "value", "") for name, _ in env.defaults)
    return isinstance(env, Ref) and env in READERS


def _is_set(node: ast.AST, value: Callable[[ast.expr], Any]) -> bool:
    """Whether what is asked for is a variable that deploy files set."""
    return isinstance(node, ast.expr) and isinstance(value(node), str)


def _catches(handler: ast.ExceptHandler, errors: frozenset[str]) -> bool:
    kind = handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = (getattr(each, "attr", None) or getattr(each, "id", "") for each in kinds)
    return kind is None or any(name in errors for name in names)


def as_test(subject: ast.expr, case: ast.match_case) -> ast.expr | None:
    """Return what a case asks, as a condition; None if it takes everything."""
    pattern = case.pattern
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and case.guard is None:
        return None
    parts = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    values = [_of_pattern(part) for part in parts]
    known = [value for value in values if value is not None and case.guard is None]
    if len(known) < len(parts):
        # What is taken apart, or guarded, is not known; nothing has that name.
        return ast.Name("", ast.Load())
    return ast.Compare(subject, [ast.In()], [ast.List(known, ast.Load())])


def _of_pattern(pattern: ast.pattern) -> ast.expr | None:
    if isinstance(pattern, ast.MatchValue):
        return pattern.value
    return ast.Constant(pattern.value) if isinstance(pattern, ast.MatchSingleton) else None
