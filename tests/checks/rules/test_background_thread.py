"""background-thread: work that nobody waits for is lost with its process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Finding, Location
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.background_thread import RULE

HEAD = """import multiprocessing
import threading
from threading import Thread, Timer
from concurrent.futures import ThreadPoolExecutor
"""

POOLED = (
    "class Worker:\n  def __init__(self): self.p = multiprocessing.Process(target=g)\n"
    "  def start(self): self.p.start()\n"
)
OWNED = "class C:\n  def f(self):\n    self.t = Thread(target=g)\n    self.t.start()\n"

# A pool that keeps its connections, and a consumer that keeps its own.
KEEPS = """class Pool:
  def __init__(self): Thread(target=self._look_after, daemon=True).start()
  def _look_after(self):
    "For ever."
    while self.heartbeat_interval:
      time.sleep(self.heartbeat_interval)
      try: self._maintain()
      except OSError: logger.warning("Failed: %s", self.stats())
"""
SENDS = """import asyncio
class Events(AsyncHttpConsumer):
  async def handle(self): asyncio.get_running_loop().create_task(self.stream())
  async def stream(self):
    while self.streaming:
      await self.send_event({"event": "keepalive", "data": now().isoformat()})
      await asyncio.sleep(60)
"""
# A pool that forgets the clients that nobody has used for a while.
TIDIES = """import logging, time
logger = logging.getLogger(__name__)
class Clients:
  def __init__(self):
    self.used, self.clients = {}, {}
    Thread(target=self._look_after, daemon=True).start()
  def _look_after(self):
    while True:
      time.sleep(60)
      self._tidy()
  def _tidy(self):
    logger.debug("%d clients", len(self.used))
    for key in list(self.used.keys()):
      if time.time() - self.used[key] > 300: self._drop(key)
  def _drop(self, key):
    with self.lock:
      if client := self.clients.pop(key, None): client.close()
      del self.used[key]
"""
SWEEPS = """import threading
KEPT, STOP = {}, threading.Event()
def sweep():
  while not STOP.wait(60):
    for key in sorted(KEPT, key=lambda key: KEPT[key].used)[100:]: KEPT.pop(key)
def f(): Thread(target=sweep, daemon=True).start()
"""
# A thread that begins anew when its connection is lost.
ANEW = """class Live(Thread):
  def run(self):
    try: self.listen()
    except OSError: Live().start()
"""
AGAIN = """def work():
  try: g()
  except OSError: Thread(target=work).start()
"""
HEARS = """import redis
class Subscription:
  def begin(self): Thread(target=self._hear, daemon=True).start()
  def _hear(self):
    for message in self.pubsub.listen(): self.handle(message)
"""
WATCHED = """class Tunnel:
  def start(self):
    timer = Timer(5, self._abort)
    timer.start()
    try: self.connect()
    finally: self._finish(timer)
  def _finish(self, timer): timer.cancel()
"""
LISTED = """class Workers:
  def run(self):
    for _ in range(4):
      t = Thread(target=self._work)
      t.start()
      self.threads.append(t)
  def _clean_up(self):
    for thread in self.threads: thread.join()
"""
TAILS = """class Tail(JsonWebsocketConsumer):
  def receive_json(self, content):
    self.source = tail(content)
    Thread(target=self._send, args=(self.source,)).start()
  def _send(self, source):
    for line in source: self.send(line)
  def disconnect(self, code): self.source.close()
"""
PROBES = """def f(httpd):
  def serve():
    httpd.ready = False
    httpd.serve_forever()
  t = Thread(target=serve, daemon=True)
  t.start()
"""
# The function answers with what its thread has done, or says that this took too long.
AWAITED = """def f(order):
  done, told = threading.Event(), {}
  def ask():
    try: told["state"] = order.ask()
    finally: done.set()
  t = Thread(target=ask, daemon=True)
  t.start()
  if done.wait(timeout=5): return told
