"""Settings that come from a package which is not here to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.checks.static.scan import scan

BASE = (
    "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = ['shop']\nMIDDLEWARE = []\n"
    "DEBUG = False\n"
)
ALL = "from company.defaults import *\n"
CODE = """
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import models

class Receipt(models.Model):
    scan = models.FileField()
"""
SMTP = "EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend'\n"
LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


def severities(folder: Path, settings: str) -> dict[str, str]:
    (folder / "conf").mkdir()
    (folder / "conf" / "settings.py").write_text(settings)
    (folder / "shop").mkdir()
    (folder / "shop" / "models.py").write_text(CODE)
    slugs = ("cache-local", "email-no-timeout", "log-no-stdout", "media-local")
    found = scan(folder).found
    return {e.rule.slug: e.finding.severity.value for e in found if e.rule.slug in slugs}


DEFAULTS = {
    "cache-local": "error",
    "email-no-timeout": "warning",
    "log-no-stdout": "warning",
    "media-local": "error",
}
UNKNOWN = {"cache-local": "info", "email-no-timeout": "info", "media-local": "info"}


@pytest.mark.parametrize(
    "text",
    [
        ALL + BASE,
        BASE + ALL,
        "from company.settings.logs import *\n" + BASE,
        # A file that each machine has for itself, and that no machine does without.
        "from local_settings import *\n" + BASE,
        BASE + "from .local import *\n",
        "from conf.local import *\n" + BASE,
        # A file that is put beside the package's own.
        "from conf.settings import *\n" + BASE,
        BASE + "import company\ncompany.settings(globals())\n",
        BASE + "from company import settings\nsettings(locals(), logging=True)\n",
        BASE + "from company import settings\nsettings(scope=vars())\n",
        BASE + "from company import settings\nif not DEBUG:\n    settings(globals())\n",
        BASE + "from company import defaults\nglobals().update(defaults())\n",
        BASE + "from company.envs import import_settings_modules as more\nmore('company.logs')\n",
    ],
)
def test_what_is_not_set_may_be_set_there(tmp_path: Path, text: str) -> None:
    assert severities(tmp_path, text) == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        # A file that a machine may have for itself.
        "try:\n    from local_settings import *\nexcept ImportError:\n    pass\n" + BASE,
        "from contextlib import suppress\nwith suppress(ImportError):\n    from .local import *\n"
        + BASE,
        "import os\nif os.path.exists(os.environ['HOME']):\n    from .local import *\n" + BASE,
        "from conf.local import HOSTS\n" + BASE,
        f"try:\n    {ALL}except ImportError:\n    pass\n" + BASE,
        "from django.conf.global_settings import *\n" + BASE,
        "from company.defaults import HOSTS\n" + BASE,
        BASE + "try:\n    import company\n    company.settings(globals())\n"
        "except ImportError:\n    pass\n",
        BASE + "import company\nif company.DEVELOPER:\n    company.settings(globals())\n",
        BASE + "def more(names):\n    names.update(HOSTS=[])\nmore(globals())\n",
        BASE + "from company import log\ndef f():\n    log(locals())\nf()\n",
        BASE + "globals().update(HOSTS=[])\nprint(globals())\n",
        BASE + "import company\ncompany.settings(SECRET_KEY)\ncompany.update(company.x)\n",
        BASE + "import split_settings.tools as t\nt.include('x.py', scope=globals())\n",
    ],
)
def test_all_else_is_as_django_has_it(tmp_path: Path, text: str) -> None:
    assert severities(tmp_path, text) == DEFAULTS


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (f"CACHES = {{'default': {{'BACKEND': '{LOCMEM}'}}}}\n", "cache-local"),
        (SMTP, "email-no-timeout"),
        ("MEDIA_ROOT = '/srv/media'\n", "media-local"),
        ("LOGGING = {'version': 1}\n", "log-no-stdout"),
    ],
)
def test_what_the_project_sets_counts(tmp_path: Path, text: str, slug: str) -> None:
    assert severities(tmp_path, ALL + BASE + text)[slug] == DEFAULTS[slug]


def test_a_setting_that_is_imported_by_name_is_unknown(tmp_path: Path) -> None:
    text = "from company.defaults import CACHES, LOGGING\n" + BASE
    found = severities(tmp_path, text)
    assert found == {slug: DEFAULTS[slug] for slug in ("email-no-timeout", "media-local")}
