"""Programs that a deployment starts beside its server: bots, consumers, workers of one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

ASK = "import requests\n\n\ndef ask():\n    requests.get('https://example.org')\n"
MAIN = "\n\nif __name__ == '__main__':\n    ask()\n"
BOT = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/bots/__init__.py": "",
    "shop/bots/mails.py": ASK + MAIN,
}


def compose(command: str, *lines: str) -> dict[str, str]:
    text = "services:\n  bot:\n    build: .\n    command: " + command
    image = "FROM python:3.13\nCOPY . /app\nCMD gunicorn shop.wsgi\n"
    return {"Dockerfile": image, "compose.yaml": "\n".join([text, *lines, ""])}


@pytest.mark.parametrize(
    "deployed",
    [
        compose("python -m shop.bots.mails"),
        compose("[python3, -u, -m, shop.bots.mails]"),
        compose("python shop/bots/mails.py --forever"),
        compose("uv run --no-sync -m shop.bots.mails"),
        compose("uv run shop/bots/mails.py"),
        compose("poetry run python shop/bots/mails.py"),
        compose("python /app/shop/bots/mails.py"),
        compose("sh -c 'python manage.py migrate && exec python -m shop.bots.mails'"),
        {"Procfile": "bot: python -m shop.bots.mails\n"},
    ],
)
def test_a_program_that_goes_on_running_is_judged(
    make_project: Callable[..., Project], deployed: dict[str, str]
) -> None:
    (finding,) = RULE.find(make_project({**BOT, **deployed}))
    assert str(finding.location) == "shop/bots/mails.py:5"


@pytest.mark.parametrize(
    "deployed",
    [
        {},
        compose("python -m shop.bots.others"),
        compose("python manage.py mails"),
        compose("python /app/mails.py"),
        compose("sh -c 'python -m shop.bots.mails && exec gunicorn shop.wsgi'"),
        compose("gunicorn shop.wsgi -c shop/bots/mails.py"),
        compose("uv pip install shop/bots/mails.py"),
        compose("uv run gunicorn shop.wsgi -c shop/bots/mails.py"),
        compose("django-admin mails"),
        compose("python -m shop.bots.mails", "    profiles: [dev]"),
        {"Procfile": "release: python -m shop.bots.mails\n"},
    ],
)
def test_what_an_operator_runs_is_left_alone(
    make_project: Callable[..., Project], deployed: dict[str, str]
) -> None:
    assert list(RULE.find(make_project({**BOT, **deployed}))) == []


def test_what_only_the_program_imports_goes_with_it(make_project: Callable[..., Project]) -> None:
    main = "from shop.bots.client import ask" + MAIN
    files = {**BOT, "shop/bots/client.py": ASK, "shop/bots/mails.py": main}
    assert list(RULE.find(make_project(files))) == []
    (finding,) = RULE.find(make_project({**files, **compose("python -m shop.bots.mails")}))
    assert finding.location.path == "shop/bots/client.py"


FETCH = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/management/__init__.py": "",
    "shop/management/commands/__init__.py": "",
    "shop/management/commands/fetch.py": ASK,
}


CALL = "django.core.management.call_command"


@pytest.mark.parametrize(
    ("path", "caller", "count"),
    [
        ("shop/views.py", "def view(request): call_command('fetch')", 1),
        ("shop/tasks.py", "@shared_task\ndef work(): call_command('fetch', verbosity=0)", 1),
        ("shop/views.py", "def view(request): call_command('other')", 0),
        ("shop/views.py", "def view(request, name): call_command(name)", 0),
        ("shop/views.py", "def view(request): call_command('fetch', operation='show')", 0),
        ("shop/views.py", "def view(request): call_command('fetch', 'show')", 0),
        ("shop/management/commands/all.py", "def handle(): call_command('fetch')", 0),
        ("tools/nightly.py", "call_command('fetch')", 0),
        # Whom it is handed to calls it later.
        ("shop/views.py", "def view(request): queue.enqueue(call_command, 'fetch')", 1),
        ("shop/views.py", "def view(request): enqueue_in(delay, call_command, 'fetch')", 1),
        ("shop/views.py", "def view(request): s.add_job(call_command, args=['fetch'])", 1),
        ("shop/views.py", "def v(r): Thread(target=call_command, args=('fetch',)).start()", 1),
        ("shop/views.py", "def view(r): on_commit(partial(call_command, 'fetch'))", 1),
        ("shop/views.py", f"def view(request): async_task('{CALL}', 'fetch')", 1),
        ("shop/views.py", "def view(request): queue.enqueue(call_command, 'other')", 0),
        ("shop/views.py", "def view(request): queue.enqueue(call_command, 'fetch', 'show')", 0),
        ("shop/views.py", "def view(request, name): queue.enqueue(call_command, name)", 0),
        ("shop/views.py", "def view(request): queue.enqueue(call_command)", 0),
        ("shop/views.py", "def view(request): queue.enqueue(other, 'fetch')", 0),
        ("shop/views.py", "def view(request): s.add_job(call_command, args=names)", 0),
        ("shop/views.py", "def view(request): return render(CALL, 'fetch')", 0),
        ("tools/nightly.py", "queue.enqueue(call_command, 'fetch')", 0),
    ],
)
def test_a_command_that_a_replica_calls_is_judged(
    make_project: Callable[..., Project], path: str, caller: str, count: int
) -> None:
    code = f"from django.core.management import call_command\n{caller}\n"
    assert len(list(RULE.find(make_project({**FETCH, path: code})))) == count


COMMAND = "shop/management/commands/feed.py"
SHARED = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/feed.py": "import requests\nclass Feed:\n  def ask(self): requests.get('x')\n",
    COMMAND: "from shop.feed import Feed\ndef f(self): self.feed.ask()\n",
    "shop/views.py": "def f(request): ...\n",
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {
            COMMAND: "from shop.sync import s\ndef f(self): s.ask()\n",
            "shop/sync.py": "from shop.feed import Feed\ns = Feed()\n",
        },
        compose("gunicorn shop.wsgi"),
    ],
)
def test_what_commands_share_is_an_operators(
    make_project: Callable[..., Project], more: dict[str, str]
) -> None:
    assert list(RULE.find(make_project({**SHARED, **more}))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"shop/views.py": "from shop.feed import Feed\ndef f(request, o): o.ask()\n"},
        compose("python manage.py feed"),
        # A command that goes on running, which something else may start.
        {COMMAND: "", "shop/management/commands/run_feed.py": SHARED[COMMAND]},
        {COMMAND: "", "shop/bot.py": SHARED[COMMAND] + "if __name__ == '__main__': f(1)\n"},
    ],
)
def test_what_something_else_may_come_to_is_judged(
    make_project: Callable[..., Project], more: dict[str, str]
) -> None:
    assert len(list(RULE.find(make_project({**SHARED, **more})))) == 1


@pytest.mark.parametrize(
    ("command", "name", "found"),
    [
        ("python manage.py bot", "bot", 1),
        ("./manage.py bot", "bot", 1),
        ("django-admin bot", "bot", 1),
        ("uv run -m manage bot", "bot", 1),
        ("python manage.py bot", "other", 0),
        ("django-admin other", "bot", 0),
        ("./manage.py init_shop", "init_shop", 0),
        ("echo django-admin bot", "bot", 0),
        ("python manage.py init_shop", "init_shop", 0),
        ("python manage.py", "bot", 0),
        ("sh -c 'python manage.py bot && exec gunicorn shop.wsgi'", "other", 0),
    ],
)
def test_a_command_that_a_container_goes_on_running_is_judged(
    make_project: Callable[..., Project], command: str, name: str, found: int
) -> None:
    text = ASK.replace("def ask()", "class Command:\n  def handle(self)")
    files = {"manage.py": "", f"shop/management/commands/{name}.py": text}
    assert len(list(RULE.find(make_project({**files, **compose(command)})))) == found


def test_what_a_deployed_command_imports_and_never_asks_is_left_alone(
    make_project: Callable[..., Project],
) -> None:
    more = {"shop/feed.py": SHARED["shop/feed.py"] + "def gone(): requests.get('y')\n"}
    findings = list(RULE.find(make_project({**SHARED, **more, **compose("python manage.py feed")})))
    assert [finding.location.line for finding in findings] == [3]


WORKER = "shop/management/commands/feed.py"
HEAD = "import time\nimport requests\nimport pika\nfrom shop import feeds\n\n"


def handle(*lines: str) -> str:
    body = [f"    {line}" for line in lines]
    return HEAD + "\n    ".join(["class Command:", "def handle(self):", *body])


ASKS = "requests.get('x')"


@pytest.mark.parametrize(
    "lines",
    [
        ["while True:", f"  {ASKS}", "  time.sleep(5)"],
        ["while not self.stopped.is_set():", f"  {ASKS}", "  self.stopped.wait(5)"],
        ["while self.keep_running:", f"  {ASKS}", "  time.sleep(5)"],
        ["while True:", "  if self.once:", "    break", f"  {ASKS}", "  time.sleep(5)"],
        ["while 1:", "  try:", f"    {ASKS}", "  except Stop:", "    break", "  poll()"],
        ["while True:", "  for m in sqs.receive_message():", f"    {ASKS}", "    break"],
        [ASKS, "channel.start_consuming()"],
        [ASKS, "client.consume(work, 'queue')"],
        [ASKS, "server.serve_forever()"],
        [ASKS, "feeds.watch()"],
        [ASKS, "feeds.Consumer().run()"],
        [ASKS, "worker = feeds.Consumer()", "worker.run()"],
    ],
)
def test_a_command_that_never_ends_is_a_worker(
    make_project: Callable[..., Project], lines: list[str]
) -> None:
    assert len(list(RULE.find(make_project({**FEEDS, WORKER: handle(*lines)})))) == 1


FEEDS = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/feeds.py": (
        "import time\nfrom kombu.mixins import ConsumerMixin\n"
        "class Consumer(ConsumerMixin): ...\nclass Report:\n    def run(self): ...\n"
        "def watch():\n    while True:\n        time.sleep(1)\n"
        "def pages():\n    while True:\n        time.sleep(1)\n        if not more(): return\n"
        "def twice(): watch()\n"
    ),
}


@pytest.mark.parametrize(
    "lines",
    [
        ["while True:", f"  page = {ASKS}", "  if not page:", "    break"],
        ["while True:", f"  page = {ASKS}", "  if not page:", "    break", "  time.sleep(5)"],
        ["while True:", f"  {ASKS}", "  with self.lock:", "    return", "  time.sleep(5)"],
        ["while True:", f"  if {ASKS}:", "    exit(0)", "  time.sleep(5)"],
        ["while True:", f"  {ASKS}"],
        ["while not job.done():", f"  {ASKS}", "  time.sleep(5)"],
        ["while self.pages:", f"  {ASKS}", "  time.sleep(5)"],
        ["while False:", f"  {ASKS}", "  time.sleep(5)"],
        [ASKS, "def wait():", "  while True:", "    time.sleep(5)"],
        [ASKS, "feeds.pages()"],
        [ASKS, "feeds.Report().run()"],
        [ASKS, "signal.listen(self.done)"],
    ],
)
def test_a_command_that_ends_is_an_operators(
    make_project: Callable[..., Project], lines: list[str]
) -> None:
    assert list(RULE.find(make_project({**FEEDS, WORKER: handle(*lines)}))) == []


MAIN_LOOP = f"{HEAD}def main():\n    while True:\n        {ASKS}\n        time.sleep(5)\n"


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("shop/relay.py", f"{MAIN_LOOP}if __name__ == '__main__':\n    main()\n", 1),
        ("shop/relay.py", f"{MAIN_LOOP}if __name__ == '__main__':\n    other()\n", 0),
        ("scripts/relay.py", f"{MAIN_LOOP}if __name__ == '__main__':\n    main()\n", 0),
        ("shop/test_relay.py", f"{MAIN_LOOP}if __name__ == '__main__':\n    main()\n", 0),
        ("shop/bench/relay.py", f"{MAIN_LOOP}if __name__ == '__main__':\n    main()\n", 0),
    ],
)
def test_a_main_block_that_never_ends_is_a_worker(
    make_project: Callable[..., Project], path: str, text: str, count: int
) -> None:
    assert len(list(RULE.find(make_project({"manage.py": "", path: text})))) == count


@pytest.mark.parametrize("name", ["testserver", "load_test_data", "seed_orders"])
def test_a_command_that_serves_tests_is_an_operators(
    make_project: Callable[..., Project], name: str
) -> None:
    path = f"shop/management/commands/{name}.py"
    text = handle("while True:", f"  {ASKS}", "  time.sleep(5)")
    assert list(RULE.find(make_project({**FEEDS, path: text}))) == []


RUN = {
    "shop/__init__.py": "",
    "shop/scripts/__init__.py": "",
    "shop/scripts/mails.py": "import requests\ndef run(): requests.get('x')\n",
}


@pytest.mark.parametrize(
    ("deployed", "count"),
    [
        ({}, 0),
        (compose("python manage.py runscript mails"), 1),
        (compose("python manage.py runscript shop.scripts.mails"), 1),
        (compose("python manage.py runscript others"), 0),
        (compose("python manage.py mails"), 0),
    ],
)
def test_what_runscript_runs(
    make_project: Callable[..., Project], deployed: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project({**RUN, **deployed})))) == count
