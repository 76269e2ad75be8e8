"""Which first values of form fields no visitor sees: ``at = DateField(initial=now())``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.memory.years import CLOCKS
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.project import Project

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What a form is bound to, however empty it is: it shows that, and no first value.
_SENT = ("request.GET", "request.POST", "self.request.GET", "self.request.POST")


def is_never_shown(project: Project, source: Summary, owner: str, field: str) -> bool:
    """Whether no form that is made of a class shows the first value of a field.

    The class drops the field, or each form is bound, has the values of a row, or is given another
    first value, or whoever makes it puts the time of then into the row.
    """
    return project.code.once(_is_never_shown, project.root, source.path, owner, field)


def _is_never_shown(code: Codebase, root: Path, path: str, owner: str, field: str) -> bool:
    tree = tree_of(code, root, path)
    classes = (node for node in (tree.body if tree else ()) if isinstance(node, ast.ClassDef))
    form = next((node for node in classes if node.name == owner), None)
    if form is None:
        return False
    if _drops(form, field):
        return True
    of_row = any(base.endswith("ModelForm") for base in _bases(code, path, owner))
    of_row = of_row and any(_is(node, field) for node in nodes_of(_meta(form)))
    uses = list(_uses(code, root, owner))
    return bool(uses) and all(
        use is not None and _hides(*use, field, of_row=of_row) for use in uses
    )


def _bases(code: Codebase, path: str, owner: str) -> tuple[str, ...]:
    return code.ancestors(f"{code.by_path[path].module}.{owner}")


def _meta(form: ast.ClassDef) -> ast.AST:
    inner = (node for node in form.body if isinstance(node, ast.ClassDef))
    return next((node for node in inner if node.name == "Meta"), ast.Pass())


def _is(node: ast.AST, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _drops(form: ast.ClassDef, field: str) -> bool:
    """Whether a form has no such field once it is made, under no condition.

    ``del self.fields["at"]``, or a loop over names that begin as a list with it.
    """
    makers = (node for node in form.body if isinstance(node, _FUNCTIONS))
    body = next((node.body for node in makers if node.name == "__init__"), [])
    lists = {
        written(step.targets[0])
        for step in body
        if isinstance(step, ast.Assign)
        and isinstance(step.value, ast.List | ast.Tuple)
        and any(_is(each, field) for each in step.value.elts)
    }
    for step in body:
        if isinstance(step, ast.For):
            named = any(isinstance(n, ast.Name) and n.id in lists for n in nodes_of(step.iter))
            if named and any(_taken(node) == written(step.target) for node in nodes_of(step)):
                return True
        elif not isinstance(step, ast.If) and any(
            _taken(node) in {f"'{field}'", f'"{field}"'} for node in nodes_of(step)
        ):
            return True
    return False


def _taken(node: ast.AST) -> str:
    """Return which field is taken from a form, as written; "" if none is."""
    match node:
        case ast.Call(func=ast.Attribute(attr="pop", value=held), args=[key, *_]):
            return written(key) if written(held) == "self.fields" else ""
        case ast.Delete(targets=[ast.Subscript(value=held, slice=key)]):
            return written(key) if written(held) == "self.fields" else ""
    return ""


def _uses(code: Codebase, root: Path, name: str) -> Iterator[tuple[ast.Call, ast.AST] | None]:
    """Yield the calls that make a form, with the functions that do; None for another use.

    Who derives from it, registers it with an admin or hands it on may do anything with it.
    """
    for summary in code.files:
        imported = any(dotted.rpartition(".")[2] == name for dotted in summary.imported)
        if imported or name in summary.mentions or name in summary.classes:
            tree = tree_of(code, root, summary.path)
            yield from _in(tree, name) if tree else (None,)


def _in(tree: ast.Module, name: str) -> Iterator[tuple[ast.Call, ast.AST] | None]:
    told: set[int] = set()
    for function in (node for node in nodes_of(tree) if isinstance(node, _FUNCTIONS)):
        given = dict(_given(function, name))
        told.update(map(id, given.values()))
        for node in nodes_of(function):
            if isinstance(node, ast.Call) and id(node) not in told:
                if last_name(node.func) == name:
                    told.update((id(node), id(node.func)))
                    yield node, function
                elif isinstance(node.func, ast.Name) and node.func.id in given:
                    yield node, function
                elif last_name(node.func) == "super":
                    told.update(map(id, node.args))
    for node in nodes_of(tree):
        renamed = isinstance(node, ast.alias) and node.name == name and node.asname
        named = isinstance(node, ast.Name | ast.Attribute) and last_name(node) == name
        if (renamed or named) and id(node) not in told:
            yield None


def _given(function: ast.AST, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the parameters of a view that are a form by default: ``def add(request, form=F)``."""
    if isinstance(function, _FUNCTIONS):
        arguments = function.args
        plain = [*arguments.posonlyargs, *arguments.args][-len(arguments.defaults) :]
        for argument, default in (
            *zip(plain, arguments.defaults, strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ):
            if default is not None and last_name(default) == name:
                yield argument.arg, default


def _hides(call: ast.Call, function: ast.AST, field: str, *, of_row: bool) -> bool:
    """Whether a form shows something else than the first value of its class, or is never made."""
    if _comes_after_the_end(call, function):
        return True
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    data = call.args[0] if call.args else given.get("data")
    if data is not None and written(data) in _SENT:
        return True
    row = given.get("instance")
    if of_row and row is not None and not (isinstance(row, ast.Constant) and row.value is None):
        return True
    initial = given.get("initial")
    if isinstance(initial, ast.Dict) and any(_is(key, field) for key in initial.keys if key):
        return True
    return any(_puts_the_time(node, field, function) for node in nodes_of(function))


def _comes_after_the_end(call: ast.Call, function: ast.AST) -> bool:
    """Whether a function has returned, whichever way it goes, before it comes to a call."""
    body = getattr(function, "body", [])
    ends = (i for i, step in enumerate(body) if isinstance(step, ast.Raise | ast.Return))
    rest = body[next(ends, len(body)) + 1 :]
    return any(node is call for step in rest for node in nodes_of(step))


def _puts_the_time(node: ast.AST, field: str, function: ast.AST) -> bool:
    """Whether a statement is ``row.field = now()``; not if it asks first what is there."""
    match node:
        case ast.Assign(targets=[ast.Attribute(attr=attr, value=row)], value=value) if (
            attr == field
        ):
            tests = (each for each in nodes_of(function) if isinstance(each, ast.If))
            asked = any(
                last_name(part) == field and any(each is node for each in nodes_of(test))
                for test in tests
                for part in nodes_of(test.test)
            )
            return not asked and _is_time(value, row, function, 3)
    return False


def _is_time(value: ast.AST, row: ast.expr, function: ast.AST, depth: int) -> bool:
    """Whether a value is made of the time: ``now()``, ``today``, ``row.opened + DAY``."""
    for node in nodes_of(value):
        if isinstance(node, ast.Call) and last_name(node.func) in CLOCKS:
            return True
        if not depth or not isinstance(node, ast.Name | ast.Attribute) or node is row:
            continue
        steps = (step for step in nodes_of(function) if isinstance(step, ast.Assign))
        bound = (s.value for s in steps if written(node) in map(written, s.targets))
        if any(_is_time(each, row, function, depth - 1) for each in bound if each is not value):
            return True
    return False
