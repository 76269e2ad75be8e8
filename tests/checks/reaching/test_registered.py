"""Where a replica comes to what is decorated: who sends a task, who loads a library of tags."""

from __future__ import annotations

import pytest
from support.reached import Make, found

SITE = {"manage.py": "", "shop/__init__.py": ""}
BESIDE = "def beside(): ...\n"
# Something else of the file is named, so that it is one whose functions somebody names.
USED = "from shop.work import beside\nurlpatterns = [beside]\n"
ASKS = "  requests.get('x')\n"
COMMAND = "shop/management/commands/fetch.py"
SENDS = "from shop.work import ask\nask.delay()\n"


def task(decorator: str, body: str = ASKS) -> str:
    """Return a file with a task that asks a host."""
    head = "import dramatiq, requests, inspect\nfrom celery import Celery, shared_task\n"
    head += "from django_rq import job\nfrom shop.celery import app\nmade = Celery()\n"
    return f"{head}{decorator}\ndef ask(n):\n{body}{BESIDE}"


@pytest.mark.parametrize(
    "decorator",
    [
        *("@app.task", "@app.task(bind=True)", "@made.task", "@shared_task", "@job('low')"),
        *("@dramatiq.actor", "@shared_task(name='shop.work.ask')", "@shared_task(name='hourly')"),
    ],
)
@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        # A worker does what an operator sends; what he calls himself, he waits for.
        ({COMMAND: SENDS}, 1),
        ({COMMAND: SENDS.replace("delay", "run")}, 0),
        ({"scripts/fetch.py": SENDS}, 0),
        ({"shop/tests/test_work.py": SENDS}, 0),
        ({"shop/views.py": f"from shop.work import ask\ndef view(r): ask.delay()\n{BESIDE}"}, 0),
        ({"shop/apps.py": SENDS}, 1),
        ({"shop/settings.py": "BEAT = {'all': {'task': 'shop.work.ask'}}\n"}, 1),
        ({"schedule.yaml": "all: shop.work.ask\n"}, 1),
        ({"shop/apps.py": "app.send_task('shop.work.ask')\n"}, 1),
        # By a name that only running the code would tell, or from Django's admin.
        ({"shop/apps.py": "def send(name): app.send_task(name)\n"}, 1),
        ({COMMAND: "def send(name): app.send_task(name)\n"}, 0),
        ({"shop/apps.py": "import celery\ndef send(name): return celery.app.tasks[name]\n"}, 1),
        ({"shop/apps.py": "import celery\ncelery.app.tasks['shop.work.other']\n"}, 0),
        ({"shop/apps.py": "import celery\ndef send(n): celery.signature(n).delay()\n"}, 1),
        ({"shop/apps.py": "import celery, inspect\ndef f(n): inspect.signature(n)\n"}, 0),
        ({"shop/settings.py": "INSTALLED_APPS = ['django_celery_beat']\n"}, 1),
        ({"Procfile": "beat: celery beat -S django_celery_beat.schedulers:DatabaseScheduler\n"}, 1),
    ],
)
def test_a_task_that_nobody_sends(
    make_project: Make, files: dict[str, str], count: int, decorator: str
) -> None:
    base = {**SITE, "shop/urls.py": USED, "shop/work.py": task(decorator)}
    assert found(make_project, {**base, **files}) == count


@pytest.mark.parametrize(
    ("decorator", "says", "count"),
    [
        ("@shared_task(name='shop.hourly')", "'shop.hourly'", 1),
        ("@shared_task(name='shop.hourly')", "'shop.daily'", 0),
        # No name that one could look for, and names that nobody has to say.
        ("@shared_task(name=HOURLY)", "''", 1),
        ("@shared_task(name='each hour')", "''", 1),
        ("@shared_task(run_every=crontab())", "''", 1),
        ("@huey.periodic_task(crontab())", "''", 1),
        ("@cron('* * * * *')\n@dramatiq.actor", "''", 1),
        # Words of others, too.
        ("@feeds.job", "''", 1),
        ("def task(f):\n  kept.append(f)\n  return f\n@task", "''", 1),
    ],
)
def test_a_task_by_its_own_name(make_project: Make, decorator: str, says: str, count: int) -> None:
    beat = f"BEAT = {{'all': {{'task': {says}}}}}\n"
    base = {**SITE, "shop/urls.py": USED, "shop/work.py": task(decorator)}
    assert found(make_project, {**base, "shop/settings.py": beat}) == count


