"""email-no-timeout: a dead relay must not hold threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django import VERSION

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.email_no_timeout import RULE
from django_scaleready.checks.static.scan import scan

SMTP = "django.core.mail.backends.smtp.EmailBackend"
HOST = {"EMAIL_HOST": "mail.example.com"}
MAIL = "from django.core.mail import send_mail"
OWN = (
    "from django.core.mail.backends.smtp import EmailBackend\n"
    "from django.core.mail.message import EmailMessage\n"
    "def send(text): EmailBackend(timeout=5).send_messages([EmailMessage(text)])\n"
)


USER = (
    "from django.contrib.auth.models import AbstractBaseUser\n"
    "from django.core.mail import send_mail\n\n"
    "class User(AbstractBaseUser):\n"
    "    def email_user(self, text): send_mail(text, text, None, [self.email])\n"
)
BY_MESSAGE = (
    "from django.core.mail.message import EmailMessage\n"
    "def welcome(user): EmailMessage('Welcome', to=[user.email]).send()\n"
)
WELCOME = "def welcome(user): user.email_user('hello')\n"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (HOST, MAIL),
        ({"EMAIL_BACKEND": SMTP}, MAIL),
        ({"ADMINS": [("Ada", "ada@example.com")]}, ""),
        ({}, MAIL),
        ({}, OWN + MAIL),
        (HOST, WELCOME),
        (HOST, "from django.contrib.auth import views\nPAGE = views.PasswordResetView.as_view()\n"),
        (HOST, "from django.urls import include\nPAGES = include('django.contrib.auth.urls')\n"),
        (HOST, "from django.urls import include\nPAGES = include(('djoser.urls', 'accounts'))\n"),
        ({**HOST, "MIDDLEWARE": ["django.middleware.common.BrokenLinkEmailsMiddleware"]}, ""),
        ({}, USER + WELCOME),
        ({}, USER + "def order(): send_mail()\n"),
        (HOST, BY_MESSAGE),
    ],
    ids=[
        *("host", "backend", "admins", "import", "own connection, and not", "a user is sent mail"),
        *("password reset", "the pages of auth", "pages of a package", "broken links"),
        *("an own user is sent mail", "the user, and others", "a message by itself"),
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any], code: str) -> None:
    (finding,) = RULE.find(make_project({"views.py": code}, **settings))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, ""),
        ({"EMAIL_TIMEOUT": 10}, MAIL),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, MAIL),
        ({}, "send_mail = None"),
        ({}, OWN),
        (HOST, ""),
        (HOST, "import smtplib\nsmtplib.SMTP('relay', timeout=5)\n"),
        (HOST, "from django.urls import include\nPAGES = include('shop.urls')\n"),
        (HOST, "from django.urls import include\nPAGES = include('unheard.urls')\n"),
        (HOST, "from django.urls import include\nPAGES = include('django.conf.urls.i18n')\n"),
        ({}, USER),
        (HOST, USER),
        (HOST, OWN),
    ],
    ids=[
        *("nothing", "timeout", "console", "another name", "own connection", "configured alone"),
        *("smtplib", "own pages", "pages of a package", "pages of Django"),
        *("a user whom nobody mails", "that user, and a relay", "own connection, and a relay"),
    ],
)
def test_stays_silent(
    make_project: Callable[..., Project], settings: dict[str, Any], code: str
) -> None:
    files = {"views.py": code, "shop/__init__.py": "", "shop/urls.py": ""}
    assert list(RULE.find(make_project(files, **settings))) == []


if VERSION >= (6, 1):

    @pytest.mark.parametrize(("options", "count"), [({}, 1), ({"timeout": 5}, 0)])
    def test_looks_at_mailers(
        make_project: Callable[..., Project], options: dict[str, Any], count: int
    ) -> None:
        mailers = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
        files = {"settings.py": f"MAILERS = {mailers!r}", "shop/views.py": MAIL}
        found = list(RULE.find(make_project(files)))
        assert len(found) == count


APP = "INSTALLED_APPS = {apps}\nMIDDLEWARE = []\nROOT_URLCONF = 'urls'\nSECRET_KEY = 'x'\n"


@pytest.mark.parametrize(
    ("apps", "count"),
    [
        ("['shop', 'django.contrib.admin', 'rest_framework.authtoken', 'corsheaders']", 0),
        ("['shop.apps.ShopConfig', 'reversion']", 0),
        ("['shop', 'bare']", 0),
        ("('shop', 'django_filters', 'drf_spectacular')", 0),
        ("['shop', *['mptt', 'reversion']]", 0),
        ("['shop', 'mozilla_django_oidc', 'django_otp', 'django_otp.plugins.otp_totp']", 0),
        ("['shop', 'django_otp', 'django_otp.plugins.otp_email']", 1),
        ("['watchman']", 0),
        ("['watchman']\nWATCHMAN_CHECKS = ('watchman.checks.caches',)", 0),
        ("['watchman']\nWATCHMAN_CHECKS = ('watchman.checks.email',)", 1),
        ("['watchman']\nWATCHMAN_ENABLE_PAID_CHECKS = True", 1),
        ("['shop', 'unheard']", 0),
        ("['shop', 'broker_client', 'healthcheck_pages']", 0),
        ("['shop', 'health_check.contrib.mail']", 0),
        ("['shop', 'unheard.invitations']", 1),
        ("['shop', 'allauth.account']", 1),
        ("['shop', 'corsheaders_mailing']", 1),
        ("['shop', plugin()]", 1),
        ("plugins()", 1),
    ],
)
def test_an_app_sends_that_is_known_or_called_so(tmp_path: Path, apps: str, count: int) -> None:
    (tmp_path / "settings.py").write_text(APP.format(apps=apps) + "EMAIL_HOST = 'relay'\n")
    for name in ("shop/__init__.py", "shop/apps.py", "bare/models.py", "bare/lib/shop.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    found = [each.finding for each in scan(tmp_path, [RULE]).found]
    assert [finding.severity for finding in found] == [Severity.WARNING] * count


CELERY, MAILER, DJMAIL = (
    {"EMAIL_BACKEND": "djcelery_email.backends.CeleryEmailBackend"},
    {"EMAIL_BACKEND": "mailer.backend.DbBackend"},
    {"EMAIL_BACKEND": "djmail.backends.async.EmailBackend"},
)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (CELERY, 1),
        (MAILER, 1),
        ({**DJMAIL, "DJMAIL_REAL_BACKEND": SMTP}, 1),
        ({**CELERY, "EMAIL_TIMEOUT": 10}, 0),
        ({**CELERY, "CELERY_EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend"}, 0),
        ({**MAILER, "MAILER_EMAIL_BACKEND": SMTP.replace("smtp", "console")}, 0),
        (DJMAIL, 0),
    ],
)
def test_what_hands_a_mail_on_is_asked_for_what_sends_it(
    tmp_path: Path, settings: dict[str, Any], count: int
) -> None:
    lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
    head = "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
    (tmp_path / "settings.py").write_text(head + "".join(lines))
    (tmp_path / "views.py").write_text(MAIL)
    assert len([f for f in scan(tmp_path).found if f.rule is RULE]) == count


OF_AN_APP = """
import os
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = []
INSTALLED_APPS = ["shop", "wagtail.admin"]
if "EMAIL_HOST" in os.environ:
    EMAIL_HOST = os.environ["EMAIL_HOST"]
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (OF_AN_APP, [7]),
        (OF_AN_APP.replace('"wagtail.admin"', '"django.contrib.auth"'), []),
        (f"{OF_AN_APP}    EMAIL_TIMEOUT = 10\n", []),
        (f"{OF_AN_APP}EMAIL_TIMEOUT = 10\n", []),
        (OF_AN_APP.replace("EMAIL_HOST", "SHOP_HOST"), []),
        (f"{OF_AN_APP}    EMAIL_BACKEND = 'anymail.backends.mailgun.EmailBackend'\n", []),
    ],
)
def test_a_relay_that_a_variable_may_name_is_an_app_s(
    tmp_path: Path, text: str, lines: list[int]
) -> None:
    (tmp_path / "settings.py").write_text(text)
    found = [found.finding for found in scan(tmp_path, [RULE]).found]
    assert [finding.location.line for finding in found] == lines


