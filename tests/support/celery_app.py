"""A Celery app as a project has it, with tasks that say where and when they ran."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support.celery_settings")

app = Celery("support")
app.config_from_object("django.conf:settings", namespace="CELERY")

logger = logging.getLogger(__name__)


@worker_ready.connect
def tell(sender: Any, **_: object) -> None:
    logger.info("settles messages by %s", type(sender.task_consumer.channel.qos).__module__)


def say(word: str) -> None:
    """One line of the test's diary; a line is written at once or not at all."""
    with Path(os.environ["DIARY"]).open("a") as diary:
        diary.write(f"{word} {os.getpid()} {time.time():.3f}\n")


@app.task
def tick() -> None:
    say("tick")


@app.task
def note(word: str) -> int:
    logger.info("noted %s", word)
    say(word)
    return os.getpid()


@app.task
def slow(word: str, seconds: float) -> None:
    say(f"begin-{word}")
    time.sleep(seconds)
    say(f"end-{word}")


@app.task(max_retries=1, default_retry_delay=0)
def die(word: str) -> None:
    say(word)
    os._exit(9)


@app.task
def fail() -> None:
    raise RuntimeError("two\nlines")
