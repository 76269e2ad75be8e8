"""client-no-timeout: a connection that may wait for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.client_no_timeout import RULE

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
        "def f(): smtplib.SMTP('h', 25)",
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
        "def f():\n  c = paramiko.SSHClient()\n  c.connect('h', username='u')",
        "def f():\n  s = socket.socket()\n  s.connect(('h', 1))",
        "class C:\n  def f(self):\n    self.s = socket.socket()\n    self.s.connect(H)",
        "from imap_tools import MailBox\ndef f(): MailBox('h', 993)",
        "from imap_tools.mailbox import MailBoxStartTls\ndef f(h): MailBoxStartTls(h)",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import paramiko\ndef f(sock): return paramiko.Transport(sock)",
        "import msal\ndef f(): return msal.PublicClientApplication('x', timeout=5)",
        "import msal\ndef f(h): return msal.ConfidentialClientApplication('x', http_client=h)",
        "from influxdb import InfluxDBClient\ndef f(): return InfluxDBClient('x', timeout=5)",
        "import websocket\ndef f(): return websocket.create_connection('ws://x', timeout=5)",
        "def f(): FTP('h', timeout=5)",
        "def f(): FTP()",
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
        "from imap_tools import MailBox\ndef f(): MailBox('h', timeout=5)",
        "from imap_tools import MailBox\ndef f(): MailBox('h', 993, 5)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f(): FTP('h')"}
    assert list(RULE.find(make_project(files))) == []
