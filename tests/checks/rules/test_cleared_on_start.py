"""cleared-on-start: what a replica empties before it serves."""

from __future__ import annotations

import pytest
from support.deploy_files import WEB, Make, found, places, script

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.rules.cleared_on_start import RULE


@pytest.mark.parametrize(
    "line",
    [
        "python manage.py clear_cache",
        "./manage.py clear_cache --cache=default",
        "python manage.py rebuild_index --noinput",
        "python manage.py search_index --rebuild -f",
        "redis-cli -h redis FLUSHALL",
    ],
)
def test_finds(make_project: Make, line: str) -> None:
    (finding,) = found(make_project, RULE, script(line, f"exec {WEB}"))
    assert places([finding]) == ["start.sh:2"]
    assert finding.severity is Severity.WARNING
    assert finding.confidence is Confidence.HIGH


def test_what_only_may_run_is_less_certain(make_project: Make) -> None:
    files = script('if [ "$KEEP" != 1 ]; then', "./manage.py clear_cache", "fi", f"exec {WEB}")
    files["start.sh"] = files["start.sh"].replace("$KEEP", "$(cat keep)")
    (finding,) = found(make_project, RULE, files)
    assert finding.confidence is Confidence.MEDIUM


HEAD = """
import redis, redis_lock
from django.apps import AppConfig
from django.core.cache import cache, caches
from django.core.management.base import BaseCommand
r = redis.Redis()
ORDERS = "orders"
"""
RESET = "shop/management/commands/begin.py"
TAKES = ("r.delete(ORDERS)", "while True: work(r.blpop(ORDERS))")
STARTS = script("python manage.py begin", f"exec {WEB}")


def command(*lines: str, more: str = "") -> dict[str, str]:
    """A command of the project's own, which each replica runs at its start."""
    head = f"{HEAD}class Command(BaseCommand):\n  def handle(self, **options):\n"
    return {**STARTS, RESET: head + "".join(f"    {line}\n" for line in lines) + more}


def ready(*lines: str) -> dict[str, str]:
    head = f"{HEAD}class ShopConfig(AppConfig):\n  def ready(self):\n"
    return {"shop/apps.py": head + "".join(f"    {line}\n" for line in lines)}


@pytest.mark.parametrize(
    ("files", "line", "what"),
    [
        (command("redis_lock.reset_all(r)"), 10, "removes locks"),
        (command("caches['locks'].reset_all()"), 10, "removes locks"),
        (command("cache.delete_pattern('lock:*')"), 10, "removes locks"),
        (command("for key in KEYS:", "  r.delete(f'{key}_lock')"), 11, "removes locks"),
        (command("cache.delete(IMPORT_LOCK)"), 10, "removes locks"),
        (command("cache.clear()"), 10, "empties the cache"),
        (command("r.flushdb()"), 10, "empties Redis"),
        (command(*TAKES), 10, "empties a queue"),
        (command("r.delete('a', 'b')", "while 1: work(r.brpop(['b', 'c']))"), 10, "a queue"),
        (command("self.wipe()", more="  def wipe(self):\n    cache.clear()\n"), 12, "the cache"),
    ],
)
def test_a_command_of_one_s_own(
    make_project: Make, files: dict[str, str], line: int, what: str
) -> None:
    (finding,) = found(make_project, RULE, files)
    assert what in finding.message
    assert [str(place) for place in (finding.location, *finding.related)] == [
        *("start.sh:2", f"{RESET}:{line}")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "caches['lock'].reset_all()",
        "cache.clear()",
        "cache.delete('mails.lock')",
        "r.flushall()",
    ],
)
def test_ready_does_so_in_each_process(make_project: Make, line: str) -> None:
    (finding,) = found(make_project, RULE, ready(line))
    assert places([finding]) == ["shop/apps.py:10"]
    assert "AppConfig.ready()" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        command("if options['all']:", "  cache.clear()"),
        command("caches['pages'].clear()"),
        command("cache.delete_pattern('pages:*')"),
        command("cache.delete('menu')"),
        command("self.seen.clear()"),
        command("Block.objects.filter(clock=1).delete()"),
        command(*TAKES[:1]),
        command(*TAKES[1:]),
        command(TAKES[0].replace("delete", "llen"), TAKES[1]),
        command(TAKES[0], TAKES[1].replace("ORDERS", "MAILS")),
        command("if options['anew']: r.delete('a')", "while 1: work(r.brpop('a'))"),
        # The answers to what it asks itself.
        command("key = f'answers:{uuid4()}'", "r.delete(key)", "ask(key)", "work(r.blpop(key))"),
        command("work(r.blpop('a'))", "r.delete('a')"),
        # Its own.
        command(
            *("if not cache.add('mails.lock', 1): return", "try: work()"),
            "finally: cache.delete('mails.lock')",
        ),
        command("self.work()", more="  def work(self):\n    cache.delete('mails.lock')\n"),
        {**STARTS, RESET: "", "shop/tasks.py": f"{HEAD}def f(): cache.clear()\n"},
        {**command("cache.clear()"), **script(f"exec {WEB}")},
        {**command("cache.clear()"), **script("./manage.py begin")},
        {**script("./manage.py clear_cache --key a", f"exec {WEB}")}
        | {RESET.replace("begin", "clear_cache"): command("cache.clear()")[RESET]},
        ready("connect()"),
        ready("if settings.DEBUG:", "  cache.clear()"),
        ready("self.kept.clear()"),
        ready("cache.delete_pattern('pages:*')"),
        {"shop/views.py": f"{HEAD}def clear(request):\n  cache.clear()\n"},
    ],
)
def test_what_is_nobody_else_s(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []


@pytest.mark.parametrize(
    "files",
    [
        script("python manage.py clear_cache --key menu", f"exec {WEB}"),
        script("python manage.py clear_cache --cache=pages", f"exec {WEB}"),
        script("python manage.py update_index", f"exec {WEB}"),
        script("python manage.py search_index --populate", f"exec {WEB}"),
        script("redis-cli -h redis ping", f"exec {WEB}"),
        script('if [ "$1" = clear ]; then ./manage.py clear_cache; fi', f"exec {WEB}"),
        script("python manage.py clear_cache"),
        {"Procfile": f"release: python manage.py clear_cache\nweb: {WEB}\n"},
    ],
)
def test_stays_silent(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, RULE, files) == []
