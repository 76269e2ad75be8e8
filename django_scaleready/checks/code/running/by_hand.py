"""What a person runs by hand, and no replica does.

There is one such process however many replicas there are, and somebody watches it: a slow host or a
file on its disk is that person's affair. This is the one place that says what counts:

- a file that is a script by its own looks (``is_script``): a management command, ``manage.py`` and
  the like, what reads a command line, builds or tests the project, makes rows for its tests with
  factories, or calls ``django.setup()``;
- a file that looks like a program and that nobody imports (``run_by_hand``): it has a main block or
  a function called main, is made for invoke or fabric, lies in a folder of scripts, or has a
  ``run()`` for django-extensions' ``manage.py runscript``;
- what stands at the top of a file that nothing loads (``is_loaded``), if it lies beside
  ``manage.py``. Elsewhere a text that is put together may name it, so it is left to the rules: work
  that is done there is done by hand, a handler or a cache that is made there is judged;
- a file that such files alone import (``only_by_hand``), so that it lives as long as they do.

A function is run by hand if all that leads to it is: ``Codebase.moments`` says so. So is what
stands under ``if __name__ == "__main__"``. What a deployment starts is not, whatever it looks like:
see ``checks.started``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django_scaleready.checks.code.definitions import Definitions
from django_scaleready.checks.code.summary import MAIN, Summary

# At the top of the project; deeper down such a name may well be an app's.
SCRIPT_FOLDERS = frozenset(
    [
        *("bin", "ci", "contrib", "deploy", "dev", "dev-env", "dev_env", "development", "devenv"),
        *("devtools", "docker", "extras", "hack", "local-dev", "local_dev", "packaging", "script"),
        *("scripts", "tools"),
    ]
)
# At the top, too, this is as often an app; what lies in it is asked for its package.
_PERHAPS_AN_APP = frozenset({"extras"})
SCRIPTS = frozenset({"__main__.py", "manage.py", "fabfile.py", "setup.py", "noxfile.py"})
# A file that imports one of these builds the project, tests it, or reads a command line.
_TESTS = (
    *("pytest.fixture", "unittest.TestCase", "unittest.case.", "unittest.main"),
    # Rows for tests, made by factory_boy or its like.
    *("factory.django.", "factory.fuzzy.", "factory.SubFactory", "model_bakery"),
)
TOOLS = (
    *("argparse", "distutils.command.", "distutils.core.", "hatchling.", "locust.", "optparse"),
    *("pytest", "setuptools", *_TESTS),
)
_FACTORY = re.compile(r"factory\.(\w+\.)?\w*Factory")
# What is written for one of these is a developer's or a hook's.
RUNNERS = frozenset({"fabric", "gitlint", "invoke"})
# Names of files that Django, Celery and the servers load, or the settings by a text.
LOADED = re.compile(
    r"__init__|admin|apps|asgi|celery|conf(?!l)|context|handler|middleware|models|receivers|router"
    r"|routing|settings|signals|tasks|urls|views|wsgi"
)
# Those of them that are nothing else, whatever they import.
_BY_DJANGO = re.compile(r"(admin|apps|asgi|models|tasks|urls|views|wsgi)\.py")
# The application that a server without Django is started with, and a database backend.
_SERVED = frozenset({"app.py", "base.py"})
# Folders that are looked through, whether they are packages or not.
DISCOVERED = frozenset({"commands", "migrations", "templatetags"})


def is_script(
    path: str, imported: Iterable[str], bases: Iterable[str], *, sets_django_up: bool
) -> bool:
    """Whether a file is one by its own looks: its path, imports and classes, whom it sets up."""
    *folders, name = path.split("/")
    above = SCRIPT_FOLDERS.intersection(folders[:1])
    if folders[-2:] == ["management", "commands"] or above - _PERHAPS_AN_APP:
        return True
    if "cli" in folders or (sets_django_up and not LOADED.search(name)):
        return True
    # Within a package setup.py is one of its modules, unless it imports what builds.
    scripts = SCRIPTS - {"setup.py"} if folders else SCRIPTS
    if name in scripts or any(map(_FACTORY.fullmatch, bases)):
        return True
    if _BY_DJANGO.fullmatch(name):
        # A model may borrow ``pytest.raises`` for its doctest, and is loaded all the same.
        return any(dotted == "pytest" or dotted.startswith(_TESTS) for dotted in imported)
    return any(dotted.startswith(TOOLS) for dotted in imported)


def run_by_hand(code: Definitions) -> frozenset[str]:
    """Return the files that are run by hand as a whole, whatever stands in them."""
    return frozenset(summary.path for summary in code if _is_program(code, summary))


def is_by_hand(code: Definitions, path: str, name: str) -> bool:
    """Whether a function, "" for the top of a file, is run by hand whoever calls it."""
    if path in code.once(run_by_hand):
        return True
    beside = not name and path.rpartition("/")[0] in code.once(_tops)
    return beside and not is_loaded(code, code.by_path[path])


def _tops(code: Definitions) -> frozenset[str]:
    """Return the folders of manage.py, and the root."""
    found = [summary.path.rpartition("/") for summary in code]
    return frozenset(["", *(folder for folder, _, name in found if name == "manage.py")])


def only_by_hand(code: Definitions) -> frozenset[str]:
    """Return the files of ``run_by_hand``, and those that nothing else imports, directly or not.

    A file that Django or Celery loads by its name is not one of them.
    """
    found = {*code.once(run_by_hand)}
    size = 0
    while size != len(found):
        size = len(found)
        found |= {
            path
            for path, by in code.importers.items()
            if by <= found and not LOADED.search(path.rpartition("/")[2])
        }
    return frozenset(found)


def is_loaded(code: Definitions, summary: Summary) -> bool:
    """Whether something imports a file, or loads it by its name."""
    name = summary.path.rpartition("/")[2]
    return summary.path in code.importers or name in _SERVED or bool(LOADED.search(name))


def runs_when_loaded(code: Definitions, summary: Summary) -> bool:
    """Whether what stands at the top of a file runs in a process: the settings may name it, too.

    Of the rest of such a file they take what they name, and nothing else.
    """
    return is_loaded(code, summary) or summary.path in code.once(_in_settings)


def _in_settings(code: Definitions) -> frozenset[str]:
    """Return the files of which settings name something: ``"shop.api.schema_init.schema"``."""
    notes = (fact for source, fact in code.facts("named-files") if not source.is_script)
    found = (code.imported(dotted) for fact in notes for dotted in fact.data)
    return frozenset(summary.path for summary in found if summary)


def _is_program(code: Definitions, summary: Summary) -> bool:
    if summary.is_script:
        return True
    if summary.path in code.importers:
        return False
    if MAIN in summary.functions or any(n.partition(".")[0] in RUNNERS for n in summary.imported):
        return True
    if "main" in summary.functions and not is_loaded(code, summary):
        return True
    if is_runscript(summary) and summary.path not in code.once(_in_settings):
        return True
    return _lies_among_scripts(code, summary.path)


def is_runscript(summary: Summary) -> bool:
    """Whether django-extensions' ``manage.py runscript`` finds a file, in an app's package too."""
    *_, folder, name = ("", *summary.path.split("/"))
    return folder == "scripts" and name != "__init__.py" and "run" in summary.functions


def _lies_among_scripts(code: Definitions, path: str) -> bool:
    """Whether a file's folder is no package, and one of scripts or inside of a package."""
    folder, _, name = path.rpartition("/")
    if f"{folder}/__init__.py" in code.by_path:
        return False
    if not SCRIPT_FOLDERS.isdisjoint(folder.split("/")):
        return True
    above, _, last = folder.rpartition("/")
    inside = f"{above}/__init__.py" in code.by_path
    return inside and not (LOADED.search(name) or LOADED.search(last) or last in DISCOVERED)
