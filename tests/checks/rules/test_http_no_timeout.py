"""http-no-timeout: a host that hangs must not hold a thread."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE
from django_scaleready.checks.static.scan import scan


def find(make_project: Callable[..., Project], code: str, name: str = "shop/code.py") -> list[Any]:
    return list(RULE.find(make_project({name: textwrap.dedent(code)})))


BY_PROPERTY = """
import requests
class Courier:
  @property
  def options(self):
    o = {"headers": {"Accept": "text/plain"}}
    if self.token: o["headers"]["Authorization"] = self.token
    return o
  def f(self): requests.post("x", data={}, **self.options)
"""
KEPT = """
import requests
class C:
  def __init__(self, ca):
    self._o = {}
    {}
  def f(self): {}
"""


DERIVED = """import requests
class Base(requests.Session):
  def prepare_request(self, made): return super().prepare_request(made)
"""


@pytest.mark.parametrize(
    "code",
    [
        "import requests\ndef f(): requests.get('x')",
        "import requests as r\ndef f(): r.post('x', json={})",
        "from requests import get\ndef f(): get('x')",
        "from requests import get as fetch\ndef f(): fetch('x')",
        "from urllib.request import urlopen as ask\ndef f(): ask('x')",
        "import requests\ndef f(): requests.get('x', timeout=None)",
        "from urllib.request import urlopen\ndef f(): urlopen('x')",
        "from urllib.request import urlretrieve\ndef f(url): urlretrieve(url, 'x')",
        "import feedparser\ndef f(self): feedparser.parse(self.feed_url)",
        "import urllib3\npool = urllib3.PoolManager()\ndef f(): pool.request('GET', 'x')",
        "import urllib.request\ndef f(): urllib.request.urlopen('x', b'data')",
        "import requests\ndef f(s: requests.Session): s.get('x')",
        "import requests\ns = requests.Session()\ndef f(): s.get('x')",
        (
            "from requests_oauthlib.oauth2_session import OAuth2Session\ndef f(c):\n"
            "  s = OAuth2Session(c)\n  s.fetch_token('x', code=c)"
        ),
        (
            "from requests_oauthlib.oauth1_session import OAuth1Session\n"
            "def f(c): OAuth1Session(c).get('x')"
        ),
        "import requests\ndef f():\n  with requests.Session() as s: s.send(p)",
        "import requests\ndef f(verb): getattr(requests, verb)('x')",
        "import requests\ndef f(key, body): requests.post('x', **{key: body})",
        "import requests\ndef f(h):\n  o = {'headers': h}\n  requests.get('x', **o)",
        (
            "import requests\ndef f(h):\n  o = {}\n  if h:\n    o['headers'] = h\n"
            "  requests.get('x', **o)"
        ),
        (
            "import requests\nfrom requests.adapters import HTTPAdapter\ndef f():\n"
            "  a = HTTPAdapter(max_retries=3)\n  s = requests.Session()\n"
            "  s.mount('https://', a)\n  s.get('x')"
        ),
        "import requests\ndef o(): return {'json': 1}\ndef f(): requests.get('x', **o())",
        BY_PROPERTY,
        BY_PROPERTY.replace("@property", "@functools.cached_property"),
        "import requests\ndef f():\n  o = {}\n  o.update({'json': 1})\n  requests.get('x', **o)",
        (
            "import requests\nclass C:\n  def o(self, h):\n    o = {}\n    if h:\n"
            "      o['headers'] = h\n    return o\n"
            "  def f(self, h):\n    o = self.o(h)\n    requests.get('x', **o)"
        ),
        (
            "import requests\ndef get(u, **o):\n  all = {'json': 1}\n  all.update(o)\n"
            "  requests.get(u, **all)\ndef f(): get('x')"
        ),
        (
            "import requests\ndef get(u, o=None):\n  o = dict(o or {})\n"
            "  requests.get(u, **o)\ndef f(): get('x')"
        ),
        "import httpx\ndef f(): httpx.Client(timeout=None).get('x')",
        "import requests\nclass C(requests.Session): ...\ndef f(): C().get('x')",
        "import requests\nclass C(requests.Session):\n  def f(self): self.get('x')",
        f"{DERIVED}class C(Base):\n  def f(self): self.get('x')",
        f"{DERIVED}class B(Base): ...\nclass C(B): ...\ndef f(): C().get('x')",
        "import requests\ndef s():\n  s = requests.Session()\n  return s\ndef f(): s().get('x')",
        "import requests\ndef f(d):\n  send = requests.post if d else requests.get\n  send('x')",
        "import requests\ndef f(verb):\n  send = getattr(requests, verb)\n  send('x')",
        (
            "import requests\nclass C:\n  def __init__(self, s=None):\n"
            "    self.s = s or requests.Session()\n  def f(self): self.s.get('x')"
        ),
        (
            "from requests import Session\nclass C:\n  def __init__(self):\n    s = Session()\n"
            "    self.s = s\n  def f(self): self.s.get('x')"
        ),
        (
            "import requests\nclass C:\n  @property\n  def s(self):\n    s = requests.Session()\n"
            "    return s\n  def f(self): self.s.get('x')"
        ),
        "import asyncio, requests\nasync def f(): await asyncio.to_thread(requests.get, 'x')",
        "import requests\ndef f(pool): pool.submit(requests.get, 'x')",
        "import requests\ndef f():\n  with retrying(requests.get) as get: get('x')",
        "import functools as t, requests\ndef f(): return t.partial(requests.get, headers={})",
        # One of its calls gives a timeout, the other one none.
        (
            "import requests\nfrom functools import partial\ndef h():\n"
            "  get = partial(requests.get)\n  def f(): get('x', timeout=5)\n  get('x')\n  f()"
        ),
        (
            "import requests\nfrom functools import partial\nclass C:\n"
            "  def __init__(self): self.get = partial(requests.get, timeout=None)\n"
            "  def f(self): self.get('x')\n"
        ),
        # Another object's is given one.
        (
            "import requests\nfrom functools import partial\nclass C:\n"
            "  def __init__(self): self.get = partial(requests.get)\n"
            "class D:\n  def f(self): self.get('x', timeout=5)\n"
        ),
        "import requests\ndef own(verb): verb('x')\ndef f(): own(requests.get)",
        "import requests\ndef f(): retry(call=requests.get, fargs=['x'])",
        "import requests\nV = {'a': requests.get}\ndef f(v): V[v]('x')",
        "import requests\ns = requests.Session()\ndef f(v): getattr(s, v)('x')",
        "from urllib.request import build_opener\ndef f(): build_opener().open('x')",
        "import urllib.request as u\ndef f():\n  o = u.build_opener()\n  o.open('x', b'y')",
        "import requests\nD = {'headers': {}}\ndef f(): requests.get('x', **dict(D, json=1))",
        (
            "import requests\nclass A:\n  def __init__(self): self.s = requests.Session()\n"
            "class B(A):\n  def f(self): self.s.get('x')"
        ),
        "from requests_oauthlib import OAuth2Session as S\ndef f(): S('id').fetch_token('x')",
        (
            "from authlib.integrations.requests_client import OAuth1Session as S\n"
            "def f(): S('id').fetch_request_token('x')"
        ),
        """
        import requests
        class Client:
            def __init__(self): self.session = requests.Session()
            def fetch(self): return self.session.get("x")
        """,
        """
        import requests
        session = requests.Session()
        class Client:
            def __init__(self, _session=session): self.session = _session
            def fetch(self): return self.session.get("x")
        """,
        "import requests\ndef f(s=requests.Session()): s.get('x')",
        KEPT.format(
            "{'verify': ca}", "self._o['auth'] = ('a', 'b')", "requests.get('x', **self._o)"
        ),
        KEPT.format("dict(verify=ca)", "pass", "requests.get('x', json=1, **self._o)"),
        KEPT.format("{'verify': ca}", "s = self._o['verify']", "requests.get('x', **self._o)"),
        KEPT.format("{'verify': ca}", "self.s = requests.session()", "self.s.get('x', **self._o)"),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    (finding,) = find(make_project, code)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "code",
    [
        "import requests\ndef f(): requests.get('x', **{'timeout': 5})",
        "import requests\ndef f(more): requests.get('x', **{'json': 1, **more})",
        "import requests\ndef f():\n  o = {'json': 1}\n  limit(o)\n  requests.get('x', **o)",
        "import requests\ndef f(m):\n  o = {}\n  o.update(m)\n  requests.get('x', **o)",
        "import requests\ndef f():\n  o = {}\n  o.update({'timeout': 5})\n  requests.get('x', **o)",
        "import requests\ndef f():\n  o = {}\n  o.update(timeout=5)\n  requests.get('x', **o)",
        "import requests\ndef f(k, v):\n  o = {}\n  o[k] = v\n  requests.get('x', **o)",
        "import requests\ndef f():\n  o = options()\n  requests.get('x', **o)",
        "import requests\ndef f(): requests.get('x', timeout=5)",
        "from requests import get as fetch\ndef f(): fetch('x', timeout=5)",
        "import requests\ndef f(**options): requests.get('x', **options)",
        "from urllib.request import urlopen\ndef f(): urlopen('x', None, 5)",
        "import httpx\ndef f(): httpx.get('x')",
        "import socket, urllib.request as u\nsocket.setdefaulttimeout(5)\ndef f(): u.urlopen('x')",
        "import socket, feedparser\nsocket.setdefaulttimeout(5)\ndef f(u): feedparser.parse(u.url)",
        "import feedparser\ndef f(answer): feedparser.parse(answer.text)",
        "import urllib3\npool = urllib3.PoolManager(timeout=5)\ndef f(): pool.request('GET', 'x')",
        "import urllib3\ndef f(): urllib3.request('GET', 'x')",
        (
            "from authlib.integrations.requests_client import OAuth2Session as S\n"
            "def f(): S('id', default_timeout=5).fetch_token('x')"
        ),
        "requests = {}\ndef f(cache): cache.get('x')",
        "import requests\ndef f(verb): getattr(requests, verb)('x', timeout=5)",
        "import httpx\ndef f(): httpx.Client(timeout=5).get('x')",
        (
            f"{DERIVED}  def request(self, *a, timeout=5): ...\n"
            "class C(Base):\n  def f(self): self.get('x')"
        ),
        (
            f"{DERIVED}  def get(self, url): return super().get(url, timeout=5)\n"
            "class C(Base):\n  def f(self): self.get('x')"
        ),
        f"{DERIVED}class C(Base):\n  def f(self): self.get('x', timeout=5)",
        "import requests\nclass C(C):\n  def f(self): self.get('x')",
        (
            "import requests\nclass C(requests.Session):\n  def request(self, *a, **k): ...\n"
            "def f(): C().get('x')"
        ),
        (
            "import requests\nclass C(requests.Session):\n  def f(self): self.mount('x', T())\n"
            "  def g(self): self.get('x')"
        ),
        "import requests\ndef f(pool): pool.submit(requests.get, 'x', timeout=5)",
        "import requests\ndef f():\n  get = partial(requests.get)\n  get('x', timeout=5)",
        (
            "import requests\nfrom functools import partial\ndef h():\n"
            "  get = partial(requests.get)\n  def f(): get('x', timeout=5)\n  return f"
        ),
        (
            "import requests\nfrom functools import partial\nclass C:\n"
            "  def __init__(self): self.get = partial(requests.get)\n"
            "  def f(self): self.get('x', timeout=5)\n"
        ),
        (
            "import requests\nfrom functools import partial\nclass C:\n"
            "  def __init__(self): self.get = partial(requests.get, timeout=5)\n"
            "  def f(self): self.get('x')\n"
        ),
        (
            "import requests\nfrom functools import partial\nclass C:\n"
            "  def __init__(self, timeout=5): self.get = partial(requests.get, timeout=timeout)\n"
            "  def f(self): self.get('x')\ndef g(): C().f()\n"
        ),
        "import requests\ndef own(verb): verb('x', timeout=5)\ndef f(): own(requests.get)",
        "import requests\ndef f(): retry(requests.get, fkwargs={'timeout': 5})",
        "import requests\ndef f(x): return callable(requests.get)",
        "import requests\nV = {'a': print}\ndef f(v): V[v]('x')",
        "import requests\nV = {'a': requests.get}\ndef f(v): V[v]('x', timeout=5)",
        "from urllib.request import build_opener\ndef f(): build_opener().open('x', timeout=5)",
        "from urllib.request import build_opener\ndef f(storage): storage.open('x')",
        "import requests\nD = {'timeout': 5}\ndef f(): requests.get('x', **dict(D, json=1))",
        "import requests\ndef f(d): requests.get('x', **dict(d, json=1))",
        "import requests\nclass B(A):\n  def f(self): self.s.get('x')",
        (
            "import requests\ndef get(url, **o):\n  o.setdefault('timeout', 5)\n"
            "  return requests.get(url, **o)\ndef f(): get('x')"
        ),
        "import requests\ndef f(d):\n  send = d.post if d else print\n  send('x')",
        "import requests\ndef f(verb):\n  send = getattr(requests, verb)\n  send('x', timeout=5)",
        "import requests\ndef f(s):\n  s = s or s\n  s.get('x')",
        (
            "import requests\nclass C:\n  def __init__(self, s):\n    self.s = s or Fast()\n"
            "  def f(self): self.s.get('x')"
        ),
        "import requests\nO = {'timeout': 5}\ndef f(): requests.get('x', **O)",
        BY_PROPERTY.replace('o = {"headers"', 'o = {"timeout": 5, "headers"'),
        BY_PROPERTY.replace("return o", 'o["timeout"] = 5\n    return o'),
        BY_PROPERTY.replace("return o", "return limited(o)"),
        BY_PROPERTY.replace("return o", "o.update(self.more)\n    return o"),
        BY_PROPERTY.replace("self.options)", "self.others)"),
        BY_PROPERTY.replace("self.options)", "shop.options)"),
        # What is decorated by something else may be whatever that makes of it.
        BY_PROPERTY.replace("@property", "@with_limits"),
        # What an object keeps may get a timeout elsewhere.
        *(
            KEPT.format(made, more, "requests.get('x', **self._o)")
            for made, more in (
                ("{'verify': ca, 'timeout': 5}", "pass"),
                ("dict(timeout=5)", "pass"),
                ("dict(ca)", "pass"),
                ("{**ca}", "pass"),
                ("{ca: 1}", "pass"),
                ("ca", "pass"),
                ("{'verify': ca}", "self._o['timeout'] = 5"),
                ("{'verify': ca}", "self._o[ca] = 5"),
                ("{'verify': ca}", "self._o.update(ca)"),
                ("{'verify': ca}", "self._o |= ca"),
                ("{'verify': ca}", "limit(self._o)"),
                ("{'verify': ca}", "setattr(self, '_o', ca)"),
                ("{'verify': ca}", "self._o = ca"),
            )
        ),
        (
            KEPT.format("{'verify': ca}", "pass", "requests.get('x', **self._o)")
            + "class D(C):\n  def __init__(self): self._o['timeout'] = 5\n"
        ),
        KEPT.replace("_o", "o").format("{'verify': ca}", "pass", "requests.get('x', **self.o)"),
        (
            "import requests\nclass C:\n  def __init__(self): self.o = {'timeout': 5}\n"
            "  def f(self): requests.get('x', **self.o)\ndef f(): C().f()"
        ),
        (
            "import requests\ndef get(url, **o):\n  o['timeout'] = 5\n  requests.get(url, **o)\n"
            "def f(): get('x')"
        ),
        # What a function of another kind brings is its own affair, and not its caller's.
        (
            "import requests\nclass C:\n  def o(self, h):\n    o = {'timeout': self.LIMIT}\n"
            "    if h:\n      o['headers'] = h\n    return o\n"
            "  def get(self, u, h):\n    o = self.o(h)\n    return requests.get(u, **o)\n"
            "  def f(self): self.get('x', {})"
        ),
        (
            "import requests\nfrom shop.http import options\n"
            "def get(u): requests.get(u, **options())\ndef f(): get('x')"
        ),
        (
            "import requests\ndef o():\n  o = {'json': 1}\n  limit(o)\n  return o\n"
            "def get(u): requests.get(u, **o())\ndef f(): get('x')"
        ),
        (
            "import requests\nclass C:\n  def __init__(self, o): self.o = o\n"
            "  def get(self, u): requests.get(u, **self.o)\n  def f(self): self.get('x')"
        ),
        "from functools import partial\nimport requests\nget = partial(requests.get, timeout=5)",
        (
            "from requests_oauthlib.oauth2_session import OAuth2Session\ndef f(c):\n"
            "  s = OAuth2Session(c)\n  s.fetch_token('x', code=c, timeout=5)"
        ),
        (
            "from shop.oauth2_session import OAuth2Session\n"
            "def f(c): OAuth2Session(c).fetch_token('x')"
        ),
        # A name that was imported by mistake: the request of the view was meant.
        "from requests import request\ndef f(value): return Ads.for_request(request)",
        "from locust import HttpUser\nimport requests\ndef f(): requests.get('x')",
        "def f(request): request.GET.get('x')",
        "import requests\nif __name__ == '__main__': requests.get('x')",
        "import requests\nfrom gitlint.rules import Rule\ndef f(): requests.get('x')",
        "import requests, settings\ndef f():\n  if settings.DEBUG: requests.get('x')",
        "import requests, settings\ndef f():\n  if settings.DEVELOPMENT: requests.get('x')",
        """
        import requests
        session = requests.Session()
        session.mount("https://", TimeoutAdapter())
        def f(): session.get("x")
        """,
        """
        import requests
        from requests.adapters import HTTPAdapter
        class Patient(HTTPAdapter):
            def send(self, *args, **kwargs):
                return super().send(*args, **{**DEFAULTS, **kwargs})
        def made():
            session = requests.Session()
            session.mount("https://", Patient())
            return session
        def f(): made().get("x")
        """,
        """
        import requests
        from requests.adapters import HTTPAdapter
        class Patient(HTTPAdapter):
            def __init__(self, timeout): self.timeout = timeout
        s = requests.Session()
        s.mount("https://", Patient(5))
        def f(): s.get("x")
        """,
        """
        import requests
        def report(found, data): data.get("x")
        def f():
            session = requests.Session()
            session.get("x", timeout=5)
            report(session, {})
        """,
        """
        import requests
        class Others:
            def report(self, session): session.get("x")
        def report(api): api.get("x")
        def f(api):
            s = requests.Session()
            s.mount("https://", TimeoutAdapter())
            report(s)
            other.report(requests.Session())
        """,
        """
        import requests
        class Api:
            def session(self): return Bounded(requests.Session(), 5)
            def f(self):
                held = self.session
                held.get("x")
        """,
        """
        import requests
        session = requests.Session()
        session.mount("https://", TimeoutAdapter())
        class Client:
            def __init__(self, _session=session): self.session = _session
            def fetch(self): return self.session.get("x")
        """,
        """
        import requests
        session = requests.Session()
        def f(session=None, found=session): session.get("x")
        """,
        "import urllib3\np = urllib3.PoolManager(timeout=5)\ndef f(p=p): p.request('GET', 'x')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert find(make_project, code) == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (
            """
            import requests
            from requests.adapters import HTTPAdapter
            class Legacy(HTTPAdapter):
                def init_poolmanager(self, *args, **kwargs):
                    super().init_poolmanager(*args, ssl_context=CONTEXT, **kwargs)
            def made():
                session = requests.session()
                session.mount("https://", Legacy())
                return session
            def f(): made().get("x")
            """,
            11,
        ),
        (
            """
            import requests
            from requests.sessions import HTTPAdapter
            def f():
                session = requests.session()
                session.mount("http", HTTPAdapter(max_retries=3))
                session.get("x")
            """,
            7,
        ),
        (
            """
            import requests
            def f(client):
                def report(client, session): session.put("x")
                session = requests.Session()
                report(client, session)
            """,
            4,
        ),
        (
            """
            import requests
            class Api:
                def _ask(self, url, s=None): return s.get(url)
                def f(self, url):
                    with requests.Session() as held:
                        return self._ask(url, s=held)
            """,
            4,
        ),
        (
            """
            import requests
            class Api:
                @cached_property
                def _session(self):
                    session = requests.Session()
                    return session
                def f(self):
                    session = self._session
                    session.get("x")
                    self._session = self.renewed(session)
            """,
            10,
        ),
    ],
)
def test_follows_a_session_within_a_file(
    make_project: Callable[..., Project], code: str, line: int
) -> None:
    assert [finding.location.line for finding in find(make_project, code)] == [line]


@pytest.mark.parametrize(
    ("helper", "lines"),
    [
        ("def send(url, verb): return verb(url)", [2]),
        ("def send(url, verb):\n  return verb(url) if url else verb('x')", [3, 3]),
        ("def send(url, verb): return verb(url, timeout=5)", []),
        ("def send(url, verb):\n  o = {'timeout': 5}\n  return verb(url, **o)", []),
        # Who hands it on may give one, too.
        ("def send(url, verb, **o): return verb(url, **o)", [3, 4]),
        # What else is done with it, nobody knows.
        ("def send(url, verb): return retry(verb, url)", [3, 4]),
    ],
)
def test_a_function_that_is_handed_on_is_called_by_one(
    make_project: Callable[..., Project], helper: str, lines: list[int]
) -> None:
    code = f"import requests\n{helper}\ndef f(): send('x', requests.put)\n"
    code += "def g(): send('x', verb=requests.delete)\n"
    assert [finding.location.line for finding in find(make_project, code)] == lines


HANDED = """
import requests
def report(session):
    session.put("x")
    session.put("y")
