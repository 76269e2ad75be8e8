"""Code behind an option of the project's own that is off, which is no setting of Django's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from support.scans import found

from django_scaleready.checks.base import Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

ASK = "requests.get('x')"
PLACES = {
    "manage.py": "DJANGO_SETTINGS_MODULE='main.settings'",
    "main/settings.py": "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\n"
    "MIDDLEWARE = []\nSENDS = True\n",
    "shop/__init__.py": "",
    "shop/config/__init__.py": "from .defaults import *\n",
    "shop/config/defaults.py": "SENDS = False\n",
    "urls.py": "from shop.views import view\nurlpatterns = [path('', view)]\n",
}
IN_CONFIG = f"from shop import config\ndef view(r):\n  if config.SENDS: {ASK}"


def of_own_options(folder: Path, code: str, **more: str) -> list[str]:
    names = {name: f"{name.replace('_', '/')}.py" for name in more}
    others = {names[name].replace("/init.", "/__init__."): text for name, text in more.items()}
    files = {**PLACES, "shop/views.py": f"import requests\n{code}\n", **others}
    return [f["severity"] for f in found(folder, files)["findings"] if f["slug"] == RULE.slug]


@pytest.mark.parametrize(
    "code",
    [
        IN_CONFIG,
        f"from shop.config import SENDS\ndef view(r):\n  if not SENDS: return\n  {ASK}",
        (
            "from shop.config import SENDS, URLS\nclass Sender:\n  @property\n"
            "  def url(self):\n    if not SENDS:\n      return None\n    return URLS['x']\n"
            f"  def send(self):\n    if not self.url: return\n    {ASK}\n"
            "def view(r): Sender().send()"
        ),
        f"from shop.config import SENDS\nON = SENDS\ndef view(r):\n  if ON: {ASK}",
    ],
)
def test_options_of_the_projects_own_may_be_off(tmp_path: Path, code: str) -> None:
    assert of_own_options(tmp_path, code) == ["info"]


@pytest.mark.parametrize(
    "init",
    [
        "from .defaults import *\ntry:\n  from .local import *\nexcept ImportError: pass\n",
        "from .defaults import *\nimport os\nglobals().update(os.environ)\n",
        "from .defaults import SENDS\n",
        "from .defaults import *\nSENDS = False\n",
        "from .defaults import *\n# Nothing here is a global: SENDS\n",
    ],
)
def test_what_only_a_machine_of_its_own_would_turn_on_is_off(tmp_path: Path, init: str) -> None:
    assert of_own_options(tmp_path, IN_CONFIG, shop_config_init=init) == ["info"]


@pytest.mark.parametrize(
    "more",
    [
        {"shop_config_defaults": "SENDS = True\n"},
        {"shop_config_defaults": "SENDS = None\n"},
        {"shop_config_init": "from .defaults import *\nSENDS = True\n"},
        {"shop_config_init": "from .defaults import *\nfrom .more import *\n"},
        {"shop_config_init": "from .defaults import *\nif today(): SENDS = True\n"},
        # What Django's settings, a file or code give.
        {
            "shop_config_defaults": "from django.conf import settings\n"
            "SENDS = getattr(settings, 'SHOP_SENDS', False)\n"
        },
        {"shop_config_defaults": "SENDS = False\ndef start():\n  global SENDS\n  SENDS = True\n"},
        {"shop_start": "from shop import config\ndef start(on): config.SENDS = on\n"},
        {"shop_start": "from shop import config\nsetattr(config, 'SENDS', True)\n"},
        {"shop_start": "from shop import config\nsetattr(\n  config,\n  'SENDS',\n  True)\n"},
        {"shop_start": "from shop import config\nfor config.SENDS in (True,): pass\n"},
        # Django's own.
        {
            "shop_views": f"import requests\nfrom django.conf import settings as config\n"
            f"def view(r):\n  if config.SENDS: {ASK}\n"
        },
    ],
)
def test_options_that_may_be_on_are_told(tmp_path: Path, more: dict[str, str]) -> None:
    more = {"shop_config_more": "SENDS = True\n", **more}
    assert of_own_options(tmp_path, IN_CONFIG, **more) == ["warning"]


@pytest.mark.parametrize(("on", "severity"), [(False, Severity.INFO), (True, Severity.WARNING)])
def test_what_a_loaded_module_holds_is_asked(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, on: bool, severity: str
) -> None:
    config = ModuleType("shop.config")
    vars(config)["SENDS"] = on
    monkeypatch.setitem(sys.modules, "shop.config", config)
    files = {"shop/config.py": f"SENDS = {on}\n", "shop/views.py": f"import requests\n{IN_CONFIG}"}
    (one,) = run_all([RULE], make_project(files)).found
    assert one.finding.severity == severity
