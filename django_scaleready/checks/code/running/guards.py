"""What a condition says about when the code below it runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

from django_scaleready.checks.code.tree import scopes as flag
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

# Nothing that is deployed has one of them on.
SWITCHES = frozenset(
    ["DEBUG", "DEVELOPMENT", "DEV_MODE", "IS_DEV", "IS_DEVELOPMENT", "TEST", "TESTING"]
)
TYPING = frozenset({"TYPE_CHECKING", "typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})
# Words on the command line that no deployed server is started with.
DEVELOPMENT = frozenset({"runserver", "runserver_plus", "test", "pytest"})
# What a deployment says it is, and what it says where nobody but its developer comes.
_ENVIRONMENT = re.compile(r"(^|_)ENV(IRONMENT)?(_NAME|_TYPE)?$")
ENVIRONMENTS = frozenset(
    [
        *("debug", "dev", "develop", "development", "local", "localhost", "test", "testing"),
        *("DEBUG", "DEV", "DEVELOP", "DEVELOPMENT", "LOCAL", "LOCALHOST", "TEST", "TESTING"),
    ]
)
TOLD = DEVELOPMENT | ENVIRONMENTS
# How Python says on which system it runs, and what it says where nothing of Django is deployed.
_SYSTEMS = frozenset({"os.name", "platform.system", "sys.platform"})
_OF_DESKTOPS = frozenset(["Darwin", "Windows", "cygwin", "darwin", "nt", "win", "win32", "windows"])
_SPELLED = frozenset({"casefold", "lower", "strip", "upper"})
# What a setting is called that only a developer gives.
_DEVELOPERS = re.compile(r"(^|_)(DEBUG|DEV|DEVELOPER|DEVELOPMENT)(_|$)")
# Python 3, as far as one has to tell its versions apart, and what says which one runs.
_OLDEST, _NEWEST = (3, 4), (3, 99)
_OLD_PYTHON = frozenset({"django.utils.six.PY2", "six.PY2"})
_THIS_PYTHON = frozenset({"django.utils.six.PY3", "six.PY3"})
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Gt: gt,
    ast.GtE: ge,
    ast.Lt: lt,
    ast.LtE: le,
}
# Another file, or a text, may give the names of this one other values.
_OPEN = re.compile(rb"import \*|globals\(\)|\bexec\(")


def guards(module: Module, test: ast.expr, scope: Scope) -> tuple[int, int]:
    """Return the flags of the body and of the ``else`` of a condition in a scope."""
    if isinstance(test, ast.Name) and (meant := _meant(module, test.id, scope)):
        test = meant
    if isinstance(test, ast.Constant | ast.Name | ast.Attribute):
        return _named(module, test)
    if isinstance(test, ast.Compare):
        return _of_version(module, test) or _compared(module, test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yes, no = guards(module, test.operand, scope)
        return no, yes
    if isinstance(test, ast.BoolOp):
        parts = [guards(module, value, scope) for value in test.values]
        every = (reduce(or_, (yes for yes, _ in parts)), reduce(and_, (no for _, no in parts)))
        some = (reduce(and_, (yes for yes, _ in parts)), reduce(or_, (no for _, no in parts)))
        return every if isinstance(test.op, ast.And) else some
    return (_called(module, test) if isinstance(test, ast.Call) else 0), 0


def _meant(module: Module, name: str, scope: Scope) -> ast.expr | None:
    """Return the switch, or the False, that a variable of a function has, and nothing else ever."""
    bound = scope.bindings.get(name, ())
    if scope.kind != "function" or len(bound) != 1:
        return None
    match bound[0]:
        case ast.Call() as switch if _is_asked(switch):
            pass
        case ast.Attribute(attr=attribute) as switch if attribute in SWITCHES:
            pass
        case ast.Constant(value=False) as switch if name not in scope.parameters:
            # Most variables that begin so are put on somewhere, which the text tells at once.
            given = f"{name} = ".encode()
            if module.content.count(given) != module.content.count(given + b"False"):
                return None
        case _:
            return None
    # The blocks of a function are read after the statements around them.
    return switch if len([*_given(name, scope.node)]) == 1 else None


def _given(name: str, function: ast.AST) -> Iterator[ast.AST]:
    """Yield where a name may be given a value in a function, be it by another function."""
    for node in nodes_of(function):
        match node:
            case ast.Name(id=given, ctx=ast.Store()) | ast.MatchAs(name=given) if given == name:
                yield node
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                yield node


def _called(module: Module, call: ast.Call) -> int:
    match call:
        case ast.Call(
            func=ast.Attribute(value=asked, attr="startswith"), args=[ast.Constant(value=word)]
        ) if word in _OF_DESKTOPS and _system(module, asked) in _SYSTEMS:
            return flag.NEVER
    return flag.DEBUG if _is_asked(call) else 0


def _is_asked(call: ast.Call) -> bool:
    """Whether a switch of a developer's is asked for, with what holds where nobody has it.

    Of any other name it must be off.
    """
    match call:
        case ast.Call(
            func=ast.Name(id="getattr"),
            args=[_, ast.Constant(value=str(name)), ast.Constant(value=False | None)],
        ) if _DEVELOPERS.search(name):
            return True
    texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
    return texts[:1] == ["DEBUG"]


def _named(module: Module, test: ast.Constant | ast.Name | ast.Attribute) -> tuple[int, int]:
    if isinstance(test, ast.Constant):
        return (0, 0) if test.value else (flag.NEVER, 0)
    name = module.resolve(test)
    if name in TYPING or name in _OLD_PYTHON or _is_off(module, test):
        return flag.NEVER, 0
    if name in _THIS_PYTHON:
        return 0, flag.NEVER
    last = name.rpartition(".")[2]
    return (flag.DEBUG, 0) if last in SWITCHES else (0, 0)


def _compared(module: Module, test: ast.Compare) -> tuple[int, int]:
    if isinstance(test.left, ast.Name) and test.left.id == "__name__":
        return (0, flag.MAIN) if isinstance(test.ops[0], ast.NotEq) else (flag.MAIN, 0)
    given, other = test.left, test.comparators[0]
    if isinstance(given, ast.Constant):
        given, other = other, given
    parts = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else [other]
    words = {part.value if isinstance(part, ast.Constant) else None for part in parts}
    if words and words <= _OF_DESKTOPS and _system(module, given) in _SYSTEMS:
        never = isinstance(test.ops[0], ast.Eq | ast.In)
        return (flag.NEVER, 0) if never else (0, flag.NEVER)
    if not words or not words <= TOLD:
        return 0, 0
    of_developers = words <= ENVIRONMENTS and _ENVIRONMENT.search(_last(given)) is not None
    operator = test.ops[0]
    if isinstance(operator, ast.NotEq | ast.NotIn):
        return 0, flag.DEBUG if of_developers else 0
    if not isinstance(operator, ast.In | ast.Eq):
        return 0, 0
    return (flag.DEBUG if of_developers or words <= DEVELOPMENT else 0), 0


def _of_version(module: Module, test: ast.Compare) -> tuple[int, int] | None:
    """Return the flags if a condition asks for Python's version, and all of Python 3 answer alike.

    ``sys.version_info > (3, 0)``, ``sys.version_info[0] == 2``.
    """
    compare = _COMPARE.get(type(test.ops[0]))
    match test.left:
        case ast.Subscript(value=held, slice=ast.Constant(value=0)):
            ends: tuple[object, ...] = (_OLDEST[0],)
        case ast.Attribute(value=held, attr="major"):
            ends = (_OLDEST[0],)
        case ast.Attribute() | ast.Name() as held:
            ends = (_OLDEST, _NEWEST)
        case _:
            return None
    if compare is None or len(test.ops) > 1 or module.resolve(held) != "sys.version_info":
        return None
    try:
        asked = ast.literal_eval(test.comparators[0])
        told = {compare(end, asked) for end in ends}
    except (TypeError, ValueError):
        return None
    if len(told) > 1:
        return None
    return (0, flag.NEVER) if told.pop() else (flag.NEVER, 0)


def _system(module: Module, asked: ast.expr) -> str:
    """Return the dotted name of what is asked: ``platform.system().lower()`` is of the system."""
    while isinstance(asked, ast.Call):
        called = asked.func
        spelled = isinstance(called, ast.Attribute) and called.attr in _SPELLED
        asked = called.value if isinstance(called, ast.Attribute) and spelled else called
    return module.resolve(asked)


def _last(node: ast.expr) -> str:
    """Return what a value is called last: a name, or the text by which it is asked for."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return _last(node.value) if node.attr in _SPELLED else node.attr
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _SPELLED:
        return _last(node.func)
    asked = node.args if isinstance(node, ast.Call) else [getattr(node, "slice", None)]
    texts = [part.value for part in asked if isinstance(part, ast.Constant)]
    return next((text for text in texts if isinstance(text, str)), "")


def _is_off(module: Module, test: ast.expr) -> bool:
    """Whether a condition is a constant of the file that is False, and never anything else."""
    name = test.id if isinstance(test, ast.Name) and test.id.isupper() else ""
    bound = module.top.bindings.get(name, ())
    if len(bound) != 1 or not isinstance(bound[0], ast.Constant) or bound[0].value is not False:
        return False
    # The branches and functions of a file are read after its top.
    word = name.encode()
    given = rb"\b%b\s*(:[^=\n]*)?=(?!=)|\b(as|global|import)\b.*\b%b\b" % (word, word)
    return len(re.findall(given, module.content)) == 1 and not _OPEN.search(module.content)