CONSOLE = "django.core.mail.backends.console.EmailBackend"
CHOSEN = f"""
import os
HOST = os.environ.get("STAGE", "local")
EMAIL_HOST = os.environ.get("EMAIL_HOST")
if HOST == "local":
    EMAIL_BACKEND = "{CONSOLE}"
elif HOST == "ci":
    EMAIL_BACKEND = "{CONSOLE}"
else:
    if os.environ.get("SES"):
        EMAIL_BACKEND = "django_ses.SESBackend"
    else:
        EMAIL_BACKEND = "{SMTP}"
"""
RELAYED = f"""
import os
EMAIL_HOST = os.environ.get("EMAIL_HOST")
if not EMAIL_HOST:
    EMAIL_BACKEND = "{CONSOLE}"
"""
IN_BRANCH = """
import os
EMAIL = {}
if EMAIL:
    EMAIL_HOST = EMAIL.get("SERVER")
    EMAIL_TIMEOUT = EMAIL.get("TIMEOUT", 10)
"""
UNLESS = f"""
import os
DEBUG = os.environ.get("DEBUG") == "1"
if DEBUG or os.environ.get("EMAIL_HOST") is None:
    EMAIL_BACKEND = "{CONSOLE}"
else:
    EMAIL_HOST = os.environ.get("EMAIL_HOST")
"""
BY_SCHEME = f"""
import os
kind, _, host = os.environ.get("MAIL", "console://local").partition("://")
if kind == "console":
    EMAIL_BACKEND = "{CONSOLE}"
elif kind == "sendgrid":
    EMAIL_HOST = "smtp.sendgrid.net"
elif kind == "smtp":
    EMAIL_HOST = host
else:
    raise ValueError
"""
UNKNOWN_KIND = BY_SCHEME.replace('os.environ.get("MAIL", "console://local")', "unheard()")
BY_SWITCH = f"""
import os
import environ
env = environ.Env(BY_RELAY=(bool, False))
BY_RELAY = env("BY_RELAY")
if BY_RELAY:
    EMAIL_BACKEND = "{SMTP}"
else:
    EMAIL_BACKEND = "{CONSOLE}"
"""
BY_OPTION = f"""
import os
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "{CONSOLE}")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
"""
EITHER = BY_OPTION.replace('"EMAIL_BACKEND", ', '"EMAIL_BACKEND") or (')
BY_URL = """
import environ
env = environ.Env()
EMAIL_BACKEND = env.email_url()["EMAIL_BACKEND"]
"""


