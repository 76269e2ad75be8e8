"""sigterm-unheard: a worker of the project's own that only Ctrl+C ends in order."""

from __future__ import annotations

import pytest
from support.deploy_files import Make, found, image, places

from django_scaleready.checks.rules.sigterm_unheard import RULE

HEAD = """import signal, sys, time, threading
import boto3
from django.core.management.base import BaseCommand
queue = boto3.resource("sqs").Queue("orders")
"""
COMMAND = "class Command(BaseCommand):\n    def handle(self, **options):\n"
TAKES = """        try:
            while True:
                for message in queue.receive_messages(WaitTimeSeconds=10):
                    message.delete()
        except KeyboardInterrupt:
            sys.exit("bye")
"""
WAITS = """        try:
            while True:
                book()
                time.sleep(1)
        except KeyboardInterrupt:
            {}
"""
AFTER = """        try:
            while True:
                if self.until and time.time() > self.until:
                    break
                book()
                time.sleep(1)
        except KeyboardInterrupt:
            pass
        self.executor.shutdown()
"""
INSIDE = """        while not self.stopping:
            try:
                for message in queue.receive_messages():
                    message.delete()
            except KeyboardInterrupt:
                self.stopping = True
"""
STARTED = image('["python", "manage.py", "consume"]')
PATH = "shop/management/commands/consume.py"


def command(loop: str, before: str = "", more: str = "") -> dict[str, str]:
    return {PATH: HEAD + more + COMMAND + before + loop, **STARTED}


RUNNER = HEAD + "class Runner:\n    def run(self):\n" + AFTER
RUNS = f"{HEAD}from shop.runner import Runner\n{COMMAND}        Runner().run()\n"
ELSEWHERE = {
    PATH: RUNS,
    "shop/runner.py": RUNNER,
    "shop/views.py": "from shop.runner import Runner\n",
    **STARTED,
}


@pytest.mark.parametrize(
    "files",
    [
        command(TAKES),
        command(WAITS.format("self.threads.join()")),
        command(AFTER),
        command(INSIDE),
        command(TAKES, "        signal.signal(signal.SIGALRM, late)\n"),
        ELSEWHERE,
    ],
)
def test_finds(make_project: Make, files: dict[str, str]) -> None:
    assert len(found(make_project, RULE, files)) == 1


def test_names_what_is_done_on_an_interrupt(make_project: Make) -> None:
    assert places(found(make_project, RULE, command(TAKES))) == [f"{PATH}:11"]


STOPS = "def stop(number, frame):\n    raise KeyboardInterrupt\n"
SET = "signal.signal(signal.SIGTERM, stop)\n"


@pytest.mark.parametrize(
    "files",
    [
        command(TAKES, f"        {SET}", STOPS),
        command(
            TAKES, "        for number in STOPPED_BY:\n            signal.signal(number, stop)\n"
        ),
        command(TAKES, more="from shop import stopping\n")
        | {"shop/stopping.py": "import signal\n" + STOPS + SET},
        command(TAKES.replace("KeyboardInterrupt", "(KeyboardInterrupt, SystemExit)")),
        command(TAKES) | image('["python", "manage.py", "consume"]', "STOPSIGNAL SIGINT"),
        command(WAITS.format("pass")),
        command(WAITS.format("print('bye')")),
        command(WAITS.format("self.stopping.set()")),
        ELSEWHERE | {PATH: RUNS.replace("shop.runner", "shop.other")},
        command(TAKES.replace("while True", "while more(queue)")),
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