"""
ACCEPTED = """import paramiko
def f(transport, shop):
  while True:
    channel = transport.accept(1000)
    if channel is None: continue
    Thread(target=g, args=(channel, shop), daemon=True).start()
"""
TUNNELS = """import socket
from socketserver import ThreadingTCPServer
def tunnel(port, kind):
  try: ThreadingTCPServer(("", port), kind).serve_forever()
  except OSError: pass
def tunnel_to(shop):
  tunnel(shop.port, shop.kind)
"""
# Whether there is a newer version of the shop.
TELLS = """import logging, requests
from packaging.version import Version
from django.conf import settings
logger = logging.getLogger(__name__)
def newest(): return requests.get(settings.NEWEST, timeout=5).text.strip()
def look():
  try:
    there = newest()
    if Version(there) > Version(settings.VERSION): logger.warning("There is %s.", there)
  except requests.RequestException: logger.exception("Nobody knows.")
def f(): Thread(target=look).start()
"""
JOINS = "def join_all(threads):\n  for t in threads: t.join()\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f(): Thread(target=g).start()",
        "def f():\n  t = threading.Thread(target=g)\n  t.start()",
        "def f(): Timer(5, g).start()",
        "import _thread\ndef f(): _thread.start_new_thread(g, ())",
        "def f():\n  ts = [Thread(target=g) for _ in 'ab']\n  for t in ts: t.start()",
        "def f():\n  pool = ThreadPoolExecutor()\n  pool.submit(g)",
        "class C:\n  pool = ThreadPoolExecutor()\n  def f(self): self.pool.submit(g)",
        "import asyncio\nasync def f(request): asyncio.create_task(g())",
        "import gevent\ndef f(request):\n  gevent.spawn(g)\n  return redirect('x')",
        "from gevent import spawn_later as later\ndef f(): later(5, g)",
        "from gevent import Greenlet\ndef f(): Greenlet.spawn(g)",
        "import gevent\ndef f():\n  work = gevent.Greenlet(g)\n  work.start()",
        "import eventlet\ndef f(): eventlet.spawn_n(g, 1)",
        "from asyncio import ensure_future\nasync def f(request): ensure_future(g())",
        (
            "import asyncio\nclass C(AsyncConsumer):\n"
            "  async def f(self): asyncio.get_running_loop().create_task(g())"
        ),
        "import subprocess\ndef f(request): subprocess.Popen(['work'])",
        "import subprocess\ndef f(request): subprocess.Popen('work &', shell=True)",
        "def f(job): Thread(target=job.run).start()",
        "import os\ndef f(): os.system('work &')",
        "import subprocess as s\ndef f(x): s.run(f'work {x} > /dev/null &', shell=True)",
        "class Mail(Thread):\n  def run(self): ...\ndef f():\n  m = Mail()\n  m.start()",
        "POOL = ThreadPoolExecutor()\ndef f(): POOL.submit(g)",
        "POOL = ThreadPoolExecutor()\ndef f(row): POOL.submit(g, row.get('a'), ', '.join(row))",
        "import queue\ndef f():\n  q = queue.Queue()\n  Thread(target=g, args=[q]).start()",
        (
            "import queue\ndef f():\n  q = queue.Queue()\n  def g(): q.get()\n"
            "  Thread(target=g).start()"
        ),
        OWNED,
        "class L(Thread):\n  def run(self): self.send()\nl = L()\nl.start()",
        POOLED,
        POOLED + "  def alive(self): return self.other.is_alive()",
        OWNED + "  def alive(self): return self.t.is_alive()",
        "def f(): Thread(target=shipping_labels).start()",
        OWNED.replace("=g", "=g, daemon=True") + "  def stop(self): self.t.join()",
        "class M(Thread):\n  def start(self): super().start()\ndef f():\n  m = M()\n  m.start()",
        "class M(Thread):\n  def start(self): Thread.start(self)\ndef f(): M().start()",
        # The queue that is waited for is somebody else's.
        (
            "import queue\ndef f(o):\n  q = queue.Queue()\n"
            "  Thread(target=g, args=[q]).start()\n  o.join()"
        ),
        # It does work, too, or nobody says that it is for the connection.
        KEEPS.replace("self._maintain()", "self._maintain(); self.send_mails()"),
        KEEPS.replace("heartbeat_", ""),
        SENDS.replace("keepalive", "orders"),
        # What is taken out is sent, written or run, or nothing is.
        TIDIES.replace("client.close()", "client.send(key)"),
        TIDIES.replace("client.close()", "client()"),
        TIDIES.replace("self.lock", "open(key, 'w')"),
        TIDIES.replace("self._drop(key)", "self.other(key)"),
        TIDIES.replace("while True", "for row in Row.objects.all()"),
        TIDIES.replace("      time.sleep(60)\n", ""),
        SWEEPS.replace("KEPT.pop(key)", "KEPT[key].close()"),
        SWEEPS.replace("KEPT.pop(key)", "os.remove(key)").replace("import ", "import os, "),
        # What is called returns the work, or may.
        "def g(x):\n  def work(): x.send()\n  return work\ndef f(x): Thread(target=g(x)).start()",
        "from shop.work import g\ndef f(x): Thread(target=g(x)).start()",
        "@later\ndef g(x): x.send()\ndef f(x): Thread(target=g(x)).start()",
        # The first of its kind.
        ANEW.replace("run(self)", "run_one(cls)"),
        AGAIN,
        AGAIN + "def f(): Thread(target=other).start\n",
        # What is taken from a queue is work.
        HEARS.replace("listen()", "blpop('jobs')"),
        HEARS.replace("import redis", "import socket").replace("pubsub", "server"),
        WATCHED.replace("timer.cancel", "timer.name.upper"),
        LISTED.replace("thread.join", "thread.is_alive"),
        LISTED.replace("._work)", "._work, daemon=True)"),
        TAILS.replace("close", "flush"),
        TAILS.replace("JsonWebsocketConsumer", "Thing"),
        TAILS.replace("(code)", "").replace("disconnect", "begin"),
        # It goes on with work of its own, or answers once.
        PROBES.replace("forever()", "forever()\n    send_mails()"),
        PROBES.replace("serve_forever", "handle_request"),
        "def f(httpd): Thread(target=httpd.handle_orders, daemon=True).start()",
        JOINS + "def f(threads):\n  t = Thread(target=g)\n  t.start()\n  join_all(threads)",
        # Nobody waits, or another event is set, or there is more to do after it.
        AWAITED.replace("done.wait(timeout=5)", "told"),
        AWAITED.replace("finally: done", "finally: order"),
        AWAITED.replace("done.set()", "done.set()\n    order.send()"),
        AWAITED.replace("    try: told", "    done.set()\n    told").replace(
            "    finally: done.set()", ""
        ),
        # It is told of something else, or what accepts is no connection's.
        ACCEPTED.replace("(channel, shop)", "(shop,)"),
        ACCEPTED.replace("import paramiko", ""),
        # What it finds is sent or kept, or nothing is said.
        TELLS.replace("requests.get", "requests.post"),
        TELLS.replace("there = newest()", "there = settings.newest = newest()"),
        TELLS.replace("there = newest()", "there = newest()\n    KEPT[1] = there"),
        TELLS.replace("def look():", "def look():\n  global there"),
        TELLS.replace("logger.warning", "mail_admins"),
        TELLS.replace("there = newest()", "there = Order.objects.create().newest"),
        TELLS.replace("there = newest()", "there = newest()\n    Shop(there).save()"),
        TELLS.replace("logger = logging.getLogger(__name__)", "from shop import logger"),
        TUNNELS + "  shop.send()\ndef f(): Thread(target=tunnel_to).start()",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import os\ndef f(): os.system('work && more')",
        "import os\ndef f(): os.system('work')",
        "def f(system): system('work &')",
        ("class Lookup(Thread):\n  def start(self):\n    self.work()\ndef f(): Lookup().start()"),
        "def f():\n  t = Thread(target=g)\n  t.start()\n  t.join()",
        "def f():\n  with ThreadPoolExecutor() as pool: pool.submit(g)",
        "from forum.models import Thread\ndef f(): Thread(title='x').start()",
        "def f(): return Thread(target=g)",
        "def f():\n  t = Timer(5, g)\n  t.start()\n  t.cancel()",
        "def f():\n  ts = [Thread(target=g)]\n  for t in ts: t.start()\n  for t in ts: t.join()",
        "def f():\n  pool = ThreadPoolExecutor()\n  return pool.submit(g).result()",
        "def f():\n  pool = ThreadPoolExecutor()\n  pool.submit(g)\n  pool.shutdown()",
        "def f():\n  pool = ThreadPool()\n  return pool.apply_async(g).get(10)",
        "import asyncio\nasync def f(): await asyncio.create_task(g())",
        "import gevent\ndef f(): gevent.joinall([gevent.spawn(g), gevent.spawn(h)])",
        "import gevent\ndef f(): gevent.spawn(g).join()",
        "import gevent\ndef f():\n  work = gevent.spawn(g)\n  return Streamed(work)",
        "import gevent\ndef f():\n  work = gevent.Greenlet(g)\n  work.start()\n  work.join()",
        "import gevent\ndef f(): gevent.spawn(heartbeat)",
        "import gevent\ndef f(monsters): monsters.spawn(g)",
        "import asyncio\nasync def f(self): self.task = asyncio.create_task(g())",
        "def f(request, task): task.create_task(g)",
        "import asyncio\nasync def serve(): asyncio.create_task(g())",
        "def f(): Thread(target=send_heartbeat).start()",
        "def f(): Thread(target=dns_refresher, daemon=True).start()",
        "def f():\n  e = threading.Event()\n  Thread(target=g, args=[e]).start()\n  e.set()",
        "from shop.tasks import create_task\ndef f(request): create_task(g)",
        "import subprocess\ndef f(): return subprocess.Popen(['work']).communicate()",
        "def f(process): Thread(target=process.join).start()",
        "class L(Thread):\n  def run(self): self.loop.run_forever()\nl = L()\nl.start()",
        "class H:\n  def f(self): Thread(target=self._ping_thread).start()",
        "def f(loop): Thread(target=loop.run_forever, daemon=True).start()",
        "def f(child):\n  t = Thread(target=child.wait)\n  t.start()",
        "def f(httpd): Thread(target=httpd.serve_forever, daemon=True).start()",
        "class S(Thread):\n  def run(self): self.httpd.serve_forever()\ns = S()\ns.start()",
        PROBES,
        PROBES.replace("    httpd.s", "    with serving() as httpd: httpd.s"),
        PROBES.replace(
            "    httpd.serve_forever()", "    try: httpd.serve_forever()\n    finally: x()"
        ),
        "if __name__ == '__main__':\n  Thread(target=g).start()",
        "class C:\n  def f(self):\n    t = Thread(target=g)\n    t.start()\n    t.join()",
        OWNED + "  def stop(self): self.t.join()",
        POOLED + "  def alive(self): return self.p.is_alive()",
        (
            "import queue\ndef f():\n  q = queue.Queue()\n"
            "  Thread(target=lambda: q.put(1)).start()\n  return q.get(timeout=5)"
        ),
        (
            "import queue\ndef f():\n  q = queue.Queue()\n  def g(): q.put(1)\n"
            "  Thread(target=g).start()\n  def parts():\n    yield q.get()\n  return parts()"
        ),
        (
            "import queue\ndef f():\n  q = queue.Queue()\n"
            "  Thread(target=g, args=[q]).start()\n  q.join()"
        ),
        "class M(Thread):\n  def start(self): self.run()\ndef f():\n  m = M()\n  m.start()",
        "def f():\n  p = multiprocessing.Process()\n  p.start()\n  p.terminate()",
        KEEPS,
        KEEPS.replace("_interval", "").replace("heartbeat", "ping_every"),
        SENDS,
        SENDS.replace("keepalive", "heartbeat"),
        TIDIES,
        TIDIES.replace("client.close()", "client.shutdown()"),
        TIDIES.replace("      del self.used[key]\n", ""),
        SWEEPS,
        SWEEPS.replace("KEPT.pop(key)", "del KEPT[key]"),
        "from django.conf import settings\ndef f():\n  if settings.DEBUG: Thread(target=g).start()",
        (
            "class Pool:\n  def __init__(self): self.executor = ThreadPoolExecutor()\n"
            "  def send(self): self.executor.submit(work)\n"
            "  def close(self): self.executor.shutdown(wait=True)\n"
        ),
        "def g(x): x.send()\ndef f(x): Thread(target=g(x)).start()",
        "class C:\n  def g(self): return\n  def f(self): Timer(5, self.g()).start()",
        "def f(x):\n  def g(): x.send()\n  t = Thread(None, g())\n  t.start()",
        ANEW,
        ANEW.replace("run(self)", "again(self)"),
        HEARS,
        HEARS.replace("import redis\n", "").replace("listen()", "get_message()"),
        WATCHED,
        WATCHED.replace("cancel", "join").replace("_finish", "_wait"),
        LISTED,
        LISTED.replace("self.threads.append(t)", "self.threads = [t]"),
        TAILS,
        TAILS.replace("args=(self.source,)", "args=()").replace("in source", "in self.source"),
        JOINS + "def f():\n  t = [Thread(target=g)]\n  t[0].start()\n  join_all(t)",
        *(
            f"{JOINS}def f():\n  ts = []\n  for x in 'ab':\n    {one}\n  {after}"
            for one in ("t = Thread(target=g)\n    t.start()\n    ts.append(t)",)
            for after in ("join_all(ts)", "for each in ts: each.join()")
        ),
        (
            "def f():\n  ts = []\n  for x in 'ab': ts.append(Thread(target=g))\n"
            "  for t in ts: t.start()\n  for t in ts: t.join()"
        ),
        TELLS,
        TELLS.replace("logger.", "logging."),
        AWAITED,
        AWAITED.replace("ask():", "ask(it):")
        .replace("done.set", "it.set")
        .replace("=ask,", "=ask, args=[done],"),
        AWAITED.replace("    try: ", "    ").replace("    finally: ", "    "),
        ACCEPTED,
        ACCEPTED.replace("channel =", "channel, _ =").replace("paramiko", "socket"),
        TUNNELS + "def f(shop): Thread(target=tunnel_to, args=(shop,)).start()",
        TUNNELS.replace("  tunnel(", "  while True:\n    c = shop.accept()\n    tell(")
        + "def f(shop): Thread(target=tunnel_to, args=(shop,)).start()",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


STARTS_IT = "from shop.tunnels import tunnel_to\ndef f(): Thread(target=tunnel_to).start()"


@pytest.mark.parametrize(
    ("tunnels", "count"),
    [(TUNNELS, 0), (TUNNELS.replace("_forever", "_once"), 1), (TUNNELS + "  shop.send()", 1)],
)
def test_a_server_of_another_file_is_silent(
    make_project: Callable[..., Project], tunnels: str, count: int
) -> None:
    files = {"shop/tunnels.py": tunnels, "shop/code.py": HEAD + STARTS_IT}
    assert len(list(RULE.find(make_project(files)))) == count


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(): Thread(target=g).start()"}
    assert list(RULE.find(make_project(files))) == []


def test_a_thread_that_begins_anew_is_one_with_the_first(
    make_project: Callable[..., Project],
) -> None:
    starts = "def f():\n  live = Live()\n  live.start()\n"
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + ANEW + starts}))
    assert finding.location.line == 1 + f"{HEAD}{ANEW}{starts}".splitlines().index(
        "  live = Live()"
    )
    code = HEAD + AGAIN + "def f(): Thread(target=work).start()\n"
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert finding.location.line == len(code.splitlines())


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("def f(): Thread(target=g).start()", "thread"),
        ("def f(): multiprocessing.Process(target=g, daemon=True).start()", "process"),
        ("class P(multiprocessing.Process): pass\ndef f(): P().start()", "process"),
        ("from shop.own import OwnThread\ndef f(): OwnThread().start()", "process"),
        ("import subprocess\ndef f(request): subprocess.Popen(['work'])", "program"),
        ("import os\ndef f(): os.system('work &')", "shell"),
        ("import subprocess\ndef f(request): subprocess.Popen('work &', shell=True)", "shell"),
        ("async def f(request): get_loop().create_task(g())", "coroutine"),
        ("import gevent\ndef f(): gevent.spawn(g)", "greenlet"),
        ("import gevent\ndef f(): gevent.Greenlet(g).start()", "greenlet"),
        ("POOL = ThreadPoolExecutor()\ndef f(): POOL.submit(g)", "pool"),
    ],
)
def test_what_does_the_work_is_named(
    make_project: Callable[..., Project], code: str, what: str
) -> None:
    own = "from multiprocessing import Process\nclass OwnThread(Process): pass\n"
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code, "shop/own.py": own}))
    assert finding.message.startswith(f"A {what} does the work")
    ends = "process" if what in {"coroutine", "greenlet", "pool", "thread"} else "replica"
    assert finding.message.endswith(f"lost with its {ends}.")
    # Nothing but these has such a method.
    assert ("join()" in finding.hint) is (what in {"greenlet", "process", "thread"})
    assert ("with wait()" in finding.hint) is (what == "program")


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  p = multiprocessing.Process(target=g)\n  p.start()\n  p.join()",
        "import subprocess\ndef f(request): subprocess.Popen(['work']).wait()",
        "import asyncio\nasync def f(request): await asyncio.create_task(g())",
        "POOL = ThreadPoolExecutor()\ndef f(): return POOL.submit(g).result()",
        "import os\ndef f(): os.system('work && rest')",
        "def f():\n  if settings.ENVIRONMENT == 'dev': Thread(target=g).start()",
        "def f():\n  if settings.ENVIRONMENT != 'dev': return\n  Thread(target=g).start()",
        "def f():\n  if getattr(settings, 'DEV_MODE', False): Thread(target=g).start()",
    ],
)
def test_what_is_waited_for_or_a_developers_is_left_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


BOLT = """
from slack_bolt import App
from slack_bolt.adapter.django import SlackRequestHandler
from shop.own import app
handler = SlackRequestHandler(app)
def events(request): return handler.handle(request)
"""
OTHERS = "from shop.other import events\nurlpatterns = [path('x', events, name='events')]\n"
URLS = "from shop.code import events\nurlpatterns = [path('slack/', events)]\n"


def bolt(make_project: Callable[..., Project], made: str, code: str, urls: str) -> list[Finding]:
    own = f"from slack_bolt import App\napp = {made}\n"
    files = {"shop/code.py": code, "shop/own.py": own, "shop/urls.py": urls}
    return list(RULE.find(make_project(files)))


@pytest.mark.parametrize(
    "made",
    [
        "App(token=TOKEN, signing_secret=SECRET)",
        "App(signing_secret=SECRET, oauth_settings=SETTINGS)",
    ],
)
@pytest.mark.parametrize(
    ("code", "urls", "line"),
    [
        (BOLT, URLS, 6),
        (BOLT, "from shop import code\nurlpatterns = [path('slack/', code.events)]\n", 6),
        (BOLT.rpartition("def")[0], "from shop.code import handler\n", 5),
    ],
    ids=["a view", "of its module", "elsewhere"],
)
def test_a_pool_of_bolt_goes_on_after_the_answer(
    make_project: Callable[..., Project], made: str, code: str, urls: str, line: int
) -> None:
    (finding,) = bolt(make_project, made, code, urls)
    assert finding.location == Location("shop/code.py", line)
    assert "process_before_response=True" in finding.hint


@pytest.mark.parametrize(
    ("made", "code", "urls"),
    [
        ("App(token=TOKEN, process_before_response=True)", BOLT, URLS),
        ("App(**OPTIONS)", BOLT, URLS),
        ("App(token=TOKEN)", BOLT.replace("SlackRequestHandler(", "print("), URLS),
        ("App(token=TOKEN)", BOLT.replace("adapter.django", "adapter.flask"), URLS),
        ("App(token=TOKEN)", BOLT.replace("slack_bolt", "shop.bolt"), URLS),
        ("App(token=TOKEN)", BOLT, URLS.replace("shop.code", "shop.other")),
        ("App(token=TOKEN)", BOLT, f"from shop.code import app\n{OTHERS}"),
    ],
    ids=["waited for", "perhaps", "no handler", "another server", "another's", "no URL", "other"],
)
def test_leaves_bolt_alone(
    make_project: Callable[..., Project], made: str, code: str, urls: str
) -> None:
    assert bolt(make_project, made, code, urls) == []


OWN = "import os, sys, subprocess\nfrom subprocess import Popen\n"
MANAGES = "from django.core.management import execute_from_command_line as run\nrun(sys.argv)"


@pytest.mark.parametrize(
    "code",
    [
        "def work(): subprocess.Popen([sys.executable, 'manage.py', 'work'])",
        "def work(): Popen(['python', os.path.join(HOME, 'manage.py'), 'work'], cwd=HOME)",
        "def work(): Popen(['shopctl', 'work', f'--for={NAME}'])",
        "def work(): Popen(['shopctl', 'work'] + NAMES)",
        "def work():\n  words = ['shopctl', 'work'] + NAMES\n  words += MORE\n  Popen(words)",
        # One leak, whichever way is taken.
        "def work():\n  if X: Popen(['shopctl', 'work'])\n  else: Popen(['./shopctl.py', 'work'])",
    ],
)
def test_a_program_of_ones_own_is_left_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    files = {"shopctl.py": MANAGES, "shop/work.py": OWN + code}
    files["shop/views.py"] = "from shop.work import work\ndef page(request): work()"
    (finding,) = RULE.find(make_project(files))
    assert finding.location.path == "shop/work.py"


@pytest.mark.parametrize(
    "code",
    [
        "def work(): Popen(['shopctl', 'work']).wait()",
        "def work():\n  p = Popen(['shopctl', 'work'])\n  p.wait()",
        "def work(): return Popen(['shopctl', 'work'])",
        "def work(): subprocess.run(['shopctl', 'work'])",
        "def work(): Popen(['xdg-open', 'shopctl'])",
        "def work(): Popen(['python', HOME, 'work'])",
        "def work(): Popen([NAME, 'work'])",
        "def work(): Popen(NAMES + ['shopctl', 'work'])",
        "def work():\n  words = ['xdg-open']\n  words += ['shopctl']\n  Popen(words)",
        "def work():\n  Popen(words)\n  words = ['shopctl', 'work']",
        "Popen(['shopctl', 'work'])",
    ],
)
def test_other_programs_are_not(make_project: Callable[..., Project], code: str) -> None:
    files = {"shopctl.py": MANAGES, "shop/work.py": OWN + code}
    files["shop/views.py"] = "from shop.work import work\ndef page(request): work()"
    assert list(RULE.find(make_project(files))) == []


def test_a_command_may_leave_one_alone(make_project: Callable[..., Project]) -> None:
    code = f"{OWN}class Command(BaseCommand):\n  def handle(self): Popen(['shopctl', 'work'])"
    files = {"shopctl.py": MANAGES, "shop/management/commands/work.py": code}
    assert list(RULE.find(make_project(files))) == []
