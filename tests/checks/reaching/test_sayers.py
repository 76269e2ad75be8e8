"""Who says a name: code, packages that hand it on, names that are put together, other files."""

from __future__ import annotations

import pytest
from support.reached import ASK, CLIENT, NOTE, OTHER, SITE, USED, Make, found

from django_scaleready.checks.reaching.reach import MOST
from django_scaleready.checks.rules import file_write

COMMAND = "shop/management/commands/fetch.py"
TWICE = "def twice(text):\n    note(text)\n    with open('more.txt', 'a') as f: f.write(text)\n"
HANDED_ON = {"shop/kit/__init__.py": "from shop.log import note\n"}


def saying(count: int) -> str:
    """Return functions that say the note, and that nothing says."""
    return "".join(f"def f{n}(): note('x')\n" for n in range(count))


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        # A test is no replica.
        ({"shop/tests/test_log.py": "from shop.log import note\nnote('x')\n"}, 0),
        ({"README.md": "Call note() in a shell.\n"}, 0),
        # Who calls it is called by nobody, or by itself.
        ({"shop/log.py": f"def twice(): note('x'); note('y')\n{NOTE}{OTHER}"}, 0),
        ({"shop/log.py": f"def twice(): note('x'); twice()\n{NOTE}{OTHER}"}, 0),
        ({"shop/log.py": f"class Log:\n  {NOTE.replace('    ', '      ')}{OTHER}"}, 0),
        ({"shop/log.py": f'"""Use note()."""\n{NOTE}{OTHER}'}, 0),
        ({"shop/log.py": f"{NOTE}{OTHER}def ping(): put(pong, note)\ndef pong(): put(ping)\n"}, 0),
        # Who is asked about for another's sake is not reached for that.
        ({"shop/log.py": f"{NOTE}{TWICE}{OTHER}"}, 0),
        # More say it than are looked at.
        ({"shop/log.py": f"{NOTE}{OTHER}{saying(9)}"}, 0),
        ({"shop/log.py": f"{NOTE}{OTHER}{saying(MOST)}"}, 1),
        # One of another file, or of a package.
        ({"shop/views.py": "from feeds import note\nnote('x')\n"}, 0),
        ({"shop/log.py": NOTE + OTHER, "shop/views.py": "from shop.texts import note\nnote('x')\n",
          "shop/texts.py": "def note(text): ...\n"}, 0),
        # Another file's function of the same name.
        (
            {
                "shop/texts.py": "def note(text): ...\n",
                "shop/urls.py": "from shop import log, texts\nlog.other()\n",
                "shop/views.py": "from shop import texts\nurls = [texts.note]\n",
            },
            0,
        ),
        ({"shop/views.py": "from shop.log import note\ndef view(request): note('x')\n"}, 1),
        ({"shop/views.py": "from shop.log import note as keep\nurls = [keep]\n"}, 1),
        ({"shop/views.py": "from shop.log import *\nurls = [note]\n"}, 1),
        ({"shop/views.py": "from shop import log\nurls = [log.note]\n"}, 1),
        # Through a package, which only hands it on.
        ({"shop/__init__.py": "from shop.log import note\n"}, 0),
        ({"shop/views.py": "from shop.log import note\n"}, 1),
        ({**HANDED_ON, "shop/views.py": "from shop.kit import note\nurls = [note]\n"}, 1),
        ({**HANDED_ON, "shop/views.py": "from shop.kit import *\nurls = [note]\n"}, 1),
        ({"shop/views.py": "NOTES = 'shop.log.note'\n"}, 1),
        ({"shop/log.py": f"{NOTE}{OTHER}HOOKS = [note]\n"}, 1),
        ({"shop/log.py": f"from shop.jobs import job\n@job\n{NOTE}{OTHER}"}, 1),
        ({"shop/log.py": f"import functools\n@functools.cache\n{NOTE}{OTHER}"}, 0),
        ({"shop/gunicorn_conf.py": NOTE + OTHER, "shop/log.py": "",
          "shop/urls.py": "from shop.gunicorn_conf import other\n"}, 1),
        # Nothing else of the file is used: it may be a part of more than lies here.
        ({"shop/urls.py": "from shop import log\nlog.ready = True\n"}, 1),
        ({"bin/note-all": "#!/usr/bin/env python\nfrom shop.log import note\nnote('x')\n"}, 1),
        ({"hooks.yaml": "after: [shop.log:note]\n"}, 1),
        # What only a command imports is no part of more.
        ({"manage.py": "", "shop/urls.py": "", COMMAND: "from shop.log import other\n"}, 0),
        ({"shop/urls.py": "", COMMAND: "from shop.log import other\n"}, 1),
        ({"shop/templates/a.html": "{{ log.note }}\n"}, 1),
    ],
)  # fmt: skip
def test_a_function_that_nothing_names(
    make_project: Make, files: dict[str, str], count: int
) -> None:
    base = {"shop/log.py": NOTE + OTHER, "shop/urls.py": USED.replace("def view(request): ", "")}
    assert found(make_project, {**base, **files}, file_write.RULE) == count


