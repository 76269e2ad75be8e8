"""salted-hash: hash() of a text is another number in each process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Confidence, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.salted_hash import RULE

HEAD = """import redis
from django.core.cache import cache, caches
from shop.models import Visit
"""
JOINED = """def f(user):
  rights = hash(frozenset(user.rights))
  key = ':'.join([str(user.pk), str(rights)])
  cache.delete(key)
"""
VISITS = """def f(ip):
  who = known(ip) or hash(ip)
  return Visit.objects.filter(visitor=who).exists()
"""
KEYED = "def f(name):\n  key = hash(name)\n  return cache.get(key)"


@pytest.mark.parametrize(
    ("code", "confidence"),
    [
        (KEYED, Confidence.HIGH),
        ("def f(name): cache.set(f'prices-{hash(name)}', 1)", Confidence.HIGH),
        ("def f(name): caches['pages'].get(key=str(hash((name, 3))))", Confidence.HIGH),
        ("def f(order): cache.get(hash((order.pk, order.name)))", Confidence.HIGH),
        # Put together with something else first, in two steps.
        (JOINED, Confidence.HIGH),
        ("def f(request): cache.set(hash(request.path), 1)", Confidence.HIGH),
        ("def f(request): cache.set(hash(str(request)), 1)", Confidence.HIGH),
        ("def f(r): redis.Redis().setex(hash(r.path), 60, 1)", Confidence.HIGH),
        ("def f(ip): Visit.objects.create(visitor=hash(ip))", Confidence.HIGH),
        (VISITS, Confidence.HIGH),
        ("def cache_key(query): return f'search:{hash(query)}'", Confidence.MEDIUM),
        ("class Page:\n  def make_filename(self): return str(hash(self.url))", Confidence.MEDIUM),
        (
            "def logo(p):\n  filename = f'logo-{hash(p.title) % 5}.png'\n  return url(filename)",
            Confidence.MEDIUM,
        ),
    ],
)
def test_finds(make_project: Callable[..., Project], code: str, confidence: Confidence) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is Severity.WARNING
    assert finding.confidence is confidence
    assert finding.location.path == "shop/code.py"


@pytest.mark.parametrize(
    "code",
    [
        # What lives in one process is found by who has put it there.
        "SEEN = {}\ndef f(name):\n  key = hash(name)\n  return SEEN.get(key)",
        "def f(a, b): return hash(a) == hash(b)",
        "class P:\n  def __hash__(self):\n    h = hash((self.a, self.b))\n    return h",
        "class P:\n  def __eq__(self, o): return cache.get(hash(o)) == hash(self)",
        "def colour(name): return COLOURS[hash(name) % 8]",
        "def colour(name):\n  shade = hash(name) % 8\n  return COLOURS[shade]",
        "def keep(page):\n  filename = f'{hash(page.url)}.png'\n  MADE[filename] = page",
        "def f(name):\n  log.info('%s', hash(name))\n  return cache.get(name)",
        # Numbers are not salted.
        "def f(order): cache.get(hash(order.pk))",
        "def f(order_id): return cache.get(hash((order_id, 7)))",
        "def f(lines): cache.get(hash(len(lines)))",
        "def f(user, year, month, day=None): cache.get(hash((user.pk, year, month, day)))",
        "def f(): cache.get(hash(42))",
        # A request is found by the process that has it.
        "def f(request): cache.set(hash(request), 1)",
        "def cache_key(self): return f'{hash(self.request)}:{self.pk}'",
        # Somebody else's.
        "from shop.digests import hash\ndef f(name): cache.get(hash(name))",
        "def hash(text): ...\ndef f(name): cache.get(hash(name))",
        "def f(hash, name): cache.get(hash(name))",
        "def f(digest, name): cache.get(digest.hash(name))",
        "if __name__ == '__main__':\n  cache.get(hash('x'))",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert not list(RULE.find(make_project({"shop/code.py": HEAD + code})))


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("def row_hash(row): return hash(row.name)", Severity.INFO),
        ("def row_hash(row):\n  number = hash(row.name)\n  return number", Severity.INFO),
        ("class R:\n  def _hash(self): return hash(self.name)", Severity.INFO),
        ("def row_hash(row): return str(hash(row.name))", Severity.WARNING),
        ("def row_hash(row): return f'{row.pk}-{hash(row.name)}'", Severity.WARNING),
        ("def row_hash(row):\n  number = hash(row.name)\n  return str(number)", Severity.WARNING),
        ("def cache_key(row): return hash(row.name)", Severity.WARNING),
        ("def etag(row): return hash(row.name)", Severity.WARNING),
        ("def row_hash(row):\n  cache_key = hash(row.name)\n  return cache_key", Severity.WARNING),
        ("def row_hash(row):\n  n = hash(row.name)\n  cache.get(n)\n  return n", Severity.WARNING),
    ],
)
def test_a_number_that_is_only_returned(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert finding.severity is severity


@pytest.mark.parametrize(("line", "count"), [("ENV PYTHONHASHSEED=0\n", 0), ("", 1)])
def test_one_seed_for_all_processes(
    make_project: Callable[..., Project], line: str, count: int
) -> None:
    image = f'FROM python:3.13\nCOPY . /app\n{line}CMD ["gunicorn", "shop.wsgi"]\n'
    files = {"shop/code.py": HEAD + KEYED, "Dockerfile": image}
    assert len(list(RULE.find(make_project(files)))) == count


def test_an_operator_may(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/warm.py": HEAD + KEYED.replace("f(name)", "handle(name)")}
    assert not list(RULE.find(make_project(files)))


def classified(*versions: str) -> str:
    lines = [f'    "Programming Language :: Python :: {one}",' for one in versions]
    return "\n".join(["setup(", "  classifiers=[", *lines, "  ],", ")", ""])


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": classified("2.7")},
        {"setup.py": classified("2", "2.7", "2 :: Only")},
        {"setup.py": "setup(python_requires='>=2.7, <3')"},
        {"setup.py": "setup(python_requires='~=2.7')"},
        {"setup.cfg": "[options]\npython_requires = >=2.6,<3.0\n"},
        {"pyproject.toml": '[project]\nrequires-python = "==2.7.*"\n'},
        {"runtime.txt": "python-2.7.18\n"},
        {"shop/setup.py": classified("2.7"), "setup.py": classified("3.12")},
    ],
)
def test_python_2_salts_no_hashes(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + KEYED, **files}))) == []


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": classified("2.7", "3.5")},
        {"setup.py": classified("3", "3.12")},
        {"setup.py": "setup(name='shop')"},
        {"setup.py": "# " + classified("2.7").replace("\n", "\n# ")},
        {"setup.py": "setup(python_requires='>=2.7')"},
        {"setup.cfg": "[options]\npython_requires = >=3.6,<3.10\n"},
        {"pyproject.toml": '[project]\nrequires-python = ">=3.6,<4"\n'},
        {"runtime.txt": "python-3.12.2\n"},
        {"other/setup.py": classified("2.7")},
        {"shop/setup.py": classified("3.12"), "setup.py": classified("2.7")},
    ],
)
def test_python_3_salts_them(make_project: Callable[..., Project], files: dict[str, str]) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + KEYED, **files})))) == 1
