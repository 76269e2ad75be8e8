"""client-no-timeout: a connection that may wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.base import Finding, Location
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.client_no_timeout import RULE
from django_scaleready.checks.static.scan import scan

HEAD = """import smtplib, socket, http.client
import gitlab, httplib2, ldap, ldap3, paramiko, xmlrpc.client, zeep
from postmarker.core import PostmarkClient
from twilio.rest import Client
from ftplib import FTP
"""


@pytest.mark.parametrize(
    "code",
    [
        "import pysftp\ndef f():\n  with pysftp.Connection('x', username='u') as c: ...",
        "import paramiko\ndef f(): return paramiko.Transport(('x', 22))",
        "import msal\ndef f(): return msal.ConfidentialClientApplication('x')",
        "from influxdb import InfluxDBClient\ndef f(): return InfluxDBClient('x')",
        "import websocket\ndef f(): return websocket.create_connection('ws://x')",
        "def f(): FTP('h')",
        "from ftplib import FTP_TLS as Tls\ndef f(): Tls('h')",
        "def f(): smtplib.SMTP('h', 25)",
        "def f():\n  s = smtplib.SMTP()\n  s.connect('h')",
        "def f():\n  with smtplib.SMTP(host=EMAIL['HOST'], port=25) as s: s.send_message(m)",
        "def f(): socket.create_connection(address=('h', 1))",
        "def f():\n  with FTP() as c: c.connect('h', 21)",
        "def f(): http.client.HTTPSConnection('h')",
        "def f(): socket.create_connection(('h', 1))",
        "def f(): FTP('h', timeout=None)",
        "def f(): ldap.initialize(settings.LDAP_URI)",
        "def f(): ldap3.Connection(server, auto_bind=True)",
        "def f(): gitlab.Gitlab('https://gitlab.example', private_token=t).projects.list()",
        "def f(): PostmarkClient(server_token=t).emails.send(To='a@example.org')",
        "def f(): Client(sid, token).messages.create(to='1')",
        "def f(): xmlrpc.client.ServerProxy('https://h/RPC2').add(1)",
        "def f(): zeep.Client('https://h/?wsdl')",
        "def f(): httplib2.Http().request('https://h')",
        "def f(): httplib2.Http('.cache').request('https://h')",
        "import oauth2 as oauth\ndef f(c): oauth.Client(c).request('https://h', 'GET')",
        "import oauth2\ndef f(c, t):\n  a = oauth2.Client(c, token=t)\n  a.request('https://h')",
        "def f():\n  c = paramiko.SSHClient()\n  c.connect('h', username='u')",
        "def f():\n  s = socket.socket()\n  s.connect(('h', 1))",
        "class C:\n  def f(self):\n    self.s = socket.socket()\n    self.s.connect(H)",
        "from imap_tools import MailBox\ndef f(): MailBox('h', 993)",
        "from imap_tools.mailbox import MailBoxStartTls\ndef f(h): MailBoxStartTls(h)",
        "import kubernetes\ndef f(c): return kubernetes.client.ApiClient(configuration=c)",
        "from kubernetes import client\ndef f(): client.CoreV1Api().list_namespace()",
        "import googlemaps\ndef f(): googlemaps.Client(key='k').geocode('x')",
        "import pynetbox\ndef f(): return pynetbox.api('https://h', token='t')",
        "import pyixapi\ndef f(): return pyixapi.api(url='https://h', key='k')",
        "from twython import Twython as T\ndef f(): T(key, secret).show_user(id=1)",
        "from revproxy.views import ProxyView\nclass P(ProxyView):\n  upstream = 'https://h'",
        "import psycopg\ndef f(h): return psycopg.connect(host=h, dbname='x')",
        "import pytube\ndef f(u): return pytube.YouTube(u).captions.all()",
        "import tldextract\ndef f(u): return {tldextract.extract(u), tldextract.extract(u[1:])}",
        "from pytubefix import YouTube\ndef f(u): return YouTube(u).title",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import paramiko\ndef f(sock): return paramiko.Transport(sock)",
        "def f(): httplib2.Http('.cache', 5).request('https://h')",
        "import oauth2\ndef f(c, t): oauth2.Client(c, t, timeout=5).request('https://h')",
        "import oauth2\ndef f(c, t): oauth2.Client(c, t, None, 5).request('https://h')",
        "from shop.oauth2 import Client\ndef f(c, t): Client(c, t).request('https://h')",
        "from kubernetes import client\ndef f(c): client.CoreV1Api(c).list_namespace()",
        (
            "from kubernetes import client\n"
            "def f(): client.CoreV1Api().list_namespace(_request_timeout=5)"
        ),
        "import googlemaps\ndef f(): googlemaps.Client(key='k', timeout=5).geocode('x')",
        (
            "import pynetbox\ndef f():\n  api = pynetbox.api('https://h')\n"
            "  api.http_session.mount('https://', Bounded())"
        ),
        "from twython import Twython as T\ndef f(): T(key, secret, client_args={'timeout': 5})",
        "from shop.views import ProxyView\nclass P(ProxyView):\n  upstream = 'https://h'",
        "import psycopg\ndef f(h): return psycopg.connect(host=h, connect_timeout=5)",
        "import psycopg\ndef f(): return psycopg.connect(settings.REPORTS_URL)",
        "import psycopg\ndef f(**o): return psycopg.connect(host='h', **o)",
        "import msal\ndef f(): return msal.PublicClientApplication('x', timeout=5)",
        "import msal\ndef f(h): return msal.ConfidentialClientApplication('x', http_client=h)",
        "from influxdb import InfluxDBClient\ndef f(): return InfluxDBClient('x', timeout=5)",
        "import websocket\ndef f(): return websocket.create_connection('ws://x', timeout=5)",
        "def f(): FTP('h', timeout=5)",
        "from ftplib import FTP_TLS as Tls\ndef f(): Tls('h', timeout=5)",
        "def f(): FTP()",
        "def f():\n  with FTP() as c: c.connect('h', 21, 5)",
        "def f():\n  s = smtplib.SMTP(timeout=5)\n  s.connect('h')",
        "def f(): socket.create_connection(('h', 1), 5)",
        "def f(options): FTP('h', **options)",
        "socket.setdefaulttimeout(5)\ndef f(): FTP('h')",
        "ldap.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)\ndef f(): ldap.initialize('ldap://h')",
        "def f(): ldap3.Connection(server, receive_timeout=5)",
        "def f(): gitlab.Gitlab('https://gitlab.example', timeout=10).projects.list()",
        "def f(): PostmarkClient(server_token=t, timeout=10).emails.send(To='a@example.org')",
        "def f(): Client(sid, token, http_client=bounded).messages.create(to='1')",
        "def f(): xmlrpc.client.ServerProxy('https://h/RPC2', transport=Bounded())",
        "def f(): zeep.Client('https://h/?wsdl', transport=transport)",
        "def f(): httplib2.Http(timeout=5).request('https://h')",
        "def f():\n  c = paramiko.SSHClient()\n  c.connect('h', timeout=5)",
        "def f(signal): signal.connect('h')",
        "def f():\n  s = socket.socket()\n  s.settimeout(5)\n  s.connect(('h', 1))",
        "def f():\n  s = socket.socket()\n  s.bind(('', 1))",
        "def f():\n  s = socket.socket(type=socket.SOCK_DGRAM)\n  s.connect(('1.1.1.1', 80))",
        "import pytube\nsocket.setdefaulttimeout(5)\ndef f(u): pytube.YouTube(u).captions.all()",
        "from pytubefix import YouTube\ndef f(u, given): return YouTube(u, **given).title",
        "from shop.video import YouTube\ndef f(u): return YouTube(u).title",
        "from imap_tools import MailBox\ndef f(): MailBox('h', timeout=5)",
        "from imap_tools import MailBox\ndef f(): MailBox('h', 993, 5)",
        "def f():\n  with smtplib.SMTP(host=H, port=25, timeout=5) as s: s.send_message(m)",
        "def f():\n  s = smtplib.SMTP(host='')\n  s.connect('h', timeout=5)",
        "def f(): return smtplib.SMTP(local_hostname='me')",
        "import tldextract as t\nx = t.TLDExtract(suffix_list_urls=())\ndef f(u): return x(u)",
        "import tldextract\ndef f(): return tldextract.TLDExtract(cache_fetch_timeout=5)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


GIT = "import git\nfrom git import Git, Repo\n"


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("def f(url, path): return Repo.clone_from(url, path, depth=1)", "git.Repo.clone_from"),
        ("def f(u, p): git.repo.base.Repo.clone_from(u, p)", "git.Repo.clone_from"),
        ("def f(u, p): Repo.clone_from(u, p, kill_after_timeout=9)", "git.Repo.clone_from"),
        ("def f(repo): repo.remotes.origin.fetch()", "git.Remote.fetch"),
        ("def f(repo):\n  o = repo.remote(name='origin')\n  o.push()", "git.Remote.push"),
        ("def f(repo):\n  for remote in repo.remotes: remote.pull()", "git.Remote.pull"),
        ("def f(repo): git.remote.Remote(repo, 'origin').pull()", "git.Remote.pull"),
        (
            "class C:\n  def g(self, r): self.o = r.remote('o')\n  def f(self): self.o.fetch()",
            "git.Remote.fetch",
        ),
        ("def f(path): Repo(path).git.pull()", "git.Git.pull"),
        ("def f(repo): repo.git.submodule('update', '--init')", "git.Git.submodule"),
        ("def f(url):\n  g = git.cmd.Git()\n  return g.ls_remote(url)", "git.Git.ls_remote"),
    ],
)
def test_git_waits_for_a_remote(
    make_project: Callable[..., Project], code: str, called: str
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": GIT + code}))
    assert finding.message.startswith(f"{called} has no time-out")
    # What starts a process takes no limit of its own.
    assert finding.hint.startswith("Pass kill_after") is not called.endswith("clone_from")


@pytest.mark.parametrize(
    "code",
    [
        "def f(url, path): Git().clone(url, path, kill_after_timeout=60)",
        "def f(repo): repo.remotes.origin.fetch(kill_after_timeout=60)",
        "def f(repo, **o): repo.remotes.origin.fetch(**o)",
        "def f(repo): repo.git.checkout('main')",
        "def f(repo): repo.git.remote('-v')",
        "def f(repo): repo.remotes.origin.set_url('u')",
        "def f(path): Repo.clone_from('/srv/templates', path)",
        "def f(u, p): Repo.clone_from(u, p, env={'GIT_HTTP_LOW_SPEED_TIME': '10'})",
        "def f(u, p): Repo.clone_from(u, p, multi_options=['-c http.lowSpeedTime=10'])",
        (
            "SSH = 'ssh -o ConnectTimeout=5'\n"
            "def f(u, p): Repo.clone_from(u, p, env={'GIT_SSH_COMMAND': SSH})"
        ),
        "def f(cursor): return cursor.fetch()",
        "def f(queue):\n  jobs = queue.remotes()\n  jobs.push(1)",
        "def f(shop): return shop.clone('x')",
    ],
)
def test_leaves_git_alone(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": GIT + code}))) == []


def test_a_repository_of_the_projects_own(make_project: Callable[..., Project]) -> None:
    code = "from shop.git import Repo\ndef f(u, p): Repo.clone_from(u, p).remotes.origin.fetch()"
    assert list(RULE.find(make_project({"shop/code.py": code}))) == []


OAUTH = "from authlib.integrations.django_client import OAuth\noauth = OAuth()"
# How each is made, and what it is given besides when it has a time-out.
SERVICES = [
    ("from O365 import Account", "Account(c%s)", "timeout=5"),
    (OAUTH, "oauth.register('x', api_base_url=u%s)", "client_kwargs={'default_timeout': 5}"),
    ("from bugzilla import Bugzilla", "Bugzilla(u%s)", "requests_session=s"),
    ("import clamd", "clamd.ClamdNetworkSocket(host=h%s)", "timeout=5"),
    ("from pyclamd import ClamdNetworkSocket", "ClamdNetworkSocket(h, 3310%s)", "5"),
    ("from discord_webhook import DiscordWebhook", "DiscordWebhook(u%s)", "timeout=5"),
    ("import discord_webhook as d", "d.DiscordWebhook.create_batch(u%s)", "timeout=5"),
    ("from exponent_server_sdk import PushClient", "PushClient(h%s)", "timeout=5"),
    ("import facebook", "facebook.GraphAPI(access_token=t%s)", "timeout=5"),
    ("from google import genai", "genai.Client(k%s)", "http_options=o"),
    ("import googlemaps", "googlemaps.Client(k%s)", "connect_timeout=5, read_timeout=5"),
    ("import gspread", "gspread.service_account_from_dict(d%s)", "http_client=c"),
    ("from jira import JIRA", "JIRA(u%s)", "timeout=5"),
    ("import kinto_http", "kinto_http.Client(server_url=u, auth=a%s)", "timeout=5"),
    ("from kinto_http import Client", "Client(bucket=b%s)", "session=s"),
    ("from langchain_community.llms import Ollama", "Ollama(model=m%s)", "timeout=5"),
    (
        "from langchain_community.chat_models import ChatOllama",
        "ChatOllama(model=m%s)",
        "timeout=5",
    ),
    ("from langchain_ollama import OllamaLLM", "OllamaLLM(model=m%s)", "client_kwargs=o"),
    ("import mailmanclient", "mailmanclient.Client(u, n, p%s)", "hooks"),
    ("from mailchimp3 import MailChimp", "MailChimp(k%s)", "timeout=5"),
    ("from mailchimp3 import MailChimp", "MailChimp(k%s)", "u, None, True, 5"),
    ("import meilisearch", "meilisearch.Client(u, k%s)", "5"),
    ("from mixpanel import Mixpanel", "Mixpanel(t%s)", "consumer=c"),
    ("import ollama", "ollama.Client(u%s)", "timeout=5"),
    ("from pycvesearch import CVESearch", "CVESearch(u%s)", "timeout=5"),
    ("from pycvesearch import CVESearch", "CVESearch(u%s)", "{}, 5"),
    ("from pywebpush import webpush", "webpush(s, d%s)", "timeout=5"),
    ("import razorpay", "razorpay.Client(auth=a%s)", "session=s"),
    ("from redminelib import Redmine", "Redmine(u, key=k%s)", "requests={'timeout': 5}"),
    ("from simple_salesforce import Salesforce", "Salesforce(u%s)", "session=s"),
    ("import swiftclient", "swiftclient.Connection(u%s)", "timeout=5"),
    ("from swiftclient.client import Connection", "Connection(u%s)", "timeout=5"),
    ("from trello import TrelloClient", "TrelloClient(k%s)", "http_service=s"),
    ("import vonage", "vonage.Client(k%s)", "timeout=5"),
]
# What else the file says when it is given one later.
LATER = [
    ("from SPARQLWrapper import SPARQLWrapper", "SPARQLWrapper(u)", "x.setTimeout(5)"),
    ("import asana", "asana.ApiClient(c)", "x.get_users(_request_timeout=5)"),
    ("from consul import Consul", "Consul()", "x.http.session.mount('http://', a)"),
    ("from discord_webhook import DiscordWebhook", "DiscordWebhook(u)", "x.timeout = 5"),
    ("from google import genai", "genai.Client(k)", "ask(x, HttpOptions(timeout=5))"),
    ("import docusign_esign as d", "d.ApiClient()", "x.call_api(_request_timeout=5)"),
    ("import gspread", "gspread.authorize(c)", "x.set_timeout(5)"),
    ("from hubspot import HubSpot", "HubSpot(access_token=t)", "x.go(_request_timeout=5)"),
    ("from moodle import Moodle", "Moodle(u, t)", "x.session.mount('https://', a)"),
    ("import owncloud as cloud", "cloud.Client(u)", "x._session.mount('https://', a)"),
    ("import razorpay", "razorpay.Client(auth=a)", "x.order.create(d, timeout=5)"),
    ("from sendgrid import SendGridAPIClient", "SendGridAPIClient(k)", "x.client.timeout = 5"),
    # Another's is none of it.
    (
        "from sendgrid import SendGridAPIClient",
        "SendGridAPIClient(k)\n  cache.set('sent', 1, timeout=60)",
        "x.client.timeout = 5",
    ),
    ("import sib_api_v3_sdk as sib", "sib.ApiClient(c)", "x.send(_request_timeout=5)"),
]
# They take none; what else has their name.
NEVER = [
    ("import mandrill", "mandrill.Mandrill(k)", "import shop.mandrill as mandrill"),
    ("import mailchimp", "mailchimp.Mailchimp(k)", "import shop.mailchimp as mailchimp"),
    ("import ollama", "ollama.chat(model=m, messages=t)", "from shop import ollama"),
    ("from ollama import generate", "generate(m, t)", "from shop.text import generate"),
    ("from mwoauth import Handshaker", "Handshaker(u, t)", "class Handshaker: ..."),
    ("import mwoauth", "mwoauth.initiate(u, t)", "import shop.mwoauth as mwoauth"),
    ("import paypalrestsdk", "paypalrestsdk.Api({})", "import shop.paypalrestsdk as paypalrestsdk"),
    ("from paypalrestsdk import configure", "configure({})", "from shop.pay import configure"),
    ("import wikipedia", "wikipedia.page(t)", "import shop.wikipedia as wikipedia"),
    ("from wikipedia import summary", "summary(t)", "from wikipedia.shop import summary"),
    ("from pykismet3 import Akismet", "Akismet(k)", "from akismet import Akismet"),
]
WITHOUT = [
    *(f"{head}\ndef f(): {made % ''}" for head, made, _ in SERVICES),
    *(f"{head}\ndef f():\n  x = {made}" for head, made, _ in LATER),
    *(f"{head}\ndef f(): {made}" for head, made, _ in NEVER),
]
WITH = [
    *(f"{head}\ndef f(): {made % f', {given}'}" for head, made, given in SERVICES),
    *(f"{head}\ndef f():\n  x = {made}\n  {later}" for head, made, later in LATER),
    *(f"{instead}\ndef f(): {made}" for _, made, instead in NEVER),
    # A class of one's own is made by its name alone.
    "import paypalrestsdk\nclass Api(paypalrestsdk.Api): ...\ndef f(): Api({})",
]


@pytest.mark.parametrize("code", WITHOUT)
def test_finds_a_service(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": code})))) == 1


@pytest.mark.parametrize("code", WITH)
def test_a_service_with_a_timeout_or_of_another_package_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": code}))) == []


HELD = """
import requests
from requests.adapters import HTTPAdapter
from shop.http import Bounded
from simple_salesforce import Salesforce
from bugzilla import Bugzilla
import kinto_http
def f(given):
  s = requests.Session()
  %s