def of_settings(root: Path, text: str) -> list[Any]:
    head = "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
    (root / "settings.py").write_text(text + head)
    (root / "views.py").write_text(MAIL)
    return [found.finding for found in scan(root, [RULE]).found]


UNTIMED = [
    (IN_BRANCH.replace("EMAIL_TIMEOUT", "EMAIL_USE_TLS"), 5),
    (IN_BRANCH.replace('EMAIL.get("TIMEOUT", 10)', "None"), 5),
    (f'{IN_BRANCH}EMAIL_HOST = "relay"\n', 7),
]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (CHOSEN, 13),
        (RELAYED, 3),
        (BY_URL, 4),
        (UNLESS, 7),
        (BY_SCHEME, 7),
        (UNKNOWN_KIND, 9),
        (BY_OPTION, 3),
        # On by default, or off where no relay is named.
        (BY_SWITCH.replace("False", "True"), 7),
        (BY_SWITCH.replace('env("BY_RELAY")', "os.environ.get('RELAY')"), 7),
        (EITHER, 3),
        *UNTIMED,
    ],
)
def test_what_a_deployment_chooses(tmp_path: Path, text: str, line: int) -> None:
    (finding,) = of_settings(tmp_path, text)
    assert (finding.severity, finding.location.line) == (Severity.WARNING, line)