def f():
    s = requests.Session()
    report(s)
"""


def test_calls_over_a_handed_session_are_one_finding(make_project: Callable[..., Project]) -> None:
    (finding,) = find(make_project, HANDED)
    assert finding.location.line == HANDED.splitlines().index("def f():") + 1
    assert [place.line for place in finding.related] == [4, 5]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("import requests\ndef f(url): requests.get(url)", "Pass timeout=5"),
        ("from urllib.request import urlopen\ndef f(url): urlopen(url)", "Pass timeout=5"),
        ("import feedparser\ndef f(url): feedparser.parse(url)", "It takes no timeout"),
        (
            "from urllib.request import urlretrieve\ndef f(url): urlretrieve(url, 'x')",
            "It takes no timeout",
        ),
    ],
)
def test_advises_a_timeout_where_one_is_taken(
    make_project: Callable[..., Project], code: str, first: str
) -> None:
    (finding,) = find(make_project, code)
    assert finding.hint.startswith(first)


FOLLOWED = [
    (
        "import feedparser, requests\n"
        "def f(url): feedparser.parse(requests.get(url, timeout=5).content)"
    ),
    "import feedparser, requests\ndef f(url): feedparser.parse(requests.get(url, timeout=5).text)",
    (
        "from urllib.request import urlopen\n"
        "def f(url): open('x', 'wb').write(urlopen(url, timeout=5).read())"
    ),
    (
        "import socket\nfrom urllib.request import urlretrieve\nsocket.setdefaulttimeout(5)\n"
        "def f(url): urlretrieve(url, 'x')"
    ),
]


@pytest.mark.parametrize("code", FOLLOWED)
def test_whoever_follows_the_advice_is_left_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    assert find(make_project, code) == []


@pytest.mark.parametrize(
    "name", ["shop/management/commands/sync.py", "scripts/sync.py", "tests/fake.py", "test_x.py"]
)
def test_commands_scripts_and_tests_are_silent(
    make_project: Callable[..., Project], name: str
) -> None:
    assert find(make_project, "import requests\ndef f(): requests.get('x')", name) == []


KEEPS = """
import requests
class Base:
    @property
    def session(self):
        if not self._session:
            self._session = requests.Session()
        return self._session
