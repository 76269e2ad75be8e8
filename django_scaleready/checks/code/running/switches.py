"""What of a file runs only where a setting is on: ``if settings.SHOP_SENDS: send()``.

What is asked may have a name of its own: ``SENDS = settings.SHOP_SENDS``, a property, a function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import ENDS, nodes_of

NOTED = "switched"
SETTINGS = "django.conf.settings"
_IS_INSTALLED = "django.apps.apps.is_installed"
# Without one of these nothing is imported from settings.
_PARTS = ("settings", "conf")
# What begins with a text is looked for at once; what stands before it is looked at afterwards.
_ASKED = re.compile(rb"settings(?=\.[A-Z]|,)")
_NAMED = re.compile(rb"(?:=|\breturn|\bbool\()\s*(?:bool\()?(?:getattr\()?\Z")
_BEFORE = 60
# A function that says no where a setting is off: ``if not settings.SENDS: return False``.
_REFUSES = re.compile(rb"\n[ \t]+if [^\n]*settings[.,][^\n]*:\s+return(?: False| None)?[ \t]*\n")
_IN_LINE = re.compile(rb"settings\.[A-Z]\w*(?:\)|\[[^]\n]+\])?\s+(?:and|else)\b")
# What else settings may be imported from: shop.settings, config.settings.base.
_MODULE = re.compile(r"(^|\.|_)(settings|conf|config)(_|\.|$)")
# The same of several, between spaces.
_IMPORTED = re.compile(r"(?:^|[._ ])(?:settings|conf|config)(?:[_. ]|$)")
# The settings that a condition finds on, as (name, whether it asks for what may be unset, the
# module that has it, "" for Django's). Of an entry of one, its key stands behind a dot.
Switches = frozenset[tuple[str, bool, str]]
_NONE: Switches = frozenset()


def switched(reading: Reading) -> Iterator[Fact]:
    """Note the lines that run only where a setting is on.

    As (its name, whether it may be unset, the last line, the module of settings that has it).
    """
    asker = reading.once(asker_of)
    if asker is None:
        return
    yield from asker.below
    if asker.in_line:
        yield from _in_line(asker)


def asker_of(module: Module) -> Asker | None:
    """Return what tells of the conditions of a file, None if it says nothing of settings."""
    imported = " ".join(module.imports.values())
    asks = any(part in imported for part in _PARTS) and _IMPORTED.search(imported)
    if not asks and "is_installed" not in module.mentions:
        return None
    content = module.content
    named = any(
        _NAMED.search(content, max(at.start() - _BEFORE, 0), at.start())
        for at in _ASKED.finditer(content)
    )
    named = named or _REFUSES.search(content) is not None or _names_imported(module)
    in_line = _IN_LINE.search(content) is not None
    if not (in_line or module.branches):
        return None
    return Asker(module, named=named, in_line=in_line)


def _names_imported(module: Module) -> bool:
    """Whether a file gives another name to a setting that it imports, or refuses without it."""
    names = "|".join(
        bound
        for bound, dotted in module.imports.items()
        if bound.isupper() and _MODULE.search(dotted.rpartition(".")[0])
    )
    if not names:
        return False
    named = rb"(?:=|\breturn|\bbool\()\s*(?:bool\()?(?:%b)\b" % names.encode()
    refuses = rb"\n[ \t]+if [^\n]*\b(?:%b)\b[^\n]*:\s+return(?: False| None)?[ \t]*\n"
    content = module.content
    return bool(re.search(named, content) or re.search(refuses % names.encode(), content))


def _of_branch(asker: Asker, statement: ast.If, block: list[ast.stmt]) -> Iterator[Fact]:
    on, off = asker.asked(statement.test)
    yield from _lines(on, statement.body)
    yield from _lines(off, statement.orelse)
    if off and isinstance(statement.body[-1], ENDS):
        yield from _lines(off, [each for each in block if each.lineno > statement.lineno])


def _in_line(asker: Asker) -> Iterator[Fact]:
    """Yield what is run within an expression: ``send() if settings.SENDS else None``."""
    for node in nodes_of(asker.module.top.node):
        match node:
            case ast.IfExp(orelse=ast.Constant() | ast.Name() | ast.Attribute()):
                yield from _lines(asker.asked(node.test)[0], [node.body])
            case ast.Expr(value=ast.BoolOp(op=ast.And(), values=[*tests, last])):
                on = _any(asker.asked(test)[0] for test in tests)
                yield from _lines(on, [last])


def _line(branch: tuple[ast.If, Scope, list[ast.stmt]]) -> int:
    return branch[0].lineno


def _lines(switches: Switches, block: list[ast.stmt] | list[ast.expr]) -> Iterator[Fact]:
    for name, unset, held in sorted(switches) if block else ():
        yield Fact(block[0].lineno, "", (name, unset, block[-1].end_lineno or 0, held))


def _denied(test: ast.expr) -> ast.expr | None:
    """Return what a condition denies."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=denied):
            return denied
        case ast.Compare(left=left, ops=[ast.NotIn()], comparators=held):
            return ast.Compare(left, [ast.In()], held)
    return None


def _any(each: Iterable[Switches]) -> Switches:
    return _NONE.union(*each)


def _all(each: Iterable[Switches]) -> Switches:
    found = [*each]
    return frozenset.intersection(*found) if found else _NONE