"""


@pytest.mark.parametrize(
    "lines",
    [
        "Salesforce(u, session=s)",
        "Salesforce(session=s, **given)",
        "Salesforce(u, session=requests.Session())",
        "s.mount('https://', HTTPAdapter(max_retries=2))\n  Salesforce(u, session=s)",
        "Bugzilla(u, requests_session=s)",
        "kinto_http.Client(server_url=u, session=s)",
    ],
)
def test_finds_a_service_over_a_session_without_one(
    make_project: Callable[..., Project], lines: str
) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HELD % lines})))) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "Salesforce(u, session=given)",
        "Salesforce(u, session=Bounded())",
        "Salesforce(u, **given)",
        "s.mount('https://', Bounded())\n  Salesforce(u, session=s)",
        "s.request = partial(s.request, timeout=5)\n  Salesforce(u, session=s)",
        "kinto_http.Client(server_url=u, session=s, timeout=5)",
        "kinto_http.Client(server_url=u, session=s, **given)",
    ],
)
def test_a_service_over_a_session_that_may_have_one_is_silent(
    make_project: Callable[..., Project], lines: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HELD % lines}))) == []


@pytest.mark.parametrize(
    "code",
    [
        "oauth.register('x')",
        "oauth.register(name='x')",
        "oauth.register('x', **given)",
        "oauth.register('x', client_id=i, client_kwargs=given)",
        "oauth.register('x', client_id=i, client_kwargs={**given})",
        "site.register(Model, admin_class=A)",
    ],
)
def test_registering_what_is_not_read_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": f"{OAUTH}\n{code}"}))) == []


def test_the_default_of_all_sockets_counts_where_it_is_heeded(
    make_project: Callable[..., Project],
) -> None:
    default = "import socket\nsocket.setdefaulttimeout(5)\n"
    sparql = "from SPARQLWrapper import SPARQLWrapper\ndef f(): SPARQLWrapper(u)"
    assert list(RULE.find(make_project({"shop/code.py": default + sparql}))) == []
    jira = "from jira import JIRA\ndef f(): JIRA(u)"
    for heedless in (jira, f"{OAUTH}\noauth.register('x', api_base_url=u)"):
        assert len(list(RULE.find(make_project({"shop/code.py": default + heedless})))) == 1


SETS = "def g():\n  socket.setdefaulttimeout(5)\n"
BANK = "class Bank:\n  def __init__(self): socket.setdefaulttimeout(5)"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (f"{SETS}  return 1\ndef f(): FTP('h')\ndef h(request): return g()", 1),
        ("def f():\n  socket.setdefaulttimeout(5)\n  FTP('h')\ndef h(request): f()", 0),
        (f"{SETS}  f()\ndef f(): FTP('h')\ndef h(request): g()", 0),
        (f"{SETS}def f(): FTP('h')", 0),
        (f"{BANK}\n  def ask(self): FTP('h')\ndef h(request): Bank().ask()", 0),
    ],
)
def test_a_default_that_a_function_sets_holds_for_what_it_does(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == count


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(): FTP('h')"}
    assert list(RULE.find(make_project(files))) == []


@pytest.mark.parametrize(
    ("options", "count"),
    [({"scope": "openid"}, 1), ({"default_timeout": 5}, 0), ("shop.options", 0)],
)
@pytest.mark.parametrize("given", ["", ", **settings.AUTHLIB_OAUTH_CLIENTS['sso']"])
def test_a_service_that_the_settings_describe_to_authlib(
    make_project: Callable[..., Project], given: str, options: object, count: int
) -> None:
    described = {"sso": {"client_id": "x", "client_kwargs": options}}
    code = f"{OAUTH}\noauth.register(name='sso'{given})"
    project = make_project({"shop/code.py": code}, AUTHLIB_OAUTH_CLIENTS=described)
    assert len(list(RULE.find(project))) == count


AT_TOP = "import smtplib\nwith smtplib.SMTP(host='h') as s:\n    s.noop()\n"


def test_a_file_that_nothing_loads_connects_for_a_shell(
    make_project: Callable[..., Project],
) -> None:
    assert not [*RULE.find(make_project({"monitor/check_mail.py": AT_TOP}))]


def test_a_file_that_another_one_imports_connects_in_each_replica(
    make_project: Callable[..., Project],
) -> None:
    files = {"shop/mails.py": AT_TOP, "shop/views.py": "from shop import mails"}
    assert [f.location.path for f in RULE.find(make_project(files))] == ["shop/mails.py"]


def of_version(root: Path, asked: str, code: str) -> list[Finding]:
    """Return what is found of a client, of the versions that a project asks for."""
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n",
        "settings.py": "SECRET_KEY = 'x'\n",
        "requirements.txt": asked,
        "views.py": code,
    }
    for name, text in files.items():
        (root / name).write_text(text)
    return [each.finding for each in scan(root, [RULE]).found]


KEYS = "import jwt\ndef keys(request): return jwt.PyJWKClient(URL).get_jwk_set()\n"


BUCKETS = "from minio import Minio\ndef get(request): return Minio(HOST).get_object('b', 'x')\n"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("PyJWT==2.1.0\n", KEYS),
        ("pyjwt[crypto]~=2.6.0\n", KEYS),
        ("minio==5.0.10\n", BUCKETS),
        ("minio==7.0.1\n", BUCKETS),
    ],
)
def test_finds_an_old_client(tmp_path: Path, asked: str, code: str) -> None:
    (finding,) = of_version(tmp_path, asked, code)
    assert finding.location == Location("views.py", 2)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("PyJWT==2.7.0\n", KEYS),
        ("PyJWT>=2.1\n", KEYS),
        ("", KEYS),
        ("PyJWT==2.1.0\n", KEYS.replace("(URL)", "(URL, timeout=5)")),
        ("minio==7.0.2\n", BUCKETS),
        ("minio==7.2.6\n", BUCKETS),
        ("minio>=5\n", BUCKETS),
        ("minio==5.0.10\n", BUCKETS.replace("(HOST)", "(HOST, http_client=pool)")),
        ("minio==5.0.10\n", f"{BUCKETS}import socket\nsocket.setdefaulttimeout(5)\n"),
    ],
)
def test_leaves_a_client_alone(tmp_path: Path, asked: str, code: str) -> None:
    assert of_version(tmp_path, asked, code) == []


PODS = """from functools import cached_property
from kubernetes import client

