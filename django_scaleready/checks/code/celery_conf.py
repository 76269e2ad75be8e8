"""What a project's code tells Celery beside its settings: ``app.conf.task_time_limit = 60``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.reading import Reading
from django_scaleready.checks.code.summary import Fact

# What rules ask about.
OPTIONS = frozenset(
    [
        *("beat_scheduler", "broker_url", "result_backend", "task_acks_late"),
        *("task_always_eager", "task_soft_time_limit", "task_time_limit"),
        *("worker_max_memory_per_child", "worker_max_tasks_per_child"),
    ]
)


def celery_conf(reading: Reading) -> Iterator[Fact]:
    """Note the options that code gives: (name, its value, None if only running would tell)."""
    module = reading.module
    if "celery" in module.roots and "conf" in module.mentions:
        yield from _given(_assigned(module))
        yield from _given(_updated(module))
    if "celery" in module.path.rpartition("/")[2]:
        # A module of its own for config_from_object(): task_time_limit = 60.
        bound = module.top.bindings.items()
        yield from _given((name, values[-1]) for name, values in bound if values)


def _assigned(module: Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(module.top.node):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Attribute) and _is_conf(target.value):
                yield target.attr, node.value
            elif isinstance(target, ast.Subscript) and _is_conf(target.value):
                yield str(getattr(target.slice, "value", "")), node.value


def _updated(module: Module) -> Iterator[tuple[str, ast.expr]]:
    for site in module.calls("update"):
        function = site.call.func
        if isinstance(function, ast.Attribute) and _is_conf(function.value):
            yield from ((k.arg, k.value) for k in site.call.keywords if k.arg)
            for mapping in site.call.args:
                if isinstance(mapping, ast.Dict):
                    keys = (str(getattr(key, "value", "")) for key in mapping.keys)
                    yield from zip(keys, mapping.values, strict=True)


def _is_conf(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "conf"


def _given(pairs: Iterator[tuple[str, ast.expr]]) -> Iterator[Fact]:
    for name, value in pairs:
        if name in OPTIONS:
            known = value.value if isinstance(value, ast.Constant) else None
            yield Fact(value.lineno, "", (name, known))
