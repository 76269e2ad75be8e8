"""What the tests of who comes where have in common: a small site, and a class that asks."""

from __future__ import annotations

from collections.abc import Callable

from django_scaleready.checks.base import Rule
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import http_no_timeout

Make = Callable[[dict[str, str]], Project]
NOTE = "def note(text):\n    with open('notes.txt', 'a') as f: f.write(text)\n"
OTHER = "def other(): pass\n"
USED = "from shop import log\ndef view(request): log.other()\n"
ASK = "import requests\ndef ask(): requests.get('x')\n"
# A class whose method asks, and a view that uses what stands beside it.
CLIENT = "import requests\nclass Client:\n  def ask(self): requests.get('x')\ndef other(): pass\n"
SITE = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/client.py": CLIENT,
    "shop/urls.py": "from shop.client import other\nurlpatterns = [other]\n",
}


def found(make: Make, files: dict[str, str | None], rule: Rule = http_no_timeout.RULE) -> int:
    """Return how many findings there are; a file that is None is not there."""
    given = {path: text for path, text in files.items() if text is not None}
    return len(list(rule.find(make(given))))
