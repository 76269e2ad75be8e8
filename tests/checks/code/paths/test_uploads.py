"""Paths that code puts together below the folder of the uploads, past their storage."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.media_local import RULE

UPLOADS = ["django_scaleready", "support.uploads"]
DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
BELOW = "import os\nfrom pathlib import Path\nfrom django.conf import settings\n"
BELOW += "from django.core.files.storage import FileSystemStorage\n"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("send(os.path.join(settings.MEDIA_ROOT, order.scan.name))", True),
        ("path = Path(settings.MEDIA_ROOT) / order.scan.name", True),
        ("path = settings.MEDIA_ROOT / order.scan.name", True),
        ("path = settings.MEDIA_ROOT + '/' + order.scan.name", True),
        ("return f'{settings.MEDIA_ROOT}/{order.scan.name}'", True),
        # It is only asked for, or compared with; or it is another folder.
        ("send(settings.MEDIA_ROOT)", False),
        ("path = order.path.replace(settings.MEDIA_ROOT, '')", False),
        ("path = os.path.join(settings.BASE_DIR, settings.MEDIA_ROOT)", False),
        ("path = os.path.join(order.MEDIA_ROOT, 'a.pdf')", False),
        ("store = FileSystemStorage(os.path.join(settings.MEDIA_ROOT, 'a'))", False),
        ("return default_storage.exists(os.path.join(settings.MEDIA_ROOT, 'a'))", False),
        ("if settings.DEBUG: send(os.path.join(settings.MEDIA_ROOT, 'a'))", False),
    ],
)
def test_a_path_that_is_put_together_below_the_uploads(
    make_project: Callable[..., Project], line: str, *, named: bool
) -> None:
    code = f"{BELOW}def view(request, order, send):\n    {line}\n"
    project = make_project(
        {"shop/views.py": code}, INSTALLED_APPS=UPLOADS, STORAGES={"default": DISK}
    )
    (finding,) = RULE.find(project)
    assert ("shop/views.py:6" in map(str, finding.related)) is named


def test_where_the_same_function_opens_it_that_is_said(
    make_project: Callable[..., Project],
) -> None:
    code = f"{BELOW}def view(name):\n    path = os.path.join(settings.MEDIA_ROOT, name)\n"
    code += "    return open(path).read()\n"
    files = {"shop/views.py": code}
    (finding,) = RULE.find(make_project(files, INSTALLED_APPS=UPLOADS, STORAGES={"default": DISK}))
    assert [p.line for p in finding.related if p.path == "shop/views.py"] == [7]
