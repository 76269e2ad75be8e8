"""A small project that is tested and served by programs of its own, and the SDK that it uses."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

Make = Callable[..., Path]

# What people install. It leaves things behind without a word in the project's source.
LEDGER = '''
import os, pathlib, socketserver, sqlite3, subprocess, threading


class Client:
    """Renews its token, and keeps it where it is."""

    def __init__(self, store="ledger-token.json"):
        self.store = store

    def sign_in(self):
        draft = self.store + ".new"
        pathlib.Path(draft).write_text("{}")
        os.replace(draft, self.store)


def count(name):
    connection = sqlite3.connect("quota.db")
    with connection:
        connection.execute("create table if not exists hits (name text)")
        connection.execute("insert into hits values (?)", [name])
    connection.close()


def listen():
    server = socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    listen.servers.append(server)


listen.servers = []


def convert():
    convert.started.append(subprocess.Popen(["sleep", "3"]))


convert.started = []


def later(path):
    thread = threading.Thread(target=lambda: pathlib.Path(path).write_text("{}"))
    thread.start()
    thread.join()
'''
SETTINGS = """
SECRET_KEY = "only-for-tests"
ROOT_URLCONF = "shop.urls"
ALLOWED_HOSTS = ["*"]
STATIC_URL = "/static/"
MIDDLEWARE = ["shop.middleware.plain"]
INSTALLED_APPS = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"}}
"""
MIDDLEWARE = """
def plain(get_response):
    def middleware(request):
        return get_response(request)
    return middleware
"""
MANAGE = """
import os, sys
sys.path.append("site-packages")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
INI = "[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\npythonpath = . site-packages\n"
URLS = """
from django.urls import path
from shop import views

urlpatterns = [
    path(f"{name}/", view)
    for name, view in vars(views).items()
    if getattr(view, "__module__", "") == "shop.views"
]
"""


def write(folder: Path, views: str, files: dict[str, str]) -> Path:
    """Write the project to a folder, and ``files`` by names such as ``tests__test_shop``."""
    contents = {
        "manage.py": MANAGE,
        "pytest.ini": INI,
        "shop/__init__.py": "",
        "tests/__init__.py": "",
        "shop/middleware.py": MIDDLEWARE,
        "shop/settings.py": SETTINGS,
        "shop/urls.py": URLS,
        "shop/views.py": views,
        "site-packages/ledger/__init__.py": LEDGER,
        "site-packages/ledger-1.2.dist-info/METADATA": "Name: ledger\nVersion: 1.2\n",
        "site-packages/ledger-1.2.dist-info/top_level.txt": "ledger\n",
        **{name.replace("__", "/") + ".py": text for name, text in files.items()},
    }
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder
