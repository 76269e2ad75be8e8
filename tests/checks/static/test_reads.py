"""How often a scan opens the files of a project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

# What is opened is told by Python itself, whoever opens it.
NOTED = """
import runpy, sys
root = sys.argv[2]
def note(event, arguments):
    if event == "open" and str(arguments[0]).startswith(root) and str(arguments[0]).endswith(".py"):
        print(str(arguments[0])[len(root):], file=sys.stderr)
sys.addaudithook(note)
sys.argv = ["scan", "scan", root, "--format", "json"]
runpy.run_module("django_scaleready", run_name="__main__")
"""
SETTINGS = "ROOT_URLCONF = 'main.urls'\nINSTALLED_APPS = ['shop']\nMIDDLEWARE = []\n"
FILES = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'main.settings')\n",
    "main/__init__.py": "",
    "main/celery.py": "from celery import Celery\napp = Celery('main')\n"
    "app.config_from_object('django.conf:settings', namespace='CELERY')\n",
    "shop/__init__.py": "",
    "shop/models.py": "from django.db import models\nclass Item(models.Model):\n"
    "    key = models.TextField()\n    day = models.DateField()\n",
}
VIEWS = """
import datetime, requests
from django.http import JsonResponse
from shop.models import Item
"""
# Each shape is written several times into one file, below the views that call it, and is found.
SHAPES = {
    "process-dict-cache": "KNOWN_{n} = {{}}\ndef show_{n}(request, key=None):\n"
    "    if key not in KNOWN_{n}:\n        KNOWN_{n}[key] = list(Item.objects.filter(key=key))\n"
    "    return JsonResponse(KNOWN_{n}[key])\n",
    "import-time-value": "def since_{n}(key, day=datetime.date.today()):\n"
    "    return Item.objects.filter(key=key, day=day)\ndef show_{n}(request):\n"
    "    return JsonResponse(since_{n}(request.path))\n",
    "http-no-timeout": "def ask_{n}(key, sends=False):\n    if not sends:\n"
    "        return requests.get(key)\ndef show_{n}(request):\n"
    "    return JsonResponse(ask_{n}(request.path))\n",
}


def opened(root: Path, shape: str, count: int, settings: int = 1) -> Counter[str]:
    """Return how often a scan opens each file of a project in which a shape stands that often."""
    numbers = range(count)
    routes = ", ".join(f"path('{n}', views.show_{n})" for n in numbers)
    typos = "".join(f"CELERY_SHOP_OPTION_{n} = {n}\n" for n in numbers)
    files = {
        **FILES,
        **{f"main/{name}.py": SETTINGS + typos for name in ("settings", "eu", "us")[:settings]},
        "main/urls.py": f"from django.urls import path\nfrom shop import views\n"
        f"urlpatterns = [{routes}]\n",
        "shop/views.py": VIEWS + "".join(SHAPES[shape].format(n=n) for n in numbers),
        "shop/more.py": "from shop import views\n"
        + "".join(f"def also_{n}(r): return views.show_{n}(r)\n" for n in numbers),
        "Procfile": "".join(
            f"{name}: DJANGO_SETTINGS_MODULE=main.{name} gunicorn main.wsgi\n"
            for name in ("settings", "eu", "us")[:settings]
        ),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run = subprocess.run(
        (sys.executable, "-c", NOTED, "-", str(root)),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"XDG_CACHE_HOME": str(root / "cache"), "PYTHONPATH": ":".join(sys.path)},
    )
    assert run.returncode in {0, 1}, run.stderr
    found = Counter(each["slug"] for each in json.loads(run.stdout)["findings"])
    assert found[shape] == count
    return Counter(run.stderr.splitlines())


@pytest.mark.parametrize("shape", SHAPES)
def test_no_file_is_opened_once_more_for_each_thing_in_it(tmp_path: Path, shape: str) -> None:
    few = opened(tmp_path / "few", shape, 2)
    many = opened(tmp_path / "many", shape, 12)
    assert few["/shop/views.py"]
    assert few == many


@pytest.mark.parametrize("shape", SHAPES)
def test_code_is_opened_no_more_for_more_settings(tmp_path: Path, shape: str) -> None:
    one = opened(tmp_path / "one", shape, 3)
    three = opened(tmp_path / "three", shape, 3, settings=3)
    code = [name for name in one if name.startswith("/shop/")]
    assert code
    assert {name: three[name] for name in code} == {name: one[name] for name in code}
