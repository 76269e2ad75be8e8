"""cached-function: an answer from outside that is kept for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cached_function import RULE

HEAD = """import functools, requests
from functools import lru_cache, cache
from shop.models import Rate
"""
ROWS = """
from django.db import models
class Price(models.Model):
  name = models.TextField()
class Bill(models.Model):
  price = models.OneToOneField(Price, models.CASCADE)
@register.filter
@lru_cache
def f(price):
  try: return price.bill
  except Bill.DoesNotExist: return None
"""
KEPT = "from django.utils.functional import cached_property\nclass Book:\n  @cached_property\n"


@pytest.mark.parametrize(
    "code",
    [
        "import httpx\n@cache\ndef f():\n  with httpx.Client() as c: return c.get('https://x').text",
        "@lru_cache\ndef f(c): return Rate.objects.get(c=c)",
        "@functools.cache\ndef f(): return requests.get('x', timeout=5).json()",
        "@lru_cache(maxsize=None)\ndef f(): return list(Rate.objects.all())",
        # What it is asked for by a text is no key of a row.
        "@lru_cache\ndef f(): return set(Rate.objects.values_list('name', flat=True))",
        "class C:\n  @classmethod\n  @cache\n  def f(cls): return Rate.objects.first()",
        "class C:\n  @cache\n  def f(self): return Rate.objects.first()\nrates = C()",
        f"{KEPT}  def rates(self): return list(Rate.objects.all())\nbook = Book()",
        (
            f"{KEPT}  def rates(self): return {{r.name: r for r in self.rows.filter(x=1)}}\n"
            "  @property\n  def rows(self): return Rate.objects.all()\nbook = Book()"
        ),
        "def load(): return Rate.objects.first()\n@cache\ndef f(): return load()",
        (
            "def ask(): return requests.get('x', timeout=5)\ndef load(): return ask()\n"
            "@cache\ndef f(): return load()"
        ),
        (
            "from django.db import models\nclass Price(models.Model): name = models.TextField()\n"
            "class C:\n  @staticmethod\n  @cache\n  def f(price: Price): return {'n': price.name}"
        ),
        ROWS,
        ROWS.replace("except Bill.DoesNotExist", "except (AttributeError, Bill.DoesNotExist)"),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "@lru_cache\ndef f(c): return c.upper()",
        (
            "def ask(): return Rate.objects.first()\ndef load(): return ask()\n"
            "@cache\ndef f(): return load()"
        ),
        ROWS.replace("Bill.DoesNotExist", "AttributeError"),
        ROWS.replace("(models.Model)", "(Record)"),
        ROWS.replace("price.bill", "price.pk").replace("return None", "return ''"),
        ROWS.replace("return price.bill", "return other.bill"),
        ROWS.replace("def f(price)", "def f(price, ttl_hash)"),
        "class Price:\n  name = 1\n@lru_cache\ndef f(price: Price): return price.name",
        (
            "from django.db import models\nclass Price(models.Model): name = models.TextField()\n"
            "@cache\ndef f(price: Price): return type(price)"
        ),
        "@lru_cache\ndef f(c, ttl_hash=None): return Rate.objects.get(c=c)",
        "@lru_cache\ndef f(c): return Rate.objects.get(c=c)\ndef g(): f.cache_clear()",
        "def f(c): return Rate.objects.get(c=c)",
        "@cache\ndef f(request): return Rate.objects.get(c=request.GET['c'])",
        "class V(View):\n  @lru_cache(maxsize=1)\n  def f(self): return Rate.objects.first()",
        f"{KEPT}  def rates(self): return list(Rate.objects.all())",
        f"{KEPT}  def rates(self): return list(Rate.objects.all())\ndef f(): return Book().rates",
        f"{KEPT}  def rates(self): return list(self.names)\nbook = Book()",
        (
            f"{KEPT}  def rates(self): return list(self.rows())\n"
            "  def rows(self): return None\n  @property\n  def all_rows(self):"
            " return Rate.objects.all()\nbook = Book()"
        ),
        "@lru_cache\ndef f(): return str(Rate.objects.first().pk)",
        "@lru_cache\ndef f(c): return int(Rate.objects.get(c=c).pk)",
        "@lru_cache\ndef f(m, n):\n  try: return str(m.objects.get(pk=n))\n  except: return '?'",
        "@lru_cache\ndef client(): return requests.Session()",
        "import httpx\n@cache\ndef client(): return httpx.Client()",
        "from shop.lib import memo\n@memo\ndef f(): return Rate.objects.first()",
        # Made anew by each request, and gone with it.
        "def view(request):\n  @lru_cache\n  def f(c): return Rate.objects.get(c=c)\n  f(1)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "@lru_cache\ndef f(c): return Rate.objects.get(c=c)"
    }
    assert list(RULE.find(make_project(files))) == []


def test_what_only_a_command_imports_is_silent(make_project: Callable[..., Project]) -> None:
    code = (
        "import functools, requests\n@functools.cache\ndef f(k): return requests.get(k, timeout=5)"
    )
    files = {"shop/feed.py": code, "shop/management/commands/load.py": "from shop.feed import f"}
    assert list(RULE.find(make_project(files))) == []


OF_PACKAGE = (
    "from functools import cache\nfrom shop.models import Book\nfrom shop.other import Shelf\n"
    "@cache\ndef f(book: {0}): return {{'name': book.name}}"
)


@pytest.mark.parametrize("models", ["from books.models import *", "from books.models import Book"])
def test_finds_rows_of_a_packages_models(make_project: Callable[..., Project], models: str) -> None:
    files = {"shop/models.py": models, "shop/code.py": OF_PACKAGE.format("Book")}
    assert len(list(RULE.find(make_project(files)))) == 1


@pytest.mark.parametrize(
    ("models", "kind"),
    [
        # Of anything else, by another name, and a class that is here.
        ("from books.kinds import Book", "Book"),
        ("from books.models import Other", "Book"),
        ("from books.models import *\nclass Book: name = ''", "Book"),
        ("from django.db.models import *", "Book"),
        ("from books.models import *", "Shelf"),
    ],
)
def test_is_silent_of_what_is_no_model(
    make_project: Callable[..., Project], models: str, kind: str
) -> None:
    code = OF_PACKAGE.format(kind)
    files = {
        "shop/models.py": models,
        "shop/other.py": "from books.x import *",
        "shop/code.py": code,
    }
    assert list(RULE.find(make_project(files))) == []


MEMO = """
import functools
def memo(f):
  kept = {}
  @functools.wraps(f)
  def inner(*args):
    if args not in kept:
      kept[args] = f(*args)
    return kept[args]
  return inner
