"""startup-io: starting must not depend on anybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.startup_io import RULE

CONFIG = """
from django.apps import AppConfig
from shop import work
class ShopConfig(AppConfig):
    def ready(self):
        {}
"""
WORK = """
from urllib.request import urlopen
from shop.models import Order
def fetch(): return urlopen("x", timeout=5)
def nested(): return [fetch() for _ in range(2)]
def count(): return Order.objects.count()
def build(): return Order.objects.all()
class Client:
    def load(self): return fetch()
def connect(signal): signal.connect(fetch)
def routes(): return [path("rates", lambda request: fetch())]
"""


def ready(make_project: Callable[..., Project], *body: str) -> list[Any]:
    config = CONFIG.format("\n        ".join(body))
    return list(RULE.find(make_project({"shop/apps.py": config, "shop/work.py": WORK})))


@pytest.mark.parametrize(
    "body",
    [
        ["work.fetch()"],
        ["work.nested()"],
        ["work.count()"],
        ["from shop.models import Order", "for order in Order.objects.all(): print(order)"],
        ["from shop.models import Order", "names = [o.name for o in Order.objects.filter(x=1)]"],
        ["work.Client().load()"],
        ["client = work.Client()", "client.load()"],
        ["from shop.models import Order", "o = Order.objects.all()", "for each in o: print(each)"],
        ["from shop.models import Order", "o = Order.objects.all()", "names = list(o.values('x'))"],
        ["from shop.models import Order", "o = Order.objects.all()", "if o.exists(): send(1)"],
        ["import threading", "threading.Thread(target=work.fetch).start()"],
        ["from shop.work import fetch", "fetch()"],
        ["self.warm()", "", "    def warm(self): work.fetch()"],
    ],
)
def test_finds_in_ready(make_project: Callable[..., Project], body: list[str]) -> None:
    (finding,) = ready(make_project, *[line.removeprefix("    ") for line in body])
    assert finding.severity is Severity.WARNING
    assert finding.location.path == "shop/apps.py"


@pytest.mark.parametrize(
    ("body", "related"),
    [
        (["work.fetch()", "work.count()"], {"shop/work.py:4", "shop/work.py:6", "shop/apps.py:7"}),
        (["work.fetch()", "work.build()"], {"shop/work.py:4"}),
    ],
)
def test_what_one_ready_asks_is_one_finding(
    make_project: Callable[..., Project], body: list[str], related: set[str]
) -> None:
    (finding,) = ready(make_project, *body)
    assert str(finding.location) == "shop/apps.py:6"
    assert {str(place) for place in finding.related} == related


def test_two_of_them_are_two(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/apps.py": CONFIG.format("work.fetch()"),
        "blog/apps.py": CONFIG.format("work.count()"),
    }
    assert len(list(RULE.find(make_project({**files, "shop/work.py": WORK})))) == 2


@pytest.mark.parametrize(
    "body",
    [
        ["work.build()"],
        ["from shop.models import Order", "names = (o.name for o in work.build())"],
        ["work.connect(signal)"],
        ["from shop.models import Order", "o = Order.objects.all()", "register(o)"],
        ["from shop.models import Order", "o = Order.objects.all()", "for o in NAMES: print(o)"],
        ["from shop.models import Order", "o = Order.objects.all() if A else []", "print([*o])"],
        ["work.routes()"],
        ["from shop import signals"],
        ["register(work.fetch)"],
        ["work.build()", "work.connect(signal)"],
        ["work.build().exists", "checks.register(lambda: work.count())"],
        ["self.client = work.Client()"],
        ["signal.connect(lambda **_: work.fetch(), weak=False)"],
        ["from django.db.models.signals import post_migrate", "post_migrate.connect(work.fetch)"],
        ["from django.conf import settings", "if settings.DEBUG: work.fetch()"],
    ],
)
def test_ready_stays_silent(make_project: Callable[..., Project], body: list[str]) -> None:
    assert ready(make_project, *body) == []


OIDC = """
from oic import oic
class Client(oic.Client):
  def __init__(self, issuer):
    super().__init__()
    self.provider_config(issuer)
