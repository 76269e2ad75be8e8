"""What a person runs by hand, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.running.by_hand import only_by_hand, run_by_hand
from django_scaleready.checks.code.summary import Moment

Read = Callable[[dict[str, str]], Codebase]
WORK = "def work(): pass\n"
MAIN = 'if __name__ == "__main__": work()\n'


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("manage.py", WORK),
        ("shop/management/commands/work.py", WORK),
        ("tools/work.py", WORK),
        ("script/work.py", WORK),
        ("dev_env/core/work.py", WORK),
        ("local-dev/work.py", WORK),
        ("extras/work.py", WORK),
        ("extras/deep/work.py", WORK),
        (
            "shop/rows.py",
            f"import factory\nclass A(factory.django.DjangoModelFactory): ...\n{WORK}",
        ),
        ("shop/rows.py", f"from factory.fuzzy import FuzzyText\n{WORK}"),
        ("shop/cli/work.py", WORK),
        # Named like what Django loads, and written for pytest.
        ("shop/fixtures/views.py", f"import pytest\n{WORK}"),
        ("shop/fixtures/models.py", f"from pytest import fixture\n{WORK}"),
        ("shop/work.py", f"import argparse\n{WORK}"),
        ("shop/work.py", f"import django\ndjango.setup()\n{WORK}"),
        ("shop/work.py", f"{WORK}{MAIN}"),
        ("shop/work.py", f"{WORK}def main(): work()\n"),
        ("shop/work.py", f"import invoke\n{WORK}"),
        ("shop/bin/work.py", WORK),
        ("shop/agent/work.py", WORK),
    ],
)
def test_a_program(read: Read, path: str, text: str) -> None:
    code = read({"shop/__init__.py": "", path: text})
    assert path in code.once(run_by_hand)
    assert code.moments(code.by_path[path], "work") == {Moment.COMMAND}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/work.py", WORK),
        # Somebody imports it.
        ("shop/used.py", f"{WORK}{MAIN}"),
        ("shop/used.py", f"{WORK}def main(): work()\n"),
        ("shop/used.py", f"import invoke\n{WORK}"),
        # Something loads it by its name.
        ("shop/models.py", f"from pytest import raises\n{WORK}"),
        ("shop/tasks.py", f"import argparse\n{WORK}"),
        ("shop/views.py", f"{WORK}def main(request): work()\n"),
        ("shop/celery.py", f"import django\ndjango.setup()\n{WORK}"),
        (
            "shop/runners.py",
            f"import django, dramatiq\ndjango.setup()\n{WORK}@dramatiq.actor\ndef job(): work()\n",
        ),
        ("shop/templatetags/work.py", WORK),
        # A class of that name, and a module of the project's own.
        ("shop/rows.py", f"class A(Factory): ...\n{WORK}"),
        ("shop/rows.py", f"import factory\nclass A(factory.Machine): ...\n{WORK}"),
        # Such a name deeper down may be an app's.
        ("shop/script/__init__.py", WORK),
        ("shop/dev_env/__init__.py", WORK),
        ("shop/tools/__init__.py", WORK),
        # So may this one, wherever it lies.
        ("extras/__init__.py", WORK),
    ],
)
def test_no_program(read: Read, path: str, text: str) -> None:
    importing = "from shop.used import work\nurlpatterns = [work]\n"
    code = read({"shop/__init__.py": "", "shop/urls.py": importing, path: text})
    assert path not in code.once(run_by_hand)
    assert Moment.REQUEST in code.moments(code.by_path[path], "work")


@pytest.mark.parametrize("path", ["shop/base.py", "shop/views.py", "app.py", "shop/__init__.py"])
def test_the_top_of_a_file_that_something_loads(read: Read, path: str) -> None:
    code = read({"shop/manage.py": "", path: "x = 1\n"})
    assert code.moments(code.by_path[path], "") == {Moment.IMPORT}


def test_the_top_of_a_file_beside_manage_py(read: Read) -> None:
    code = read({"src/manage.py": "", "src/seed.py": f"work()\n{WORK}"})
    assert code.moments(code.by_path["src/seed.py"], "") == {Moment.COMMAND}


def test_each_star_counts_as_an_import(read: Read) -> None:
    files = {"shop/one.py": "x = 1\n", "shop/two.py": "y = 1\n"}
    stars = "from .one import *\nfrom shop.two import *\n"
    code = read({**files, "shop/views.py": stars})
    assert {path: code.importers[path] for path in files} == {
        path: {"shop/views.py"} for path in files
    }


def test_what_only_programs_import(read: Read) -> None:
    command = "shop/management/commands/sync.py"
    code = read(
        {
            command: "from shop import feed, shared\n",
            "shop/feed.py": "from shop import parse\n",
            "shop/parse.py": WORK,
            "shop/shared.py": WORK,
            "shop/views.py": "from shop import shared\n",
        }
    )
    assert only_by_hand(code) == {command, "shop/feed.py", "shop/parse.py"}


def test_a_projects_own_decorator_around_a_runners(read: Read) -> None:
    own = "from invoke import task as plain\ndef task(f): return plain(f)\n"
    code = read({"tasks.py": f"{own}@task\n{WORK}"})
    assert code.moments(code.by_path["tasks.py"], "work") == {Moment.COMMAND}


def test_a_task_that_runs_programs(read: Read) -> None:
    head = "from celery import shared_task\nfrom invoke import run\n"
    code = read(
        {
            "shop/__init__.py": "from shop import tasks",
            "shop/tasks.py": f"{head}@shared_task\n{WORK}",
        }
    )
    assert code.moments(code.by_path["shop/tasks.py"], "work") == {Moment.TASK}


RUN = "def work(): pass\ndef run(): work()\n"


@pytest.mark.parametrize(
    ("files", "by_hand"),
    [
        ({}, True),
        ({"shop/urls.py": "from shop.views import home\n"}, True),
        ({"shop/scripts/mails.py": WORK}, False),
        ({"shop/urls.py": "from shop.scripts.mails import run\n"}, False),
        ({"shop/settings.py": "INSTALLED_APPS = []\nMAILS = 'shop.scripts.mails.run'\n"}, False),
    ],
)
def test_what_runscript_finds_in_a_package(
    read: Read, files: dict[str, str], *, by_hand: bool
) -> None:
    path = "shop/scripts/mails.py"
    packages = {"shop/__init__.py": "", "shop/scripts/__init__.py": "", path: RUN}
    code = read({**packages, **files})
    assert (path in code.once(run_by_hand)) == by_hand


@pytest.mark.parametrize("path", ["shop/runs/mails.py", "shop/scripts/__init__.py"])
def test_a_run_that_runscript_does_not_find(read: Read, path: str) -> None:
    packages = {"shop/__init__.py": "", "shop/runs/__init__.py": "", "shop/scripts/__init__.py": ""}
    code = read({**packages, path: RUN})
    assert path not in code.once(run_by_hand)
