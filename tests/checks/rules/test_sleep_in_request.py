"""sleep-in-request: a thread that sleeps serves nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.sleep_in_request import RULE

HEAD = """import time
from time import sleep
from django.views import View
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): time.sleep(2)",
        "def f(request): time.sleep(3 * 60)",
        "def f(request):\n  while True: sleep(0.1)",
        "class V(View):\n  def get(self, request): sleep(5)",
        "PAUSE = getattr(settings, 'PAUSE', 2.0)\ndef f(request): sleep(PAUSE)",
        "def f(request):\n  pause = 20\n  def ask(): sleep(pause)\n  return ask()",
        "def f(request, pause=3): sleep(pause)",
        (
            "from django.views.generic.base import ContextMixin\nclass V(ContextMixin):\n"
            "  def get_context_data(self, **k): sleep(5)"
        ),
        "from django.dispatch import receiver\n@receiver(x)\ndef f(**k): sleep(1)",
        "class C(AsyncWebsocketConsumer):\n  async def message(self, event): time.sleep(0.3)",
        "async def f(request): sleep(0.1)",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): sleep(0.1)",
        "def f(request): sleep(2 * 0.25)",
        "def f(request, n): sleep(n * 60)",
        "def f(n): sleep(5)",
        "PAUSE = 0.2\ndef f(request): sleep(PAUSE)",
        "PAUSE = 5\nif fast(): PAUSE = 0\ndef f(request): sleep(PAUSE)",
        "PAUSE = 5\ndef f(request, PAUSE): sleep(PAUSE)",
        "from celery import shared_task\n@shared_task\ndef f(): sleep(5)",
        "def f(request):\n  try: g()\n  except OSError: sleep(1)",
        "class Portal(MailMixin, Base):\n  def send(self, pk): sleep(5)",
        "import asyncio\nasync def f(request): await asyncio.sleep(5)",
        "class C(AsyncWebsocketConsumer):\n  async def message(self, event): sleep_well(3)",
        "async def f(request):\n  def wait(): sleep(0.1)\n  await sync_to_async(wait)()",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


HOOKS = (
    "from django.db.models import signals\nfrom django.db.models.signals import pre_save\n"
    "from shop.hooks import hooked\nfrom celery import shared_task\n"
)
WAITS = "from shop.waits import wait, slowly\n"
WAIT = "import time\ndef wait(x):\n  while x: time.sleep(1)\ndef slowly(x): wait(x)\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): wait(1)",
        "class V(View):\n  def get(self, request): wait(1)",
        "class V(APIView):\n  def post(self, *args): slowly(1)",
        "def f(request): slowly(1)",
        "from django.dispatch import receiver\n@receiver(pre_save)\ndef f(**k): slowly(1)",
        f"{HOOKS}@hooked(pre_save, sender='shop.Order')\ndef f(instance, **k): slowly(1)",
        f"{HOOKS}@hooked(signals.post_save)\ndef f(instance, **k): slowly(1)",
    ],
)
def test_follows_a_pause_to_the_view(make_project: Callable[..., Project], code: str) -> None:
    files = {"shop/waits.py": WAIT, "shop/views.py": HEAD + WAITS + code}
    (finding,) = RULE.find(make_project(files))
    assert str(finding.location) == "shop/waits.py:3"
    assert [place.path for place in finding.related] == ["shop/views.py"]


@pytest.mark.parametrize(
    ("waits", "code"),
    [
        (WAIT, "def f(row): wait(1)"),
        (WAIT, "from celery import shared_task\n@shared_task\ndef f(request): wait(1)"),
        (WAIT, "def f(request): other(1)"),
        (WAIT, "def f(sender, **k): slowly(1)"),
        (WAIT, f"{HOOKS}@hooked('pre_save')\ndef f(instance, **k): slowly(1)"),
        (WAIT, f"{HOOKS}@hooked(signals)\ndef f(instance, **k): slowly(1)"),
        (WAIT, f"{HOOKS}@shared_task(pre_save)\ndef f(instance, **k): slowly(1)"),
        (WAIT, "class C:\n  def get(self, row): wait(1)"),
        (WAIT.replace("while x: time.sleep(1)", "time.sleep(0.1)"), "def f(request): wait(1)"),
        (WAIT.replace("while x:", "lambda:"), "def f(request): wait(1)"),
    ],
)
def test_leaves_pauses_of_others_alone(
    make_project: Callable[..., Project], waits: str, code: str
) -> None:
    files = {"shop/waits.py": waits, "shop/views.py": HEAD + WAITS + code}
    assert list(RULE.find(make_project(files))) == []


THREADS = "from threading import Thread, Timer\n"