class Asker:
    """Tells what conditions of one file ask of settings."""

    def __init__(self, module: Module, *, named: bool, in_line: bool) -> None:
        """Take the file, whether it may give settings other names, and ask in expressions."""
        self.module = module
        self.in_line = in_line
        self._named = named

    @cached_property
    def below(self) -> list[Fact]:
        """The statements of a file that run only where a setting is on, as ``switched``."""
        return [
            fact
            for statement, _, block in sorted(self.module.branches, key=_line)
            for fact in _of_branch(self, statement, block)
        ]

    def asked(self, test: ast.expr, depth: int = 0) -> tuple[Switches, Switches]:
        """Return the settings that are on where a condition holds, and where it does not."""
        if denied := _denied(test):
            on, off = self.asked(denied, depth)
            return off, on
        match test:
            case ast.Compare(
                left=held,
                ops=[ast.Is() | ast.Eq()],
                comparators=[ast.Constant(value=bool() as value)],
            ):
                on, off = self.asked(held, depth)
                return (on, off) if value else (off, on)
            case ast.BoolOp():
                parts = [self.asked(value, depth) for value in test.values]
                every = isinstance(test.op, ast.And)
                return (
                    (_any(on for on, _ in parts), _NONE)
                    if every
                    else (_NONE, _any(off for _, off in parts))
                )
            case ast.NamedExpr(value=given) | ast.Call(func=ast.Name("bool"), args=[given]):
                return self.asked(given, depth)
        if switch := self._setting(test):
            return frozenset({switch}), _NONE
        named = self._values(test) if self._named and not depth else []
        parts = [self.asked(value, depth + 1) for value in named]
        return _all(on for on, _ in parts), _all(off for _, off in parts)

    def _setting(self, node: ast.expr) -> tuple[str, bool, str] | None:
        match node:
            case ast.Attribute() | ast.Name():
                held, _, name = self.module.resolve(node).rpartition(".")
                if name.isupper() and _MODULE.search(held):
                    return name, False, held if held != SETTINGS else ""
            case ast.Call(func=ast.Name("getattr"), args=[given, ast.Constant(str(name)), *rest]):
                plain = all(isinstance(r, ast.Constant) and r.value in {False, None} for r in rest)
                if plain and self.module.resolve(given) == SETTINGS:
                    return name, bool(rest), ""
        return self._entry(node)

    def _entry(self, node: ast.expr) -> tuple[str, bool, str] | None:
        """Return the entry of a setting that an expression is, or says to be there."""
        match node:
            case ast.Compare(left=ast.Constant(str(key)), ops=[ast.In()], comparators=[held]):
                if switch := self._setting(held):
                    return f"{switch[0]}.{key}", False, switch[2]
            case ast.Call(func=ast.Attribute(attr="is_installed"), args=[ast.Constant(str(app))]):
                if self.module.resolve(node.func) == _IS_INSTALLED:
                    return f"INSTALLED_APPS.{app}", False, ""
            case (
                ast.Subscript(value=held, slice=ast.Constant(value=str(key)))
                | ast.Call(
                    func=ast.Attribute(value=held, attr="get"), args=[ast.Constant(value=str(key))]
                )
            ):
                if isinstance(held, ast.Attribute) and (switch := self._setting(held)):
                    return f"{switch[0]}.{key}", False, switch[2]
        return None

    def _values(self, node: ast.expr) -> list[ast.expr]:
        """Return all that a name may stand for in this file, or that a function answers."""
        match node:
            case ast.Name(name) | ast.Call(func=ast.Name(name), args=[], keywords=[]):
                pass
            case ast.Call(func=ast.Name(name)) if name not in self._bound:
                pass
            case (
                ast.Attribute(value=ast.Name("self"), attr=attribute)
                | ast.Call(
                    func=ast.Attribute(value=ast.Name("self"), attr=attribute), args=[], keywords=[]
                )
            ):
                name = f"self.{attribute}"
            case _:
                return []
        if name in self.module.imports:
            return []
        return self._answers.get(name, []) if name not in self._bound else self._bound[name]

    @cached_property
    def _bound(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for scope in self.module.scopes:
            for name, values in scope.bindings.items():
                found.setdefault(name, []).extend(values)
            # Nobody knows what is handed over.
            for name in scope.parameters:
                found.setdefault(name, []).append(ast.Constant(None))
        return found

    @cached_property
    def _answers(self) -> dict[str, list[ast.expr]]:
        """What functions answer that do nothing else, by how they are called."""
        found: dict[str, list[ast.expr]] = {}
        for scope in self.module.functions.values():
            method = scope.parent is not None and scope.parent.kind == "class"
            name = f"self.{scope.name}" if method else scope.name
            found.setdefault(name, []).append(_answer(scope))
        return found


def _answer(scope: Scope) -> ast.expr:
    """Return what holds where a function answers yes, as far as it is plain to see."""
    parts: list[ast.expr] = []
    returned = [*scope.returns]
    body = getattr(scope.node, "body", [])
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.If(
                test=test,
                body=[ast.Return(value=None | ast.Constant(value=False | None) as value)],
                orelse=[],
            ):
                parts.append(ast.UnaryOp(ast.Not(), test))
                returned = [each for each in returned if each is not value]
            case _:
                break
    if isinstance(body[-1], ast.Return) and len(returned) == 1:
        if not parts:
            return returned[0]
        parts += returned
    return ast.BoolOp(ast.And(), parts) if parts else ast.Constant(None)
