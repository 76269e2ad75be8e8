"""One pass over the tree of a file, dispatched by the type of the node.

It goes by hand and not by ``ast.walk``, which visits three times as many nodes and takes as long as
parsing. Nothing here recurses: a chain of a thousand ``elif`` is a deep tree.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from typing import Any

from django_scaleready.checks.code.loading import newer
from django_scaleready.checks.code.queries.database import speaks_sql
from django_scaleready.checks.code.running.guards import guards
from django_scaleready.checks.code.tree import imports
from django_scaleready.checks.code.tree import scopes as flag
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Function, Scope
from django_scaleready.checks.code.tree.syntax import CHILDREN, ENDS, parameters

LOOKUPS = frozenset({"caches", "storages"})
# Expressions that mean more than the parts they are made of.
NOTED = frozenset({ast.comprehension, ast.NamedExpr, ast.Lambda, ast.Subscript})
Block = tuple[list[ast.stmt], Scope, int]


def parse(path: str, content: bytes) -> Module:
    """Return a file, walked; SyntaxError, ValueError or RecursionError if it cannot be read so."""
    with warnings.catch_warnings():
        # An odd escape in a string is the project's affair, and no output of a check.
        warnings.simplefilter("ignore")
        tree = newer.parse(content, path)
    module = _walked(Module(path, content), tree)
    texts = (text for scope in module.all_scopes for text in scope.texts)
    if speaks_sql("\n".join(texts).lower()):
        # Few do: where each text stands is noted the second time.
        return _walked(Module(path, content), tree, wants_strings=True)
    return module


def _walked(module: Module, tree: ast.Module, *, wants_strings: bool = False) -> Module:
    _Walker(module, wants_strings).run(tree)
    module.index()
    return module


class _Walker:
    def __init__(self, module: Module, wants_strings: bool) -> None:
        self.module = module
        self.wants_strings = wants_strings
        self.blocks: list[Block] = []
        self.block: list[ast.stmt] = []

    def run(self, tree: ast.Module) -> None:
        top = Scope("module", tree, "", None)
        self.module.scopes.append(top)
        self.blocks = blocks = [(tree.body, top, 0)]
        while blocks:
            body, scope, flags = blocks.pop()
            self.block = body
            for statement in body:
                handler = STATEMENTS.get(statement.__class__)
                if handler is not None:
                    flags |= handler(self, statement, scope, flags) or 0

    def expression(self, node: Any, scope: Scope, flags: int) -> None:
        """Note the calls in an expression, the names it says, and those it binds."""
        told = self.module.told(flags) if flags & flag.ASIDE else scope
        while node.__class__ is ast.Attribute:
            told.attributes.add(node.attr)
            node = node.value
        if node.__class__ is ast.Name:
            told.names.add(node.id)
        elif node is not None:
            self.expressions([node], scope, flags)

    def expressions(  # noqa: C901, PLR0912 - unrolled: a third of a scan's time is spent here
        self, pending: list[Any], scope: Scope, flags: int
    ) -> None:
        told = self.module.told(flags) if flags & flag.ASIDE else scope
        note, attribute, name = scope.calls.append, told.attributes.add, told.names.add
        text, wants_strings = told.texts.add, self.wants_strings
        pop, push = pending.pop, pending.append
        while pending:
            node = pop()
            kind = node.__class__
            if kind is ast.Name:
                name(node.id)
            elif kind is ast.Call:
                note((node, flags))
                function = node.func
                if function.__class__ is ast.Attribute:
                    attribute(function.attr)
                    function = function.value
                if function.__class__ is ast.Name:
                    name(function.id)
                else:
                    push(function)
                for argument in node.args:
                    if argument.__class__ is ast.Name:
                        name(argument.id)
                    else:
                        push(argument)
                for keyword in node.keywords:
                    if keyword.value.__class__ is ast.Name:
                        name(keyword.value.id)
                    else:
                        push(keyword.value)
            elif kind is ast.Attribute:
                attribute(node.attr)
                if node.value.__class__ is ast.Name:
                    name(node.value.id)
                else:
                    push(node.value)
            elif kind is ast.Constant:
                if node.value.__class__ is str:
                    text(node.value)
                    if wants_strings:
                        self.module.strings.append((node, scope, flags))
            else:
                if kind in CHILDREN:
                    pending += CHILDREN[kind](node)
                if kind in NOTED:
                    self.special(node, scope, flags)

    def special(self, node: Any, scope: Scope, flags: int) -> None:
        if isinstance(node, ast.comprehension):
            self.bind(node.target, node.iter, scope)
            self.module.loops.append((node.iter, scope, flags))
        elif isinstance(node, ast.NamedExpr):
            self.bind(node.target, node.value, scope)
        elif isinstance(node, ast.Lambda):
            self.expressions([node.body], scope, flags | flag.DEFERRED)
        elif (name := getattr(getattr(node.value, "value", node.value), "id", "")) in LOOKUPS:
            # storages["x"], and storages.backends["x"]
            self.module.lookups.append((name, node))

    def bind(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        if target.__class__ is ast.Name:
            name: str = target.id
            if name in scope.bindings:
                scope.bindings[name].append(value)
            else:
                scope.bindings[name] = [value]
        elif isinstance(target, ast.Attribute):
            scope.attributes.add(target.attr)
            if isinstance(target.value, ast.Name):
                scope.binds_attributes = True
                scope.bindings.setdefault(f"{target.value.id}.{target.attr}", []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            held = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            pairs = held if len(held) == len(target.elts) else [value] * len(target.elts)
            for element, one in zip(target.elts, pairs, strict=True):
                self.bind(element, one, scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)

    def assign(self, node: ast.Assign, scope: Scope, flags: int) -> None:
        for target in node.targets:
            self.bind(target, node.value, scope)
            if isinstance(target, ast.Subscript):
                scope.changes.append((node, flags))
                self.expressions([target.value, target.slice], scope, flags)
        self.expression(node.value, scope, flags)

    def assign_one(self, node: ast.AnnAssign | ast.AugAssign, scope: Scope, flags: int) -> None:
        if isinstance(node, ast.AugAssign):
            scope.changes.append((node, flags))
        if node.value is not None:
            self.bind(node.target, node.value, scope)
            self.expression(node.value, scope, flags)
        if isinstance(node.target, ast.Subscript):
            self.expressions([node.target.value, node.target.slice], scope, flags)

    def delete(self, node: ast.Delete, scope: Scope, flags: int) -> None:
        scope.changes.append((node, flags))
        self.expressions(list(node.targets), scope, flags)

    def returned(self, node: ast.Return, scope: Scope, flags: int) -> int:
        if node.value is not None:
            scope.returns.append(node.value)
            self.expression(node.value, scope, flags)
        return flag.NEVER

    def evaluated(self, node: ast.Expr, scope: Scope, flags: int) -> None:
        # A docstring is a constant; most statements of this kind are calls.
        if node.value.__class__ is not ast.Constant:
            self.expressions([node.value], scope, flags)

    def raised(self, node: ast.Raise, scope: Scope, flags: int) -> int:
        self.expressions([part for part in (node.exc, node.cause) if part], scope, flags)
        return flag.NEVER

    def branch(self, node: ast.If, scope: Scope, flags: int) -> int:
        """Return what holds of the statements below: after ``if not DEBUG: raise`` it is DEBUG."""
        self.module.branches.append((node, scope, self.block))
        yes, no = guards(self.module, node.test, scope)
        leaves = isinstance(node.body[-1], ENDS)
        if leaves:
            yes |= flag.LEAVES
        self.expression(node.test, scope, flags)
        self.blocks.append((node.body, scope, flags | yes))
        if node.orelse:
            self.blocks.append((node.orelse, scope, flags | no))
        return no if leaves else 0

    def loop(self, node: ast.For | ast.AsyncFor, scope: Scope, flags: int) -> None:
        self.bind(node.target, node.iter, scope)
        self.module.loops.append((node.iter, scope, flags))
        self.expression(node.iter, scope, flags)
        self.blocks += [(block, scope, flags) for block in (node.body, node.orelse)]

    def repeat(self, node: ast.While, scope: Scope, flags: int) -> None:
        self.module.repeats.append((node, scope))
        self.expression(node.test, scope, flags)
        self.blocks += [(node.body, scope, flags | flag.LOOP), (node.orelse, scope, flags)]

    def within(self, node: ast.With | ast.AsyncWith, scope: Scope, flags: int) -> None:
        inside = flags
        for item in node.items:
            context = item.context_expr
            if item.optional_vars is not None:
                self.bind(item.optional_vars, context, scope)
            self.expression(context, scope, flags)
            called = context.func if isinstance(context, ast.Call) else context
            name = self.module.resolve(called)
            if flag.begins_transaction(name):
                inside |= flag.ATOMIC
            elif name.lower().endswith("lock"):
                inside |= flag.LOCKED
        self.blocks.append((node.body, scope, inside))

    def attempt(self, node: ast.Try, scope: Scope, flags: int) -> None:
        self.blocks += [(node.finalbody, scope, flags), (node.orelse, scope, flags)]
        self.blocks += [(each.body, scope, flags | flag.EXCEPT) for each in node.handlers]
        self.blocks.append((node.body, scope, flags))

    def match(self, node: ast.Match, scope: Scope, flags: int) -> None:
        self.expression(node.subject, scope, flags)
        self.blocks.extend((case.body, scope, flags) for case in node.cases)

    def function(self, node: Function, scope: Scope, flags: int) -> None:
        inner = Scope("function", node, node.name, scope, flags)
        self._decorate(node.decorator_list, inner, scope, flags)
        inner.parameters = parameters(node.args)
        if node.args.defaults or node.args.kw_defaults:
            defaults = [d for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None]
            self.expressions(defaults, scope, flags)
        self.module.functions[inner.qualname] = inner
        self.module.scopes.append(inner)
        # What runs inside is not in the loop that defines it.
        self.blocks.append((node.body, inner, flags & flag.GUARDED))

    def klass(self, node: ast.ClassDef, scope: Scope, flags: int) -> None:
        inner = Scope("class", node, node.name, scope, flags)
        self._decorate(node.decorator_list, inner, scope, flags)
        # Who derives from a class names it, and is no more than its name.
        self.expressions([*node.bases, *(k.value for k in node.keywords)], inner, flags)
        self.module.classes[inner.qualname] = inner
        self.module.scopes.append(inner)
        self.blocks.append((node.body, inner, flags))

    def _decorate(self, given: list[Any], inner: Scope, scope: Scope, flags: int) -> None:
        if given:
            inner.decorators = given
            # What a decorator calls a function is said by nobody who asks for it.
            own = inner.given_names() - scope.texts
            self.expressions([*given], scope, flags | flag.DEFERRED)
            scope.texts -= own


STATEMENTS: dict[type, Callable[[_Walker, Any, Scope, int], int | None]] = {
    ast.Assign: _Walker.assign,
    ast.AnnAssign: _Walker.assign_one,
    ast.AugAssign: _Walker.assign_one,
    ast.Delete: _Walker.delete,
    ast.Return: _Walker.returned,
    ast.Expr: _Walker.evaluated,
    ast.Raise: _Walker.raised,
    **dict.fromkeys((ast.Break, ast.Continue), lambda *_: flag.NEVER),
    ast.Assert: lambda walker, node, scope, flags: walker.expression(node.test, scope, flags),
    ast.If: _Walker.branch,
    ast.For: _Walker.loop,
    ast.AsyncFor: _Walker.loop,
    ast.While: _Walker.repeat,
    ast.With: _Walker.within,
    ast.AsyncWith: _Walker.within,
    ast.Try: _Walker.attempt,
    ast.TryStar: _Walker.attempt,
    ast.Match: _Walker.match,
    ast.Global: lambda _, node, scope, __: scope.globals.update(node.names),
    ast.Nonlocal: lambda _, node, scope, __: scope.globals.update(node.names),
    ast.FunctionDef: _Walker.function,
    ast.AsyncFunctionDef: _Walker.function,
    ast.ClassDef: _Walker.klass,
    ast.Import: lambda walker, node, *_: imports.imported(walker.module, node),
    ast.ImportFrom: lambda walker, *where: imports.imported_from(walker.module, *where),
}