"""
BOLT = "from slack_bolt import App\n"
TREES = (
    "from mptt.templatetags.mptt_tags import cache_tree_children as roots\n"
    "from shop.models import Kind\n"
)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("from shop.work import fetch\nFEEDS = fetch()", 1),
        ("import httpx\nRATES = httpx.get('x').json()", 1),
        ("from httpx import get as fetch\nRATES = fetch('x').json()", 1),
        (OIDC + "CLIENT = Client('x')", 1),
        (OIDC + "def client(): return Client('x')", 0),
        ("from shop.work import Client\nCLIENT = Client()\ndef f(): CLIENT.provider_config()", 0),
        (f"{BOLT}app = App(token=TOKEN, signing_secret=SECRET) if TOKEN else None", 1),
        (f"{BOLT}class C:\n  app = App(token=TOKEN)", 1),
        (f"{BOLT}app = App(signing_secret=SECRET, oauth_settings=SETTINGS)", 0),
        (f"{BOLT}app = App(token=TOKEN, token_verification_enabled=False)", 0),
        (f"{BOLT}app = App(token=None, authorize=whose)", 0),
        (f"{BOLT}app = App(**OPTIONS)", 0),
        (f"{BOLT}def app(): return App(token=TOKEN)", 0),
        ("from shop.work import App\napp = App(token='x')", 0),
        ("import functools, requests\nget = functools.partial(requests.get, headers={})", 0),
        ("from shop.models import Order\nNAMES = list(Order.objects.all())", 1),
        ("from shop.models import Order\nclass V:\n  queryset = Order.objects.all()", 0),
        ("from shop.models import Order\nLAST = max(Order.objects.values_list('id'))", 1),
        ("from shop.models import Order\nfor n, o in enumerate(Order.objects.all()): a(n, o)", 1),
        ("from shop.models import Order\nfor n, o in enumerate(NAMES): a(n, Order.objects)", 0),
        ("from shop.models import Order\nfrom a import zip\nPAIRS = zip(Order.objects.all())", 0),
        (f"{TREES}TREE = [label(root) for root in roots(Kind.objects.all())]", 1),
        (f"{TREES}rows = Kind.objects.all()\ntops = roots(rows)\nTREE = [*map(label, tops)]", 1),
        (f"{TREES}def tree(): return roots(Kind.objects.all())", 0),
        (f"{TREES}class V:\n  queryset = Kind.objects.all()\n  made = roots", 0),
        (f"{TREES}from shop import roots\nTREE = roots(Kind.objects.all())", 0),
        ("from shop.work import fetch\ndef view(request): return fetch()", 0),
        ("from shop.work import fetch\nif __name__ == '__main__': fetch()", 0),
        ("from shop.work import fetch\nlater = lambda: fetch()", 0),
        ("from shop.work import fetch, build\nlater = fetch\nORDERS = build()", 0),
        ("from shop.work import routes\nurlpatterns = [*routes()]", 0),
        ("from shop.work import nested\nurlpatterns = [*nested()]", 1),
    ],
)
def test_import_time(make_project: Callable[..., Project], code: str, count: int) -> None:
    project = make_project({"shop/views.py": code, "shop/work.py": WORK})
    assert len(list(RULE.find(project))) == count


QUERY = "from shop.models import Order\nschema = build(list(Order.objects.all()))"
HELD = "INSTALLED_APPS = []\nMIDDLEWARE = []\nGRAPHENE = {{'SCHEMA': '{}'}}"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"profiles/data.py": "import requests\nrequests.get('x')"}, 0),
        (
            {
                "shop/data.py": "import httpx\nclient = httpx.Client()\n",
                "shop/views.py": "import shop.data",
            },
            0,
        ),
        ({"profiles/data.py": "from shop.models import O\nlist(O.objects.all())"}, 0),
        ({"shop/schema.py": QUERY, "shop/settings.py": HELD.format("shop.data.schema")}, 0),
        ({"shop/schema.py": QUERY, "shop/settings.py": HELD.format("django.db.schema.Schema")}, 0),
        ({"shop/schema.py": QUERY, "shop/texts.py": "A = 'shop.schema.schema'"}, 0),
        ({"shop/schema.py": QUERY, "shop/settings.py": HELD.format("shop.schema.schema")}, 1),
        ({"profiles/init_data.py": "import requests\nrequests.get('x')"}, 0),
        ({"profiles/__init__.py": "import requests\nrequests.get('x')"}, 1),
        (
            {
                "shop/data.py": "import requests\nrequests.get('x')",
                "shop/views.py": "import shop.data",
            },
            1,
        ),
    ],
)
def test_a_module_that_nothing_imports_is_run_by_hand(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    assert len(list(RULE.find(make_project(files)))) == count


OWN = "http://169.254.169.254/latest/meta-data/local-ipv4"


@pytest.mark.parametrize(
    "code",
    [
        f"import requests\nHOSTS = [requests.get('{OWN}', timeout=2).text]",
        f"import requests\nURL = '{OWN}'\nHOSTS = [requests.get(URL, timeout=2).text]",
        f"import requests\ndef ip(): return requests.request('GET', url='{OWN}')\nHOSTS = [ip()]",
        "import requests\nrequests.request('GET', 'http://[fd00:ec2::254]/latest')",
        "import requests\nB = 'http://169.254.169.254'\nrequests.put(f'{B}/latest', timeout=1)",
        "import requests\nB = 'http://127.0.0.1:9000'\nrequests.get('{}/x'.format(B))",
        "import requests\nB = 'http://localhost'\nrequests.get(B + '/x')",
        "import httpx\nhttpx.get('http://metadata.google.internal/computeMetadata/v1/')",
        "from urllib.request import Request, urlopen\nurlopen(Request('http://169.254.169.254/x'))",
        "import os, requests\nrequests.get(os.environ['ECS_CONTAINER_METADATA_URI_V4'] + '/task')",
    ],
)
def test_the_machine_itself_may_be_asked(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/settings.py": code}))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import requests\nrequests.get('http://169.254.example.com/')",
        "import requests\nrequests.get('http://localhost.example.com/')",
        "import requests\nrequests.get('https://rates.example.com/?of=http://localhost')",
        "import requests\nB = 'https://rates.example.com'\nrequests.get(f'{B}/http://localhost')",
        "import requests\nU = 'http://localhost'\nU = 'https://x.io'\nrequests.get(U)",
    ],
)
def test_another_host_is_found(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/settings.py": code})))) == 1


SWITCHED = (
    "import requests\nfrom django.apps import AppConfig\nfrom django.conf import settings\n"
    "def fetch():\n  requests.get('x')\n"
    "class C(AppConfig):\n  def ready(self):\n    if settings.FONTS: fetch()\n"
)


def test_a_start_does_not_do_what_a_setting_keeps_off(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project({"shop/apps.py": SWITCHED}, FONTS=False))) == []
    assert len(list(RULE.find(make_project({"shop/apps.py": SWITCHED}, FONTS=True)))) == 1
    both = SWITCHED + "    requests.get('y')\n"
    (finding,) = RULE.find(make_project({"shop/apps.py": both}, FONTS=False))
    assert finding.location.line == 9
