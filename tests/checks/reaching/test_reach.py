"""Where a replica comes, by who names what: functions, methods, classes, registries, files."""

from __future__ import annotations

import pytest
from support.reached import ASK, CLIENT, NOTE, OTHER, SITE, USED, Make, found

from django_scaleready.checks.base import Rule, Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.rules import client_no_timeout, file_write, http_no_timeout

COMMAND = "shop/management/commands/fetch.py"
# By names alone: which class the method is of, no call tells.
ASKS = "from shop.client import Client\ndef handle(self): self.made[Client].ask()\n"
BY_COMMAND = {COMMAND: ASKS}
FEEDS = {"manage.py": "", "shop/__init__.py": "", "shop/feeds/__init__.py": ""}
SAYS = {"shop/views.py": "def view(request, c): c.ask()\n"}


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
        (
            {
                "shop/views.py": "from importlib import import_module\n"
                "def view(request, name): import_module(name).work()\n"
            },
            1,
        ),
        ({"shop/settings.py": "FEED = 'shop.feeds.boston'\n"}, 1),
        ({COMMAND: "def handle(): load('shop/feeds').work()\n"}, 0),
    ],
)
def test_a_file_that_nothing_imports(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    feed = "import requests\ndef work(): fetch()\ndef fetch(): requests.get('x')\n"
    assert found(make_project, {**FEEDS, "shop/feeds/boston.py": feed, **files}) == count


@pytest.mark.parametrize(
    ("imports", "count"),
    [
        # Whoever loads it may ask all that is in it by names of his own.
        ("import shop.feeds.boston\n", 1),
        ("from shop.feeds import boston\n", 1),
        # Others take what they want.
        ("from shop.feeds.boston import feed\nfeed.show()\n", 0),
        ("from shop.feeds.boston import *\n", 0),
    ],
)
def test_a_method_that_nobody_names(make_project: Make, imports: str, count: int) -> None:
    feed = "import requests\nclass Feed:\n  def ask(self): requests.get('x')\nfeed = Feed()\n"
    files = {**FEEDS, "shop/feeds/boston.py": feed, "shop/views.py": imports}
    assert found(make_project, files) == count


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        ({"manage.py": None}, 1),
        ({"shop/views.py": "from shop.feeds import boston\n"}, 1),
        ({"shop/settings.py": "FEED = 'shop.feeds.boston'\n"}, 1),
        ({"feeds.yaml": "all: [shop.feeds.boston]\n"}, 1),
        ({COMMAND: "from shop.feeds import boston\n"}, 0),
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
    assert found(make_project, {**FEEDS, "shop/feeds/boston.py": feed, **files}) == count


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
        ({"shop/tasks.py": JOB.replace("def", "@app.task\ndef")}, 0),
        ({"shop/tasks.py": JOB.replace("def", "@keep\ndef")}, 1),
        ({"shop/urls.py": "from shop.tasks import ask\nurlpatterns = [ask]\n"}, 1),
        ({"jobs.yaml": "hourly: shop.tasks.ask\n"}, 1),
    ],
)
def test_a_job_that_only_goes_on_by_itself(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    base = {"manage.py": "", "shop/__init__.py": "", "shop/tasks.py": JOB}
    assert found(make_project, {**base, **files}) == count


BASE = "class Base: ...\n"
BARE = CLIENT.replace("Client:", "Client(object):")
LOADS = "from shop import client\nclient.ready = True\n"
RUN_COMMAND = COMMAND.replace("fetch", "run_fetch")
JOBS = "from shop.client import Client\nHOOKS = [Client().ask]\n"
# A class that only its framework knows, a function that a migration runs.
HOOK = "from shop.client import Client\nclass Hook({}):\n  def run(self): self.made[Client].ask()\n"
MIGRATES = "from shop.client import Client\ndef move(apps, schema_editor): apps[Client].ask()\n"
MIGRATES += "MOVES = [move]\n"
FINDERS = "django.contrib.staticfiles.finders"
DATA = "from dataclasses import dataclass\nfrom feeds import keep\n"
DATA += CLIENT.replace("class", "@keep\nclass")
COPIES = CLIENT.replace("Client:", "Client(Base):\n  def copy(self): return Client()")


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
        # Python calls it.
        ({"shop/client.py": CLIENT.replace("def ask", "def __call__"), **views("c = Client")}, 1),
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
        ({**BY_COMMAND, "Procfile": "fetch: python manage.py fetch\n"}, 1),
        ({RUN_COMMAND: ASKS}, 1),
        # So does what such a command imports, and no other.
        ({RUN_COMMAND: "from shop import jobs\n", "shop/jobs.py": JOBS}, 1),
        ({RUN_COMMAND: "", COMMAND: "from shop import jobs\n", "shop/jobs.py": JOBS}, 0),
        # Scripts, migrations, and what collects files.
        ({"shop/scripts/once.py": f"import feeds\n{HOOK.format('feeds.Base')}"}, 0),
        ({"shop/jobs.py": f"import feeds\n{HOOK.format('feeds.Base')}"}, 1),
        ({"shop/jobs.py": MIGRATES}, 0),
        ({"shop/jobs.py": MIGRATES.replace("schema_editor", "other")}, 1),
        ({"shop/jobs.py": f"from {FINDERS} import BaseFinder\n{HOOK.format('BaseFinder')}"}, 0),
        # A class that nobody names, or that is decorated with what tells nobody of it.
        (SAYS, 0),
        ({**SAYS, "shop/client.py": BARE}, 0),
        ({**SAYS, "shop/urls.py": LOADS}, 1),
        ({**SAYS, **BY_COMMAND, "shop/client.py": DATA.replace("@keep", "@dataclass")}, 0),
        ({**SAYS, **BY_COMMAND, "shop/client.py": DATA}, 1),
        # What says itself says nothing.
        ({"shop/client.py": f"from feeds import Base\n{COPIES}"}, 1),
        # A class of such a kind is found, whoever else names it.
        ({**BY_COMMAND, **derived("feeds.SearchIndex")}, 1),
        ({**BY_COMMAND, "shop/client.py": BARE, **views("c = Client")}, 0),
        # A method that says itself, or that a command says, of a file that nobody knows.
        (
            {
                "shop/urls.py": LOADS,
                "shop/client.py": CLIENT.replace("self):", "self): self.ask();"),
            },
            1,
        ),
        ({"shop/urls.py": LOADS, COMMAND: "def handle(c): c.ask()\n"}, 0),
        ({**views("c = Client"), "jobs.yaml": "hourly: ask\n"}, 1),
        # A browser's function of the same name, a word, and an object in a template.
        ({**views("c = Client"), "templates/a.html": "<script>feed.ask('/a')</script>"}, 0),
        ({**views("c = Client"), "templates/a.txt": "Please ask your librarian.\n"}, 0),
        ({**views("c = Client"), "templates/a.html": "{{ feed.ask }}"}, 1),
        ({**views("c = Client"), "shop/client.py": CLIENT.replace("ask", "save")}, 0),
        # A thread is no framework; a field is one, and so is another's model.
        (derived("threading.Thread"), 0),
        (derived("feeds.Model"), 1),
        ({**derived("django.db.models.Field"), **views("c = Client")}, 1),
        # The first that says it is not reached, and another is.
        (
            {
                "shop/client.py": f"{CLIENT}def again(c): c.ask()\n",
                **views("urls = [Client().ask]"),
            },
            1,
        ),
    ],
)
def test_a_method_that_only_commands_come_to(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    assert found(make_project, {**SITE, **files}) == count


KEPT = "kept = {}\ndef keep(c):\n  kept[c.name] = c\n  return c\ndef all_of_them(): return kept\n"
KEPT += "def named(c): return c.name\n"
READS = "from shop.kept import all_of_them\n"


@pytest.mark.parametrize(
    ("reader", "count"),
    [
        ({COMMAND: f"{READS}def handle(): all_of_them()\n"}, 0),
        # What is done with it as the file is loaded, and an attribute of one name, reads nothing.
        ({COMMAND: READS, "shop/kept.py": f"{KEPT}kept.update(more)\n"}, 0),
        ({"shop/apps.py": "from shop.kept import named\nHOOKS = [named]\n"}, 0),
        ({"shop/apps.py": f"{READS}HOOKS = [all_of_them]\n"}, 1),
    ],
)
@pytest.mark.parametrize("kept", ["shop.kept", "feeds.kept"])
def test_a_class_that_is_registered(
    make_project: Make, reader: dict[str, str], count: int, kept: str
) -> None:
    client = f"from {kept} import keep\n" + CLIENT.replace("class", "@keep\nclass")
    files = {**SITE, **SAYS, "shop/kept.py": KEPT, "shop/client.py": client, **reader}
    # What a package's decorator does with a class, nobody knows.
    assert found(make_project, files) == (count or kept == "feeds.kept")


@pytest.mark.parametrize(("importer", "count"), [(COMMAND, 0), (RUN_COMMAND, 1)])
def test_a_class_that_is_registered_for_a_command(
    make_project: Make, importer: str, count: int
) -> None:
    job = "import requests\nfrom feeds import keep\n@keep\nclass Job:\n"
    job += "  def ask(self): requests.get('x')\n"
    files = {**SITE, **SAYS, importer: "from shop import jobs\n", "shop/jobs.py": job}
    assert found(make_project, files) == count


@pytest.mark.parametrize(
    ("base", "named", "count"),
    [
        ("object", "", 0),
        ("object", "c = {}\n", 0),
        # Django finds a model, and what a view makes of a class it need not look up.
        ("django.db.models.Model", "", 1),
        ("object", "from shop.client import Client\nc = Client()\n", 1),
    ],
)
def test_a_class_that_is_registered_and_found_otherwise(
    make_project: Make, base: str, named: str, count: int
) -> None:
    client = "import django.db.models\nfrom shop.kept import keep\n" + CLIENT
    client = client.replace("class Client", f"@keep\nclass Client({base})")
    kept = {"shop/kept.py": KEPT, COMMAND: f"{READS}def handle(): all_of_them()\n"}
    views = {"shop/views.py": named + SAYS["shop/views.py"]}
    files = {**SITE, **kept, **views, "shop/client.py": client}
    assert found(make_project, files) == count


TASKS = "class task:\n  def __init__(self, queue): self.queue = queue\n"
TASKS += "  def __call__(self, c): return type(c.__name__, (c,), {})\n"
QUEUED = "from shop.kept import task\n" + CLIENT.replace("class", "@task(queue='all')\nclass")


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        ({COMMAND: "from shop.client import Client\ndef handle(): Client.delay()\n"}, 0),
        ({"shop/views.py": "from shop.client import other\ndef view(r, c): c.ask()\n"}, 0),
        # Whatever a decorator does with it: who names it may have it run.
        ({"shop/apps.py": "from shop.client import Client\nHOOKS = [Client.delay]\n"}, 1),
    ],
)
def test_a_decorated_class_that_somebody_names(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    site = {**SITE, **SAYS, "shop/kept.py": TASKS, "shop/client.py": QUEUED}
    assert found(make_project, {**site, **files}) == count


@pytest.mark.parametrize(
    ("user", "count"),
    [
        ("", 0),
        ("from shop.management.commands import fetch\n", 0),
        ("def view(request, c): c.fetch_all()\n", 0),
        ("from shop.management.commands.fetch import Command\nCommand().other()\n", 0),
        ("from shop.management.commands.fetch import Command\nCommand().fetch_all()\n", 1),
        ("from shop.management.commands import fetch\nfetch.Command().fetch_all()\n", 1),
    ],
)
def test_a_part_of_a_command_that_others_call(make_project: Make, user: str, count: int) -> None:
    command = "import requests\nclass Command(BaseCommand):\n  def ask(self): requests.get('x')\n"
    command += "  def fetch_all(self): self.ask()\n  def other(self): pass\n"
    command += "  def handle(self): self.fetch_all()\n"
    assert found(make_project, {**SITE, COMMAND: command, "shop/urls.py": user}) == count


def test_what_a_file_keeps_for_later_is_taken_with_it(make_project: Make) -> None:
    log = f"import requests\nKEEP = lambda: requests.get('x')\n{OTHER}"
    assert found(make_project, {"shop/log.py": log, "shop/urls.py": USED}) == 1


def test_what_nobody_comes_to_is_information(make_project: Make) -> None:
    project = make_project({"shop/log.py": ASK + OTHER, "shop/urls.py": USED})
    (one,) = run_all([http_no_timeout.RULE], project).found
    assert (one.finding.severity, str(one.finding.location)) == (Severity.INFO, "shop/log.py:2")
    assert one.finding.message.endswith("As far as names tell, no replica comes here.")


def test_a_place_that_is_reached_speaks_for_the_others(make_project: Make) -> None:
    log = f"{NOTE}def again():\n    with open('notes.txt', 'a') as f: f.write('x')\n{OTHER}"
    log += "def show(): return open('notes.txt').read()\n"
    urls = "from shop.log import again, other, show\nurls = [again, other, show]\n"
    project = make_project({"shop/log.py": log, "shop/urls.py": urls})
    (one,) = run_all([file_write.RULE], project).found
    assert one.finding.severity is not Severity.INFO
    assert str(one.finding.location) == "shop/log.py:4"


def test_what_only_an_operator_runs_is_not_even_that(make_project: Make) -> None:
    project = make_project({COMMAND: ASK})
    assert run_all([http_no_timeout.RULE], project).found == []


@pytest.mark.parametrize(
    ("guard", "count"),
    [
        ("settings.DEBUG", 0),
        ("settings.ENVIRONMENT == 'dev'", 0),
        ("settings.ENVIRONMENT == 'production'", 1),
        ("settings.FAST", 1),
    ],
)
@pytest.mark.parametrize(
    ("imports", "says"),
    [
        ("from shop.log import note, other", "note()"),
        ("from shop import log", "log.note()"),
        ("", "run('shop.log:note')"),
    ],
)
def test_who_says_a_name_to_developers_leads_no_replica_to_it(
    make_project: Make, guard: str, imports: str, says: str, count: int
) -> None:
    note = NOTE.replace("text", "text=''")
    view = f"{imports}\ndef view(request):\n  if {guard}: {says}\n"
    files = {
        "manage.py": "",
        "shop/log.py": note + OTHER,
        "shop/views.py": view,
        "shop/urls.py": "from shop import log, views\nurlpatterns = [views.view, log.other]\n",
    }
    assert found(make_project, files, file_write.RULE) == count


STORES = (
    "import requests\nfrom django.core.files.storage import Storage\n"
    "class Remote(Storage):\n  def _open(self, name): requests.get(name)\n"
    "class Other(Storage): ...\n"
)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        # To name its file is not to name a class that is used by its name alone.
        ({"shop/settings.py": "STORAGE = 'shop.stores.Other'\n"}, 0),
        ({"shop/settings.py": "STORAGE = 'shop.stores.Remote'\n"}, 1),
        ({"shop/settings.py": "STORAGE = 'shop.stores.Other'\n", "manage.py": None}, 1),
    ],
)
def test_a_storage_that_nobody_names(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    says = {"shop/views.py": "def view(request, shop): return shop.stores\n"}
    assert found(make_project, {**FEEDS, **says, "shop/stores.py": STORES, **files}) == count


PROGRAM = "import requests\ndef other(): pass\ndef ask(): requests.get('x')\ndef run(): ask()\n"


@pytest.mark.parametrize(
    ("end", "more", "count"),
    [
        ("if __name__ == '__main__':\n  run()\n", {}, 0),
        ("if __name__ == '__main__':\n  start(run)\n", {}, 0),
        ("if __name__ == '__main__':\n  from sys import argv\n  run()\nelse:\n  pass\n", {}, 0),
        ("run()\n", {}, 1),
        ("start(run)\n", {}, 1),
        ("if __name__ != '__main__':\n  start(run)\n", {}, 1),
        ("if __name__ == '__main__':\n  run()\n", {"Procfile": "job: python shop/feeds.py\n"}, 1),
        (
            "if __name__ == '__main__':\n  run()\n",
            {"shop/views.py": "from shop.feeds import other, run\nurls = [other, run]\n"},
            1,
        ),
    ],
)
def test_what_an_imported_file_does_as_a_program(
    make_project: Make, end: str, more: dict[str, str], count: int
) -> None:
    views = {"shop/views.py": "from shop.feeds import other\nurls = [other]\n"}
    files = {"manage.py": "", "shop/__init__.py": "", "shop/feeds.py": PROGRAM + end}
    assert found(make_project, {**files, **views, **more}) == count


SAYS_FEEDS = "def view(request, all): all.boston.work()\n"
NAMESAKE = {"shop/boston.py": OTHER, "shop/apps.py": "from shop import boston\nboston.other()\n"}
IMPORTS = "from importlib import import_module\ndef load(): import_module('shop.feeds.boston')\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (NAMESAKE, 0),
        ({**NAMESAKE, "feeds.yaml": "all: [boston]\n"}, 0),
        ({"shop/boston/__init__.py": ""}, 0),
        ({}, 1),
        # The other one is not loaded, either.
        ({"shop/boston.py": OTHER}, 1),
        ({COMMAND: "from shop import boston\n", "shop/boston.py": OTHER}, 1),
        ({**NAMESAKE, "shop/views.py": f"{SAYS_FEEDS}{IMPORTS}"}, 1),
        ({**NAMESAKE, "manage.py": None}, 1),
    ],
)
def test_a_file_whose_name_is_that_of_another_one(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    feed = {"shop/feeds/boston.py": "import requests\ndef work(): requests.get('x')\n"}
    says = {"shop/views.py": SAYS_FEEDS.replace(".work", ""), "shop/feeds/__init__.py": ""}
    loads = {"shop/load.py": "import pkgutil\ndef load(): return pkgutil.walk_packages()\n"}
    assert found(make_project, {"manage.py": "", **says, **loads, **feed, **files}) == count


ENGINES = "from importlib import import_module\nfrom shop.engines.base import Base\n"
APART = "def made(path): return import_module(path.rsplit('.', 1)[0]), Base\n"
TOGETHER = "def made(name): return import_module(f'shop.engines.{name}'), Base\n"


@pytest.mark.parametrize(
    ("loader", "files", "count"),
    [
        # Somebody has to name it, and nobody does.
        (APART, {}, 0),
        (APART.replace("rsplit('.', 1)[0]", "rpartition('.')"), {}, 0),
        (APART, {"shop/settings.py": "ENGINE = 'shop.engines.file.Other'\n"}, 0),
        (APART, {"shop/settings.py": "ENGINE = 'shop.engines.file.File'\n"}, 1),
        (APART, {"shop/settings.py": "ENGINE = 'shop.engines.file'\n"}, 1),
        (APART, {"shop/apps.py": "from shop.engines import file\n"}, 1),
        (APART, {"manage.py": None}, 1),
        (TOGETHER, {}, 1),
        (APART + TOGETHER.replace("made", "loaded"), {}, 1),
        (f"import pkgutil\n{APART}", {}, 1),
    ],
)
def test_one_of_a_family_in_a_file_that_nothing_names(
    make_project: Make, loader: str, files: dict[str, str | None], count: int
) -> None:
    engine = "import requests\nfrom shop.engines.base import Base\n"
    engine += "class File(Base):\n  def ask(self): requests.get('x')\n"
    base = {
        "manage.py": "",
        "shop/__init__.py": "",
        "shop/engines/__init__.py": "",
        "shop/engines/base.py": BASE,
        "shop/engines/file.py": engine,
        "shop/engines/made.py": f"{ENGINES}{loader}",
        "shop/urls.py": "from shop.engines.made import made\nurls = [made, lambda c: c.ask()]\n",
    }
    assert found(make_project, {**base, **files}) == count


@pytest.mark.parametrize(("code", "count"), [("return\n  ", 0), ("", 1)])
def test_what_is_said_below_a_return_leads_nowhere(
    make_project: Make, code: str, count: int
) -> None:
    view = f"from shop.log import ask\ndef view(r):\n  {code}ask()\n"
    files = {"shop/log.py": ASK + OTHER, "shop/urls.py": USED, "shop/views.py": view}
    assert found(make_project, files, http_no_timeout.RULE) == count


FORM = (
    "import requests\nfrom django import forms\nclass F({base}):\n  {has}\n  def clean_url(self):\n"
)
FORM += "    requests.get(self.cleaned_data['url'])\nclass Other(forms.Form): {more}\n"
CLEAN = {"base": "forms.Form", "has": "name = forms.CharField()", "more": "pass"}


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({}, 0),
        ({"has": "urls = forms.CharField()"}, 0),
        ({"has": "url = forms.URLField()"}, 1),
        ({"has": "def __init__(self): self.fields['url'] = forms.URLField()"}, 1),
        ({"has": "def clean(self): self.clean_url()"}, 1),
        ({"base": "forms.ModelForm"}, 1),
        ({"base": "Own, forms.Form"}, 1),
        ({"more": "pass\nclass Longer(F): url = forms.URLField()"}, 1),
    ],
)
def test_a_form_cleans_the_fields_that_it_has(
    make_project: Make, given: dict[str, str], count: int
) -> None:
    files = {"shop/forms.py": FORM.format(**CLEAN | given), "manage.py": ""}
    files["shop/views.py"] = "from shop.forms import F\ndef view(r): F(r.POST).is_valid()\n"
    assert found(make_project, files) == count


