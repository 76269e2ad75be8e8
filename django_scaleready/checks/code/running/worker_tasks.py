"""The tasks that stand among an operator's programs, and that Celery's workers take from there.

``imports = ["shop.management.commands.prices"]``: a worker imports the command's file, and runs its
tasks for whoever sends them, be it a schedule. The rest of such a file stays the operator's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.reaching.sayers import Sayers

NOTED = "worker-imports"
# What Celery calls its list of modules: in a class of settings, among Django's, and of its app.
_NAMES = ("imports", "include", "CELERY_IMPORTS", "CELERY_INCLUDE")
_TASKS = frozenset({"shared_task", "task"})
# Nobody has more ways to say it.
_LISTS = (ast.List, ast.Tuple, ast.Set)


def worker_imports(reading: Reading) -> Iterator[Fact]:
    """Note the modules that workers are told to import, and the tasks of a schedule beside them.

    ((module, ...), (task, ...)), the tasks by the last parts of their names.
    """
    module = reading.module
    if names := sorted({name for node in _told(module) for name in _texts(node)}):
        yield Fact(1, "", (tuple(names), tuple(sorted(_scheduled(module)))))


def _told(module: Module) -> Iterator[ast.expr]:
    for scope in module.scopes:
        if scope.kind != "function":
            for name in _NAMES:
                yield from scope.bindings.get(name, ())
    for site in module.calls("Celery") if "celery" in module.roots else ():
        yield from (k.value for k in site.call.keywords if k.arg == "include")


def _texts(node: ast.expr) -> Iterator[str]:
    for item in node.elts if isinstance(node, _LISTS) else ():
        if isinstance(item, ast.Constant) and isinstance(item.value, str) and "." in item.value:
            yield item.value


def _scheduled(module: Module) -> Iterator[str]:
    """Yield the tasks that a mapping names: ``{"task": "shop.tasks.clean"}``."""
    tree = module.top.node if b"schedule" in module.content.lower() else None
    for node in ast.walk(tree) if tree else ():
        items = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        for key, value in items:
            task = getattr(value, "value", None) if getattr(key, "value", "") == "task" else None
            if isinstance(task, str):
                yield task.rpartition(".")[2]


def worker_tasks(code: Codebase) -> frozenset[Key]:
    """Return the tasks in operators' programs that a worker imports."""
    notes = (fact for source, fact in code.facts(NOTED) if not source.is_script)
    files = (code.by_module.get(name) for fact in notes for name in fact.data[0])
    return frozenset(
        (source.path, name)
        for source in files
        if source
        for name, function in source.functions.items()
        if any(d.rpartition(".")[2] in _TASKS for d in function.decorators)
    )


def leading(code: Codebase, sayers: Sayers, key: Key) -> set[Key]:
    """Return what leads to a function of an operator's program: who calls it, or sends the task."""
    found = code.callers(key)
    if key in code.once(worker_tasks):
        source = code.by_path[key[0]]
        task = source.functions[key[1]].registered
        named = sayers.of_task(source, key[1], task)
        silent = _importing(code, source.module, task or key[1])
        found |= {by for by in named if by[0] not in {key[0], *silent}}
    return found


def _importing(code: Codebase, module: str, task: str) -> Set[str]:
    """Return the files that say a task's name for its module's sake alone, as both have one."""
    if module.rpartition(".")[2] != task:
        return frozenset()
    notes = ((source.path, *fact.data) for source, fact in code.facts(NOTED))
    return {path for path, names, tasks in notes if module in names and task not in tasks}
