"""Real workers and beats of ``support.celery_app`` on a Valkey, and the diary of what they did."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from django_scaleready.drill.processes import Process
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

TESTS = Path(__file__).resolve().parent.parent


class CelerySite:
    """One project: its environment, its processes, its diary."""

    def __init__(self, supervisor: Supervisor, valkey: Valkey, **variables: str) -> None:
        self.supervisor = supervisor
        self.valkey = valkey
        self.diary = supervisor.directory / f"diary-{id(self)}"
        self.diary.touch()
        self.environment = {
            "REDIS_URL": valkey.url(),
            "DATABASE_URL": f"sqlite:///{supervisor.directory}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "support.celery_settings",
            "PYTHONPATH": str(TESTS),
            "DIARY": str(self.diary),
            "CELERY_WORKER_CONCURRENCY": "1",
            "CELERY_SOCKET_TIMEOUT": "0.5",
            "CELERY_REDBEAT_LOCK_TIMEOUT": "3",
            **variables,
        }

    def celery(self, name: str, *words: str, **variables: str) -> Process:
        """A worker or a beat, not started. --quiet: without the banner for people."""
        return self.supervisor.process(
            name,
            [sys.executable, "-m", "celery", "--quiet", "-A", "support.celery_app", *words],
            environment={**self.environment, **variables},
            directory=self.supervisor.directory,
        )

    def worker(self, name: str = "worker", *words: str, **variables: str) -> Process:
        """A worker that is ready for tasks."""
        # Without looking for other workers, which takes a second.
        process = self.celery(name, "worker", "--without-mingle", *words, **variables)
        process.start()
        process.wait_until(lambda: " ready." in process.tail(), 30, "ready")
        return process

    def entries(self, word: str) -> list[tuple[int, float]]:
        """The pid and the time of each line of the diary that says ``word``."""
        lines = [line.split() for line in self.diary.read_text().splitlines()]
        return [(int(pid), float(at)) for said, pid, at in lines if said == word]

    def wait_for(self, word: str, count: int = 1, seconds: float = 20) -> list[tuple[int, float]]:
        """Wait until the diary says ``word`` so many times."""
        return until(
            lambda: (found := self.entries(word)) if len(self.entries(word)) >= count else [],
            seconds,
            f"{count} x {word}",
        )

    def until_after(self, word: str, moment: float, seconds: float) -> float:
        """Wait for a line later than ``moment`` (wall clock); return how much later."""
        found = until(
            lambda: [at for _, at in self.entries(word) if at > moment], seconds, f"next {word}"
        )
        return min(found) - moment

    def send(self, code: str, seconds: float = 30, **variables: str) -> str:
        """Run ``code`` as a process of the project would, after django.setup(); its output."""
        script = f"import django\nfrom support.celery_app import *\ndjango.setup()\n{code}"
        process = self.supervisor.process(
            f"script-{time.monotonic_ns()}",
            [sys.executable, "-c", script],
            environment={**self.environment, **variables},
            directory=self.supervisor.directory,
        )
        process.start()
        until(lambda: not process.running, seconds, "the end of the script")
        output = process.log.read_text()
        process.kill()
        return output


def lines(process: Process) -> list[str]:
    """What a process said so far, in all its runs."""
    return process.log.read_text().splitlines() if process.log.exists() else []


def records(process: Process) -> list[dict[str, Any]]:
    """What it logged, parsed."""
    return [json.loads(line) for line in lines(process) if line.startswith("{")]


def said(process: Process, words: str) -> int:
    """How many of its lines contain ``words``."""
    return sum(words in line for line in lines(process))