"""
CALLS = """
from shop.base import Base
class Feed(Base):
    def fetch(self): return self.session.get("x")
"""


def test_finds_the_session_of_a_base_class_elsewhere(make_project: Callable[..., Project]) -> None:
    project = make_project({"shop/base.py": KEEPS, "shop/feed.py": CALLS})
    (finding,) = RULE.find(project)
    assert str(finding.location) == "shop/feed.py:4"


@pytest.mark.parametrize(
    ("keeps", "calls"),
    [
        (KEEPS.replace("requests.Session()", "Fast()"), CALLS),
        (KEEPS + "        self.session.mount('https://', Fast())\n", CALLS),
        (KEEPS, CALLS.replace('"x"', '"x", timeout=5')),
        (KEEPS, CALLS.replace("self.session", "self.request.session")),
        (KEEPS, CALLS.replace("(Base)", "(Other)")),
        (KEEPS, CALLS.replace("session", "session_key")),
    ],
)
def test_leaves_the_session_of_a_base_class_alone(
    make_project: Callable[..., Project], keeps: str, calls: str
) -> None:
    assert list(RULE.find(make_project({"shop/base.py": keeps, "shop/feed.py": calls}))) == []


HELPERS = """
import requests
from edx_rest_api_client.client import OAuthAPIClient