@pytest.mark.parametrize(
    ("view", "count"),
    [
        ("from shop.client import made\ndef view(r): made.other()\n", 0),
        ("from shop.client import made\ndef view(r): made.ask()\n", 1),
        # Who has all of a module may look a name up in it.
        ("from shop import client\ndef view(r, name): call(client, name)\n", 1),
    ],
)
def test_a_method_that_nobody_names_of_what_is_imported(
    make_project: Make, view: str, count: int
) -> None:
    client = f"{CLIENT}made = Client()\n".replace("def other", "  def other(self): pass\ndef more")
    files = {"manage.py": "", "shop/__init__.py": "", "shop/client.py": client}
    assert found(make_project, {**files, "shop/urls.py": view}) == count


SENDER = (
    "import requests\nfrom django.core.mail.backends.base import BaseEmailBackend\n"
    "class EmailBackend(BaseEmailBackend):\n"
    "  def send_messages(self, messages): requests.post('x')\n"
)
BY_NAME = "def handle(self): get_connection('shop.mail.wiki.EmailBackend')\n"
OTHERS = {"shop/settings.py": "EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend'\n"}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        (OTHERS, 0),
        ({**OTHERS, "conf/a.env": "BACKEND=kit.backends.EmailBackend\n"}, 0),
        ({**OTHERS, "conf/a.sh": "# See wiki.\nBACKEND=kit.EmailBackend\n"}, 0),
        ({"shop/settings.py": "EMAIL_BACKEND = 'shop.mail.wiki.EmailBackend'\n"}, 1),
        ({"shop/settings.py": "EMAIL_BACKEND = f'shop.mail.{NAME}.EmailBackend'\n"}, 1),
        ({"shop/settings.py": "BACKENDS = ['EmailBackend']\n"}, 1),
        ({**OTHERS, "conf/a.env": "BACKEND=shop.mail.wiki.EmailBackend\n"}, 1),
        (
            {
                "shop/mail/__init__.py": "from shop.mail.wiki import EmailBackend\n",
                "shop/settings.py": "EMAIL_BACKEND = 'shop.other.mail.EmailBackend'\n",
            },
            1,
        ),
        (
            {**OTHERS, "shop/views.py": "from shop.mail import wiki\nurls = [wiki.EmailBackend]\n"},
            1,
        ),
    ],
)
def test_a_text_names_the_class_of_one_file(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    own = {"shop/mail/__init__.py": "", "shop/mail/wiki.py": SENDER, COMMAND: BY_NAME}
    assert found(make_project, {**own, **files}, http_no_timeout.RULE) == count


BY_A_COMMAND = {
    "urls.py": None,
    "orders/views.py": None,
    "orders/management/commands/fetch.py": "from shop.rates.feeds import rates\nrates()\n",
}
# The folder above manage.py is on the import path: the root is the package.
ROOT = {
    "manage.py": "",
    "__init__.py": "",
    "urls.py": "from shop.orders import views\nurlpatterns = [views.show]\n",
    "orders/__init__.py": "",
    "orders/views.py": "from shop.rates.feeds import rates\ndef show(request): rates()\n",
    "rates/__init__.py": "",
    "rates/other.py": "class Other:\n  def ask(self): pass\n",
}
RATES = (
    "import requests\nfrom .other import Other\n"
    "def rates():\n  for one in [Bank, Other]:\n    one().ask()\n"
    "class Bank:\n  def ask(self): requests.get('x')\n"
)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 1),
        # By a command alone, or nobody.
        ({"orders/views.py": None, "urls.py": None}, 0),
        (BY_A_COMMAND, 0),
        ({"orders/views.py": "from shop.rates import other\ndef show(r): other.Other()\n"}, 0),
    ],
)
def test_a_site_whose_root_is_the_package(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    assert found(make_project, {**ROOT, "rates/feeds.py": RATES, **files}) == count


FEED = "import requests\ndef fetch(): requests.get('x')\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        # It is another one's, and so is what a text means.
        ({"shop/views.py": "def view(r, api): api.fetch()\n"}, 0),
        ({"shop/views.py": "def view(r, api): api.note(kind='fetch')\n"}, 0),
        ({"feeds.yaml": "do: [fetch]\n"}, 0),
        ({"shop/boston.py": f"{FEED}KINDS = ['fetch']\n"}, 0),
        ({"shop/views.py": "def view(r): run('shop.chicago.fetch')\n"}, 0),
        ({"shop/views.py": "def view(r): run('shop.boston.fetch')\n"}, 1),
        ({"feeds.yaml": "do: shop.boston.fetch\n"}, 1),
        # Its folder may be on the path.
        ({"shop/views.py": "import boston\ndef view(r): boston.fetch()\n"}, 1),
        ({"shop/views.py": "from shop import boston\ndef view(r): boston.fetch()\n"}, 1),
        ({"shop/views.py": "import shop.boston as boston\ndef view(r): boston.fetch()\n"}, 1),
        ({"shop/views.py": "def view(r, api): api.fetch()\n", "manage.py": None}, 1),
        (
            {
                "shop/views.py": "from importlib import import_module\n"
                "def view(r, name): import_module(name).fetch()\n"
            },
            1,
        ),
    ],
)
def test_a_function_of_a_file_that_nothing_imports(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    urls = {"shop/urls.py": "from shop.views import view\nurlpatterns = [view]\n"}
    views = {"shop/views.py": "def view(r): pass\n"}
    assert found(make_project, {**FEEDS, **urls, **views, "shop/boston.py": FEED, **files}) == (
        count
    )


@pytest.mark.parametrize(
    ("says", "count"), [("", 0), ("FEEDS = ['shop.rates']", 0), ("FEEDS = ['shop.apis.rates']", 1)]
)
def test_what_is_registered_in_a_file_that_a_text_names(
    make_project: Make, says: str, count: int
) -> None:
    keeps = "KEPT = {}\ndef method(name): return lambda f: KEPT.setdefault(name, f)\n"
    files = {
        **FEEDS,
        "shop/rpc.py": f"{keeps}def answer(name): return KEPT[name]()\n",
        "shop/urls.py": "from shop.views import view\nurlpatterns = [view]\n",
        "shop/views.py": f"from shop.rpc import answer\n{says}\ndef view(r): answer(r.name)\n",
        "shop/rates.py": FEED,
        "shop/apis/__init__.py": "",
        # Another one of that name is loaded.
        "shop/apis/rates.py": (
            "from shop import rates\nfrom shop.rpc import method\n"
            "@method('rates.fetch')\ndef get(): rates.fetch()\n"
        ),
    }
    assert found(make_project, files) == count


@pytest.mark.parametrize(
    ("loads", "count"),
    [
        # The clients of another folder.
        ("load('shop.banks.%s.client' % KIND)", 0),
        ("load(f'shop.banks.{KIND}.client')", 0),
        ("load(f'shop.feeds.{KIND}.client')", 1),
        ("load(f'{KIND}.client')", 1),
        ("load('.client', KIND)", 1),
    ],
)
def test_a_file_of_which_another_folder_has_one_that_is_loaded_by_its_name(
    make_project: Make, loads: str, count: int
) -> None:
    files = {
        **FEEDS,
        "shop/feeds/client.py": FEED,
        "shop/mail/__init__.py": "",
        "shop/mail/client.py": OTHER,
        "shop/views.py": "from shop.mail.client import other\ndef view(r): other()\n",
        "shop/banks/__init__.py": f"from importlib import import_module as load\n{loads}\n",
    }
    assert found(make_project, files) == count


@pytest.mark.parametrize("kind", ["Manager", "QuerySet"])
@pytest.mark.parametrize(
    ("method", "view", "count"),
    [
        # Django calls what it knows of, and the rest whoever says its name.
        ("ask", "", 0),
        ("ask", "Order.objects.ask()", 1),
        ("get_queryset", "", 1),
        ("bulk_create", "", 1),
        ("acount", "", 1),
    ],
)
def test_a_method_of_a_manager(
    make_project: Make, kind: str, method: str, view: str, count: int
) -> None:
    models = (
        "import requests\nfrom django.db import models\n"
        f"class Orders(models.{kind}):\n  def {method}(self): requests.get('x')\n"
        "class Order(models.Model):\n  objects = Orders()\n"
    )
    views = f"from shop.models import Order\ndef view(r): {view or 'pass'}\n"
    urls = {"shop/urls.py": "from shop.views import view\nurlpatterns = [view]\n"}
    files = {"manage.py": "", "shop/models.py": models, "shop/views.py": views, **urls}
    assert found(make_project, files) == count
