"""What a dotted name means, also where a package only hands it on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.definitions import DEPTH

Read = Callable[[dict[str, str]], Codebase]
STORAGE = (
    "from django.core.files.storage import FileSystemStorage\n"
    "class MediaStorage(FileSystemStorage): pass\n"
)


@pytest.mark.parametrize(
    "handed_on",
    [
        "from .s3 import MediaStorage\n",
        "from shop.storages.s3 import MediaStorage\n",
        "from .s3 import *\n",
        "from .local import *\nfrom .s3 import *\nfrom .other import *\n",
    ],
)
def test_a_class_that_a_package_hands_on(read: Read, handed_on: str) -> None:
    files = {"shop/storages/__init__.py": handed_on, "shop/storages/s3.py": STORAGE}
    code = read({**files, "shop/storages/local.py": "x = 1\n"})
    assert [*code.ancestors("shop.storages.MediaStorage")][1:] == [
        "django.core.files.storage.FileSystemStorage"
    ]


def test_its_own_comes_before_what_is_handed_on(read: Read) -> None:
    own = "from .s3 import *\nclass MediaStorage: pass\n"
    code = read({"shop/storages/__init__.py": own, "shop/storages/s3.py": STORAGE})
    assert [*code.ancestors("shop.storages.MediaStorage")] == ["shop.storages.MediaStorage"]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        # In a circle, and nowhere.
        ({"a.py": "from b import *\n", "b.py": "from a import *\n"}, "a.Storage"),
        ({"a.py": "from b import Storage\n", "b.py": "from a import Storage\n"}, "a.Storage"),
        ({"a.py": "from a import *\n"}, "a.Storage"),
        # One star brings the names of another, and not its own file's of any name.
        ({"a.py": "from b import *\n", "b.py": "class Other: pass\n"}, "a.Storage"),
        # Too far.
        (
            {f"m{n}.py": f"from m{n + 1} import *\n" for n in range(DEPTH + 1)}
            | {f"m{DEPTH + 1}.py": "class Storage: pass\n"},
            "m0.Storage",
        ),
    ],
)
def test_a_name_that_nobody_defines(read: Read, files: dict[str, str], name: str) -> None:
    code = read(files)
    assert code.klass(name) is None
    located = code.locate(name)
    assert located is not None
    assert located[0].path == f"{name.partition('.')[0]}.py"


def test_functions_and_values_are_handed_on_too(read: Read) -> None:
    texts = "import os\nFOLDER = '/srv/texts'\ndef load(): pass\n"
    code = read({"shop/__init__.py": "from .texts import *\n", "shop/texts.py": texts})
    found = code.function("shop.load")
    assert found is not None
    assert found[0].path == "shop/texts.py"
    located = code.locate("shop.FOLDER")
    assert located is not None
    assert located[0].values["FOLDER"] == ("lit", "/srv/texts")


def test_a_module_of_the_standard_library_is_not_the_projects(read: Read) -> None:
    code = read({"shop/statistics.py": "def mean(): pass\n", "queue.py": "def put(): pass\n"})
    assert code.locate("statistics.mean") is None
    assert (located := code.locate("shop.statistics.mean"))
    assert located[0].path == "shop/statistics.py"
    # On the import path itself a file comes before the library's.
    assert code.locate("queue.put")


def test_a_file_keeps_its_name_beside_one_whose_name_ends_so(read: Read) -> None:
    files = {
        "asset/views.py": "class Assets: pass\n",
        "stock/asset/views.py": "class Stock: pass\n",
        "stock/views.py": "class All: pass\n",
        "more/stock/views.py": "class More: pass\n",
    }
    code = read(files)
    names = ("asset.views", "stock.asset.views", "stock.views", "more.stock.views")
    assert [code.by_module[name].path for name in names] == list(files)
    # Of the shorter ones, none says which.
    assert "views" not in code.by_module


FETCH = "def fetch(): pass\n"
FEEDS = {"orders/feeds.py": FETCH, "orders/views.py": "def view(): pass\n"}
ROOT = {**FEEDS, "__init__.py": "", "orders/__init__.py": "", "urls.py": "urlpatterns = []\n"}
NAMES = "from shop.orders.feeds import fetch\nfrom shop.orders import views\n"


def test_a_root_that_is_a_package_itself(read: Read) -> None:
    init = "from .celery import app\ndef version(): pass\n"
    code = read({**ROOT, "__init__.py": init, "admin.py": NAMES, "celery.py": "app = 1\n"})
    assert (found := code.function("shop.orders.feeds.fetch"))
    assert found[0].path == "orders/feeds.py"
    assert (found := code.function("shop.version"))
    assert found[0].path == "__init__.py"
    paths = ("orders/feeds.py", "orders/views.py", "celery.py")
    assert [[*code.importers[path]] for path in paths] == [
        ["admin.py"],
        ["admin.py"],
        ["__init__.py"],
    ]
    assert "shop" in code.packages


@pytest.mark.parametrize("where", ["urls.py", "orders/urls.py"])
def test_what_lies_in_the_root_imports_what_lies_beside_it(read: Read, where: str) -> None:
    dots = "." * where.count("/") + "."
    code = read({**ROOT, "alerts.py": "def warn(): pass\n", where: f"from {dots} import alerts\n"})
    assert code.importers["alerts.py"] == {where}


@pytest.mark.parametrize(
    "files",
    [
        # The root is no package.
        {"__init__.py": None, "admin.py": NAMES},
        # A package from elsewhere has files of the same names, and more.
        {"admin.py": "from shop.orders.feeds import Feed\nfrom shop.orders.views import List\n"},
        {"admin.py": NAMES + "from shop.cart import Cart\nfrom shop.tax import a, b\n"},
        {"admin.py": "import shop\nfrom shop import orders_of\n"},
        # Or what is here has its names from there.
        {
            "orders/feeds.py": f"from shop.orders.feeds import Feed\n{FETCH}",
            "orders/views.py": "from shop.orders.views import List\nclass All(List): pass\n",
        },
        # What is imported so lies there.
        {"admin.py": NAMES, "shop/orders/feeds.py": "", "shop/__init__.py": ""},
    ],
)
def test_a_package_that_the_root_is_not(read: Read, files: dict[str, str | None]) -> None:
    code = read({path: text for path, text in {**ROOT, **files}.items() if text is not None})
    assert code.function("shop.orders.feeds.fetch") is None


def test_of_two_names_the_root_has_the_one_that_most_is_imported_from(read: Read) -> None:
    own = NAMES + "from shop import urls\n"
    code = read({**ROOT, "admin.py": own, "more.py": "from store.orders import views\n"})
    assert code.locate("shop.orders.views")
    assert code.locate("store.orders.views") is None