def get_session():
    session = requests.Session()
    session.headers["x"] = "y"
    return session

def get_client():
    return get_session()

api = requests.Session()

class Base:
    def __init__(self):
        self.client = OAuthAPIClient("x", "y", "z", timeout=5)

class Site:
    @property
    def api_client(self):
        return get_session()

class Plain(requests.Session): ...

class Work(Task):
    @property
    def http(self):
        return requests.Session()

class NamedSession(requests.Session):
    def request(self, *args, **options):
        return super().request(*args, **options, headers={"x": "y"})
"""
IMPORTS = "from shop.helpers import Base, NamedSession, api, get_client\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f(): get_client().get('x')",
        "def f():\n  client = get_client()\n  client.post('x', 'y')",
        "client = get_client()\ndef f(): client.get('x')",
        "def f(): api.get('x')",
        "class C(Base):\n  def f(self): self.client.get('x')",
        (
            "class C:\n  def __init__(self): self.client = get_client()\n"
            "  def f(self): self.client.get('x')"
        ),
        "class C:\n  client = get_client()\n  def f(self): self.client.get('x')",
        "def f(request): request.site.api_client.get('x')",
        "def f(site):\n  client = site.api_client\n  client.get('x')",
        "class C:\n  def f(self):\n    c = self.request.site.api_client\n    c.get('x')",
        "def f(): NamedSession().get('x')",
        "from shop.helpers import Plain\ndef f(): Plain().get('x')",
        "from shop.helpers import Work\n@app.task(base=Work)\ndef f(self): self.http.get('x')",
        "def own(u, **o): return get_client().get(u, **o)\ndef f(): own('x')",
    ],
)
def test_follows_a_session_to_another_file(make_project: Callable[..., Project], code: str) -> None:
    project = make_project({"shop/helpers.py": HELPERS, "shop/code.py": IMPORTS + code})
    (finding,) = RULE.find(project)
    assert finding.location.path == "shop/code.py"


@pytest.mark.parametrize(
    ("helpers", "code"),
    [
        (HELPERS, "def f(): get_client().get('x', timeout=5)"),
        (HELPERS, "def f(client): client.get('x')"),
        (HELPERS, "def f(request): request.session.get('x')"),
        (HELPERS, "def f(site): site.api_client.get('x', None)"),
        (HELPERS, "def f(): get_other_client().get('x')"),
        (HELPERS, "class C:\n  def f(self): self.client.get('x')"),
        (HELPERS, "def own(u, **o): get_client().get(u, **o)\ndef f(): own('x', timeout=5)"),
        (HELPERS, "class C:\n  def api_client(self): ...\ndef f(s): s.api_client.get('x')"),
        (HELPERS.replace('["x"] = "y"', ".update(x)").replace("requests.S", "S"), "api.get('x')"),
        (
            HELPERS.replace('session.headers["x"] = "y"', "session.mount('https://', Fast())"),
            "def f(): get_client().get('x')",
        ),
        (
            HELPERS.replace('session.headers["x"] = "y"', "session.request = timed(session)"),
            "def f(): get_client().get('x')",
        ),
        (HELPERS.replace("**options, h", "timeout=5, h"), "def f(): NamedSession().get('x')"),
        (HELPERS.replace("super()", "other"), "def f(): NamedSession().get('x')"),
    ],
)
def test_leaves_other_sessions_of_another_file_alone(
    make_project: Callable[..., Project], helpers: str, code: str
) -> None:
    project = make_project({"shop/helpers.py": helpers, "shop/code.py": IMPORTS + code})
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  get_client().get('x')\n  get_client().post('x')",
        "c = get_client()\ndef f(): c.get('x')\ndef g(): get_client().get('x')",
    ],
)
def test_calls_over_the_sessions_of_one_function_are_one(
    make_project: Callable[..., Project], code: str
) -> None:
    project = make_project({"shop/helpers.py": HELPERS, "shop/code.py": IMPORTS + code})
    (finding,) = RULE.find(project)
    assert str(finding.location) == "shop/helpers.py:5"
    assert len(finding.related) == 2
    assert {place.path for place in finding.related} == {"shop/code.py"}


def test_those_over_others_are_as_many(make_project: Callable[..., Project]) -> None:
    code = "def f():\n  api.get('x')\n  api.get('y')\n  get_client().get('x')"
    project = make_project({"shop/helpers.py": HELPERS, "shop/code.py": IMPORTS + code})
    assert [str(finding.location) for finding in RULE.find(project)] == [
        f"shop/code.py:{line}" for line in (3, 4, 5)
    ]


AT_ONCE = "import requests\nrequests.get('x')\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"profiles/data.py": AT_ONCE}, 0),
        ({"profiles/data.py": "import requests\ndef main(): requests.get('x')\n"}, 0),
        ({"profiles/data.py": "import requests\ndef f(): requests.get('x')\n"}, 1),
        ({"profiles/data.py": AT_ONCE, "shop/views.py": "from profiles import data\n"}, 1),
        ({"profiles/data.py": AT_ONCE, "Procfile": "bot: python profiles/data.py\n"}, 1),
        ({"shop/tasks.py": AT_ONCE}, 1),
    ],
)
def test_a_program_that_nothing_imports_is_an_operators(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project(files)))) == count


@pytest.mark.parametrize(
    ("path", "count"), [("shop/management/commands/fetch.py", 1), ("shop/apps.py", 0)]
)
def test_a_command_sets_the_timeout_of_sockets_for_itself(
    make_project: Callable[..., Project], path: str, count: int
) -> None:
    project = make_project(
        {
            "shop/views.py": "import urllib.request as u\ndef f(): u.urlopen('x')\n",
            path: "import socket\nsocket.setdefaulttimeout(300)\n",
        }
    )
    assert len(list(RULE.find(project))) == count


OPENS = "import urllib.request as u\ndef f(): u.urlopen('x')\n"
SETS = "import socket\nsocket.setdefaulttimeout(5)\n"
CALLS_AT_ONCE = "from shop.feeds import fetch\nfetch('x')\n"
MIDDLEWARE = """
class PatienceMiddleware:
  def __call__(self, request): socket.setdefaulttimeout(5)
"""
READY = """
from django.apps import AppConfig
class ShopConfig(AppConfig):
  def ready(self): socket.setdefaulttimeout(5)
"""
LATER = """import socket
def show(request): return fetch(request)
def fetch(url):
  socket.setdefaulttimeout(5)
"""


@pytest.mark.parametrize(
    ("files", "count"),
    [
        # A process has one after it has come there, and most have not.
        ({"shop/feeds.py": f"{LATER}  return url\n"}, 1),
        ({"shop/feeds.py": SETS, "shop/urls.py": "def g():\n  from shop.feeds import x\n"}, 1),
        # It holds for what the function does, and those that it calls.
        ({"shop/views.py": f"{LATER}  return f()\n{OPENS}"}, 0),
        ({"shop/feeds.py": f"from shop.views import f\n{LATER}  return f()\n"}, 0),
        (
            {
                "shop/feeds.py": SETS,
                "shop/urls.py": "from shop.feeds import x\ndef g():\n  from shop.feeds import x\n",
            },
            0,
        ),
        ({"shop/feeds.py": f"{LATER}  return url\n", "shop/urls.py": CALLS_AT_ONCE}, 0),
        ({"shop/middleware.py": "import socket\n" + MIDDLEWARE}, 0),
        ({"shop/apps.py": "import socket\n" + READY}, 0),
        ({"shop/views.py": SETS + OPENS, "shop/urls.py": "def g(): from shop.views import f\n"}, 0),
    ],
)
def test_a_time_out_of_all_sockets_begins_where_it_is_set(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/views.py": OPENS, **files})))) == count


def test_both_calls_of_a_wrapper_are_named(make_project: Callable[..., Project]) -> None:
    code = """
    import requests
    def send(url, data=None, **options):
        if data is None:
            return requests.get(url, **options)
        return requests.post(url, data, **options)
    def f(): send("x", {}, headers={})
    """
    (finding,) = find(make_project, code)
    lines = {finding.location.line, *(place.line for place in finding.related)}
    assert lines == {5, 6, 7}


def test_a_stand_in_beside_the_code_makes_no_test_of_it(
    make_project: Callable[..., Project],
) -> None:
    code = "import requests\nfrom unittest{}\ndef f(): requests.get('x')"
    assert len(find(make_project, code.format(".mock import patch"))) == 1
    assert find(make_project, code.format(" import TestCase")) == []


PROPERTY = """
import requests
class Client:
    @property
    def session(self):
        if not hasattr(self, "_session"):
            self._session = requests.Session()
        return self._session
    def a(self): return self.session.get("x")
    def b(self): return self.session.post("x")
