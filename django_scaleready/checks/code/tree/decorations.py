"""What decorates a function: who may know it from then on, and by which name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from django_scaleready.checks.code.summary import UNTOLD, Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Function, Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

# Decorators that tell nobody of what they decorate.
PLAIN = frozenset({"staticmethod", "classmethod", "property", "override"})
SILENT = (
    *("abc.", "backoff.", "contextlib.", "functools.", "retry.", "retrying.", "tenacity."),
    *("django.db.transaction.", "django.utils.functional.", "typing.", "typing_extensions."),
    "django.template.defaultfilters.",
)
# A task that is given one of these is sent without anybody saying its name.
_BY_THE_CLOCK = frozenset({"cron", "crontab", "periodic", "run_every"})
# What is asked about a function, and tells nobody of it.
_ASKED = frozenset(
    [
        *("available_attrs", "callable", "getattr", "hasattr", "isawaitable", "isinstance"),
        *("iscoroutinefunction", "signature", "update_wrapper", "wraps"),
    ]
)
# What calls it once, in another thread, and the position at which it is given.
_LEAVES_TO = {"run_in_executor": 1, "submit": 0, "sync_to_async": 0, "to_thread": 0}
# As written: a task that is looked up in the app, or in a module of tasks, by a name nobody knows.
_LOOKED_UP = re.compile(rb"\btasks(?:\[|\.get\()\s*[^\s'\")\]]|\bgetattr\(\s*[\w.]*tasks\s*,")
_SIGNED = ("signature", "subtask")


def decorations(module: Module, scope: Scope) -> tuple[str, ...]:
    """Return the dotted names of what decorates a function and may tell somebody of it."""
    if not scope.parent:
        return ()
    called = (d.func if isinstance(d, ast.Call) else d for d in scope.decorators)
    names = (module.qualified(node, scope.parent) for node in called)
    return tuple(n for n in names if n not in PLAIN and not n.startswith(SILENT))


def registered(scope: Scope) -> str:
    """Return the last part of the name that a task is given, UNTOLD if there is more to it."""
    for decorator in scope.decorators:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg in _BY_THE_CLOCK:
                return UNTOLD
            if keyword.arg in {"name", "actor_name"}:
                value = getattr(keyword.value, "value", None)
                last = str(value).replace(":", ".").rpartition(".")[2]
                return last if isinstance(value, str) and last.isidentifier() else UNTOLD
    return ""


def tasks_looked_up(reading: Reading) -> Iterator[Fact]:
    """Note where a task is sent whose name only running the code would tell."""
    module = reading.module
    content = module.content
    if b"tasks" in content and b"elery" in content and _LOOKED_UP.search(content):
        yield Fact(0, "")
    for site in module.calls("send_task", *(_SIGNED if "celery" in module.roots else ())):
        named = site.call.args[0] if site.call.args else None
        root = module.resolve(named).partition(".")[0] if named else ""
        # A constant of another file says its text there, and a task may be given itself.
        is_told = root in module.functions or any(
            dotted.partition(".")[0] == root for dotted in module.imports.values()
        )
        if isinstance(named, ast.Constant) or is_told:
            continue
        if not module.resolve(site.call.func).startswith("inspect."):
            yield module.fact(site)


def only_wraps(reading: Reading) -> Iterator[Fact]:
    """Note the decorators that call what they are given, and tell nobody of it."""
    module = reading.module
    held: dict[Scope, list[Scope]] = {}
    for scope in module.functions.values():
        if scope.parent and scope.parent.kind == "function":
            held.setdefault(scope.parent, []).append(scope)
    for scope, inner in held.items():
        node = scope.node
        if scope.parent is not module.top or not _hands_back(scope, inner):
            continue
        if isinstance(node, Function) and _only_calls(node):
            yield Fact(scope.line, scope.qualname)


def _hands_back(scope: Scope, inner: Sequence[Scope]) -> bool:
    """Whether a function may return one that it defines or is given, or what is made of it."""
    names = {*scope.parameters, *(each.name for each in inner)}
    said = (node for value in scope.returns for node in nodes_of(value))
    return any(isinstance(node, ast.Name) and node.id in names for node in said)


def _only_calls(decorator: Function) -> bool:
    parents = {child: node for node in nodes_of(decorator) for child in ast.iter_child_nodes(node)}
    functions = [decorator, *(n for n in parents if isinstance(n, Function))]
    own = {function.name for function in functions if function is not decorator}
    for function in functions:
        held = [n for n in nodes_of(function) if isinstance(n, Function) and n is not function]
        # Of a decorator that is called first, what it is given there is no function.
        deep = any(isinstance(n, Function) and n is not one for one in held for n in nodes_of(one))
        if held and function.args.args and (not deep or _defaults(function)):
            own.add(function.args.args[0].arg)
    later = _left_to_threads(inner for each in functions for inner in _alone(each, functions))
    return all(
        id(node) in later or _tells_nobody(node, parents[node], own)
        for node in parents
        if isinstance(node, ast.Name) and node.id in own
    )


def _alone(function: Function, functions: Sequence[Function]) -> Iterator[ast.AST]:
    """Yield the nodes of a function that is called only if what it stands around is."""
    inner = [n for n in nodes_of(function) if isinstance(n, Function)]
    if function is not functions[0] and inner == [function]:
        yield from nodes_of(function)


def _left_to_threads(nodes: Iterable[ast.AST]) -> set[int]:
    """Return the names of what a thread calls once: ``Thread(target=function)``."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = [(getattr(c.func, "attr", getattr(c.func, "id", "")), c) for c in calls]
    given = [k.value for name, c in called if name == "Thread" for k in _targets(c)]
    places = ((_LEAVES_TO.get(name), c.args) for name, c in called)
    given += [each for at, args in places if at is not None for each in args[at : at + 1]]
    return {id(each) for each in given}


def _targets(call: ast.Call) -> list[ast.keyword]:
    return [keyword for keyword in call.keywords if keyword.arg == "target"]


def _defaults(function: Function) -> bool:
    """Whether a function may be called with nothing: ``@keep`` as well as ``@keep(...)``."""
    return len(function.args.defaults) == len(function.args.args)


def _tells_nobody(node: ast.Name, parent: ast.AST, own: set[str]) -> bool:
    if isinstance(parent, ast.Call):
        called = getattr(parent.func, "attr", getattr(parent.func, "id", ""))
        # wraps(func)(wrapper) hands it back, too.
        inner = getattr(parent.func, "func", None)
        called = called or getattr(inner, "attr", getattr(inner, "id", ""))
        return parent.func is node or called in _ASKED or called in own
    told = (ast.Return, ast.Attribute, ast.Compare, ast.If, ast.IfExp, ast.UnaryOp, ast.BoolOp)
    return isinstance(parent, told)