def test_a_task_of_which_only_a_part_lies_here(make_project: Make) -> None:
    assert found(make_project, {"shop/urls.py": USED, "shop/work.py": task("@shared_task")}) == 1


def test_a_module_of_which_there_are_two(make_project: Make) -> None:
    says = "from work import ask\ndef view(r): ask.delay()\nurlpatterns = [view]\n"
    files = {"shop/work.py": task("@app.task"), "bank/work.py": BESIDE, "shop/urls.py": says}
    assert found(make_project, {**SITE, **files}) == 1


TAGS = "import requests\nfrom django import template\nregister = template.Library()\n"
TAG = f"{TAGS}@register.simple_tag\ndef ask(x):\n{ASKS}"
FILTER = f"from django.template.defaultfilters import stringfilter\n{TAGS}"
FILTER += f"@register.filter(name='cut')\n@stringfilter\ndef ask(x):\n{ASKS}"
PAGE = "shop/templates/shop/page"


@pytest.mark.parametrize("tags", [TAG, FILTER, TAG.replace("simple", "inclusion")])
@pytest.mark.parametrize(
    ("files", "count"),
    [
        # Templates that lie elsewhere may load it.
        ({}, 1),
        ({f"{PAGE}.html": "<p>"}, 0),
        ({f"{PAGE}.html": "{% load static %}"}, 0),
        ({f"{PAGE}.html": "{% load static feeds %}"}, 1),
        ({f"{PAGE}.html": "{%- load ask from feeds -%}"}, 1),
        ({f"{PAGE}.html": "<p>", "shop/mail/hello.txt": "{% load feeds %}"}, 1),
        ({f"{PAGE}.html": "<p>", f"{PAGE}.eml": "{% load feeds %}"}, 1),
        # Folders that hold no code of the project may well hold its templates.
        ({f"{PAGE}.html": "<p>", "shop/templates/docs/x.html": "{% load feeds %}"}, 1),
        ({f"{PAGE}.html": "<p>", "shop/mail.py": "X = '{% load feeds %}'\n"}, 1),
        ({f"{PAGE}.html": "<p>", "shop/test_mail.py": "X = '{% load feeds %}'\n"}, 0),
        ({f"{PAGE}.html": "<p>", "shop/settings.py": "X = ['shop.templatetags.feeds']\n"}, 1),
        (
            {
                f"{PAGE}.html": "{% load more %}",
                "shop/templatetags/more.py": "from shop.templatetags.feeds import register\n",
            },
            1,
        ),
        (
            {
                f"{PAGE}.html": "<p>",
                "shop/apps.py": "from shop.templatetags.feeds import ask\nHOOKS = [ask]\n",
            },
            1,
        ),
        # A command that uses it does not take it from those that load it.
        ({f"{PAGE}.html": "{% load feeds %}", COMMAND: "import shop.templatetags.feeds\n"}, 1),
    ],
)
def test_a_library_that_no_template_loads(
    make_project: Make, files: dict[str, str], count: int, tags: str
) -> None:
    library = {"shop/templatetags/__init__.py": "", "shop/templatetags/feeds.py": tags}
    assert found(make_project, {**SITE, **library, **files}) == count


HEAD = "import functools\nfrom asyncio import to_thread\nfrom threading import Thread\nkept = []\n"
LATER = "def timed(f):\n"
INSIDE = "  @functools.wraps(f)\n  def inner(*a): return f(*a)\n"