"""
MADE = """
import requests
def session(): return requests.Session()
def a(): return session().get("x")
def b():
    kept = session()
    return kept.post("x")
"""
PASSED_ON = (
    PROPERTY.replace("self.session.", "self.signed_session.")
    + """
    @property
    def signed_session(self):
        self.session.headers["x"] = "y"
        return self.session
"""
)
RETURNED = """
import requests
def session(): return requests.Session()
def signed_session():
    made = session()
    made.headers["x"] = "y"
    return made
def a(): return signed_session().get("x")
def b():
    kept = signed_session()
    return kept.post("x")
"""
OWN = "import requests\ndef a():\n  s = requests.Session()\n  s.get('x')\n  s.post('x')\n"


@pytest.mark.parametrize(
    ("code", "places"),
    [
        (PROPERTY, [(5, [9, 10])]),
        (MADE, [(3, [4, 7])]),
        (PASSED_ON, [(5, [9, 10])]),
        (RETURNED, [(3, [8, 11])]),
        (PASSED_ON.replace('("x")', '("x", timeout=5)'), []),
        (RETURNED.replace('("x")', '("x", timeout=5)'), []),
        (PASSED_ON.replace("requests.Session()", "Fast()"), []),
        (RETURNED.replace("requests.Session()", "Fast()"), []),
        (OWN, [(4, []), (5, [])]),
        (PROPERTY.replace('("x")', '("x", timeout=5)'), []),
    ],
)
def test_calls_beside_the_maker_of_their_session_are_one(
    make_project: Callable[..., Project], code: str, places: list[tuple[int, list[int]]]
) -> None:
    found = find(make_project, code)
    assert [(each.location.line, [at.line for at in each.related]) for each in found] == places


CELERY = (
    "from celery import Celery\napp = Celery('shop')\n"
    "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
)
# These modules are imported: requests need not be installed for that.
ASKS = "():\n  import requests\n  requests.get('x')\n"
TASK = "from shop.celery import app\n{}\ndef f" + ASKS
HELPED = f"from shop.celery import app\ndef ask{ASKS}{{}}\ndef f(): ask()\n"
INNER = (
    "from shop.celery import app\n{}\ndef f():\n  def each():\n    def ask():\n"
    "      import requests\n      requests.get('x')\n    ask()\n  each()\n"
)
OVER_SESSIONS = (
    "from shop.celery import app\ndef session():\n  import requests\n  return requests.Session()\n"
    "{}\ndef f():\n  session().get('x')\n  session().post('x')\n"
)


@pytest.mark.parametrize(
    ("decorator", "limits", "severity"),
    [
        ("@app.task", {"CELERY_TASK_TIME_LIMIT": 60}, Severity.INFO),
        ("@app.task", {"CELERY_TASK_SOFT_TIME_LIMIT": 299}, Severity.INFO),
        ("@app.task", {"CELERY_TASK_SOFT_TIME_LIMIT": 300}, Severity.WARNING),
        ("@app.task(soft_time_limit=60)", {"CELERY_TASK_TIME_LIMIT": 900}, Severity.INFO),
        ("@app.task(time_limit=60)", {}, Severity.INFO),
        ("@app.task", {}, Severity.WARNING),
        ("@app.task", {"CELERY_TASK_TIME_LIMIT": 900}, Severity.WARNING),
        ("@app.task(time_limit=900)", {"CELERY_TASK_TIME_LIMIT": 60}, Severity.WARNING),
        ("@app.task(time_limit=LONG)", {"CELERY_TASK_TIME_LIMIT": 60}, Severity.WARNING),
    ],
)
@pytest.mark.parametrize("code", [TASK, HELPED, INNER, OVER_SESSIONS])
def test_a_call_ends_with_its_task(
    make_project: Callable[..., Project],
    code: str,
    decorator: str,
    limits: dict[str, int],
    severity: Severity,
) -> None:
    tasks = "LONG = 900\n" + code.format(decorator)
    files = {"shop/celery.py": CELERY, "shop/tasks.py": tasks}
    (finding,) = RULE.find(make_project(files, **limits))
    assert finding.severity is severity
    assert ("time limit" in finding.message) == (severity is Severity.INFO)


def test_a_view_that_calls_the_same_has_no_limit(make_project: Callable[..., Project]) -> None:
    tasks = HELPED.format("@app.task(time_limit=60)") + "def view(request): ask()\n"
    files = {"shop/celery.py": CELERY, "shop/tasks.py": tasks}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("decorator", ["app.task", "job"])
def test_a_task_in_a_task_has_a_limit_of_its_own(
    make_project: Callable[..., Project], decorator: str
) -> None:
    tasks = (
        "from shop.celery import app\n@app.task(time_limit=60)\ndef f():\n"
        f"  from django_rq import job\n  @{decorator}\n"
        "  def ask():\n    import requests\n    requests.get('x')\n"
    )
    files = {"shop/celery.py": CELERY, "shop/tasks.py": tasks}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is Severity.WARNING


SEND = "from shop.tasks import f\ndef view(request): {}\n"


@pytest.mark.parametrize(
    ("decorator", "sends", "severity"),
    [
        ("@app.task", "f.apply_async((1,), soft_time_limit=60)", Severity.INFO),
        ("@app.task", "f.apply_async((1,), time_limit=60)", Severity.INFO),
        ("@app.task", "f.s(1).set(time_limit=60).delay()", Severity.INFO),
        ("@app.task(time_limit=900)", "f.signature((1,), time_limit=60).delay()", Severity.INFO),
        ("@app.task(time_limit=60)", "f.delay()", Severity.INFO),
        ("@app.task", "f.apply_async((1,), soft_time_limit=900)", Severity.WARNING),
        ("@app.task", "f.apply_async((1,), soft_time_limit=minutes())", Severity.WARNING),
        ("@app.task", "f.apply_async(time_limit=60); f.delay()", Severity.WARNING),
        ("@app.task", "f.apply_async(time_limit=60); print(f)", Severity.INFO),
    ],
)
def test_a_task_may_get_its_limit_from_who_sends_it(
    make_project: Callable[..., Project], decorator: str, sends: str, severity: Severity
) -> None:
    files = {"shop/celery.py": CELERY, "shop/tasks.py": TASK.format(decorator)}
    (finding,) = RULE.find(make_project({**files, "shop/views.py": SEND.format(sends)}))
    assert finding.severity is severity


def test_a_task_that_is_also_sent_without_a_limit(make_project: Callable[..., Project]) -> None:
    files = {"shop/celery.py": CELERY, "shop/tasks.py": TASK.format("@app.task")}
    files["shop/views.py"] = SEND.format("f.apply_async(time_limit=60)")
    files["shop/signals.py"] = "from shop.tasks import f\ndef saved(): f.delay()\n"
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is Severity.WARNING


# A task that runs any plugin, each with the limit of its row.
PLUGIN = (
    "class Plugin:\n  def start(self):\n    return self.run()\n"
    "  def run(self): raise NotImplementedError\n  def update(self): ...\n"
)
PRICES = (
    "from shop.plugin import Plugin\nimport requests\n"
    "class Prices(Plugin):\n"
    "  def run(self):\n{0}    return self.ask()\n"
    "  def ask(self):\n    return requests.get('x')\n{1}"
)
RUN_PLUGIN = (
    "from celery import shared_task\nfrom shop.plugin import Plugin\n"
    "@shared_task\ndef run_plugin(pk):\n  kind = Row.objects.get(pk=pk).kind\n"
    "  kind(pk).start()\n"
)
SEND_PLUGIN = (
    "from shop import tasks\ndef send(row):\n"
    "  return tasks.run_plugin.signature((row.pk,), soft_time_limit=row.soft_time_limit)\n"
)
MODEL = (
    "from django.db import models\nclass Row(models.Model):\n"
    "  soft_time_limit = models.IntegerField(default={})\n"
)
ROW = "rows = [{{'kind': 'prices.Prices', 'soft_time_limit': {}}}]\n"
OTHER_KIN = (
    "\nfrom shop.other import Feed\n"
    "@shared_task(time_limit=900)\ndef run_feed(pk):\n  feed: Feed = make(pk)\n  feed.start()\n"
)
FEED = "from shop.plugin import Plugin\nclass Feed(Plugin): ...\n"


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, Severity.INFO),
        ({"shop/tasks.py": RUN_PLUGIN + OTHER_KIN, "shop/other.py": FEED}, Severity.INFO),
        ({"shop/models.py": MODEL.format(900)}, Severity.INFO),
        ({"shop/migrations/0001_rows.py": "", "shop/models.py": MODEL.format(60)}, Severity.INFO),
        (
            {"shop/other.py": FEED + "class B(Feed):\n  def go(self): return self.ask()\n"},
            Severity.INFO,
        ),
        ({"shop/migrations/0001_rows.py": ROW.format(900)}, Severity.WARNING),
        ({"shop/migrations/0001_rows.py": ""}, Severity.WARNING),
        ({"shop/views.py": "def view(request, pk): made(pk).start()\n"}, Severity.WARNING),
        (
            {"shop/views.py": "from shop.tasks import run_plugin\ndef v(r): run_plugin.delay(1)\n"},
            Severity.WARNING,
        ),
        ({"shop/tasks.py": RUN_PLUGIN + OTHER_KIN.replace(": Feed", "")}, Severity.WARNING),
    ],
)
def test_a_row_may_hold_the_limit_of_a_plugin(
    make_project: Callable[..., Project], more: dict[str, str], severity: Severity
) -> None:
    files = {
        "shop/plugin.py": PLUGIN,
        "shop/prices.py": PRICES.format("", ""),
        "shop/tasks.py": RUN_PLUGIN,
        "shop/send.py": SEND_PLUGIN,
        "shop/migrations/0001_rows.py": ROW.format(30),
    }
    (finding,) = RULE.find(make_project({**files, **more}))
    assert finding.severity is severity


def test_what_an_endpoint_calls_of_a_plugin_has_no_limit(
    make_project: Callable[..., Project],
) -> None:
    files = {
        "shop/plugin.py": PLUGIN,
        "shop/prices.py": PRICES.format("", "  def update(self):\n    return self.ask()\n"),
        "shop/tasks.py": RUN_PLUGIN,
        "shop/send.py": SEND_PLUGIN,
        "shop/views.py": "def refresh(request, pk): plugin(pk).update()\n",
        "shop/migrations/0001_rows.py": ROW.format(30),
    }
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is Severity.WARNING


CAUGHT = (
    "from shop.celery import app\nfrom urllib.request import urlopen\n"
    "@app.task(soft_time_limit=60)\ndef f(urls):\n{}"
)
ONE = "try:\n{0}  urlopen('x')\n{0}except {1}:\n{0}  {2}\n"


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("  " + ONE.format("  ", "Exception", "print()"), Severity.INFO),
        ("  for u in urls:\n    " + ONE.format("    ", "OSError", "print()"), Severity.INFO),
        ("  for u in urls:\n    " + ONE.format("    ", "Exception", "raise"), Severity.INFO),
        ("  for u in urls:\n    " + ONE.format("    ", "Exception", "print()"), Severity.WARNING),
        (
            "  for u in urls: ask(u)\ndef ask(u):\n  "
            + ONE.format("  ", "BaseException", "print()"),
            Severity.WARNING,
        ),
    ],
)
def test_a_loop_that_catches_all_has_no_soft_limit(
    make_project: Callable[..., Project], body: str, severity: Severity
) -> None:
    files = {"shop/celery.py": CELERY, "shop/tasks.py": CAUGHT.format(body)}
    (finding,) = RULE.find(make_project(files))
    assert finding.severity is severity


GOOGLE = ["social_core.backends.google.GoogleOAuth2"]
OWN_LOGIN = ["shop.login.Login"]
OIDC = (
    "from mozilla_django_oidc.auth import OIDCAuthenticationBackend\n"
    "class Login(OIDCAuthenticationBackend): ...\n"
)
LASUITE = OIDC.replace("mozilla_django_oidc.auth", "lasuite.oidc_login.backends")
HTML = "class Login: ...\n"
FROM_ENVIRONMENT = "from configurations import values\nOIDC_TIMEOUT = values.{}\n"


def of_logins(root: Path, backends: list[str], files: dict[str, str], more: str = "") -> list[Any]:
    settings = f"AUTHENTICATION_BACKENDS = {backends!r}\nINSTALLED_APPS = ['shop']\n{more}"
    written = {"settings.py": f"{settings}ROOT_URLCONF = 'urls'\n", **files}
    for name, text in written.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return [each.finding for each in scan(root, [RULE]).found]


@pytest.mark.parametrize(
    ("backends", "files", "named"),
    [
        (GOOGLE, {"requirements.txt": "social-auth-core==4.8.1\n"}, "SOCIAL_AUTH_REQUESTS_TIMEOUT"),
        (["mozilla_django_oidc.auth.OIDCAuthenticationBackend"], {}, "OIDC_TIMEOUT"),
        (OWN_LOGIN, {"shop/__init__.py": "", "shop/login.py": OIDC}, "OIDC_TIMEOUT"),
    ],
    ids=["social", "oidc", "a class of one's own"],
)
def test_finds_a_login_that_waits(
    tmp_path: Path, backends: list[str], files: dict[str, str], named: str
) -> None:
    (finding,) = of_logins(tmp_path, backends, files)
    assert finding.severity is Severity.WARNING
    assert (finding.location.path, finding.location.line) == ("settings.py", 1)
    assert named in finding.hint


@pytest.mark.parametrize(
    ("source", "more"),
    [
        (LASUITE, ""),
        (OIDC, "OIDC_TIMEOUT = None\n"),
        (LASUITE, FROM_ENVIRONMENT.format("Value(None, environ_name='OIDC_TIMEOUT')")),
    ],
    ids=["on top of it", "None", "None unless the environment says more"],
)
def test_finds_a_login_whose_timeout_is_none(tmp_path: Path, source: str, more: str) -> None:
    (finding,) = of_logins(
        tmp_path, OWN_LOGIN, {"shop/__init__.py": "", "shop/login.py": source}, more
    )
    assert "OIDC_TIMEOUT" in finding.hint
    settings = (tmp_path / "settings.py").read_text().splitlines()
    line = settings[finding.location.line - 1]
    assert line.startswith("OIDC_TIMEOUT" if more else "AUTHENTICATION_BACKENDS")


@pytest.mark.parametrize(
    ("source", "more"),
    [
        (LASUITE, "OIDC_TIMEOUT = 5\n"),
        (LASUITE, FROM_ENVIRONMENT.format("IntegerValue(5)")),
        (LASUITE, "from shop.limits import LIMIT\nOIDC_TIMEOUT = LIMIT.seconds\n"),
        (LASUITE.replace("oidc_login", "tools"), "OIDC_TIMEOUT = None\n"),
    ],
    ids=["a time-out", "one unless the environment says more", "computed", "another module"],
)
def test_leaves_a_login_with_a_timeout_alone(tmp_path: Path, source: str, more: str) -> None:
    files = {"shop/__init__.py": "", "shop/login.py": source}
    assert of_logins(tmp_path, OWN_LOGIN, files, more) == []


@pytest.mark.parametrize(
    ("backends", "files", "more"),
    [
        (GOOGLE, {"requirements.txt": "social-auth-core==4.9.1\n"}, ""),
        (GOOGLE, {"requirements.txt": "social-auth-core>=4\n"}, ""),
        (GOOGLE, {}, ""),
        (
            GOOGLE,
            {"requirements.txt": "social-auth-core==4.3\n"},
            "SOCIAL_AUTH_GOOGLE_OAUTH2_REQUESTS_TIMEOUT = 5\n",
        ),
        (
            ["social_core.backends.saml.SAMLAuth"],
            {"requirements.txt": "social-auth-core==4.3\n"},
            "",
        ),
        (["mozilla_django_oidc.auth.OIDCAuthenticationBackend"], {}, "OIDC_TIMEOUT = 5\n"),
        (
            ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
            {},
            "import os\nOIDC_TIMEOUT = int(os.environ['OIDC_TIMEOUT'])\n",
        ),
        (OWN_LOGIN, {"shop/__init__.py": "", "shop/login.py": HTML}, ""),
    ],
    ids=[
        *("bounded by itself", "any version", "no version", "time-out", "asks nobody"),
        *("time-out for oidc", "computed", "another class of one's own"),
    ],
)
def test_leaves_a_login_alone(
    tmp_path: Path, backends: list[str], files: dict[str, str], more: str
) -> None:
    assert of_logins(tmp_path, backends, files, more) == []


@pytest.mark.parametrize(
    ("call", "lines"),
    [("send.delay('POST', url=u)", [5]), ("send.delay('POST', url=u, timeout=5)", [])],
)
def test_a_task_that_hands_on_what_it_is_sent_with(
    make_project: Callable[..., Project], call: str, lines: list[int]
) -> None:
    task = "from celery import shared_task\nfrom requests import request\n"
    task += "@shared_task\ndef send(*args, **kwargs):\n  request(*args, **kwargs)\n"
    asking = f"from shop.tasks import send\ndef notify(request, u):\n  {call}\n"
    files = {"shop/__init__.py": "", "shop/tasks.py": task, "shop/views.py": asking}
    found = RULE.find(make_project(files))
    assert [each.location.line for each in found if each.location.path == "shop/tasks.py"] == lines


WRAPPED = """
from requests import Session

