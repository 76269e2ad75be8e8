"""A path that lies in a dictionary, or that an attribute holds, leads where it was taken from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.file_write import RULE

HEAD = "import os, tempfile\nfrom pathlib import Path\nfrom django.conf import settings\n"
PUT = "def view(request, pk):\n  order['export_dir'] = Path(settings.EXPORTS) / pk\n  pack(order)\n"
MADE = "def view(pk):\n  told = {'export_dir': settings.EXPORTS + pk}\n  pack(told)\n"
PACK = "def pack(order): (order['export_dir'] / 'x').write_text('x')\n"
OPEN = "def pack(order): open(os.path.join(order['export_dir'], 'x'), 'w')\n"


def find(
    make_project: Callable[..., Project], code: str, other: str = "", head: str = HEAD
) -> list[tuple[str, Severity]]:
    files = {"shop/code.py": head + code, "shop/other.py": HEAD + other}
    found = RULE.find(make_project(files, EXPORTS="/srv/exports", INVOICES="/srv/invoices"))
    return [("EXPORTS" if "(EXPORTS)" in f.message else "", f.severity) for f in found]


@pytest.mark.parametrize(
    ("put", "code"),
    [
        (PUT, PACK),
        (PUT, OPEN),
        (MADE, PACK),
        (MADE, "def pack(order): open(order.get('export_dir') + 'x', 'w')\n"),
        (MADE, "def write(p): open(p, 'w')\ndef pack(order): write(order['export_dir'])\n"),
        # As it is changed on its way.
        (PUT + "def g(o): o['export_dir'] = o['export_dir'].as_posix()\n", PACK),
        (PUT + "def g(o): o['export_dir'] = ''\n", PACK),
    ],
)
def test_finds_where_a_dictionary_has_it_from(
    make_project: Callable[..., Project], put: str, code: str
) -> None:
    ((setting, severity),) = find(make_project, code, put)
    assert (setting, severity) == ("EXPORTS", Severity.WARNING)


@pytest.mark.parametrize(
    "put",
    [
        "",
        # Of two settings nobody knows which one it is.
        PUT + "def g(o): o['export_dir'] = settings.INVOICES\n",
        # Temporary, or nobody knows where, more often than not.
        PUT + "def g(o): o['export_dir'] = tempfile.mkdtemp()\n",
        PUT + "def g(o, p): o['export_dir'] = p\ndef h(o): o['export_dir'] = make()\n",
        # Another key.
        PUT.replace("export_dir", "report_dir"),
    ],
)
def test_what_is_not_known_of_a_dictionary_is_information(
    make_project: Callable[..., Project], put: str
) -> None:
    assert find(make_project, PACK, put) == [("", Severity.INFO)]


@pytest.mark.parametrize(
    "code",
    [
        "def f(request): open(request.POST['export_dir'], 'w')\n",
        "def f(request): open(request.GET.get('export_dir'), 'w')\n",
        "def f(form): open(form.cleaned_data['export_dir'], 'w')\n",
        "def f(rows): open(rows[0], 'w')\n",
        "def f(rows): open(rows['name'], 'w')\n",
    ],
)
def test_what_somebody_sends_is_no_path_of_the_projects(
    make_project: Callable[..., Project], code: str
) -> None:
    assert ("EXPORTS", Severity.WARNING) not in find(make_project, code, PUT)


def test_what_is_only_read_from_a_dictionarys_folder(make_project: Callable[..., Project]) -> None:
    assert find(make_project, "def pack(order): open(order['export_dir'] + 'x')\n", PUT) == []


TASK = "@app.task(bind=True, base=Tracked)\ndef pack(self, pk): open(f'{self.export_dir}/x', 'w')\n"


@pytest.mark.parametrize(
    ("code", "other"),
    [
        # For want of another.
        ("def f(o): open(o.get('export_dir', settings.EXPORTS) + 'x', 'w')\n", ""),
        # A function that is made a method of a class of tasks.
        (TASK, "class Tracked(Task):\n  def __call__(self): self.export_dir = settings.EXPORTS\n"),
        (
            TASK,
            (
                "class Tracked(Task):\n  def __call__(self, ctx):\n    self.export_dir = None\n"
                "    self.export_dir = ctx.get('export_dir', settings.EXPORTS)\n"
                "    self.export_dir = made_path(self)\n"
            ),
        ),
        # An attribute whose name says nothing, and whose value does.
        (
            (
                "class Scan:\n  def __init__(self):\n"
                "    self.log = Path(settings.EXPORTS) / 'log'\n"
                "  def f(self): self.put(self.log)\n"
                "  def put(self, out):\n    with out.open('a') as file: file.write('x')\n"
            ),
            "",
        ),
        # A method of what an attribute holds.
        (
            (
                "class Parcel:\n  def f(self):\n    path = self.order.export_path('x')\n"
                "    with path.open('w') as f: f.write('x')\n"
            ),
            "class Order:\n  def export_path(self, n): return Path(settings.EXPORTS) / n\n",
        ),
        # What a signature gives.
        (
            (
                "from celery import shared_task\n@shared_task\ndef pack(path): open(path, 'w')\n"
                "def f(pk): pack.si(path=os.path.join(settings.EXPORTS, pk))\n"
            ),
            "",
        ),
        (
            (
                "from celery import shared_task\n@shared_task\n"
                "def pack(pk, path): open(path, 'w')\n"
                "def f(pk): pack.s(path=os.path.join(settings.EXPORTS, pk))\n"
            ),
            "",
        ),
    ],
)
def test_finds_where_an_attribute_or_an_argument_has_it_from(
    make_project: Callable[..., Project], code: str, other: str
) -> None:
    ((setting, _),) = find(make_project, code, other)
    assert setting == "EXPORTS"


@pytest.mark.parametrize(
    ("code", "other"),
    [
        (TASK, "class Tracked(Task):\n  def __call__(self): self.export_dir = made()\n"),
        (
            TASK,
            (
                "class Tracked(Task):\n  def f(self): self.export_dir = settings.EXPORTS\n"
                "class Other:\n  def f(self): self.export_dir = settings.INVOICES\n"
            ),
        ),
        (
            (
                "class Parcel:\n  def f(self):\n    path = self.order.export_path('x')\n"
                "    path.write_text('x')\n"
            ),
            "class Order:\n  def other_path(self, n): return Path(settings.EXPORTS) / n\n",
        ),
        # The result of another task comes first.
        (
            (
                "from celery import shared_task\n@shared_task\ndef pack(path): open(path, 'w')\n"
                "def f(pk): pack.s(os.path.join(settings.EXPORTS, pk))\n"
            ),
            "",
        ),
    ],
)
def test_what_is_not_known_of_an_attribute_is_information(
    make_project: Callable[..., Project], code: str, other: str
) -> None:
    assert find(make_project, code, other) == [("", Severity.INFO)]


STAR = "import os\nfrom shop.settings import *\n"


def test_finds_a_setting_among_all_that_are_imported(make_project: Callable[..., Project]) -> None:
    code = "def f(n): open(os.path.join(EXPORTS, n), 'w')\ndef page(r): show(EXPORTS)\n"
    assert find(make_project, code, head=STAR) == [("EXPORTS", Severity.ERROR)]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        # Of another module that all is imported from.
        (STAR, "def f(n): open(os.path.join(FOLDERS, n), 'w')\n"),
        ("import os\nfrom shop.tools import *\n", "def f(n): open(EXPORTS + n, 'w')\n"),
        (STAR, "def f(exports): open(exports, 'w')\n"),
    ],
)
def test_a_name_that_no_setting_has_is_information(
    make_project: Callable[..., Project], head: str, code: str
) -> None:
    assert find(make_project, code, head=head) == [("", Severity.INFO)]