class Pods:
    @cached_property
    def api(self):
        if self.inside:
            made = client.CoreV1Api()
        else:
            made = client.CoreV1Api(api_client=client.ApiClient(self.settings))
        return made

    def names(self):
        return self.api.list_namespaced_pod("shop")

    def start(self):
        self.client = client.BatchV1Api()
        self.client.create_namespaced_job("shop", self.job)
        self.made.save()
"""


def test_the_calls_that_need_a_timeout_are_told(make_project: Callable[..., Project]) -> None:
    api, jobs = RULE.find(make_project({"shop/pods.py": PODS}))
    assert [str(api.location), *map(str, api.related)] == [
        *("shop/pods.py:8", "shop/pods.py:10", "shop/pods.py:14")
    ]
    assert [str(jobs.location), *map(str, jobs.related)] == ["shop/pods.py:17", "shop/pods.py:18"]


@pytest.mark.parametrize(
    "code",
    [
        PODS.replace('("shop")', '("shop", _request_timeout=5)'),
        PODS.replace("from kubernetes", "from shop"),
    ],
)
def test_calls_that_need_none_are_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/pods.py": code}))) == []


HANDED = {
    "shop/tickets.py": "from jira import JIRA, JIRAError\ndef find(client): ...",
    "shop/ssh.py": (
        "import paramiko\nclass Client(paramiko.SSHClient):\n  def get_key(self): ...\n"
        "class Bounded(paramiko.SSHClient):\n"
        "  def connect(self, *a, **k): super().connect(*a, timeout=5, **k)\n"
        "class Other:\n  def get_key(self): ..."
    ),
}


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("from shop.tickets import JIRA\ndef f(): return JIRA(server='x')", "jira.JIRA"),
        ("from .tickets import JIRA as Jira\ndef f(): return Jira('x', auth=A)", "jira.JIRA"),
        (
            "from jira.client import JIRA as Client\ndef f(): return Client({'server': 'x'})",
            "jira.client.JIRA",
        ),
        (
            "from shop.ssh import Client\ndef f(h):\n  c = Client()\n  c.connect(h, port=22)",
            "paramiko.SSHClient",
        ),
    ],
)
def test_finds_a_client_that_another_file_hands_on(
    make_project: Callable[..., Project], code: str, called: str
) -> None:
    [finding] = RULE.find(make_project({**HANDED, "shop/code.py": code}))
    assert finding.message.startswith(f"{called} has no time-out")
    assert finding.location.path == "shop/code.py"


@pytest.mark.parametrize(
    "code",
    [
        "from shop.tickets import JIRA\ndef f(): return JIRA(server='x', timeout=5)",
        "from shop.tickets import JIRAError\ndef f(): raise JIRAError('x')",
        "from shop.stand_in import JIRA\ndef f(): return JIRA(server='x')",
        "from shop.other import JIRA\ndef f(): return JIRA(server='x')",
        "from shop.ssh import Client\ndef f(h): Client().connect(h, timeout=5)",
        "from shop.ssh import Client\ndef f(h, **k):\n  c = Client()\n  c.connect(h, **k)",
        "from shop.ssh import Bounded\ndef f(h):\n  c = Bounded()\n  c.connect(h)",
        "from shop.ssh import Other\ndef f(h):\n  c = Other()\n  c.connect(h)",
        "from shop.signals import paid\ndef f(h):\n  paid.connect(h)",
    ],
)
def test_leaves_what_else_another_file_hands_on_alone(
    make_project: Callable[..., Project], code: str
) -> None:
    files = {**HANDED, "shop/stand_in.py": "class JIRA: ...", "shop/code.py": code}
    assert list(RULE.find(make_project(files))) == []


PRICES = """import grpc
from shop.protos import prices_pb2, prices_pb2_grpc

