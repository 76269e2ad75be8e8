"""Apps of the repository that the settings do not install: nobody loads their files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found

SETTINGS = (
    "SECRET_KEY = 'x'\nROOT_URLCONF = 'site.urls'\nMIDDLEWARE = []\nDATABASES = {}\n"
    "INSTALLED_APPS = ['django.contrib.auth', 'shop']\n"
)
APPS = "from django.apps import AppConfig\nclass Config(AppConfig):\n  name = '%s'\n"
VIEWS = "import requests\ndef ask(request): return requests.get('x')\n"
SITE = {
    "manage.py": "",
    "main/__init__.py": "",
    "main/settings.py": SETTINGS,
    "main/urls.py": "from shop import views\nurlpatterns = [path('', views.index)]\n",
    "shop/__init__.py": "",
    "shop/apps.py": APPS % "shop",
    "shop/views.py": "def index(request): pass\n",
    "ldap/__init__.py": "",
    "ldap/apps.py": APPS % "ldap",
    "ldap/urls.py": "from ldap import views\nurlpatterns = [path('', views.ask)]\n",
    "ldap/views.py": VIEWS,
}
LEFT_OUT = "A replica comes here only where ldap is in INSTALLED_APPS, and it is not."


def told(folder: Path, files: dict[str, str]) -> tuple[str, str]:
    """How severe the call in the other app is, and what is said of it."""
    findings = found(folder, {**SITE, **files})["findings"]
    (one,) = [each for each in findings if each["slug"] == "http-no-timeout"]
    assert one["path"] == "ldap/views.py"
    return one["severity"], one["message"]


def with_apps(*lines: str) -> dict[str, str]:
    return {"main/settings.py": SETTINGS + "".join(f"{line}\n" for line in lines)}


@pytest.mark.parametrize(
    "files",
    [
        {},
        with_apps("for plugin in plugins():", "  MIDDLEWARE = [plugin.name]"),
        with_apps("for plugin in ['shop.more']:", "  INSTALLED_APPS += [plugin]"),
        # Urls that are there only where the app is.
        {
            "main/urls.py": (
                "from django.conf import settings\nurlpatterns = []\n"
                "if 'ldap' in settings.INSTALLED_APPS:\n"
                "  urlpatterns += [path('ldap/', include('ldap.urls'))]\n"
            )
        },
        # What the app is configured with where it is wanted, and nobody loads.
        {
            "main/plugins/ldap.py": (
                "from main.settings import INSTALLED_APPS\nINSTALLED_APPS += ['ldap']\n"
            )
        },
        {"shop/models.py": "from django.apps import apps\nON = apps.is_installed('ldap')\n"},
        {"ldap/management/commands/sync.py": "from ldap.views import ask\n"},
    ],
)
def test_an_app_that_is_not_installed_is_loaded_by_nobody(
    tmp_path: Path, files: dict[str, str]
) -> None:
    severity, message = told(tmp_path, files)
    assert severity == "info"
    assert message.endswith(LEFT_OUT)


@pytest.mark.parametrize(
    "files",
    [
        with_apps("INSTALLED_APPS += ['ldap']"),
        with_apps("INSTALLED_APPS += ['ldap.apps.Config']"),
        with_apps("INSTALLED_APPS += ['plugins.ldap']"),
        # Which apps there are only running the code would tell.
        with_apps("INSTALLED_APPS += [plugin() for plugin in plugins]"),
        with_apps("for plugin in plugins():", "  INSTALLED_APPS += [plugin.name]"),
        with_apps("for plugin in plugins():", "  if plugin: INSTALLED_APPS.append(plugin.name)"),
        # Somebody names or imports its code.
        with_apps("MIDDLEWARE = ['ldap.views.ask']"),
        with_apps("AUTHENTICATION = {'backends': ['ldap.views.ask']}"),
        with_apps("from urllib.parse import urlsplit", "URL = urlsplit('ldap.views.ask')"),
        {"main/urls.py": "urlpatterns = [path('', include('ldap.urls'))]\n"},
        {"shop/views.py": "from ldap.views import ask\ndef index(request): return ask(request)\n"},
        {"shop/views.py": "from ldap import urls\ndef index(request): return urls\n"},
        {"shop/views.py": "def index(request): return import_string('ldap.views.ask')(request)\n"},
        # An app may add another one to the settings.
        {
            "shop/__init__.py": (
                "from main.settings import INSTALLED_APPS\nINSTALLED_APPS.append('ldap')\n"
            )
        },
        {
            "shop/__init__.py": (
                "from django.conf import settings\nsettings.INSTALLED_APPS.append('ldap')\n"
            )
        },
        # No app of this repository by its AppConfig: what is installed is not seen here.
        {"shop/apps.py": ""},
        {"ldap/apps.py": ""},
        # A part of some other project.
        {"manage.py": None},
    ],
)
def test_an_app_that_somebody_may_load_is_judged(
    tmp_path: Path, files: dict[str, str | None]
) -> None:
    kept = {path: text for path, text in {**SITE, **files}.items() if text is not None}
    findings = found(tmp_path, kept)["findings"]
    severities = [each["severity"] for each in findings if each["slug"] == "http-no-timeout"]
    assert severities == ["warning"]


def test_what_is_installed_where_another_one_is_not(tmp_path: Path) -> None:
    more = "from main.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'ldap']\n"
    assert told(tmp_path, {"main/production.py": more})[0] == "warning"


def test_what_only_such_an_app_imports_is_loaded_by_nobody(tmp_path: Path) -> None:
    files = {
        "ldap/views.py": "from common.ask import ask\ndef view(request): return ask(request)\n",
        "common/__init__.py": "",
        "common/ask.py": VIEWS,
    }
    (one,) = [
        each
        for each in found(tmp_path, {**SITE, **files})["findings"]
        if each["slug"] == "http-no-timeout"
    ]
    assert (one["path"], one["severity"]) == ("common/ask.py", "info")


# Without an AppConfig, beside another such app that is installed.
PLAIN = {
    **SITE,
    "main/settings.py": SETTINGS.replace("'shop'", "'apps.shop'"),
    "main/urls.py": "from apps.shop import views\nurlpatterns = [path('', views.index)]\n",
    "apps/__init__.py": "",
    "apps/shop/__init__.py": "",
    "apps/shop/views.py": "def index(request): pass\n",
    "apps/ldap/__init__.py": "",
    "apps/ldap/models.py": "",
    "apps/ldap/urls.py": "from apps.ldap import views\nurlpatterns = [path('', views.ask)]\n",
    "apps/ldap/views.py": VIEWS,
}
PLAIN = {path: text for path, text in PLAIN.items() if not path.startswith(("shop/", "ldap/"))}
ENTRANCE = "from django.core.wsgi import get_wsgi_application\n"


def of_plain(folder: Path, files: dict[str, str | None]) -> list[tuple[str, str]]:
    """Where the call in the plain app is, and how severe."""
    kept = {path: text for path, text in {**PLAIN, **files}.items() if text is not None}
    findings = found(folder, kept)["findings"]
    return [(f["path"], f["severity"]) for f in findings if f["slug"] == "http-no-timeout"]


def of_settings(text: str) -> dict[str, str | None]:
    return {"main/settings.py": f"{PLAIN['main/settings.py']}{text}\n"}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {
            "apps/ldap/models.py": None,
            "apps/ldap/management/__init__.py": "",
            "apps/ldap/management/commands/__init__.py": "",
            "apps/ldap/management/commands/sync.py": "from apps.ldap.views import ask\n",
        },
        {"manage.py": None, "main/wsgi.py": ENTRANCE},
        of_settings("MAY_BE_INSTALLED = ['apps.ldap']"),
        {
            "apps/shop/models.py": "from django.conf import settings\n"
            "def on(): return 'apps.ldap' in settings.INSTALLED_APPS\n"
        },
        {"apps/ldap/models.py": None, "apps/ldap/models/__init__.py": ""},
        {"apps/shop/models.py": "from apps.shop import names\nLDAP = names.ldap\n"},
    ],
)
def test_an_app_is_known_by_what_django_looks_for(
    tmp_path: Path, files: dict[str, str | None]
) -> None:
    assert of_plain(tmp_path, files) == [("apps/ldap/views.py", "info")]


@pytest.mark.parametrize(
    "files",
    [
        of_settings("INSTALLED_APPS += ['apps.ldap']"),
        of_settings("INSTALLED_APPS += ['apps.ldap.backends']"),
        of_settings("INSTALLED_APPS += [plugin() for plugin in plugins]"),
        # It may be no app at all.
        {"apps/ldap/models.py": None},
        # No app that is installed is beside it.
        {"main/settings.py": SETTINGS.replace("'shop'", "'elsewhere.catalogue'")},
        # A part of another project, or one of its own.
        {"manage.py": None},
        {"apps/ldap/settings.py": "SECRET_KEY = 'y'\n"},
        {"apps/ldap/wsgi.py": ENTRANCE},
        # Somebody names or imports its code.
        of_settings("MIDDLEWARE = ['apps.ldap.views.ask']"),
        {"main/urls.py": "urlpatterns = [path('', include('apps.ldap.urls'))]\n"},
        {
            "main/urls.py": "from apps.shop import views\nfrom apps.ldap.views import ask\n"
            "urlpatterns = [path('', views.index), path('a', ask)]\n"
        },
        {"main/celery.py": "app.autodiscover_tasks(['apps.ldap'])\n"},
        {"apps/shop/views.py": "def index(request): return import_module('apps.ldap').go()\n"},
    ],
)
def test_what_may_be_loaded_otherwise_is_judged(
    tmp_path: Path, files: dict[str, str | None]
) -> None:
    assert of_plain(tmp_path, files) == [("apps/ldap/views.py", "warning")]


TIMED = (
    "import requests\nclass Timed:\n  def __init__(self, get_response): self.next = get_response\n"
    "  def __call__(self, request):\n    requests.get('x')\n    return self.next(request)\n"
    "def beside(request): pass\n"
)
MIXED = (
    "import requests\nfrom django.utils.deprecation import MiddlewareMixin\n"
    "class Timed(MiddlewareMixin):\n  def process_request(self, request): requests.get('x')\n"
    "def beside(request): pass\n"
)
DEVELOPING = "from main.settings import *\n%s\n"
ADDED = "MIDDLEWARE = ['shop.middleware.Timed', *MIDDLEWARE]"


def timed(folder: Path, files: dict[str, str], text: str) -> tuple[str, str]:
    """How severe the call of a middleware is, and what is said of it."""
    site = {
        **SITE,
        "main/urls.py": "from shop.middleware import beside\nurlpatterns = [beside]\n",
        "ldap/apps.py": "",
        "main/wsgi.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'main.settings')\n",
        "shop/middleware.py": text,
        "ldap/views.py": "",
    }
    findings = found(folder, {**site, **files})["findings"]
    (one,) = [each for each in findings if each["slug"] == "http-no-timeout"]
    return one["severity"], one["message"]


@pytest.mark.parametrize("text", [TIMED, MIXED])
@pytest.mark.parametrize(
    "files",
    [
        {},
        {"main/development.py": DEVELOPING % ADDED},
        {"main/development.py": DEVELOPING % "MIDDLEWARE.append('shop.middleware.Timed')"},
        {"main/local.py": f"from main.settings import MIDDLEWARE\n{DEVELOPING % ADDED}"},
        {"main/local.py": f"from main.settings import *\nif True:\n  {ADDED}\n"},
        # Of another file.
        with_apps("MIDDLEWARE = ['shop.more.Other']"),
    ],
)
def test_a_middleware_that_is_in_no_list(tmp_path: Path, files: dict[str, str], text: str) -> None:
    severity, message = timed(tmp_path, files, text)
    assert severity == "info"
    assert message.endswith("only where Timed is in MIDDLEWARE, and it is not.")


@pytest.mark.parametrize("text", [TIMED, MIXED])
@pytest.mark.parametrize(
    "files",
    [
        with_apps(ADDED),
        # From another module that has it, or under the name of a setting of the project's own.
        with_apps("MIDDLEWARE = ['shop.Timed']"),
        with_apps("EXTRA = ['shop.middleware.Timed']"),
        # What only running the code would tell.
        {
            **with_apps("MIDDLEWARE += [plugin() for plugin in plugins]"),
            "main/development.py": DEVELOPING % ADDED,
        },
        # It is made a decorator of, derived from, added where the site starts, or configured.
        {
            "main/urls.py": "from django.utils.decorators import decorator_from_middleware\n"
            "from shop.middleware import Timed, beside\n"
            "urlpatterns = [decorator_from_middleware(Timed)(beside)]\n"
        },
        {
            "main/urls.py": "from shop import more\nfrom shop.middleware import beside\n"
            "urlpatterns = [beside]\n",
            "shop/more.py": "from shop.middleware import Timed\nclass More(Timed): pass\n",
            **with_apps("MIDDLEWARE = ['shop.more.More']"),
        },
        {
            "shop/__init__.py": "from django.conf import settings\n"
            "settings.MIDDLEWARE.insert(0, 'shop.middleware.Timed')\n"
        },
        {
            "shop/__init__.py": "from main.settings import MIDDLEWARE\n"
            "MIDDLEWARE.append('shop.middleware.Timed')\n"
        },
        {"deploy.yaml": "middleware: shop.middleware.Timed\n"},
    ],
)
def test_a_middleware_that_is_named(tmp_path: Path, files: dict[str, str], text: str) -> None:
    assert timed(tmp_path, files, text)[0] == "warning"
