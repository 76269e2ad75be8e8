"""Where a replica comes, by who names what: functions, methods, classes, registries, files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Rule, Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import client_no_timeout, file_write, http_no_timeout

Make = Callable[[dict[str, str]], Project]
NOTE = "def note(text):\n    with open('notes.txt', 'a') as f: f.write(text)\n"
OTHER = "def other(): pass\n"
USED = "from shop import log\ndef view(request): log.other()\n"
ASK = "import requests\ndef ask(): requests.get('x')\n"
# A class whose method asks, and a view that uses what stands beside it.
CLIENT = "import requests\nclass Client:\n  def ask(self): requests.get('x')\ndef other(): pass\n"
SITE = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/client.py": CLIENT,
    "shop/urls.py": "from shop.client import other\nurlpatterns = [other]\n",
}
COMMAND = "shop/management/commands/fetch.py"
BY_COMMAND = {COMMAND: "from shop.client import Client\ndef handle(): Client().ask()\n"}
ON_ITS_OWN = "from shop.client import Client\ndef handle(self): self.made[Client].ask()\n"


def found(make: Make, files: dict[str, str], rule: Rule = http_no_timeout.RULE) -> int:
    return len(list(rule.find(make(files))))


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        # A test is no replica.
        ({"shop/tests/test_log.py": "from shop.log import note\nnote('x')\n"}, 0),
        ({"README.md": "Call note() in a shell.\n"}, 0),
        # Who calls it is called by nobody, or by itself.
        ({"shop/log.py": f"def twice(): note('x'); note('y')\n{NOTE}{OTHER}"}, 0),
        ({"shop/log.py": f"def twice(): note('x'); twice()\n{NOTE}{OTHER}"}, 0),
        ({"shop/log.py": f"class Log:\n  {NOTE.replace('    ', '      ')}{OTHER}"}, 0),
        ({"shop/log.py": f'"""Use note()."""\n{NOTE}{OTHER}'}, 0),
        # One of another file.
        ({"shop/log.py": NOTE + OTHER, "shop/views.py": "from shop.texts import note\nnote('x')\n",
          "shop/texts.py": "def note(text): ...\n"}, 0),
        ({"shop/views.py": "from shop.log import note\ndef view(request): note('x')\n"}, 1),
        ({"shop/views.py": "from shop.log import note as keep\nurls = [keep]\n"}, 1),
        ({"shop/views.py": "from shop.log import *\nurls = [note]\n"}, 1),
        ({"shop/views.py": "from shop import log\nurls = [log.note]\n"}, 1),
        ({"shop/views.py": "NOTES = 'shop.log.note'\n"}, 1),
        ({"shop/log.py": f"{NOTE}{OTHER}HOOKS = [note]\n"}, 1),
        ({"shop/log.py": f"from shop.jobs import job\n@job\n{NOTE}{OTHER}"}, 1),
        ({"shop/log.py": f"import functools\n@functools.cache\n{NOTE}{OTHER}"}, 0),
        ({"shop/gunicorn_conf.py": NOTE + OTHER, "shop/log.py": "",
          "shop/urls.py": "from shop.gunicorn_conf import other\n"}, 1),
        # Nothing else of the file is used: it may be a part of more than lies here.
        ({"shop/urls.py": "from shop import log\nlog.ready = True\n"}, 1),
        ({"bin/note-all": "#!/usr/bin/env python\nfrom shop.log import note\nnote('x')\n"}, 1),
        ({"hooks.yaml": "after: [shop.log:note]\n"}, 1),
        ({"shop/templates/a.html": "{{ log.note }}\n"}, 1),
    ],
)  # fmt: skip
def test_a_function_that_nothing_names(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    base = {"shop/log.py": NOTE + OTHER, "shop/urls.py": USED.replace("def view(request): ", "")}
    assert found(make_project, {**base, **files}, file_write.RULE) == count


@pytest.mark.parametrize("view", ["", "from shop.log import ask\nurls = [ask]\n"])
@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        (http_no_timeout.RULE, ASK),
        (client_no_timeout.RULE, "import smtplib\ndef ask(): smtplib.SMTP('mail')\n"),
    ],
)
def test_nobody_waits_for_a_host_that_nothing_asks(
    make_project: Make, rule: Rule, asks: str, view: str
) -> None:
    files = {"shop/log.py": asks + OTHER, "shop/urls.py": USED, "shop/views.py": view}
    assert found(make_project, files, rule) == bool(view)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        # It is no part of a site: somebody may import it.
        ({"manage.py": None}, 1),
        ({"shop/views.py": "from shop.feeds import boston\nboston.work()\n"}, 1),
        # Something loads what lies in a folder, and calls what each has.
        ({"shop/views.py": "def view(request, name): load(name).work()\n"}, 1),
        ({"shop/settings.py": "FEED = 'shop.feeds.boston'\n"}, 1),
        ({COMMAND: "def handle(): load('shop/feeds').work()\n"}, 0),
    ],
)
def test_a_file_that_nothing_imports(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    feed = "import requests\ndef work(): fetch()\ndef fetch(): requests.get('x')\n"
    base = {"manage.py": "", "shop/__init__.py": "", "shop/feeds/__init__.py": "",
            "shop/feeds/boston.py": feed}  # fmt: skip
    given = {path: text for path, text in {**base, **files}.items() if text is not None}
    assert found(make_project, given) == count


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        ({"manage.py": None}, 1),
        ({"shop/views.py": "from shop.feeds import boston\n"}, 1),
        ({"shop/settings.py": "FEED = 'shop.feeds.boston'\n"}, 1),
        # A folder whose files are imported by names that are put together.
        ({"shop/feeds/__init__.py": "import pkgutil\npkgutil.iter_modules()\n"}, 1),
        ({"shop/views.py": "from importlib import import_module\nimport_module(f'{x}.y')\n"}, 1),
        ({"bank/views.py": "from importlib import import_module\nimport_module(f'{x}.y')\n"}, 0),
    ],
)
def test_a_decorator_of_a_file_that_nothing_imports(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    feed = "import requests\nfrom feeds import keep\n@keep\ndef work(): requests.get('x')\n"
    base = {"manage.py": "", "shop/__init__.py": "", "shop/feeds/__init__.py": "",
            "shop/feeds/boston.py": feed}  # fmt: skip
    given = {path: text for path, text in {**base, **files}.items() if text is not None}
    assert found(make_project, given) == count


JOB = "import requests\ndef ask(n):\n  requests.get('x')\n  put(ask, n)\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        # Somebody starts it in a shell, and it goes on by itself.
        ({}, 0),
        ({"shop/tasks.py": f"{JOB}def twice(): put(ask, twice)\n"}, 0),
        ({"shop/tasks.py": JOB.replace("ask, n", "other, n")}, 1),
        ({"shop/tests/test_tasks.py": "from shop.tasks import ask\nask(1)\n"}, 0),
        ({"manage.py": None}, 1),
        ({"shop/tasks.py": JOB.replace("def", "@app.task\ndef")}, 1),
        ({"shop/urls.py": "from shop.tasks import ask\nurlpatterns = [ask]\n"}, 1),
        ({"jobs.yaml": "hourly: shop.tasks.ask\n"}, 1),
    ],
)
def test_a_job_that_only_goes_on_by_itself(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    base = {"manage.py": "", "shop/__init__.py": "", "shop/tasks.py": JOB}
    given = {path: text for path, text in {**base, **files}.items() if text is not None}
    assert found(make_project, given) == count


BASE = "class Base: ...\n"


def derived(base: str, method: str = "ask") -> dict[str, str]:
    """Return the file of a client that derives from a class, by its dotted name."""
    module, _, name = base.rpartition(".")
    code = CLIENT.replace("Client:", f"Client({name}):").replace("def ask", f"def {method}")
    return {"shop/client.py": f"from {module} import {name}\n{code}"}


def views(code: str) -> dict[str, str]:
    return {"shop/views.py": f"from shop.client import Client\n{code}\n"}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (BY_COMMAND, 0),
        ({}, 0),
        # Only commands say the method, or make the class.
        ({**BY_COMMAND, **views("c = Client()")}, 0),
        ({**BY_COMMAND, "shop/views.py": "def view(request, c): c.ask()\n"}, 0),
        ({**BY_COMMAND, **derived("feeds.Base")}, 0),
        ({"shop/client.py": CLIENT.replace("Client:", "Client(View):") + "class View: ...\n"}, 0),
        # The view that says it is none that a URL names.
        (
            {
                **views("def view(r): Client().ask()\ndef other_view(r): ..."),
                "shop/urls.py": "from shop.client import other\n"
                "from shop.views import other_view\nurlpatterns = [other_view, other]\n",
            },
            0,
        ),
        (views("urls = [Client().ask]"), 1),
        ({**views("class C(Client): ..."), "shop/apps.py": "from shop.views import C\nC.ask\n"}, 1),
        # A package may look for what derives from its classes; a form has to be named.
        (derived("feeds.Base"), 1),
        (derived("feeds.BaseForm"), 0),
        # What decorates a method may know it from then on.
        (
            {
                "shop/client.py": CLIENT.replace("  def", "  @route\n  def"),
                **views("urls = [Client]"),
            },
            1,
        ),
        (
            {
                "shop/client.py": CLIENT.replace("  def", "  @property\n  def"),
                **views("c = Client"),
            },
            0,
        ),
        # Of a model Django knows what it calls.
        (derived("django.db.models.Model"), 0),
        (derived("django.contrib.gis.db.models.Model"), 0),
        (derived("django.db.models.Model", "save"), 1),
        # A mixin's method may be what a view is asked for.
        (views("from feeds import View\nclass V(Client, View): ...\nurls = [V]"), 1),
        (views("class V(Client): ...\nurls = [V]"), 0),
        # A setting may name one of a family of which another is used.
        (
            {
                "shop/base.py": BASE,
                **derived("shop.base.Base"),
                "shop/views.py": "from shop.base import Base\nurls = [Base, lambda c: c.ask()]\n",
            },
            1,
        ),
        ({COMMAND: ON_ITS_OWN, "Procfile": "fetch: python manage.py fetch\n"}, 1),
        ({COMMAND.replace("fetch", "run_fetch"): ON_ITS_OWN}, 1),
    ],
)
def test_a_method_that_only_commands_come_to(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert found(make_project, {**SITE, **files}) == count


KEPT = "kept = {}\ndef keep(c):\n  kept[c.name] = c\n  return c\ndef all_of_them(): return kept\n"


@pytest.mark.parametrize(
    ("reader", "count"),
    [
        ({COMMAND: "from shop.kept import all_of_them\ndef handle(): all_of_them()\n"}, 0),
        ({"shop/views.py": "from shop.kept import all_of_them\nurls = [all_of_them]\n"}, 1),
    ],
)
@pytest.mark.parametrize("kept", ["shop.kept", "feeds.kept"])
def test_a_class_that_is_registered(
    make_project: Make, reader: dict[str, str], count: int, kept: str
) -> None:
    client = f"from {kept} import keep\n" + CLIENT.replace("class", "@keep\nclass")
    say = {"shop/views.py": "def view(request, c): c.ask()\nurls = [view]\n"}
    one = next(iter(reader.items()))
    say[one[0]] = say.get(one[0], "") + one[1]
    files = {**SITE, "shop/kept.py": KEPT, "shop/client.py": client, **say}
    # What a package's decorator does with a class, nobody knows.
    assert found(make_project, files) == (count or kept == "feeds.kept")


@pytest.mark.parametrize(
    ("asker", "count"),
    [
        ("def go(o, kind): getattr(o, f'fetch_{kind}')()\nurls = [go]\n", 1),
        ("def go(o, kind): getattr(o, 'fetch_%s' % kind)()\nurls = [go]\n", 1),
        ("def go(o, kind): getattr(o, kind + '_all')()\nurls = [go]\n", 1),
        ("def go(o, kind): o.done = 'fetch_' + kind\nurls = [go]\n", 0),
        ("def go(o, kind): getattr(o, f'send_{kind}')()\nurls = [go]\n", 0),
        ("def go(o, kind): getattr(o, f'fetch_{kind}')()\n", 0),
    ],
)
def test_a_name_that_is_put_together(make_project: Make, asker: str, count: int) -> None:
    client = CLIENT.replace("def ask", "def fetch_all")
    urls = "from shop.client import Client, other\nurls = [other, Client]\n"
    files = {**SITE, "shop/client.py": client, "shop/urls.py": urls, "shop/work.py": asker + OTHER,
             "shop/apps.py": "from shop import work\nwork.other()\n"}  # fmt: skip
    assert found(make_project, files) == count


def test_what_nobody_comes_to_is_information(make_project: Make) -> None:
    project = make_project({"shop/log.py": ASK + OTHER, "shop/urls.py": USED})
    (one,) = run_all([http_no_timeout.RULE], project).found
    assert (one.finding.severity, str(one.finding.location)) == (Severity.INFO, "shop/log.py:2")
    assert one.finding.message.endswith("As far as names tell, no replica comes here.")


def test_a_place_that_is_reached_speaks_for_the_others(make_project: Make) -> None:
    log = f"{NOTE}def again():\n    with open('notes.txt', 'a') as f: f.write('x')\n{OTHER}"
    urls = "from shop.log import again, other\nurls = [again, other]\n"
    project = make_project({"shop/log.py": log, "shop/urls.py": urls})
    (one,) = run_all([file_write.RULE], project).found
    assert one.finding.severity is not Severity.INFO
    assert str(one.finding.location) == "shop/log.py:4"


def test_what_only_an_operator_runs_is_not_even_that(make_project: Make) -> None:
    project = make_project({COMMAND: ASK})
    assert run_all([http_no_timeout.RULE], project).found == []
