"""Paths in a setting that only running it would tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found

SETTINGS = (
    "import os\nSECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = ['shop']\n"
    "MIDDLEWARE = []\nWHERE = os.environ['WHERE']\n"
)
SHOP = (
    "from django.conf import settings\ndef save(request):\n"
    "  with open(settings.REPORTS['x']['x'], 'w') as file: file.write('x')\n"
    "def show(request): return open(settings.REPORTS['x']['x'])\n"
)


def severities(folder: Path, reports: str) -> list[str]:
    """How severe a file is that is written to a folder in a setting."""
    files = {
        "manage.py": "",
        "settings.py": f"{SETTINGS}{reports}\n",
        "urls.py": "from shop.views import *\nurlpatterns = [path('', save), path('x', show)]\n",
        "shop/__init__.py": "",
        "shop/views.py": SHOP,
    }
    return [f["severity"] for f in found(folder, files)["findings"] if f["slug"] == "file-write"]


@pytest.mark.parametrize(
    "reports",
    [
        "REPORTS = {each: {'EXPORT_FOLDER': WHERE} for each in names()}",
        "REPORTS = more(x={'exports': {'OUTPUT_DIR': WHERE}})",
        "REPORTS = {}\nREPORTS = more({'UPLOADFOLDER': WHERE})",
    ],
)
def test_an_entry_may_say_that_it_is_a_folder(tmp_path: Path, reports: str) -> None:
    assert severities(tmp_path, reports) == ["error"]


@pytest.mark.parametrize(
    "reports",
    [
        "REPORTS = {each: {'EXPORT': WHERE} for each in names()}",
        "REPORTS = {each: {'FOLDERS_KEPT': 4} for each in names()}",
        "REPORTS = more(WHERE)",
        "REPORTS = more(FOLDER=WHERE)",
    ],
)
def test_what_says_nothing_of_folders_is_not_known(tmp_path: Path, reports: str) -> None:
    assert severities(tmp_path, reports) in ([], ["info"])
