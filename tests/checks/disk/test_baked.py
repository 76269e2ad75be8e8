"""What the image has from its build is no state of a replica that finds it there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import cached_function, file_write

LISTS = """
import json
from functools import cache
from pathlib import Path
import requests
FILE = Path(__file__).parent / "list.json"

def fetch():
    return requests.get("https://lists.example.com", timeout=9).json()

def store(found):
    with open(FILE, "w") as out:
        json.dump(found, out)

def get():
    try:
        with open(FILE) as kept:
            return json.load(kept)
    except FileNotFoundError:
        found = fetch()
        store(found)
        return found

@cache
def known():
    return get()
"""
COMMAND = """
from django.core.management.base import BaseCommand
from shop.lists import fetch, store

class Command(BaseCommand):
    def handle(self, *args, **options):
        store(fetch())
"""
IMAGE = "FROM python\nRUN pip install x && \\\n    python manage.py fetch_lists\n"
VIEW = "from shop.lists import known\ndef view(request): return known()\n"


@pytest.mark.parametrize(
    ("image", "more", "count"),
    [
        (IMAGE, "", 0),
        (IMAGE.replace("python manage.py", "django-admin"), "", 0),
        ("FROM python\nCMD python manage.py fetch_lists\n", "", 1),
        ("FROM python\n", "", 1),
        (IMAGE.replace("fetch_lists", "collectstatic"), "", 1),
        (IMAGE, "def view(request): store(fetch())\n", 1),
    ],
)
def test_a_file_that_the_image_brings(
    make_project: Callable[..., Project], image: str, more: str, count: int
) -> None:
    files = {"shop/lists.py": LISTS + more, "shop/views.py": VIEW, "Dockerfile": image}
    files["shop/management/commands/fetch_lists.py"] = COMMAND
    project = make_project(files)
    assert len(list(file_write.RULE.find(project))) == count
    assert len(list(cached_function.RULE.find(project))) == count