def patch():
    send = Session.request

    def request(self, *args, **kwargs):
        kwargs.setdefault("timeout", 10)
        return send(self, *args, **kwargs)

    Session.request = request
"""
PARTIAL = """
import functools
import requests

requests.Session.request = functools.partialmethod(requests.Session.request, timeout=10)
"""
READY = """
from django.apps import AppConfig
from shop.patches import patch

class Shop(AppConfig):
    def ready(self):
        patch()
"""
ASKED = "import requests\ndef f(): requests.get('x')\n"
POOLED = "import requests\ns = requests.Session()\ndef f(): s.get('x')\n"


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        (WRAPPED, ASKED),
        (
            WRAPPED.replace("Session.request = request", "setattr(Session, 'request', request)"),
            ASKED,
        ),
        (WRAPPED, POOLED),
        (WRAPPED, f"from urllib3.util import Retry\n{POOLED}"),
        (WRAPPED, "import requests\ndef get(u, **o): requests.get(u, **o)\ndef f(): get('x')\n"),
        (PARTIAL + "def patch(): ...\n", ASKED),
        (
            WRAPPED.replace("requests", "requests.adapters")
            .replace("Session", "HTTPAdapter")
            .replace("request", "send")
            .replace("sends", "requests"),
            ASKED,
        ),
    ],
)
def test_a_method_of_requests_that_brings_a_timeout_is_silent(
    make_project: Callable[..., Project], patch: str, code: str
) -> None:
    files = {"shop/patches.py": patch, "shop/apps.py": READY, "shop/code.py": code}
    assert list(RULE.find(make_project(files))) == []


@pytest.mark.parametrize(
    ("patch", "ready", "code"),
    [
        (WRAPPED.replace('kwargs.setdefault("timeout", 10)', "log(args)"), READY, ASKED),
        (PARTIAL.replace("timeout=10", "timeout=None") + "def patch(): ...\n", READY, ASKED),
        (WRAPPED.replace("Session.request =", "Other.request ="), READY, ASKED),
        (WRAPPED, READY, "from urllib.request import urlopen\ndef f(): urlopen('x')\n"),
        (
            WRAPPED,
            READY,
            "import urllib3\npool = urllib3.PoolManager()\ndef f(): pool.request('GET', 'x')\n",
        ),
    ],
)
def test_other_methods_and_other_libraries_are_a_finding(
    make_project: Callable[..., Project], patch: str, ready: str, code: str
) -> None:
    files = {"shop/patches.py": patch, "shop/apps.py": ready, "shop/code.py": code}
    (finding,) = RULE.find(make_project(files))
    assert finding.location.path == "shop/code.py"


def test_a_module_called_setup_is_no_script(make_project: Callable[..., Project]) -> None:
    ready = READY.replace("shop.patches", "shop.setup")
    files = {"shop/setup.py": WRAPPED, "shop/apps.py": ready, "shop/code.py": ASKED}
    assert list(RULE.find(make_project(files))) == []


@pytest.mark.parametrize(
    ("name", "code", "count"),
    [
        ("shop/web/setup.py", ASKED, 1),
        ("setup.py", ASKED, 0),
        ("lib/setup.py", f"import setuptools\n{ASKED}", 0),
    ],
)
def test_setup_is_a_script_at_the_top_or_where_it_builds(
    make_project: Callable[..., Project], name: str, code: str, count: int
) -> None:
    assert len(find(make_project, code, name)) == count


def test_a_patch_of_a_command_helps_no_replica(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/sync.py": PARTIAL, "shop/code.py": ASKED}
    assert len(list(RULE.find(make_project(files)))) == 1


@pytest.mark.parametrize(
    ("test", "after", "lines"),
    [
        # Who gives none comes to the other line.
        ("timeout", "requests.get(u)", [6]),
        ("timeout is not None", "u", []),
        ("timeout is not None", "requests.get(u, timeout=5)", []),
        ("u", "u", [5]),
        ("not timeout", "u", [5]),
    ],
)
def test_a_call_below_its_own_timeout_has_one(
    make_project: Callable[..., Project], test: str, after: str, lines: list[int]
) -> None:
    code = f"""
    import requests
    def get(u, timeout=None):
        if {test}:
            return requests.get(u, timeout=timeout)
        return {after}
    def f(): get('x')
    """
    assert [finding.location.line for finding in find(make_project, code)] == lines


CLIENT = """
import requests
class Api:
    def __init__(self): self.session = requests.Session()
    def get(self, path, *args, **kwargs): return self.session.get(path, *args, **kwargs)
    def post(self, path, timeout=None): return self.session.post(path, timeout=timeout)