def price(sku):
    with grpc.insecure_channel("prices:50051") as channel:
        stub = prices_pb2_grpc.PricesStub(channel)
        return stub.Price(prices_pb2.Item(sku=sku))
"""
KEPT = """from shop.protos.prices_pb2_grpc import PricesStub

class Prices:
    def __init__(self, channel):
        self.stub = PricesStub(channel)

    def all(self, request, token):
        for found in self.stub.List(request, metadata=token):
            yield found
        self.stub.Done(request)
"""


@pytest.mark.parametrize(
    ("code", "name", "lines"),
    [
        (PRICES, "Price", [7]),
        (PRICES.replace("sku))", "sku), timeout=None)"), "Price", [7]),
        (
            PRICES.replace("return ", "return retried(lambda: ").replace("sku))", "sku)))"),
            "Price",
            [7],
        ),
        (KEPT, "List", [8, 10]),
    ],
)
def test_a_call_over_grpc_has_no_deadline_by_itself(
    make_project: Callable[..., Project], code: str, name: str, lines: list[int]
) -> None:
    default = {"shop/start.py": "import socket\nsocket.setdefaulttimeout(5)\n"}
    [finding] = RULE.find(make_project({"shop/prices.py": code, **default}))
    assert finding.message.startswith(f"gRPC's {name} has no time-out")
    assert [finding.location.line, *(place.line for place in finding.related)] == lines


@pytest.mark.parametrize(
    "code",
    [
        PRICES.replace("sku))", "sku), timeout=5)"),
        PRICES.replace("sku))", "sku), 5)"),
        PRICES.replace("sku))", "sku), **OPTIONS)"),
        PRICES.replace("prices_pb2_grpc", "prices"),
        PRICES.replace("PricesStub", "PricesServicer"),
        PRICES.replace("return stub.Price", "return prices_pb2.Price"),
        PRICES.replace(
            ":50051", ":50051', options=[('grpc.service_config', TIMEOUTS)]  # timeout '"
        ),
        f"import asyncio\n{KEPT}\nasync def f(p): await asyncio.wait_for(p.stub.Done(r), 5)",
        f"if __name__ == '__main__':\n  {KEPT.splitlines()[0]}\n  PricesStub(c).Done(r)",
    ],
)
def test_a_call_over_grpc_that_ends_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/prices.py": code}))) == []


def test_an_interceptor_may_give_all_calls_a_deadline(
    make_project: Callable[..., Project],
) -> None:
    made = "import grpc\nclass Ends(grpc.UnaryUnaryClientInterceptor):\n  {} = 5"
    for given, count in (("timeout", 0), ("token", 1)):
        files = {"shop/prices.py": PRICES, "shop/channels.py": made.format(given)}
        assert len(list(RULE.find(make_project(files)))) == count


MOMENT = """import socket
def resolves(host):
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(5)
    try:
        return socket.getaddrinfo(host, None)
    finally:
        socket.setdefaulttimeout({})
