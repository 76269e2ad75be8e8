"""Files that only files import which nothing loads."""

from __future__ import annotations

import pytest
from support.reached import Make, found

FEED = "import requests\nclass Feed(Base):\n  def read(self): requests.get('x')\n"
OLD = "from shop.feeds.boston import Feed\nclass Older:\n  feed = Feed\n"
SITE = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/models.py": "",
    "shop/urls.py": "from shop.views import view\nurlpatterns = [view]\n",
    # Which of them it is that reads nobody can tell from here.
    "shop/views.py": "def view(request, feed): feed.read()\n",
    "shop/feeds/__init__.py": "",
    "shop/feeds/boston.py": "from feeds import Base\n" + FEED,
}
LOADER = "from importlib import import_module\ndef load(name): return import_module(%s)\n"


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"shop/feeds/older.py": OLD},
        # In a circle.
        {
            "shop/feeds/older.py": OLD,
            "shop/feeds/boston.py": f"from feeds import Base\nimport shop.feeds.older\n{FEED}",
        },
        {"shop/feeds/older.py": OLD, "shop/feeds/oldest.py": "from shop.feeds import older\n"},
        {"shop/feeds/older.py": OLD, "tests/test_older.py": "from shop.feeds.older import Older\n"},
        {"bank/load.py": LOADER % "f'bank.{name}'"},
        {"shop/views.py": f"{SITE['shop/views.py']}def boston(request): pass\n"},
        {"compose.yaml": "services: {boston: {image: boston}}\n"},
    ],
)
def test_what_nothing_loads_is_reached_by_nobody(make_project: Make, files: dict[str, str]) -> None:
    assert found(make_project, {**SITE, **files}) == 0


@pytest.mark.parametrize(
    "files",
    [
        {"shop/feeds/__init__.py": "from shop.feeds import boston\n"},
        {"shop/models.py": "from shop.feeds.older import Older\n", "shop/feeds/older.py": OLD},
        {"shop/views.py": "def view(r, f):\n  from shop.feeds import boston\n  f.read()\n"},
        {"shop/settings.py": "FEEDS = ['shop.feeds.boston.Feed']\n"},
        {"shop/settings.py": "FEEDS = ['shop.feeds.boston']\n"},
        {"feeds.yaml": "first: shop.feeds.boston\n"},
        {"start.sh": "python shop/feeds/boston.py\n"},
        # Somebody puts names together, or loads whatever lies in a folder.
        {"shop/load.py": LOADER % "f'shop.feeds.{name}'"},
        {"shop/feeds/__init__.py": "import pkgutil\nall = pkgutil.iter_modules(__path__)\n"},
        {"bank/load.py": LOADER % "f'shop.feeds.{name}'"},
        {"bank/load.py": LOADER % "name + '.boston'"},
        {"bank/load.py": "def load(name): return __import__('shop.feeds.' + name)\n"},
        {"bank/load.py": "import imp\ndef load(name): imp.load_source(name, 'shop/feeds')\n"},
        {"bank/load.py": "from yapsy.PluginManager import PluginManager\n"},
        # Packages look for such a file in each app.
        {"shop/feeds/models.py": ""},
        {"shop/feeds/boston.py": "", "shop/feeds/handlers.py": SITE["shop/feeds/boston.py"]},
        {"shop/feeds/boston.py": "", "shop/jobs/daily/boston.py": SITE["shop/feeds/boston.py"]},
        # A part of something: who installs it may import any of it.
        {"manage.py": None},
    ],
)
def test_what_something_may_load_is_judged(
    make_project: Make, files: dict[str, str | None]
) -> None:
    assert found(make_project, {**SITE, **files}) == 1


def test_a_function_that_only_such_a_file_calls(make_project: Make) -> None:
    asks = "import requests\ndef ask(): requests.get('x')\ndef beside(): pass\n"
    files = {
        **SITE,
        "shop/client.py": asks,
        "shop/views.py": "from shop.client import beside\ndef view(request): beside()\n",
        "shop/feeds/boston.py": "from shop.client import ask\ndef read(): ask()\n",
    }
    assert found(make_project, files) == 0
    assert found(make_project, {**files, "shop/models.py": "import shop.feeds.boston\n"}) == 1