@pytest.mark.parametrize(
    "code",
    [
        # The request waits for the thread, or the pause is in the way of a request, too.
        "def f(request):\n  t = Thread(target=slowly)\n  t.start()\n  t.join()",
        "def f(request):\n  Thread(target=slowly).start()\n  slowly(1)",
    ],
)
def test_follows_a_pause_to_a_thread_that_is_waited_for(
    make_project: Callable[..., Project], code: str
) -> None:
    files = {"shop/waits.py": WAIT, "shop/views.py": THREADS + WAITS + code}
    assert len(list(RULE.find(make_project(files)))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): Thread(target=slowly).start()",
        "def f(request): Timer(5, function=slowly).start()",
        "def g(x): slowly(x)\ndef f(request): Thread(target=g, args=[1]).start()",
        (
            "class V(View):\n  def g(self): slowly(1)\n"
            "  def get(self, *a): Thread(target=self.g).start()"
        ),
    ],
)
def test_a_thread_of_its_own_holds_no_request(
    make_project: Callable[..., Project], code: str
) -> None:
    files = {"shop/waits.py": WAIT, "shop/views.py": HEAD + THREADS + WAITS + code}
    assert list(RULE.find(make_project(files))) == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def f(request):\n  def g(): sleep(5)\n  Thread(target=g).start()", 0),
        ("def g(request): sleep(5)\ndef f(request): Thread(target=g).start()", 0),
        ("class V(View):\n def g(self): sleep(5)\n def f(self): Thread(target=self.g).start()", 0),
        ("def f(request):\n  def g(): sleep(5)\n  g()", 1),
        ("def g(request): sleep(5)\ndef f(request): Thread(target=h).start()", 1),
        ("def g(request): sleep(5)\ndef f(request):\n  Thread(target=g).start()\n  g(request)", 1),
    ],
)  # fmt: skip
def test_the_work_of_a_thread_is_no_requests(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + THREADS + code})))) == count


# What is called a request there is one that is sent.
SENT = "import time\ndef send(request):\n  while request.next(): time.sleep(1)\n"
SENDS = "from shop.sending import send\n"
TASK = "from celery import shared_task\n@shared_task\ndef upload(pk): send(pk)\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ({"shop/tasks.py": SENDS + TASK}, 0),
        ({"shop/management/commands/upload.py": f"{SENDS}send(1)\n"}, 0),
        ({"shop/sending.py": f"{SENT}def once(request): send(request)\n",
          "shop/tasks.py": SENDS.replace("send\n", "once\n") + TASK.replace("send(", "once(")}, 0),
        ({"shop/sending.py": SENT.replace("(request)", "(x)").replace("request.", "x.")
          + "def once(request): send(request)\n",
          "shop/tasks.py": SENDS.replace("send\n", "once\n") + TASK.replace("send(", "once(")}, 0),
        ({}, 1),
        ({"shop/tasks.py": SENDS + TASK, "shop/views.py": f"{SENDS}def f(r): send(r)\n"}, 1),
        ({"shop/tasks.py": SENDS + TASK, "shop/urls.py": f"{SENDS}urls = [send]\n"}, 1),
    ],
)  # fmt: skip
def test_a_request_that_tasks_alone_send(
    make_project: Callable[..., Project], code: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/sending.py": SENT, **code})))) == count


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(request): time.sleep(2)"}
    assert list(RULE.find(make_project(files))) == []


ASKS = """
import time

def pause():
    time.sleep(5)

def save(x, wait=False):
    if wait and x:
        pause()
"""
START = "from shop.saves import save\ndef start(): save(1, wait=True)\n"


@pytest.mark.parametrize(
    "call", ["save(1, wait=True)", "save(1, True)", "save(1, **o)", "save(*o)", "save(1, wait=w)"]
)
def test_finds_a_pause_that_a_view_asks_for(
    make_project: Callable[..., Project], call: str
) -> None:
    view = f"from shop.saves import save\ndef view(request): {call}\n"
    files = {"shop/saves.py": ASKS, "shop/views.py": view}
    (finding,) = RULE.find(make_project(files))
    assert [str(place) for place in finding.related] == ["shop/views.py:2"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("saves", "call", "count"),
    [
        (ASKS, "save(1)", 0),
        (ASKS, "save(x=1)", 0),
        (ASKS.replace("pause()", "time.sleep(5)"), "save(1)", 0),
        (ASKS.replace("wait and x", "wait"), "save(1)", 0),
        (ASKS.replace("wait and x", "x"), "save(1)", 1),
        (ASKS.replace("wait=False", "wait=True"), "save(1)", 1),
        (ASKS.replace("    if wait", "    wait = wait or x\n    if wait"), "save(1)", 1),
    ],
)
def test_a_pause_below_a_parameter_waits_for_who_gives_it(
    make_project: Callable[..., Project], saves: str, call: str, count: int
) -> None:
    view = f"from shop.saves import save\ndef view(request): {call}\n"
    files = {"shop/saves.py": saves, "shop/views.py": view, "shop/start.py": START}
    assert len(list(RULE.find(make_project(files)))) == count
