"""What a condition says about when the code below it runs."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code import scopes as flag
from django_scaleready.checks.code.module import Module

# Nothing that is deployed has one of them on.
SWITCHES = frozenset(
    ["DEBUG", "DEVELOPMENT", "DEV_MODE", "IS_DEV", "IS_DEVELOPMENT", "TEST", "TESTING"]
)
TYPING = frozenset({"TYPE_CHECKING", "typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})
# Words on the command line that no deployed server is started with.
DEVELOPMENT = frozenset({"runserver", "runserver_plus", "test", "pytest"})
# Another file, or a text, may give the names of this one other values.
_OPEN = re.compile(rb"import \*|globals\(\)|\bexec\(")


def guards(module: Module, test: ast.expr) -> tuple[int, int]:
    """Return the flags of the body and of the ``else`` of a condition."""
    if isinstance(test, ast.Constant | ast.Name | ast.Attribute):
        return _named(module, test)
    if isinstance(test, ast.Compare):
        return _compared(test), 0
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yes, no = guards(module, test.operand)
        return no, yes
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        body = 0
        for value in test.values:
            body |= guards(module, value)[0]
        return body, 0
    if isinstance(test, ast.Call):
        # DEBUG with a default, by getattr.
        names = [a.value for a in test.args if isinstance(a, ast.Constant)]
        return (flag.DEBUG if names[:1] == ["DEBUG"] else 0), 0
    return 0, 0


def _named(module: Module, test: ast.Constant | ast.Name | ast.Attribute) -> tuple[int, int]:
    if isinstance(test, ast.Constant):
        return (0, 0) if test.value else (flag.NEVER, 0)
    name = module.resolve(test)
    if name in TYPING or _is_off(module, test):
        return flag.NEVER, 0
    last = name.rpartition(".")[2]
    return (flag.DEBUG, 0) if last in SWITCHES else (0, 0)


def _compared(test: ast.Compare) -> int:
    if isinstance(test.left, ast.Name) and test.left.id == "__name__":
        return flag.MAIN
    if not isinstance(test.ops[0], ast.In | ast.Eq):
        return 0
    parts = (test.left, *test.comparators)
    words = {part.value for part in parts if isinstance(part, ast.Constant)}
    return flag.DEBUG if words & DEVELOPMENT else 0


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