"""


@pytest.mark.parametrize(
    "code",
    [
        "from cachetools import LRUCache, cached\n@cached(LRUCache(9))\ndef f(c): return {}",
        "import cachetools\n@cachetools.cached(cache={{}})\ndef f(c): return {}",
        "from cachetools.func import lru_cache\n@lru_cache()\ndef f(c): return {}",
        "from shop.memo import memo\n@memo\ndef f(c): return {}",
    ],
)
@pytest.mark.parametrize(("row", "count"), [("Rate.objects.get(c=c)", 1), ("c.upper()", 0)])
def test_what_keeps_results_in_other_ways(
    make_project: Callable[..., Project], code: str, row: str, count: int
) -> None:
    files = {"shop/memo.py": MEMO, "shop/code.py": HEAD + code.format(row)}
    assert len(list(RULE.find(make_project(files)))) == count


def test_an_update_is_no_date(make_project: Callable[..., Project]) -> None:
    memo = MEMO.replace("  return inner", "  functools.update_wrapper(inner, f)\n  return inner")
    code = "from shop.memo import memo\n@memo\ndef f(c): return Rate.objects.get(c=c)"
    assert (
        len(list(RULE.find(make_project({"shop/memo.py": memo, "shop/code.py": HEAD + code})))) == 1
    )


def test_where_a_decorator_keeps_it_is_told(make_project: Callable[..., Project]) -> None:
    code = "from shop.memo import memo\n@memo\ndef f(c): return Rate.objects.get(c=c)"
    (finding,) = RULE.find(make_project({"shop/memo.py": MEMO, "shop/code.py": HEAD + code}))
    assert [(place.path, place.line) for place in finding.related] == [("shop/memo.py", 8)]


@pytest.mark.parametrize(
    "code",
    [
        "from cachetools import TTLCache, cached\n@cached(TTLCache(9, 60))\n",
        "from shop.memo import timed\n@timed\n",
        "from shop.memo import passed\n@passed\n",
        "from elsewhere import memo\n@memo\n",
    ],
)
def test_what_expires_or_keeps_nothing_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    timed = MEMO.replace("memo", "timed").replace("args not in kept", "time.time() > due")
    passed = "def passed(f):\n  kept = {}\n  def inner(c): return f(c)\n  return inner\n"
    code = f"{HEAD}{code}def f(c): return Rate.objects.get(c=c)"
    files = {"shop/memo.py": timed + passed, "shop/code.py": code}
    assert list(RULE.find(make_project(files))) == []


APPLIED = """import functools
def cached_class_property(f):
  return classmethod(property(functools.cache(f)))
