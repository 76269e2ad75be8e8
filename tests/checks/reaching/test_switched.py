"""Code behind a setting that is off: information, as all that no replica comes to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.scans import found

from django_scaleready.checks.base import Severity
from django_scaleready.checks.engine import run_all
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.http_no_timeout import RULE

HEAD = "import requests\nfrom django.conf import settings\n"
ASK = "requests.get('x')"
SEND = f"def send(): {ASK}\n"


def severities(make: Callable[..., Project], files: dict[str, str], **settings: Any) -> list[Any]:
    named = {path: HEAD + text for path, text in files.items()}
    return [each.finding.severity for each in run_all([RULE], make(named, **settings)).found]


@pytest.mark.parametrize(
    "code",
    [
        f"def view(r):\n  if settings.SENDS: {ASK}",
        f"def view(r):\n  if settings.SENDS and r.user:\n    a = 1\n    {ASK}",
        f"def view(r):\n  if not settings.SENDS: return\n  {ASK}",
        f"def view(r):\n  if r.user or not settings.SENDS: raise Http404\n  a = 1\n  {ASK}",
        f"def view(r):\n  if not settings.SENDS: a = 1\n  else: {ASK}",
        f"def view(r):\n  if getattr(settings, 'SENDS', False): {ASK}",
        f"def view(r):\n  if getattr(settings, 'OTHER', None): {ASK}",
        f"def view(r):\n  if settings.SENDS: send()\n{SEND}",
        f"def view(r):\n  if settings.SENDS: tell()\ndef tell(): send()\n{SEND}",
    ],
)
def test_what_is_off_is_information(make_project: Callable[..., Project], code: str) -> None:
    assert severities(make_project, {"shop/views.py": code}, SENDS=False) == [Severity.INFO]
    on = [Severity.INFO if "OTHER" in code else Severity.WARNING]
    assert severities(make_project, {"shop/views.py": code}, SENDS=True) == on


@pytest.mark.parametrize(
    "code",
    [
        f"def view(r):\n  if settings.SENDS: a = 1\n  {ASK}",
        f"def view(r):\n  if settings.SENDS or r.user: {ASK}",
        f"def view(r):\n  if not settings.SENDS: {ASK}",
        f"def view(r):\n  if not settings.SENDS and r.user: return\n  {ASK}",
        f"def view(r):\n  if not settings.SENDS: log()\n  {ASK}",
        f"def view(r):\n  if r.settings.SENDS: {ASK}",
        # It may be on in a deployment: a key, an address.
        f"def view(r):\n  if settings.SENDING_KEY: {ASK}",
        f"def view(r):\n  if getattr(settings, 'OTHER', True): {ASK}",
        f"def view(r):\n  if settings.SENDS: send()\ndef other(r): send()\n{SEND}",
        f"urls = [send]\ndef view(r):\n  if settings.SENDS: send()\n{SEND}",
        f"def view(r):\n  if settings.SENDS: send()\n  else: async_task(send)\n{SEND}",
        f"@task\n{SEND}def view(r):\n  if settings.SENDS: send.delay()\n",
    ],
)
def test_what_is_on_or_may_be_is_told(make_project: Callable[..., Project], code: str) -> None:
    settings = {"SENDS": False, "SENDING_KEY": None}
    assert severities(make_project, {"shop/views.py": code}, **settings) == [Severity.WARNING]


@pytest.mark.parametrize("debug", [True, False])
def test_what_a_function_allows_under_debug_alone(
    make_project: Callable[..., Project], debug: bool
) -> None:
    allows = "def may(name):\n  if not settings.DEBUG:\n    return False\n  return name == 'x'\n"
    files = {"shop/views.py": f"{allows}def view(r):\n  if may(r.name): send()\n{SEND}"}
    assert severities(make_project, files, DEBUG=debug) == [Severity.INFO]


def test_another_file_may_call_it_without_the_setting(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/mail.py": SEND,
        "shop/views.py": "from shop import mail\ndef view(r):\n  if settings.SENDS: mail.send()\n",
    }
    assert severities(make_project, files, SENDS=False) == [Severity.INFO]
    files["shop/hooks.py"] = "from shop.mail import send\nhook = send\n"
    assert severities(make_project, files, SENDS=False) == [Severity.WARNING]


@pytest.mark.parametrize(
    ("other", "severity"),
    [("", Severity.INFO), ("def other(r): r.later('fetch')\n", Severity.WARNING)],
)
def test_what_calls_itself_by_its_name_is_led_to_by_others(
    make_project: Callable[..., Project], other: str, severity: Severity
) -> None:
    files = {
        "shop/mail.py": (
            "def send(): fetch()\ndef fetch():\n"
            f"  log.getChild('fetch')\n  requests.get('x')\n{other}"
        ),
        "shop/views.py": (
            "from shop.mail import send as mail\nclass V(View):\n"
            "  def send(self, r):\n    if not settings.SENDS: return\n    mail()\n"
        ),
    }
    assert severities(make_project, files, SENDS=False) == [severity]


MANY_LINES = "def view(r):\n  if (\n    not settings.SENDS or\n    r.user\n  ):\n    return"
OF_MODULE = [
    f"from shop.settings import SENDS\ndef view(r):\n  if not SENDS: return\n  {ASK}",
    f"from .settings import SENDS\ndef view(r):\n  if SENDS and r.user: {ASK}",
    f"from shop import settings\ndef view(r):\n  if settings.SENDS: {ASK}",
    f"from shop.base_settings import SENDS\ndef view(r):\n  if SENDS: {ASK}",
    f"from django.conf import settings\n{MANY_LINES}\n  {ASK}",
]


DISPATCH = (
    "class Data(View):\n  def dispatch(self, r):\n    if {}: raise Http404\n    a = 1\n"
    "class More(Data):\n  def get(self, r):\n    requests.get('x')\n"
)


@pytest.mark.parametrize(
    "code",
    [
        f"ON = settings.SENDS\ndef view(r):\n  if ON: {ASK}",
        f"ON = getattr(settings, 'OTHER', False)\ndef view(r):\n  if not ON: return\n  {ASK}",
        f"def view(r):\n  on = bool(settings.SENDS)\n  if on and r.user: {ASK}",
        f"def view(r):\n  if bool(settings.SENDS): {ASK}",
        f"def view(r):\n  if settings.SENDS is True: {ASK}",
        f"def view(r):\n  if settings.SENDS == False: return\n  {ASK}",
        f"def view(r):\n  if (on := settings.SENDS): {ASK}",
        f"def view(r):\n  return {ASK} if settings.SENDS else None",
        f"def view(r):\n  settings.SENDS and {ASK}",
        f"def on(): return settings.SENDS\ndef view(r):\n  if on(): {ASK}",
        (
            "def on(r):\n  if not settings.SENDS:\n    return False\n  return r.user == 1\n"
            f"def view(r):\n  if not on(r):\n    return None\n  {ASK}"
        ),
        (
            "def on(r):\n  'Whether.'\n  if not settings.SENDS: return\n  for u in r: return u\n"
            f"def view(r):\n  if on(r): {ASK}"
        ),
        (
            "class C:\n  @property\n  def on(self): return settings.SENDS\n"
            f"  def go(self):\n    if not self.on: return\n    {ASK}"
        ),
        (
            "class C:\n  def __init__(self): self.on = settings.SENDS\n"
            f"  def go(self):\n    if self.on: {ASK}"
        ),
        f"def view(r):\n  if settings.FEATURES['sends']: {ASK}",
        f"def view(r):\n  if settings.FEATURES.get('sends'): {ASK}",
        f"def view(r):\n  if getattr(settings, 'SENDS'): {ASK}",
        DISPATCH.format("not settings.SENDS"),
    ],
)
def test_a_setting_is_asked_for_in_many_words(
    make_project: Callable[..., Project], code: str
) -> None:
    files = {"shop/views.py": code}
    off = {"SENDS": False, "FEATURES": {"sends": False}}
    assert severities(make_project, files, **off) == [Severity.INFO]
    on = [Severity.INFO if "OTHER" in code else Severity.WARNING]
    assert severities(make_project, files, SENDS=True, FEATURES={"sends": True}) == on


@pytest.mark.parametrize(
    "code",
    [
        f"ON = settings.SENDS or other()\ndef view(r):\n  if ON: {ASK}",
        f"def view(r, on):\n  if on: {ASK}\ndef other():\n  on = settings.SENDS",
        f"def view(r):\n  on = settings.SENDS\n  on = r.user\n  if on: {ASK}",
        f"def view(r):\n  if settings.SENDS is False: {ASK}",
        f"def view(r):\n  return {ASK} if not settings.SENDS else None",
        f"def view(r):\n  settings.SENDS or {ASK}",
        (
            "def on():\n  if today(): return True\n  return settings.SENDS\n"
            f"def view(r):\n  if on(): {ASK}"
        ),
        (
            "def on(r):\n  if not settings.SENDS: return False\n  return r.user == 1\n"
            f"def view(r):\n  if on(r): return\n  {ASK}"
        ),
        (
            "def on(r):\n  if not settings.SENDS: return True\n  return False\n"
            f"def view(r):\n  if on(r): {ASK}"
        ),
        (
            "def on(r):\n  if r.user: return 1\n  if not settings.SENDS: return 0\n  return r\n"
            f"def view(r):\n  if on(r): {ASK}"
        ),
        f"def view(r, on):\n  if on(r): {ASK}\ndef on(r):\n  if not settings.SENDS: return\n",
        f"from shop.flags import on\ndef view(r):\n  a = settings.SENDS\n  if on(): {ASK}",
        f"def view(r):\n  if settings.FEATURES['other']: {ASK}",
        # A key, an address: a deployment has it.
        f"def view(r):\n  if getattr(settings, 'NOWHERE', ''): {ASK}",
        f"def view(r):\n  if settings.FEATURES[r.name]: {ASK}",
        DISPATCH.format("settings.SENDS"),
        DISPATCH.format("not settings.SENDS and r.user"),
    ],
)
def test_what_asks_for_more_than_a_setting_may_run(
    make_project: Callable[..., Project], code: str
) -> None:
    off = {"SENDS": False, "FEATURES": {"sends": False, "other": True}}
    assert severities(make_project, {"shop/views.py": code}, **off) == [Severity.WARNING]


@pytest.mark.parametrize("code", OF_MODULE)
def test_a_setting_may_be_imported_from_its_module(tmp_path: Path, code: str) -> None:
    assert of_module(tmp_path, code, "SENDS = env.bool('SENDS', False)") == ["info"]


@pytest.mark.parametrize(
    ("code", "base"),
    [
        *((code, "SENDS = True") for code in OF_MODULE),
        (f"from shop.other_settings import SENDS\ndef view(r):\n  if SENDS: {ASK}", ""),
        (f"from elsewhere.settings import SENDS\ndef view(r):\n  if SENDS: {ASK}", ""),
        (f"from shop.settings import SENDS\ndef view(r):\n  if not SENDS: {ASK}", ""),
        (f"from shop.settings import Sends\ndef view(r):\n  if Sends: {ASK}", ""),
    ],
)
def test_what_another_module_has_may_be_on(tmp_path: Path, code: str, base: str) -> None:
    assert of_module(tmp_path, code, base or "SENDS = False") == ["warning"]


def of_module(folder: Path, code: str, base: str) -> list[str]:
    files = {
        "manage.py": "DJANGO_SETTINGS_MODULE='shop.settings'",
        "shop/__init__.py": "",
        "shop/base_settings.py": f"import environ\nenv = environ.Env()\n{base}\n",
        "shop/settings.py": "from shop.base_settings import *\nSECRET_KEY = 'x'\n"
        "ROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\nSends = False\n",
        "shop/other_settings.py": "SENDS = True\n",
        "shop/views.py": f"import requests\n{code}\n",
        "urls.py": "from shop.views import view\nurlpatterns = [path('', view)]\n",
    }
    return [f["severity"] for f in found(folder, files)["findings"] if f["slug"] == RULE.slug]


def test_a_command_may_call_it_without_the_setting(make_project: Callable[..., Project]) -> None:
    command = "shop/management/commands/mail.py"
    files = {
        "shop/mail.py": SEND,
        "shop/views.py": "from shop.mail import send\ndef view(r):\n  if settings.SENDS: send()\n",
        command: "from shop.mail import send\nclass Command(BaseCommand):\n"
        "  def handle(self): send()\n",
    }
    assert severities(make_project, files, SENDS=False) == [Severity.INFO]
    files[command] += "@shared_task\ndef later(): send()\n"
    files["shop/tasks.py"] = files[command]
    assert severities(make_project, files, SENDS=False) == [Severity.WARNING]


VIEW = "from django.views import View\nclass Mail(View):\n"
GUARD = "    if not settings.SENDS: raise Http404\n    return super().dispatch(r)\n"
LETS_IN = "    if not settings.SENDS: return super().dispatch(r)\n"
GET = f"  def get(self, r): {ASK}\n"
STATIC = f"  @staticmethod\n  def get(): {ASK}\n"


@pytest.mark.parametrize(
    "code",
    [
        f"{VIEW}  def dispatch(self, r):\n{GUARD}{GET}",
        f"{VIEW}  def initial(self, r):\n    a = 1\n{GUARD}{GET}",
        f"{VIEW}  def dispatch(self, r):\n{GUARD}class Sent(Mail):\n{GET}",
        f"{VIEW}  def dispatch(self, r):\n{GUARD}  def get(self, r): send()\n{SEND}",
        f"def view(r):\n  sends = settings.SENDS\n  if sends: {ASK}",
        f"def view(r):\n  on = getattr(settings, 'SENDS', None)\n  if not on: return\n  {ASK}",
    ],
)
def test_so_is_a_view_that_answers_nobody(make_project: Callable[..., Project], code: str) -> None:
    files = {"shop/views.py": code}
    assert severities(make_project, files, SENDS=False) == [Severity.INFO]
    assert severities(make_project, files, SENDS=True) == [Severity.WARNING]


@pytest.mark.parametrize(
    "code",
    [
        f"{VIEW}  def post(self, r):\n{GUARD}{GET}",
        f"{VIEW}  def dispatch(self, r):\n    a = super().dispatch(r)\n{GUARD}{GET}",
        f"{VIEW}  def dispatch(self, r):\n{LETS_IN}    raise Http404\n{GET}",
        f"{VIEW}  def dispatch(self, r):\n{GUARD.replace('if not', 'if')}{GET}",
        f"{VIEW}  def dispatch(self, r):\n{GUARD}{STATIC}def other(r): Mail.get()\n",
        f"def view(r):\n  sends = settings.SENDS\n  if r.user: sends = True\n  if sends: {ASK}",
        f"def view(r, sends):\n  sends = settings.SENDS or sends\n  if sends: {ASK}",
    ],
)
def test_a_view_that_lets_some_in_is_told(make_project: Callable[..., Project], code: str) -> None:
    assert severities(make_project, {"shop/views.py": code}, SENDS=False) == [Severity.WARNING]


URLS = "from django.urls import include, path\nurlpatterns = []\nif settings.SENDS:\n  "
INCLUDED = {
    "shop/mail/__init__.py": "",
    "shop/mail/urls.py": "from shop.mail import views\nurlpatterns = [path('', views.view)]\n",
    "shop/mail/views.py": "from shop.mail import send\ndef view(r): send.send()\n",
    "shop/mail/send.py": SEND,
    "manage.py": "",
}
INCLUDE = "urlpatterns += [path('mail', include('shop.mail.urls'))]\n"
IMPORTED = "from shop.mail.views import view\n  urlpatterns += [path('mail', view)]\n"


@pytest.mark.parametrize("added", [INCLUDE, IMPORTED])
def test_so_is_what_urls_alone_lead_to(make_project: Callable[..., Project], added: str) -> None:
    files = {**INCLUDED, "shop/urls.py": URLS + added}
    if added == IMPORTED:
        del files["shop/mail/urls.py"]
    assert severities(make_project, files, SENDS=False) == [Severity.INFO]
    assert severities(make_project, files, SENDS=True) == [Severity.WARNING]
    files["shop/signals.py"] = "from shop.mail.send import send\nhook.connect(send)\n"
    assert severities(make_project, files, SENDS=False) == [Severity.WARNING]


@pytest.mark.parametrize(
    "urls",
    [
        URLS + "a = 1\n" + INCLUDE,
        URLS + INCLUDE + "else:\n  " + INCLUDE,
        URLS.replace("if ", "if not ") + INCLUDE,
        URLS.replace("SENDS", "SENDING_KEY") + INCLUDE,
        f"from shop.mail.views import view\n{URLS}a = 1\nurlpatterns += [path('mail', view)]\n",
    ],
)
def test_urls_that_are_included_are_told(make_project: Callable[..., Project], urls: str) -> None:
    files = {**INCLUDED, "shop/urls.py": urls}
    settings = {"SENDS": False, "SENDING_KEY": None}
    assert severities(make_project, files, **settings) == [Severity.WARNING]


@pytest.mark.parametrize(
    ("base", "severity"),
    [
        ("SENDS = env.bool('SENDS', False)", "info"),
        ("SENDS = env.bool('SENDS', True)", "warning"),
        # Another file may have it on.
        ("SENDS = False", "warning"),
    ],
)
def test_a_class_that_is_made_there(tmp_path: Path, base: str, severity: str) -> None:
    code = "from django.conf import settings\n"
    mail = f"def tell(client): client.send_mail()\nclass Mail:\n  def send_mail(self): {ASK}\n"
    view = "def view(r):\n  if settings.SENDS:\n    client = Mail()\n    tell(client)\n"
    assert of_module(tmp_path, code + mail + view, base) == [severity]


CHOSEN = (
    "from django.conf import settings\n%s\ndef tell(client): client.send_mail()\n"
    f"class Mail:\n  def send_mail(self): {ASK}\nclass Local:\n  def send_mail(self): pass\n"
    "def view(r): tell(Client())\n"
)


@pytest.mark.parametrize(
    ("choice", "severity"),
    [
        ("Client = Mail if settings.SENDS else Local", "info"),
        ("Client = Local if not settings.SENDS else Mail", "info"),
        ("Client = (\n  Local\n  if not settings.SENDS\n  else Mail\n)", "info"),
        ("def Client():\n  return (Mail if settings.SENDS and a else Local)()", "info"),
        ("Client = Mail if not settings.SENDS else Local", "warning"),
        ("Client = Mail if settings.SENDS or a else Local", "warning"),
        ("Client = Local if not settings.OTHER else Mail", "warning"),
        ("Client = Local if not settings.SENDS else Mail\nother = Mail", "warning"),
    ],
)
def test_a_class_that_is_chosen(tmp_path: Path, choice: str, severity: str) -> None:
    base = "SENDS = env.bool('SENDS', False)"
    assert of_module(tmp_path, CHOSEN % choice, base) == [severity]


def test_the_setting_is_named(make_project: Callable[..., Project]) -> None:
    code = f"{HEAD}def view(r):\n  if settings.SENDS: {ASK}"
    (only,) = run_all([RULE], make_project({"shop/views.py": code}, SENDS=False)).found
    assert "only where SENDS is on" in only.finding.message