@pytest.mark.parametrize(
    "text",
    [
        f"{CHOSEN}EMAIL_TIMEOUT = 10\n",
        CHOSEN.replace(SMTP, "anymail.backends.mailgun.EmailBackend"),
        f"{RELAYED}EMAIL_TIMEOUT = 10\n",
        RELAYED.replace("if not", f'EMAIL_BACKEND = "{CONSOLE}"\nif not'),
        RELAYED.replace("not EMAIL_HOST", "not DEBUG"),
        IN_BRANCH,
        f"{IN_BRANCH}else:\n    EMAIL_BACKEND = {CONSOLE!r}\n",
        IN_BRANCH.replace("{}", "json.loads(os.environ.get('EMAIL', '{}'))"),
        f"{IN_BRANCH}EMAIL_USE_TLS = True\n",
        f"{UNLESS}EMAIL_TIMEOUT = 10\n",
        f"{UNLESS}    EMAIL_TIMEOUT = 10\n",
        UNLESS.replace("else:", 'else:\n    EMAIL_BACKEND = "django_ses.SESBackend"'),
        f"{BY_SCHEME}EMAIL_TIMEOUT = 10\n",
        f"{UNKNOWN_KIND}EMAIL_TIMEOUT = 10\n",
        f"{BY_URL}EMAIL_TIMEOUT = 10\n",
        BY_URL.replace("email_url()", "email_url(default='consolemail://')"),
        BY_URL.replace("environ", "unheard").replace("env.email_url", "unheard.mail"),
        f"{BY_OPTION}EMAIL_TIMEOUT = 10\n",
        BY_SWITCH,
        BY_SWITCH.replace('env("BY_RELAY")', "env.bool('BY_RELAY', default=False)"),
        f"{BY_OPTION}EMAIL_TIMEOUT = os.environ.get('EMAIL_TIMEOUT')\n",
        f"{BY_OPTION}ANYMAIL = {{'KEY': os.environ.get('KEY')}}\n",
        f"{BY_OPTION}EMAIL_HOST = 'localhost'\n",
        f"{BY_OPTION}EMAIL_BACKEND = {CONSOLE!r}\n",
    ],
    ids=[
        *("chosen, with one", "chosen is a provider", "relay, with one", "the console before"),
        *("no relay is asked for", "in the relay's branch", "else the console", "from a text"),
        *("more below", "unless, with one", "relay with one", "unless is SES"),
        *("scheme, with one", "unknown scheme, with one", "URL, with one", "URL of the console"),
        *(
            "nobody knows",
            "option, with one",
            "a switch that is off",
            "one that is read",
            "the time-out is one, too",
            "option, and a provider",
        ),
        *("no relay is an option", "no backend is an option"),
    ],
)
def test_what_a_deployment_chooses_without_harm(tmp_path: Path, text: str) -> None:
    assert of_settings(tmp_path, text) == []


CONNECTED = """
from django.core.mail import EmailMessage, get_connection, send_mail
def f():
    c = get_connection(host="x", timeout=5)
    send_mail("a", "b", None, [], connection=c)
    EmailMessage("a", connection=get_connection(timeout=5)).send()
"""


@pytest.mark.parametrize(
    ("code", "settings", "count"),
    [
        (CONNECTED, {}, 0),
        (CONNECTED, HOST, 0),
        (CONNECTED, {**HOST, "INSTALLED_APPS": ["shop", "allauth"]}, 0),
        (CONNECTED.replace("timeout=5)", "timeout=None)"), HOST, 1),
        (CONNECTED.replace(", timeout=5)\n", ")\n"), HOST, 1),
        (CONNECTED.replace(", connection=c", ""), HOST, 1),
        (CONNECTED + "    send_mail('a', 'b', None, [])\n", HOST, 1),
        (CONNECTED, {"ADMINS": ["a@example.com"]}, 1),
    ],
)
def test_connections_with_a_timeout_need_no_other(
    tmp_path: Path, code: str, settings: dict[str, Any], count: int
) -> None:
    given = {"INSTALLED_APPS": ["shop"], "MIDDLEWARE": [], "ROOT_URLCONF": "urls", **settings}
    text = "".join(f"{name} = {value!r}\n" for name, value in given.items())
    (tmp_path / "settings.py").write_text(text)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/tasks.py").write_text(code)
    assert len(scan(tmp_path, [RULE]).found) == count


