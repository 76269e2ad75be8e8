"""Apps that the settings which a command makes from its template do not list."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found

TEMPLATE = """\
SECRET_KEY = '{{ secret_key }}'
DEBUG = {{ debug }}
INSTALLED_APPS = ['django.contrib.auth']
SHOP_APPS = (
    'shop.core',
    'shop.pay',
    # 'shop.ldap',
{% for extension in extensions %}    '{{ extension }}',
{% endfor %}
)
INSTALLED_APPS += SHOP_APPS
"""
DEPLOY = "def render(env): return env.get_template('settings.py.tpl').render(debug=False)\n"
APPS = "from django.apps import AppConfig\nclass Config(AppConfig):\n  name = 'shop.%s'\n"
URLS = """\
from django.conf import settings
from django.urls import include, path
urlpatterns = [path('', include('shop.core.urls'))]
if 'shop.ldap' in settings.SHOP_APPS:
    urlpatterns += [path('ldap/', include('shop.ldap.urls'))]
"""
ASKS = "import requests\ndef ask(request): return requests.get('x')\n"
ROUTED = "from shop.{0} import views\nurlpatterns = [path('', views.ask)]\n"
KEPT = "shop/conf/settings.py.tpl"
SITE = {
    "main/manage.py": "",
    "shop/__init__.py": "",
    "shop/conf/deploy.py": DEPLOY,
    KEPT: TEMPLATE,
    "shop/urls.py": URLS,
    **{f"shop/{app}/__init__.py": "" for app in ("core", "pay", "ldap")},
    **{f"shop/{app}/apps.py": APPS % app for app in ("core", "pay", "ldap")},
    "shop/core/urls.py": ROUTED.format("core"),
    "shop/core/views.py": "def ask(request): pass\n",
    "shop/ldap/urls.py": ROUTED.format("ldap"),
    "shop/ldap/views.py": ASKS,
}
IF_INSTALLED = {"shop/urls.py": URLS.replace("SHOP_APPS", "INSTALLED_APPS")}
IF_ASKED = {"shop/urls.py": URLS.replace("if 'shop.ldap' in settings.SHOP_APPS", "if ask()")}
NO_URLS = {
    "shop/urls.py": "urlpatterns = [path('', include('shop.core.urls'))]\n",
    "shop/ldap/views.py": ASKS + "@receiver(signals.saved)\ndef push(**named): ask(None)\n",
}
SETTINGS = "SECRET_KEY = 'x'\nDATABASES = {}\nMIDDLEWARE = []\nINSTALLED_APPS = %s\n"


def severity(folder: Path, files: dict[str, str]) -> str:
    """How severe the call in the app is that the template leaves out."""
    findings = found(folder, {**SITE, **files})["findings"]
    (one,) = [each for each in findings if each["slug"] == "http-no-timeout"]
    assert one["path"] == "shop/ldap/views.py"
    return str(one["severity"])


@pytest.mark.parametrize(
    "files",
    [
        {},
        {KEPT: TEMPLATE.replace("SHOP_APPS = (", "SHOP_APPS = [").replace("\n)", "\n]")},
        {KEPT: TEMPLATE + "{% if ldap %}\nLDAP = {'url': '{{ url }}'}\n{% endif %}\n"},
        IF_INSTALLED,
        NO_URLS,
        {
            KEPT: "",
            "shop/conf/settings.py.j2": TEMPLATE,
            "shop/conf/deploy.py": DEPLOY.replace("tpl", "j2"),
        },
    ],
)
def test_an_app_that_the_template_leaves_out(tmp_path: Path, files: dict[str, str]) -> None:
    assert severity(tmp_path, files) == "info"


@pytest.mark.parametrize(
    "files",
    [
        {KEPT: TEMPLATE.replace("# 'shop.ldap'", "'shop.ldap'")},
        {**IF_INSTALLED, KEPT: TEMPLATE + "INSTALLED_APPS += ['shop.ldap']\n"},
        {**NO_URLS, KEPT: TEMPLATE + "AUTHENTICATION_BACKENDS = ['shop.ldap.views.ask']\n"},
        # It leaves most apps to others.
        {**NO_URLS, KEPT: TEMPLATE.replace("    'shop.pay',\n", "")},
        # Nobody makes settings of it, or they are not Python.
        {"shop/conf/deploy.py": ""},
        {KEPT: TEMPLATE + "} else {\n"},
        {KEPT: TEMPLATE.replace("INSTALLED_APPS", "APPS")},
        # Its URLs are there for another reason.
        IF_ASKED,
        # There are settings.
        {"main/settings.py": SETTINGS % "['shop.core', 'shop.pay', 'shop.ldap']"},
    ],
)
def test_an_app_that_somebody_may_use(tmp_path: Path, files: dict[str, str]) -> None:
    assert severity(tmp_path, files) == "warning"


def test_the_settings_say_what_the_template_need_not(tmp_path: Path) -> None:
    files = {
        KEPT: TEMPLATE.replace("# 'shop.ldap'", "'shop.ldap'"),
        "main/settings.py": SETTINGS % "['shop.core', 'shop.pay']",
        **IF_INSTALLED,
    }
    assert severity(tmp_path, files) == "info"