def made_api():
    api = Api()
    return api
"""


@pytest.mark.parametrize(
    ("user", "line"),
    [
        (
            (
                "class Shop:\n  def __init__(self): self._api = Api()\n"
                "  def _get(self, path, *a, **k): return self._api.get(path, *a, **k)\n"
                "  def orders(self): return self._get('orders')"
            ),
            5,
        ),
        (
            "class Shop:\n  client = Api()\n  def orders(self): return self.client.post('orders')",
            6,
        ),
        ("def orders(): return made_api().get('orders')", 5),
    ],
    ids=["an attribute", "of the class", "a helper"],
)
def test_follows_a_client_that_is_held(
    make_project: Callable[..., Project], user: str, line: int
) -> None:
    (finding,) = find(make_project, f"{CLIENT}{user}")
    assert finding.location.line == line


@pytest.mark.parametrize(
    "user",
    [
        (
            "class Shop:\n  def __init__(self): self._api = Api()\n"
            "  def _get(self, path, *a, **k): return self._api.get(path, *a, **k)\n"
            "  def orders(self): return self._get('orders', timeout=5)"
        ),
        "class Shop:\n  client = Api()\n  def orders(self): return self.client.post('orders', 5)",
        "def orders(): return made_api().get('orders', timeout=5)",
        "class Shop:\n  client = Other()\n  def orders(self): return self.client.get('orders')",
        "class Shop:\n  def orders(self, api): return self.api.get('orders')",
    ],
    ids=["by who calls", "by position", "a helper", "another", "anybody's"],
)
def test_leaves_a_client_that_is_held_alone(
    make_project: Callable[..., Project], user: str
) -> None:
    assert find(make_project, f"{CLIENT}{user}") == []


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ("OIDC_OP_TOKEN_ENDPOINT = 'https://example.com/token'\n", Severity.INFO),
        ("OIDC_OP_TOKEN_ENDPOINT = 'https://login.example.org/token'\n", Severity.INFO),
        ("OIDC_OP_TOKEN_ENDPOINT = 'https://login.example'\n", Severity.INFO),
        ("OIDC_OP_TOKEN_ENDPOINT = 'https://login.invalid'\n", Severity.INFO),
        ("OIDC_OP_TOKEN_ENDPOINT = 'https://example.com.shop.eu/token'\n", Severity.WARNING),
        ("OIDC_OP_TOKEN_ENDPOINT = 'https://myexample.com/token'\n", Severity.WARNING),
        ("OIDC_OP_TOKEN_ENDPOINT = ''\n", Severity.WARNING),
        ("import os\nOIDC_OP_TOKEN_ENDPOINT = os.environ['TOKENS']\n", Severity.WARNING),
    ],
)
def test_a_provider_that_is_an_example(tmp_path: Path, more: str, severity: Severity) -> None:
    files = {"shop/__init__.py": "", "shop/login.py": OIDC}
    (finding,) = of_logins(tmp_path, OWN_LOGIN, files, more)
    assert finding.severity is severity


LOGIN = """from requests_oauthlib import OAuth2Session
{imports}