def few(size):
  def decorate(f):
    return functools.lru_cache(maxsize=size)(f)
  return decorate
def named(f):
  return functools.wraps(f)(f)
def other(f):
  return functools.cache(SIZE)
def both(f, size):
  return functools.cache(f)
"""
LABELS = "class Label(Model):\n  @{}\n  def {}(cls):\n    return {{x.label: x for x in {}}}\n"


@pytest.mark.parametrize("decorator", ["cached_class_property", "few(9)"])
def test_a_decorator_may_apply_the_cache(
    make_project: Callable[..., Project], decorator: str
) -> None:
    name = decorator.partition("(")[0]
    code = f"from shop.lib import {name}\n" + LABELS.format(decorator, "all", "cls.objects.all()")
    (finding,) = RULE.find(make_project({"shop/lib.py": APPLIED, "shop/code.py": HEAD + code}))
    assert [place.path for place in finding.related] == ["shop/lib.py"]


@pytest.mark.parametrize(
    ("decorator", "kept"),
    [
        ("cached_class_property", "KINDS"),
        ("few(9)", "cls.__subclasses__()"),
        ("named", "cls.objects.all()"),
        ("other", "cls.objects.all()"),
        ("both", "cls.objects.all()"),
    ],
)
def test_leaves_what_a_decorator_does_not_keep_alone(
    make_project: Callable[..., Project], decorator: str, kept: str
) -> None:
    name = decorator.partition("(")[0]
    code = f"from shop.lib import {name}\n" + LABELS.format(decorator, "all", kept)
    files = {"shop/lib.py": APPLIED, "shop/code.py": HEAD + code}
    assert list(RULE.find(make_project(files))) == []


def test_a_decorator_that_clears_what_it_keeps_is_silent(
    make_project: Callable[..., Project],
) -> None:
    clears = f"{APPLIED}def forget(f): f.cache_clear()\n"
    code = "from shop.lib import few\n" + LABELS.format("few(9)", "all", "cls.objects.all()")
    assert list(RULE.find(make_project({"shop/lib.py": clears, "shop/code.py": HEAD + code}))) == []


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("return requests.get('x', timeout=5).json()", Severity.INFO),
        ("return ask()", Severity.INFO),
        ("return list(Rate.objects.all()), ask()", Severity.WARNING),
        ("return load()", Severity.WARNING),
    ],
)
def test_what_only_another_host_said_may_never_change(
    make_project: Callable[..., Project], body: str, severity: Severity
) -> None:
    code = (
        f"{HEAD}def ask(): return requests.get('x', timeout=5)\n"
        f"def load(): return Rate.objects.first()\n@cache\ndef f():\n  {body}\n"
    )
    [finding] = RULE.find(make_project({"shop/rates.py": code}))
    assert finding.severity is severity


PHOTOS = (
    HEAD
    + """
@lru_cache
def photos(): return requests.get('x', timeout=5).json()

def photo(request):
  left = photos()
"""
)


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("return left.pop(0)", Severity.WARNING),
        ("return left.pop() if left else None", Severity.WARNING),
        ("return photos().pop()", Severity.WARNING),
        ("return left[0]", Severity.INFO),
        ("return left.pop('name', None)", Severity.INFO),
        ("left = [*left]\n  return left.pop()", Severity.INFO),
        ("return sorted(left).pop()", Severity.INFO),
    ],
)
def test_what_callers_use_up(
    make_project: Callable[..., Project], line: str, severity: Severity
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": f"{PHOTOS}  {line}\n"}))
    assert finding.severity is severity
    assert [place.line for place in finding.related] == [10] * (severity is Severity.WARNING)


CURSOR = (
    HEAD
    + """from django.db import connection
