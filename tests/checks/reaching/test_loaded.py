"""Views that no URL of a site may name, as nothing imports their file."""

from __future__ import annotations

import pytest
from support.reached import Make, found

ASK = "import requests\ndef ask(request): requests.get('x')\n"
SITE = {
    "manage.py": "",
    "main/urls.py": "from shop.views import index\nurlpatterns = [path('', index)]\n",
    "shop/__init__.py": "",
    "shop/views.py": "def index(request): pass\n",
    "stock/__init__.py": "",
    "stock/views.py": ASK,
}
OF_STOCK = "urlpatterns = [path('', views.ask)]\n"
DECORATED = ASK.replace("def", "@transaction.atomic\ndef")


def asks(make: Make, files: dict[str, str | None]) -> int:
    return found(make, {**SITE, **files})


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"stock/views.py": f"from django.db import transaction\n{DECORATED}"},
        {"stock/views.py": None, "stock/old_views.py": ASK},
        {"stock/views.py": f"{ASK}class Ask(View):\n  def get(self, request): ask(request)\n"},
        {"stock/models.py": "from shop.views import index\n"},
        # The other one.
        {"more/stock/models.py": "from shop import views\nclass M: views = views\n"},
        {"stock/management/commands/ask.py": "from stock.views import ask\nask(None)\n"},
    ],
)
def test_nobody_imports_them(make_project: Make, files: dict[str, str | None]) -> None:
    assert asks(make_project, files) == 0


@pytest.mark.parametrize(
    "files",
    [
        {"stock/urls.py": f"from stock import views\n{OF_STOCK}"},
        {"stock/urls.py": f"from . import views\n{OF_STOCK}"},
        {"main/more.py": f"import stock.views as views\n{OF_STOCK}"},
        # By a text, as Django before 1.10 could.
        {"stock/urls.py": "urlpatterns = patterns('stock.views', url('^$', 'ask'))\n"},
        {"stock/urls.py": "urlpatterns = [url('^$', 'stock.views.ask')]\n"},
        {"main/settings.py": "HANDLER = 'stock.views.ask'\n"},
        # Where it lies is not seen, and what is overridden is looked for by its name.
        {"main/more.py": f"from site.stock import views\n{OF_STOCK}"},
        {"stock/views.py": f"from parts.stock.views import *\n{ASK}"},
        {"main/load.py": "from importlib import import_module as load\nload(f'{app}.views')\n"},
        # A file that a server or Django loads by its name, and a part of some other project.
        {"stock/views.py": None, "stock/middleware.py": ASK},
        {"manage.py": None},
        # Nothing is known of how this one comes to its views.
        {"main/urls.py": "urlpatterns = everything()\n"},
    ],
)
def test_somebody_may_load_them(make_project: Make, files: dict[str, str | None]) -> None:
    assert asks(make_project, files) == 1
