"""scheduler-in-process: each process would do the job."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.scheduler_in_process import RULE

HEAD = """import schedule
from apscheduler.schedulers.background import BackgroundScheduler
from uwsgidecorators import cron, mulefunc, spool, timer
"""

# When would it run next?
ASKED = """def f(t):
  s = BackgroundScheduler()
  s.start()
  job = s.add_job(lambda: None, t)
  at = job.next_run_time
  s.shutdown()
  return at
"""


@pytest.mark.parametrize(
    "code",
    [
        "s = BackgroundScheduler()\ns.start()",
        "def ready(): BackgroundScheduler().start()",
        "schedule.every(10).minutes.do(print)",
        ASKED.replace("  s.shutdown()\n", ""),
        ASKED.replace("  s.shutdown()", "  serve()\n  s.shutdown()"),
        ASKED.replace("  s.shutdown()", "  yield\n  s.shutdown()"),
        ASKED.replace("  s.shutdown()", "  if done: s.shutdown()"),
        ASKED.replace("  s.shutdown()", "  while s.running: job\n  s.shutdown()"),
        "from apscheduler.schedulers.blocking import BlockingScheduler\n"
        + ASKED.replace("Background", "Blocking"),
        "@timer(60)\ndef tick(signum): ...",
        "@cron(0, 3, -1, -1, -1)\ndef nightly(signum): ...",
        "import uwsgi\nuwsgi.add_cron(1, 0, 0, -1, -1, -1)",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "from shop.jobs import Scheduler\nScheduler().start()",
        ASKED,
        ASKED.replace("s.shutdown()", "s.shutdown(wait=False)"),
        ASKED.replace("  s.shutdown()", "  s.remove_all_jobs()\n  s.shutdown()"),
        ASKED.replace("  s.start()\n", ""),
        ASKED.replace("def f(t):\n", "def f(t):\n if t:\n").replace("\n  ", "\n    "),
        "if __name__ == '__main__':\n  BackgroundScheduler().start()",
        "def every(n): ...\nevery(10)",
        "from threading import Timer as timer\ntimer(5, print)",
        "x = BackgroundScheduler",
        "@spool\ndef send(arguments): ...",
        "worker = spool(pass_arguments=True)(print)",
        "@mulefunc\ndef render(page): ...",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_names_all_places_of_a_file(make_project: Callable[..., Project]) -> None:
    code = (
        "import schedule\nfrom apscheduler.schedulers.background import BackgroundScheduler\n"
        "def f():\n  s = BackgroundScheduler()\n  s.add_job(g)\n  s.start()\n"
        "def h(): schedule.every(10).minutes.do(g)\n"
    )
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert [place.line for place in (finding.location, *finding.related)] == [4, 5, 6, 7]


def test_names_what_a_scheduler_of_the_file_is_told(make_project: Callable[..., Project]) -> None:
    code = (
        "from apscheduler.schedulers.background import BackgroundScheduler\n"
        "class Shop:\n  def __init__(self): self.s = BackgroundScheduler()\n"
        "  def run(self):\n    self.s.start()\n    for each in heard(): self.s.add_job(each)\n"
        "  def drop(self, each): self.s.remove_job(each)\n"
    )
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert [place.line for place in (finding.location, *finding.related)] == [3, 6, 7]


@pytest.mark.parametrize(
    "code",
    [
        "def f(queue): queue.add_job(g)",
        "from apscheduler.triggers.cron import CronTrigger\ndef f(s): s.add_job(g, CronTrigger())",
    ],
)
def test_a_job_alone_is_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "s = BackgroundScheduler()\ns.start()"}
    assert list(RULE.find(make_project(files))) == []
