"""Tasks of flagsmith-common's task processor that run in a thread of the process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.background_thread import RULE

TASKS = """
from task_processor.decorators import register_task_handler
@register_task_handler()
def count(page): pass
@register_task_handler()
def tell(page): pass
def other(page): pass
class Pool:
    def run_in_thread(self, work): return work()
pool = Pool()
"""
VIEWS = "from shop.tasks import count, other, pool, tell\ndef show(request):\n"


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("count.run_in_thread(args=('home',))", 1),
        ("for page in 'ab': count.run_in_thread(kwargs={'page': page})", 1),
        ("count.run_in_thread()\n    count.run_in_thread()", 1),
        ("count.run_in_thread()\n    tell.run_in_thread()", 2),
        # Another way, another function, and another object that has such a method.
        ("count.delay(args=('home',))", 0),
        ("count('home')", 0),
        ("other.run_in_thread(args=('home',))", 0),
        ("pool.run_in_thread(count)", 0),
        ("request.loop.run_in_thread(count)", 0),
    ],
)
def test_tasks_in_threads(make_project: Callable[..., Project], lines: str, count: int) -> None:
    project = make_project({"shop/tasks.py": TASKS, "shop/views.py": f"{VIEWS}    {lines}\n"})
    found = [(one.location.line or 0) for one in RULE.find(project)]
    assert found == [3, 4][:count]


def test_of_its_own_file(make_project: Callable[..., Project]) -> None:
    more = "def show(request): count.run_in_thread(args=('home',))\n"
    assert len(list(RULE.find(make_project({"shop/views.py": TASKS + more})))) == 1
