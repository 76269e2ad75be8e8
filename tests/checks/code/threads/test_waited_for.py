"""background-thread: who waits for a thread, and what is started together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.background_thread import RULE

HEAD = "import atexit, multiprocessing, signal\nfrom threading import Thread\n"
POLLED = """def f():
  p = multiprocessing.Process(target=g)
  p.start()
  while p.is_alive():
    tell(p)
"""
POLLED_ALL = """def f(orders):
  processes = []
  for order in orders: processes.append(multiprocessing.Process(target=g, args=[order]))
  for p in processes: p.start()
  while any(map(lambda each: each.is_alive(), processes)): tell(orders)
"""
STOPPED = """class Worker:
  def __init__(self): self.thread = Thread(target=self.work, daemon=True)
  def start(self):
    signal.signal(signal.SIGTERM, self.stop)
    self.thread.start()
  def stop(self, *args): self.thread.join()
"""
SEVERAL = """from django.conf import settings
def page(request):
  processes = []
  processes.append(multiprocessing.Process(target=f))
  if request.GET: processes.append(multiprocessing.Process(target=g))
  for p in processes: p.start()
  if settings.TESTING:
    for p in processes: p.join()
"""


@pytest.mark.parametrize(
    "code",
    [
        POLLED.replace("while p.is_alive()", "while other.is_alive()"),
        POLLED.replace("while p.is_alive()", "while p.name"),
        POLLED.replace("while p.is_alive()", "if p.is_alive()"),
        POLLED_ALL.replace("any(map(lambda each: each.is_alive(), processes))", "tell(processes)"),
        STOPPED.replace("self.stop)", "self.tell)"),
        STOPPED.replace("signal.signal(signal.SIGTERM", "tell(signal.SIGTERM"),
        STOPPED.replace("thread.join()", "thread.is_alive()"),
        STOPPED.replace("stop(self, *args)", "end(self, *args)"),
        SEVERAL,
        SEVERAL.replace("  if settings.TESTING:\n    for p in processes: p.join()\n", ""),
    ],
)
def test_nobody_waits(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        POLLED,
        POLLED.replace("p.is_alive()", "p.exitcode is None"),
        POLLED.replace("p.is_alive()", "shop.open and p.is_alive()"),
        POLLED_ALL,
        POLLED_ALL.replace(
            "any(map(lambda each: each.is_alive(), processes))",
            "any(each.is_alive() for each in processes)",
        ),
        STOPPED,
        STOPPED.replace("signal.signal(signal.SIGTERM, ", "atexit.register("),
        STOPPED.replace("signal.signal(signal.", "self.loop.add_signal_handler(signal."),
        SEVERAL.replace("  if settings.TESTING:\n    for", "  for"),
        "class ShopAlive(Thread):\n  def run(self): tell()\ndef f(): ShopAlive().start()",
    ],
)
def test_somebody_waits(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_what_one_loop_starts_is_one(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + SEVERAL}))
    places = {finding.location, *finding.related}
    assert sorted(place.line for place in places) == [6, 8]


def test_what_is_started_by_itself_is_not(make_project: Callable[..., Project]) -> None:
    ways = "def f(x):\n  if x:\n    t = Thread(target=g)\n    t.start()\n"
    ways += "  else:\n    t = Thread(target=h)\n    t.start()\n"
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + ways})))) == 2