"""
LOGS_IN = "from ftplib import FTP\ndef f(): FTP('h')"


@pytest.mark.parametrize(
    "code",
    [
        MOMENT.format("before"),
        MOMENT.format("None").replace("before = socket.getdefaulttimeout()", "pass"),
        "import socket\nsocket.setdefaulttimeout(None)",
        (
            "import socket\nclass Soon:\n"
            "  def __enter__(self): \n"
            "    self.before = socket.getdefaulttimeout()\n    socket.setdefaulttimeout(5)\n"
            "  def __exit__(self, *a): socket.setdefaulttimeout(self.before)"
        ),
    ],
)
def test_a_default_of_a_moment_is_none(make_project: Callable[..., Project], code: str) -> None:
    [finding] = RULE.find(make_project({"shop/dns.py": code, "shop/code.py": LOGS_IN}))
    assert finding.location.path == "shop/code.py"


@pytest.mark.parametrize(
    "code",
    [
        "import socket\ndef ready(): socket.setdefaulttimeout(5)",
        (
            "import socket\ndef ready():\n  if not socket.getdefaulttimeout():\n"
            "    socket.setdefaulttimeout(5)"
        ),
        (
            "import socket\ndef ready(slow):\n  if slow: socket.setdefaulttimeout(60)\n"
            "  else: socket.setdefaulttimeout(5)"
        ),
        f"import socket\nsocket.setdefaulttimeout(5)\n{MOMENT.format('before')}",
    ],
)
def test_a_default_that_lasts_is_one(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/dns.py": code, "shop/code.py": LOGS_IN}))) == []


def test_who_is_handed_a_socket_connects_to_nobody(make_project: Callable[..., Project]) -> None:
    code = "def f(s):\n  c = paramiko.SSHClient()\n  c.connect('h', sock=s)"
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


LISTS = "import mailmanclient\ndef f(): return mailmanclient.Client(U, 'shop', P{}).lists\n"
SIGNED = "def signed(call): return {**call, 'headers': {'X-Shop': '1'}}\n"


def test_a_hook_may_bring_a_timeout(make_project: Callable[..., Project]) -> None:
    bounded = SIGNED.replace("'headers'", "'timeout': 5, 'headers'")
    hooked = LISTS.format(", request_hooks=[signed]")
    for code, count in (
        *((LISTS.format(""), 1), (hooked + SIGNED, 1)),
        *((hooked + bounded, 0), (f"from shop.hooks import signed\n{hooked}", 0)),
        (LISTS.format(", HOOKS"), 0),
        (f"{LISTS.format('')}def g(client): client.add_hooks(HOOKS)", 0),
    ):
        assert len(list(RULE.find(make_project({"shop/code.py": code})))) == count, code


TOLD = "def f(text):\n  hook = DiscordWebhook(url=U, content=text)\n  hook.execute()\n"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (f"from shop.told import *\n{TOLD}", 1),
        (f"from shop.told import *\n{TOLD.replace('url=U', 'url=U, timeout=5')}", 0),
        (f"from shop.other import *\n{TOLD}", 0),
        (f"from shop.told import *\nfrom shop.mine import DiscordWebhook\n{TOLD}", 0),
        (f"from shop.told import *\nclass DiscordWebhook: ...\n{TOLD}", 0),
        (f"from shop.told import *\n{TOLD.replace('f(text', 'f(text, DiscordWebhook')}", 0),
    ],
)
def test_a_client_that_came_with_all_of_a_module(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    told = "from discord_webhook import DiscordWebhook, DiscordEmbed\ndef embed(): ..."
    files = {"shop/told.py": told, "shop/other.py": "def embed(): ...", "shop/code.py": code}
    assert len(list(RULE.find(make_project(files)))) == count
