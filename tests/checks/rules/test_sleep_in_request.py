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
        "def f(request):\n  while True: sleep(0.1)",
        "class V(View):\n  def get(self, request): sleep(5)",
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
        "def f(n): sleep(5)",
        "from celery import shared_task\n@shared_task\ndef f(): sleep(5)",
        "def f(request):\n  try: g()\n  except OSError: sleep(1)",
        "import asyncio\nasync def f(request): await asyncio.sleep(5)",
        "class C(AsyncWebsocketConsumer):\n  async def message(self, event): sleep_well(3)",
        "async def f(request):\n  def wait(): sleep(0.1)\n  await sync_to_async(wait)()",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(request): time.sleep(2)"}
    assert list(RULE.find(make_project(files))) == []
