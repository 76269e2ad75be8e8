"""A project's own ``join(*parts)`` leads where its first part does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.file_write import RULE

HEAD = "import os\nfrom os.path import join as path_join\nfrom django.conf import settings\n"
WRITE = "\ndef keep(row):\n    row.toc = join(settings.TOCS, row.uid)\n    open(row.toc, 'wt')\n"


@pytest.mark.parametrize(
    "join",
    [
        "def join(*parts): return os.path.join(*parts)",
        "def join(*parts): return os.path.abspath(os.path.join(*parts))",
        "def join(*parts):\n    return os.path.normpath(path_join(*parts))",
    ],
)
def test_finds_what_is_written_through_it(make_project: Callable[..., Project], join: str) -> None:
    project = make_project({"shop/rows.py": HEAD + join + WRITE}, TOCS="/srv/tocs")
    (finding,) = RULE.find(project)
    assert "TOCS" in finding.message


@pytest.mark.parametrize(
    "join",
    [
        "def join(*parts): return make(*parts)",
        "def join(*parts): return os.path.join('x', *parts)",
        "def join(*parts): return os.path.join(*others)",
        "def join(scratch, *parts): return os.path.join(*parts)",
        "def join(*parts):\n    if parts: return os.path.join(*parts)\n    return scratch()",
    ],
)
def test_takes_no_other_function_for_one(make_project: Callable[..., Project], join: str) -> None:
    project = make_project({"shop/rows.py": HEAD + join + WRITE}, TOCS="/srv/tocs")
    assert all("TOCS" not in finding.message for finding in RULE.find(project))
