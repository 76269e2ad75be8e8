"""What nothing leads a replica to: functions that nobody names, files that a command loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Rule
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import client_no_timeout, file_write, http_no_timeout

Make = Callable[[dict[str, str]], Project]
NOTE = "def note(text):\n    with open('notes.txt', 'a') as f: f.write(text)\n"
OTHER = "def other(): pass\n"
USED = "from shop import log\ndef view(request): log.other()\n"
FETCH = "import requests\ndef work(): fetch()\ndef fetch(): requests.get('x')\n"
COMMAND = "FOLDER = '/app/shop/feeds'\ndef handle(*args): load_all(FOLDER)\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        # A test is no replica.
        ({"shop/tests/test_log.py": "from shop.log import note\nnote('x')\n"}, 0),
        ({"README.md": "Call note() in a shell.\n"}, 0),
        ({"shop/views.py": "from shop.log import note\ndef view(request): note('x')\n"}, 1),
        ({"shop/views.py": "from shop import log\ndef view(request): log.note('x')\n"}, 1),
        ({"shop/views.py": "NOTES = 'shop.log.note'\n"}, 1),
        ({"shop/log.py": f"{NOTE}{OTHER}HOOKS = [note]\n"}, 1),
        ({"shop/log.py": f"from shop.jobs import job\n@job\n{NOTE}{OTHER}"}, 1),
        ({"shop/log.py": f"def view(request): note('x')\n{NOTE}{OTHER}"}, 1),
        ({"shop/gunicorn_conf.py": NOTE + OTHER, "shop/log.py": "",
          "shop/urls.py": "from shop.gunicorn_conf import other\n"}, 1),
        # Who has an object of it may call a method.
        ({"shop/log.py": f"class Log:\n  {NOTE.replace('    ', '      ')}{OTHER}"}, 1),
        # A file that nobody imports, or of which nothing else is used.
        ({"shop/urls.py": ""}, 1),
        ({"shop/urls.py": "from shop import log\nlog.ready = True\n"}, 1),
        ({"bin/note-all": "#!/usr/bin/env python\nfrom shop.log import note\nnote('x')\n"}, 1),
        ({"hooks.yaml": "after: [shop.log:note]\n"}, 1),
    ],
)  # fmt: skip
def test_a_function_that_nothing_names(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    project = make_project({"shop/log.py": NOTE + OTHER, "shop/urls.py": USED, **files})
    assert len(list(file_write.RULE.find(project))) == count


@pytest.mark.parametrize("view", ["", "from shop.log import note\ndef view(request): note()\n"])
@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        (http_no_timeout.RULE, "import requests\ndef note(): requests.get('x')\n"),
        (client_no_timeout.RULE, "import smtplib\ndef note(): smtplib.SMTP('mail')\n"),
    ],
)
def test_nobody_waits_for_a_host_that_nothing_asks(
    make_project: Make, rule: Rule, asks: str, view: str
) -> None:
    files = {"shop/log.py": asks + OTHER, "shop/urls.py": USED, "shop/views.py": view}
    assert len(list(rule.find(make_project(files)))) == bool(view)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"shop/management/commands/load.py": COMMAND}, 0),
        ({"shop/management/commands/load.py": COMMAND.replace("/feeds", ".feeds")}, 0),
        # Nothing names the folder, or it is not a command alone.
        ({}, 1),
        ({"shop/management/commands/load.py": COMMAND, "shop/views.py": COMMAND}, 1),
        # The file itself is imported, or Django loads it by its name.
        (
            {
                "shop/management/commands/load.py": COMMAND,
                "shop/views.py": "from shop.feeds import boston\ndef v(request): boston.work()\n",
            },
            1,
        ),
        (
            {
                "shop/management/commands/load.py": COMMAND,
                "shop/feeds/boston.py": "",
                "shop/feeds/models.py": FETCH,
            },
            1,
        ),
    ],
)
def test_a_folder_that_a_command_goes_through(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    project = make_project({"shop/feeds/__init__.py": "", "shop/feeds/boston.py": FETCH, **files})
    assert len(list(http_no_timeout.RULE.find(project))) == count
