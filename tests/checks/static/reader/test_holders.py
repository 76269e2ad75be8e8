"""Settings that a class holds, and none where nobody has seen any."""

from __future__ import annotations

from pathlib import Path

from support.scans import found, places

CLASS = """
class Base(Configuration):
    ROOT_URLCONF = "urls"
    INSTALLED_APPS = MIDDLEWARE = []
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
    @property
    def CACHES(self):
        return {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": self.REDIS}}
    def X(self): ...
    X = None
class Dev(Base):
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
"""
PRODUCTION = """
class Prod(Base):
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3"},
    }
"""


def test_settings_in_a_class(tmp_path: Path) -> None:
    assert places(found(tmp_path, {"conf/settings.py": CLASS}), "db-sqlite") == []
    said = found(tmp_path, {"conf/settings.py": CLASS + PRODUCTION})
    assert places(said, "db-sqlite") == ["conf/settings.py:16"]
    assert places(said, "cache-local") == []


def test_a_demonstration_is_not_deployed(tmp_path: Path) -> None:
    sqlite = "    DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3'}}\n"
    text = CLASS + "class Prod(Base):\n    X = 1\nclass Demo(Prod):\n" + sqlite
    said = found(tmp_path, {"conf/settings.py": text + "class Build(Base):\n" + sqlite})
    assert places(said, "db-sqlite") == []


def test_what_a_plugin_adds_is_no_settings(tmp_path: Path) -> None:
    plugin = "from django.urls import path\nclass Plugin(ABC):\n    INSTALLED_APPS: set = set()\n"
    cached = "from django.core.cache import cache\ndef view(request): cache.get('x')\n"
    said = found(tmp_path, {"shop/plugins/base.py": plugin, "shop/views.py": cached})
    assert said["findings"] == []
    assert "settings" in {unknown["subject"] for unknown in said["unknown"]}


def test_a_class_of_another_module(tmp_path: Path) -> None:
    files = {"conf/base.py": CLASS, "conf/prod.py": "from .base import Base\n" + PRODUCTION}
    assert places(found(tmp_path, files), "db-sqlite") == ["conf/prod.py:5"]


def test_without_settings_nothing_is_said_about_them(tmp_path: Path) -> None:
    said = found(tmp_path, {"shop/views.py": "from django.core.cache import cache\n"})
    assert said["findings"] == []
    assert [unknown["subject"] for unknown in said["unknown"]] == ["settings"]