EXPORTS = f"__all__ = ['note', 'other']\n{NOTE}{OTHER}"
FROM_ALL = "from shop.log import *\nurls = [note]\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 0),
        ({"shop/log.py": EXPORTS.replace("= [", "= more = [")}, 0),
        ({"shop/log.py": EXPORTS.replace("__all__", "__all__: list[str]")}, 0),
        # Part of a package that others import.
        ({"manage.py": None}, 1),
        ({"shop/views.py": FROM_ALL}, 1),
        ({"shop/views.py": "from shop.log import note\nurls = [note]\n"}, 1),
        # Another text says it, too, or what is exported is put together.
        ({"shop/log.py": f"{EXPORTS}HOOKS = {{'note': 1}}\n"}, 1),
        ({"shop/log.py": EXPORTS.replace("__all__", "HOOKS")}, 1),
        ({"shop/log.py": EXPORTS.replace("= [", "= more + [")}, 1),
    ],
)
def test_a_name_that_a_file_only_exports(
    make_project: Make, files: dict[str, str | None], count: int
) -> None:
    base = {"manage.py": "", "shop/log.py": EXPORTS, "shop/urls.py": USED}
    assert found(make_project, {**base, **files}, file_write.RULE) == count


@pytest.mark.parametrize(
    ("asker", "count"),
    [
        ("def go(o, kind): getattr(o, f'fetch_{kind}')()\nurls = [go]\n", 1),
        ("def go(o, kind): getattr(o, 'fetch_%s' % kind)()\nurls = [go]\n", 1),
        ("def go(o, kind): getattr(o, kind + '_all')()\nurls = [go]\n", 1),
        ("def go(o, kind): o.done = 'fetch_' + kind\nurls = [go]\n", 0),
        ("def go(o, kind): getattr(o, f'send_{kind}')()\nurls = [go]\n", 0),
        ("def go(o, kind): getattr(o, f'fetch_{kind}')()\n", 0),
    ],
)
def test_a_name_that_is_put_together(make_project: Make, asker: str, count: int) -> None:
    client = CLIENT.replace("def ask", "def fetch_all")
    urls = "from shop.client import Client, other\nurls = [other, Client]\n"
    files = {**SITE, "shop/client.py": client, "shop/urls.py": urls, "shop/work.py": asker + OTHER,
             "shop/apps.py": "from shop import work\nwork.other()\n"}  # fmt: skip
    assert found(make_project, files) == count


@pytest.mark.parametrize(
    ("name", "begins", "count"),
    [
        ("fetch_all", "fetch_", 1),
        ("fetch_all", "fet", 0),
        ("x_all", "x_", 0),
        ("all_xy", "all_", 1),
        ("all_x", "all_", 0),
    ],
)
def test_where_a_name_is_put_together(
    make_project: Make, name: str, begins: str, count: int
) -> None:
    client = CLIENT.replace("def ask", f"def {name}")
    urls = "from shop.client import Client, other\nurls = [other, Client]\n"
    urls += f"def go(o, kind): getattr(o, f'{begins}{{kind}}')()\n"
    assert found(make_project, {**SITE, "shop/client.py": client, "shop/urls.py": urls}) == count


@pytest.mark.parametrize(("asker", "count"), [("shop/log.py", 1), ("shop/work.py", 0)])
def test_a_function_whose_name_is_put_together(make_project: Make, asker: str, count: int) -> None:
    files = {"shop/log.py": f"{ASK.replace('ask', 'fetch_all')}{OTHER}", "shop/work.py": ""}
    files[asker] += (
        "def go(kind): getattr(sys.modules[__name__], f'fetch_{kind}')()\nHOOKS = [go]\n"
    )
    assert found(make_project, {**files, "shop/urls.py": USED}) == count