@pytest.mark.parametrize(
    ("decorator", "used", "count"),
    [
        (f"def timed(f):\n{INSIDE}  return inner\n", "timed", 0),
        # Called first, with what is no function.
        (
            "def timed(rate):\n  kept.append(rate)\n  def outer(f):\n  "
            + INSIDE.replace("\n  ", "\n    ")
            + "  return inner\n  return outer\n",
            "timed(3)",
            0,
        ),
        (f"def timed(f):\n{INSIDE}  return functools.wraps(f)(inner)\n", "timed", 0),
        # It is kept, or handed to who may keep it.
        (f"def timed(f):\n  kept.append(f)\n{INSIDE}  return inner\n", "timed", 1),
        (f"def timed(f):\n{INSIDE}  return keep(inner)\n", "timed", 1),
        (f"def timed(f):\n{INSIDE}  kept[0] = inner\n  return inner\n", "timed", 1),
        ("def timed(f):\n  kept.append(f)\n  return f\n", "timed", 1),
        # A thread calls it once, each time that somebody calls what it became.
        (f"{LATER}  def inner(*a): Thread(target=f, args=a).start()\n  return inner\n", "timed", 0),
        (f"{LATER}  def inner(*a): return pool.submit(f, *a)\n  return inner\n", "timed", 0),
        (f"{LATER}  async def inner(*a): return await to_thread(f)\n  return inner\n", "timed", 0),
        # At once, by who calls it again and again, and with what it is no target.
        (f"{LATER}{INSIDE}  Thread(target=f).start()\n  return inner\n", "timed", 1),
        (f"{LATER}{INSIDE}  Thread(target=inner).start()\n  return inner\n", "timed", 1),
        (f"{LATER}  def inner(*a): Loop(target=f).start()\n  return inner\n", "timed", 1),
        (f"{LATER}  def inner(*a): Thread(target=run, args=[f])\n  return inner\n", "timed", 1),
        (f"{LATER}  def inner(*a): pool.submit(run, f)\n  return inner\n", "timed", 1),
    ],
)
@pytest.mark.parametrize("task", ["", "@app.task\n"])
def test_a_decorator_that_only_wraps(
    make_project: Make, decorator: str, used: str, count: int, task: str
) -> None:
    work = f"import requests\nfrom shop.kit import timed\n{task}@{used}\ndef ask():\n{ASKS}{BESIDE}"
    files = {"shop/kit.py": HEAD + decorator, "shop/urls.py": USED, "shop/work.py": work}
    assert found(make_project, {**SITE, **files}) == count
    said = {COMMAND: "from shop.work import ask\nask()\n", **files}
    assert found(make_project, {**SITE, **said}) == count
    said = {"shop/apps.py": "from shop.work import ask\nHOOKS = [ask]\n", **files}
    assert found(make_project, {**SITE, **said}) == 1


VIEWS = "import requests\nfrom shop.kit import keep\n"
VIEWS += "from rest_framework.decorators import api_view, schema, throttle_classes\n"
VIEWS += "from django.views.decorators.http import require_POST\n"
VIEWS += "from django.contrib.auth.decorators import login_required\nfrom feeds import route\n"


@pytest.mark.parametrize("site", [{"manage.py": ""}, {}])
@pytest.mark.parametrize(
    ("decorators", "urls", "count"),
    [
        ("@api_view(['POST'])", "[beside]", 0),
        ("@api_view(['POST'])\n@throttle_classes([])\n@schema(None)", "[beside]", 0),
        ("@login_required", "[beside]", 0),
        ("@require_POST", "[beside]", 0),
        ("@api_view(['POST'])", "[beside, views.ask]", 1),
        ("@require_POST", "[beside, 'shop.views.ask']", 1),
        # Of another decorator, nobody knows.
        ("@route('/ask')\n@api_view(['POST'])", "[beside]", 1),
        ("@keep\n@require_POST", "[beside]", 1),
    ],
)
def test_a_view_that_no_url_names(
    make_project: Make, site: dict[str, str], decorators: str, urls: str, count: int
) -> None:
    files = {
        "shop/kit.py": "kept = []\ndef keep(f):\n  kept.append(f)\n  return f\n",
        "shop/views.py": f"{VIEWS}{decorators}\ndef ask(request):\n{ASKS}{BESIDE}",
        "shop/urls.py": "from shop import views\nfrom shop.views import beside\n"
        f"urlpatterns = {urls}\n",
    }
    assert found(make_project, {**site, **files}) == count