RELAY = """from django.core.mail.backends.smtp import EmailBackend
class Relay(EmailBackend):
    options = {"host": {}, "timeout": {"default": 30}}
"""
HANDED = """from django.core.mail import EmailMessage
def send(shop, text):
    relay = shop.relay(**shop.options)
    message = EmailMessage(text)
    return relay.send_messages([message])
"""
AT_ONCE = HANDED.replace("[message]", "[EmailMessage(text)]").replace("    message = E", "    # E")
BY_DJANGO = HANDED.replace("EmailMessage\n", "EmailMessage, get_connection\n")


@pytest.mark.parametrize(
    ("relay", "code", "count"),
    [
        (RELAY, HANDED, 0),
        (RELAY, AT_ONCE, 0),
        (RELAY, HANDED.replace("mail import", "mail.message import"), 0),
        (RELAY, HANDED.replace("return relay", "return shop.relay()"), 0),
        # Its file says nothing of the time, or there is none.
        (RELAY.replace("timeout", "sender"), HANDED, 1),
        (RELAY.replace("(EmailBackend)", ""), HANDED, 1),
        ("", HANDED, 1),
        # What sends is made by the settings.
        (RELAY, HANDED.replace("relay.send_messages([message])", "message.send()"), 1),
        (RELAY, f"{HANDED}def more(): EmailMessage('more').send()\n", 1),
        (RELAY, HANDED.replace("return", "message.send()\n    return"), 1),
        (RELAY, BY_DJANGO.replace("shop.relay(**shop.options)", "get_connection()"), 1),
        (RELAY, BY_DJANGO.replace("return relay", "return get_connection()"), 1),
    ],
)
def test_a_backend_of_the_projects_own(
    make_project: Callable[..., Project], relay: str, code: str, count: int
) -> None:
    files = {"shop/__init__.py": "", "shop/relay.py": relay, "shop/mails.py": code}
    assert len(list(RULE.find(make_project(files, **HOST)))) == count


IMPORTS = (
    "from django.core.mail import get_connection\n"
    "from django.core.mail.backends.smtp import EmailBackend as Smtp\n"
)
CONSOLE = "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(
    ("settings", "made", "count"),
    [
        ({}, f"get_connection('{SMTP}', host=shop.relay)", 1),
        ({}, f"get_connection(backend='{SMTP}', host=shop.relay, timeout=None)", 1),
        ({}, "Smtp(host=shop.relay)", 1),
        ({}, "Smtp(shop.relay, 25)", 1),
        ({"EMAIL_TIMEOUT": 9}, "Smtp(host=shop.relay)", 0),
        ({}, f"get_connection('{SMTP}', host=shop.relay, timeout=5)", 0),
        ({}, f"get_connection('{CONSOLE}', host=shop.relay)", 0),
        ({}, "get_connection(shop.backend, host=shop.relay)", 0),
        ({}, f"get_connection('{SMTP}', **shop.options)", 0),
        ({}, "Smtp(host=shop.relay, **shop.options)", 0),
        ({}, "Smtp(*shop.options)", 0),
        ({}, "Smtp(host=None)", 0),
    ],
)
def test_a_relay_that_the_code_names(
    make_project: Callable[..., Project], settings: dict[str, Any], made: str, count: int
) -> None:
    files = {"shop/code.py": f"{IMPORTS}def send(shop): return {made}\n"}
    project = make_project(files, **{"EMAIL_BACKEND": CONSOLE, **settings})
    assert [str(found.location) for found in RULE.find(project)] == ["shop/code.py:3"] * count


def test_a_relay_that_a_command_names_is_silent(make_project: Callable[..., Project]) -> None:
    code = f"{IMPORTS}def handle(shop): return Smtp(host=shop.relay)\n"
    files = {"shop/management/commands/mail.py": code}
    assert list(RULE.find(make_project(files, EMAIL_BACKEND=CONSOLE))) == []


def test_a_relay_of_the_code_is_told_with_that_of_the_settings(
    make_project: Callable[..., Project],
) -> None:
    code = f"{IMPORTS}def send(shop): return Smtp(host=shop.relay)\n"
    files = {"shop/code.py": code, "shop/views.py": MAIL}
    (finding,) = RULE.find(make_project(files, **HOST))
    assert [*map(str, finding.related)] == ["shop/code.py:3"]
