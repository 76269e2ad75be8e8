"""What the one object of a class collects and hands on later, and what only looks like it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.process_dict_cache import RULE

CLASS = """
import atexit
from django.utils import timezone
from shop.models import Visit
from shop.tasks import store

class Visits:
    def __init__(self):
        self._counts: dict[str, int] = {}
        self._at = timezone.now()

    def _flush(self):
        for page, count in self._counts.items():
            Visit.objects.create(page=page, count=count)
        self._counts = {}
        self._at = timezone.now()

    def add(self, page):
        if page not in self._counts:
            self._counts[page] = 1
        else:
            self._counts[page] += 1
        if (timezone.now() - self._at).seconds > 60:
            self._flush()
"""
MODELS = """
from django.db import models
class Visit(models.Model): pass
"""
TASKS = """
from shop.models import Visit
from queues import task
@task
def store(page, count): Visit.objects.create(page=page, count=count)
"""
VIEWS = "from shop.visits import Visits\nvisits = Visits()\ndef show(request): visits.add('home')\n"
IMPORTED = "from shop.visits import visits\ndef show(request): visits.add('home')\n"
WRITTEN = "Visit.objects.create(page=page, count=count)"
FLUSH = "            self._flush()"


def find(make_project: Callable[..., Project], code: str, views: str = VIEWS) -> list[int]:
    files = {"models.py": MODELS, "tasks.py": TASKS, "visits.py": code, "views.py": views}
    project = make_project({f"shop/{name}": textwrap.dedent(text) for name, text in files.items()})
    return [found.location.line for found in RULE.find(project)]


LIST = (
    CLASS.replace("self._counts: dict[str, int] = {}", "self._counts = []")
    .replace("for page, count in self._counts.items():", "rows = self._counts")
    .replace(f"    {WRITTEN}", "Visit.objects.bulk_create(rows)")
    .replace("self._counts = {}", "self._counts = []")
)
LIST = LIST[: LIST.index("        if page not in")] + (
    "        self._counts.append(Visit(page=page))\n"
    "        if len(self._counts) >= 100:\n            self._flush()\n"
)


@pytest.mark.parametrize(
    ("code", "views"),
    [
        (CLASS, VIEWS),
        (f"{CLASS}visits = Visits()\n", IMPORTED),
        (CLASS.replace(WRITTEN, "store.delay(page, count)"), VIEWS),
        # A way of sending tasks that nobody knows: what the task does is seen.
        (CLASS.replace(WRITTEN, "store.run_in_thread(args=(page, count))"), VIEWS),
        (LIST, VIEWS),
        # Another class has a method of that name.
        (
            f"{CLASS}\nclass Other:\n    def _flush(self): pass\n    def f(self): self._flush()",
            VIEWS,
        ),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str, views: str) -> None:
    assert len(find(make_project, code, views)) == 1


@pytest.mark.parametrize(
    ("code", "views"),
    [
        # An object for each request.
        (CLASS, "from shop.visits import Visits\ndef show(request): Visits().add('home')\n"),
        # Only a command has one.
        (f"{CLASS}visits = Visits()\nif __name__ == '__main__': visits.add('x')", "x = 1\n"),
        # Written when the process ends, or by somebody else.
        (f"{CLASS}visits = Visits()\natexit.register(visits._flush)\n", VIEWS),
        (f"{CLASS}\n    def close(self): self._flush()\n", VIEWS),
        (CLASS, f"{VIEWS}def at_end(**kwargs): visits._flush()\n"),
        # Written at once.
        (CLASS.replace("        if (timezone.now() - self._at).seconds > 60:\n    ", ""), VIEWS),
        # A memory that is emptied when it is old, and written nowhere.
        (CLASS.replace(WRITTEN, "print(page, count)"), VIEWS),
        (CLASS.replace(f"            {WRITTEN}", "            pass"), VIEWS),
        # What is not told by who calls it: a pool of the class's own.
        (
            CLASS.replace("_counts[page] = 1", "_counts['all'] = 1")
            .replace("_counts[page] += 1", "_counts['all'] += 1")
            .replace("page not in", "not"),
            VIEWS,
        ),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str, views: str) -> None:
    assert find(make_project, code, views) == []


def test_says_where_it_is_made_and_emptied(make_project: Callable[..., Project]) -> None:
    project = make_project(
        {
            "shop/models.py": MODELS,
            "shop/tasks.py": TASKS,
            "shop/visits.py": CLASS,
            "shop/views.py": VIEWS,
        }
    )
    (found,) = RULE.find(project)
    places = {(place.path, place.line) for place in (found.location, *found.related)}
    assert ("shop/views.py", 2) in places
    assert "Visits._counts" in found.message