@cache
def f(name):
  with connection.cursor() as cursor:
    cursor.execute({})
    return cursor.fetchone()
"""
)


@pytest.mark.parametrize(
    "statement",
    [
        "'SELECT collname FROM pg_collation WHERE collname = %s', [name]",
        "'SELECT 1 FROM pg_catalog.pg_extension e WHERE e.extname = %s;', [name]",
        "'select exists(select 1 from pg_available_extensions where name = %s)', [name]",
        "'SELECT version()'",
        "'SHOW server_version'",
        "'select @@version'",
    ],
)
def test_what_a_database_says_of_itself_is_silent(
    make_project: Callable[..., Project], statement: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": CURSOR.format(statement)}))) == []


@pytest.mark.parametrize(
    "statement",
    [
        "'SELECT value FROM shop_rate WHERE name = %s', [name]",
        # Which tables there are changes with a release.
        "'SELECT 1 FROM pg_tables WHERE tablename = %s', [name]",
        "'SELECT 1 FROM information_schema.tables WHERE table_name = %s', [name]",
        "'SELECT r.value FROM pg_collation c, shop_rate r'",
        "'SELECT 1 FROM pg_collation JOIN shop_rate ON true'",
        "'SELECT (SELECT max(value) FROM shop_rate) FROM pg_collation'",
        "f'SELECT 1 FROM {name}'",
    ],
)
def test_what_a_database_keeps_is_a_finding(
    make_project: Callable[..., Project], statement: str
) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": CURSOR.format(statement)})))) == 1


@pytest.mark.parametrize(
    "more", ["    Rate.objects.first()\n", "    cursor.execute('SELECT value FROM shop_rate')\n"]
)
def test_what_is_asked_beside_the_version_is_a_finding(
    make_project: Callable[..., Project], more: str
) -> None:
    code = CURSOR.format("'SELECT version()'").replace("    return", f"{more}    return")
    assert len(list(RULE.find(make_project({"shop/code.py": code})))) == 1


RATES = "@lru_cache\ndef f(c): return Rate.objects.get(c=c)\n"
RECEIVER = "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n"


@pytest.mark.parametrize(
    ("clears", "count"),
    [
        # Who changes it clears the memory of one process.
        ("def change(rate):\n  rate.save()\n  f.cache_clear()", 1),
        ("def change(c):\n  Rate.objects.filter(c=c).update(old=True)\n  f.cache_clear()", 1),
        ("def drop(editor):\n  editor.delete_model(Rate)\n  f.cache_clear()", 1),
        (f"{RECEIVER}@receiver(post_save, sender=Rate)\ndef on(**k): f.cache_clear()", 1),
        ("def g(): load.cache_clear()\n@lru_cache\ndef load(): return 1", 1),
        # Each request, or whoever wants to, may have it cleared.
        ("def middleware(request):\n  f.cache_clear()", 0),
        ("def change(rate):\n  rate.save()\n  f.cache_clear()\ndef g(): f.cache_clear()", 0),
        ("def change(rate, end):\n  rate.save()\n  end.connect(f.cache_clear)", 0),
        (f"{RECEIVER}@receiver(request_started)\ndef on(**k): f.cache_clear()", 0),
        ("def g(options):\n  options.update(OTHERS)\n  f.cache_clear()", 0),
        ("def g(rate):\n  rate.save()\n  for each in (f, g): each.cache_clear()", 1),
        ("def g():\n  for each in (f, g): each.cache_clear()", 0),
    ],
)
def test_who_clears_its_memory(
    make_project: Callable[..., Project], clears: str, count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + RATES + clears})))) == count


def test_where_its_memory_is_cleared_is_told(make_project: Callable[..., Project]) -> None:
    code = f"{HEAD}{RATES}def change(rate):\n  rate.save()\n  f.cache_clear()\n"
    (finding,) = RULE.find(make_project({"shop/code.py": code}))
    assert [*map(str, finding.related)] == ["shop/code.py:8"]
    assert finding.message.endswith("who changes it clears the memory of one.")