class Login:
    def get_oauth_session(self): return {made}

    def token(self, code):
        oauth = self.get_oauth_session()
        return oauth.fetch_token("https://login", code=code), oauth.get("https://login/me")
"""
OAUTH = "class OAuth({bases}): pass\n"


@pytest.mark.parametrize(
    ("made", "imports", "count"),
    [
        ("OAuth2Session('id')", "", 2),
        ("OAuth()", OAUTH.format(bases="OAuth2Session"), 2),
        ("Flow()", "class Flow:\n  def get(self, url): pass\n", 0),
        # Of another package, it may bring one.
        (
            "OAuth()",
            "from shop.login import OAuth\n",
            0,
        ),
    ],
)
def test_a_token_is_fetched_over_a_session_of_a_helper(
    make_project: Callable[..., Project], made: str, imports: str, count: int
) -> None:
    hardened = "from requests_hardened import HTTPSession\nfrom requests_oauthlib import"
    hardened += " OAuth2Session\n" + OAUTH.format(bases="HTTPSession, OAuth2Session")
    code = LOGIN.format(made=made, imports=imports)
    found = list(RULE.find(make_project({"shop/code.py": code, "shop/login.py": hardened})))
    assert [len(one.related) for one in found] == [count] * bool(count)


@pytest.mark.parametrize(
    ("signature", "test", "called", "lines"),
    [
        ("timeout=UNSET", "timeout is not UNSET", "fetch('x')", [11]),
        ("timeout=None", "timeout is not None", "fetch('x')", [11]),
        ("timeout=None", "timeout", "fetch('x')", [11]),
        # Others give one: who gives none is named.
        ("timeout=None", "timeout", "fetch('x', timeout=5), fetch('y')", [12]),
        ("timeout=UNSET", "timeout is not UNSET", "fetch('x', timeout=5)", []),
        ("timeout=UNSET", "timeout is not UNSET", "fetch('x', 5)", []),
        ("timeout=UNSET", "timeout", "fetch('x')", []),
        ("timeout=5", "timeout is not None", "fetch('x')", []),
        ("timeout=UNSET", "timeout is UNSET", "fetch('x')", []),
        ("timeout=UNSET, slow=None", "slow is not None", "fetch('x')", []),
        ("timeout", "timeout", "fetch('x', 5)", []),
    ],
)
def test_options_that_get_a_timeout_of_who_gives_one(
    make_project: Callable[..., Project],
    signature: str,
    test: str,
    called: str,
    lines: list[int],
) -> None:
    code = f"""
    from urllib.request import build_opener
    UNSET = object()

    def fetch(url, {signature}):
        options = {{"data": None}}
        if {test}:
            options["timeout"] = timeout

        opener = build_opener(Proxies())
        return opener.open(url, **options)
    def f(): {called}
    """
    assert [finding.location.line for finding in find(make_project, code)] == lines


JOB = """
import requests
from django.core.management.base import BaseCommand
from shop.celery import app

def ask(): requests.get("x")

@app.task({options})
def {name}(): ask()

class Command(BaseCommand):
    def handle(self, **options): {name}()
"""
CELERY = """
from celery import Celery
app = Celery("shop"{options})

class Config:
    imports = ({imports},)
    beat_schedule = {{"prices": {{"task": "{task}", "schedule": 60}}}}
"""
MODULE = "shop.management.commands.prices"
NAMED = f"name='{MODULE}'"


@pytest.mark.parametrize(
    ("options", "name", "include", "imports", "task", "findings"),
    [
        ("", "fetch", "", f"'{MODULE}'", f"{MODULE}.fetch", 1),
        ("", "fetch", f", include=['{MODULE}']", "", f"{MODULE}.fetch", 1),
        (NAMED, "fetch", "", f"'{MODULE}'", MODULE, 1),
        # No worker imports it, or nothing sends the task, whatever its module is called.
        ("", "fetch", "", "'shop.tasks'", f"{MODULE}.fetch", 0),
        ("", "fetch", "", f"'{MODULE}'", "shop.tasks.clean", 0),
        (NAMED, "fetch", "", f"'{MODULE}'", "shop.tasks.clean", 0),
        ("", "prices", "", f"'{MODULE}'", "shop.tasks.clean", 0),
    ],
)
def test_a_task_in_a_command_that_workers_import(
    tmp_path: Path,
    *,
    options: str,
    name: str,
    include: str,
    imports: str,
    task: str,
    findings: int,
) -> None:
    imports = imports or "'shop.tasks'"
    files = {
        "manage.py": "",
        "settings.py": "INSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\n",
        "shop/__init__.py": "",
        "shop/celery.py": CELERY.format(options=include, imports=imports, task=task),
        "shop/management/__init__.py": "",
        "shop/management/commands/__init__.py": "",
        "shop/management/commands/prices.py": JOB.format(options=options, name=name),
    }
    for path, content in files.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    said = [each.finding for each in scan(tmp_path, [RULE]).found]
    assert len([each for each in said if each.severity is Severity.WARNING]) == findings


COMMON = {
    "shop/common.py": "import requests\nimport json\n",
    "shop/shared.py": "from shop.common import *\n",
    "shop/other.py": "import json\n",
}
RATES = "def rates(): return requests.get('https://h').json()\n"


@pytest.mark.parametrize("module", ["shop.common", ".common", "shop.shared"])
def test_finds_what_came_with_all_of_a_module(
    make_project: Callable[..., Project], module: str
) -> None:
    code = f"from {module} import *\n{RATES}"
    [finding] = RULE.find(make_project({**COMMON, "shop/rates.py": code}))
    assert str(finding.location) == "shop/rates.py:2"


@pytest.mark.parametrize(
    "code",
    [
        f"from shop.common import *\n{RATES.replace(')', ', timeout=5)')}",
        f"from shop.common import *\n{RATES.replace('rates()', 'rates(requests)')}",
        "from shop.common import *\ndef f():\n  requests = load('requests')\n  requests.get('x')\n",
        f"from shop.common import *\nfrom shop.fakes import requests\n{RATES}",
        f"from shop.other import *\n{RATES}",
        f"import urllib.parse\nfrom shop.other import *\n{RATES}",
        "import urllib.parse\ndef f(user):\n  requests = user.requests\n  requests.get(pk=1)\n",
    ],
)
def test_what_only_looks_so_is_silent(make_project: Callable[..., Project], code: str) -> None:
    files = {**COMMON, "shop/fakes.py": "requests = {}\n", "shop/rates.py": code}
    assert list(RULE.find(make_project(files))) == []


BULK = """import requests
session = requests.Session()

def post(url, data, timeout=None):
    return session.post(url, json=data, timeout=timeout).json()

def search(skus, timeout=None):
    return post("https://h/search", skus, timeout)

def prices(skus):
    return search(skus)
"""


@pytest.mark.parametrize("code", [BULK, BULK.replace("search(skus)", "search(skus, timeout=None)")])
def test_finds_a_timeout_that_is_passed_on_by_its_place_and_never_given(
    make_project: Callable[..., Project], code: str
) -> None:
    [finding] = RULE.find(make_project({"shop/prices.py": code}))
    places = [finding.location, *finding.related]
    assert [place.line for place in places] == [5, 11]


@pytest.mark.parametrize(
    "code",
    [
        BULK.replace("search(skus)", "search(skus, 5)"),
        BULK.replace("skus, timeout)", "skus, 5)"),
        BULK.replace("skus, timeout)", "skus, timeout or 5)"),
        BULK.replace("skus, timeout=None", "skus, timeout=5"),
        BULK.replace("    return post", "    timeout = timeout or 5\n    return post"),
        BULK.replace("data, timeout=None", "data, timeout=5").replace(", timeout)", ")"),
    ],
)
def test_a_timeout_that_is_given_by_its_place_is_one(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/prices.py": code}))) == []