OF_CLASSES = "import requests\nfrom django.contrib.auth.mixins import LoginRequiredMixin\n"
OF_CLASSES += "from django.contrib.auth.decorators import login_required\n"
OF_CLASSES += "from django.utils.decorators import method_decorator\n"
OF_CLASSES += "from drf_spectacular.utils import extend_schema\nfrom feeds import registered\n"
OF_CLASSES += "from django.views.generic import View\n"
OF_CLASS = "class Page({}):\n  def get(self, request): return self.ask()\n  def ask(self):\n  {}"
ROUTED = "from shop.work import Page, beside\nurlpatterns = [Page.as_view()]\n"


@pytest.mark.parametrize(
    ("decorator", "bases", "unrouted"),
    [
        ("", "View", 0),
        ("@method_decorator(login_required, name='dispatch')", "View", 0),
        ("@extend_schema(tags=['pages'])", "View", 0),
        ("", "LoginRequiredMixin, View", 0),
        ("@registered", "View", 1),
    ],
)
def test_a_class_that_no_url_names(
    make_project: Make, decorator: str, bases: str, unrouted: int
) -> None:
    work = f"{OF_CLASSES}{decorator}\n{OF_CLASS.format(bases, ASKS)}{BESIDE}"
    files = {**SITE, "shop/urls.py": USED, "shop/work.py": work}
    assert found(make_project, files) == unrouted
    assert found(make_project, {**files, "shop/urls.py": ROUTED}) == 1


ASKED = "import requests\n{}\ndef ask_all(request):\n" + ASKS + BESIDE
OF_DRF = "from rest_framework.decorators import api_view\n@api_view(['POST'])"
SENSITIVE = "sensitive_variables"
ROUTES = "from shop.views import beside\nurlpatterns = [beside]\n"
ALL = ROUTES.replace("beside", "ask_all")
ON_DEBUG = f"{ROUTES}from django.conf import settings\nfrom shop.views import ask_all\n"
ON_DEBUG += "if settings.DEBUG:\n  urlpatterns += [ask_all]\n"
ADMINS = "from shop import views\nPAGES = [views.ask_all]\n"


@pytest.mark.parametrize(
    ("decorator", "text", "count"),
    [
        (OF_DRF, "curl $URL/ask_all/\n", 0),
        (OF_DRF, "# as ask_all does\n", 0),
        ("", "# as other does\n", 0),
        # Who knows what calls a function that says nothing of itself.
        ("", "run ask_all\n", 1),
        (f"from django.views.decorators.debug import {SENSITIVE}\n@{SENSITIVE}", "run ask_all", 1),
        ("from feeds import route\n@route('/ask')", "", 1),
    ],
)
def test_no_text_routes_a_view(make_project: Make, decorator: str, text: str, count: int) -> None:
    files = {"shop/views.py": ASKED.format(decorator), "shop/urls.py": ROUTES, "all.sh": text}
    assert found(make_project, {**SITE, **files}) == count


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"shop/urls.py": ON_DEBUG}, 0),
        ({"shop/apps.py": ON_DEBUG}, 0),
        ({"shop/urls.py": ALL}, 1),
        ({"shop/urls.py": ON_DEBUG.replace("DEBUG", "FAST")}, 1),
        ({"shop/apps.py": ON_DEBUG, "shop/admin.py": ADMINS}, 1),
        ({"shop/admin.py": "from shop.views import *\nPAGES = [ask_all]\n"}, 1),
        # Nobody takes it there: what the file has it for is not known.
        ({}, 1),
    ],
)
def test_a_view_that_another_file_hands_on(
    make_project: Make, more: dict[str, str], count: int
) -> None:
    work = ASKED.format(OF_DRF)
    handed = "from shop.work import ask_all, beside\n"
    files = {"shop/work.py": work, "shop/views.py": handed, "shop/urls.py": ROUTES}
    assert found(make_project, {**SITE, **files, **more}) == count
