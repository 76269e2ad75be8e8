"""A connection to another service may wait for ever.

`smtplib`, `ftplib`, `imaplib` and their like have no time-out unless they are given one, nor have
sockets, clients for LDAP, SOAP, SFTP, XML-RPC and websockets, imap_tools, msal, or those of GitLab,
InfluxDB, Postmark and Twilio. A host that accepts and never answers holds a thread of each replica.

## Bad

```python title="shop/bank.py"
from ftplib import FTP


def statements():
    return FTP("ftp.bank.example").nlst()
```

## Good

```python title="shop/bank.py"
from ftplib import FTP


def statements():
    return FTP("ftp.bank.example", timeout=10).nlst()
```

## Stays silent when

- a time-out is given, or may come with a `**mapping`, or a socket's `settimeout()` is called in the
  same file;
- `socket.setdefaulttimeout()` is called (`ldap.set_option()` with a time-out, for python-ldap);
- the code is a management command or a script.

Where no replica comes, as far as names tell, it is information.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.http import NO, bounded
from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import Site
from django_scaleready.checks.code.sessions import is_made_by
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.syntax import last_parts

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "client-no-timeout"
# The position at which a time-out may stand without its name.
CLIENTS = {
    "smtplib.SMTP": 3,
    "smtplib.SMTP_SSL": 5,
    "ftplib.FTP": 4,
    "ftplib.FTP_TLS": 6,
    "imaplib.IMAP4": 2,
    "imaplib.IMAP4_SSL": 3,
    "poplib.POP3": 2,
    "poplib.POP3_SSL": 4,
    "telnetlib.Telnet": 2,
    "http.client.HTTPConnection": 2,
    "http.client.HTTPSConnection": 4,
    "socket.create_connection": 1,
    **{
        f"{module}.{name}": 2
        for module in ("imap_tools", "imap_tools.mailbox")
        for name in ("MailBox", "MailBoxStartTls", "MailBoxTls", "MailBoxUnencrypted")
    },
}
# They connect when they are used, and take no positional time-out; the keywords that bring one.
# Each was read in the package's own source.
LAZY = {
    "gitlab.Gitlab": "timeout",
    "httplib2.Http": "timeout",
    "influxdb.InfluxDBClient": "timeout",
    "ldap.initialize": "",
    "ldap3.Connection": "receive_timeout",
    "msal.ConfidentialClientApplication": "timeout http_client",
    "msal.PublicClientApplication": "timeout http_client",
    "paramiko.Transport": "",
    "postmarker.core.PostmarkClient": "timeout",
    "pysftp.Connection": "",
    "twilio.rest.Client": "http_client",
    "websocket.create_connection": "timeout",
    "xmlrpc.client.ServerProxy": "transport",
    "zeep.Client": "transport",
}
# The client whose connect() takes the time-out.
CONNECTED = frozenset({"paramiko.SSHClient", "paramiko.client.SSHClient"})
SOCKETS = frozenset({"socket.socket"})
# It is given one by another call, or waits for nobody.
_BOUNDED = re.compile(rb"\.settimeout\(|\.setblocking\(|SOCK_DGRAM")
# What gives a time-out to all: a call, and the package that heeds it.
DEFAULTS = {"setdefaulttimeout": "socket", "set_option": "ldap"}
# It has a socket of its own.
LDAP, SOCKET = "ldap.initialize", "socket.connect"

HINTS = {
    SOCKET: "Call settimeout(10) (seconds) before connect().",
    LDAP: "Set ldap.OPT_NETWORK_TIMEOUT and ldap.OPT_TIMEOUT (seconds) with set_option().",
    "ldap3.Connection": "Pass receive_timeout=10 (seconds), and connect_timeout=5 to the Server.",
    "paramiko.Transport": "Give it a socket of socket.create_connection(address, timeout=10).",
    "pysftp.Connection": "Use paramiko.SSHClient, whose connect() takes timeout=10 (seconds).",
    "twilio.rest.Client": "Pass http_client=TwilioHttpClient(timeout=10) (seconds).",
    "xmlrpc.client.ServerProxy": "Give it a transport whose connections have a timeout.",
    "zeep.Client": "Pass transport=Transport(operation_timeout=10) (seconds).",
}

PACKAGES = frozenset(
    name.partition(".")[0] for name in (*CLIENTS, *LAZY, *CONNECTED, *DEFAULTS.values())
)


MADE = last_parts(*CLIENTS, *LAZY)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the clients without a time-out: (dotted name, is it a client)."""
    module = reading.module
    if module.roots.isdisjoint(PACKAGES):
        return
    for site in module.calls_that_run(*MADE, "connect"):
        name = module.resolve(site.call.func)
        if _waits(name, site) or (name and _connects(module, site, CONNECTED)):
            yield module.fact(site, name, True)
        elif name and _connects(module, site, SOCKETS) and not _BOUNDED.search(module.content):
            yield module.fact(site, SOCKET, True)
    for site in module.calls_that_run(*DEFAULTS):
        if "timeout" in ast.unparse(site.call).lower():
            yield module.fact(site, module.resolve(site.call.func).partition(".")[0], False)


def _waits(name: str, site: Site) -> bool:
    call = site.call
    if name in CLIENTS:
        # Without a host the object is only made; it connects later.
        given = not call.args or len(call.args) > CLIENTS[name]
        return not given and bounded(call, site.scope) == NO
    if name in LAZY:
        made = call.args[0] if call.args else None
        # A socket that is handed over may have a time-out already.
        own_socket = name == "paramiko.Transport" and not isinstance(made, ast.Tuple)
        return not own_socket and not any(
            k.arg is None or k.arg in LAZY[name].split() for k in call.keywords
        )
    return False


def _connects(module: Module, site: Site, clients: frozenset[str]) -> bool:
    function = site.call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "connect"
        and is_made_by(module, function.value, site.scope, clients)
        and bounded(site.call, site.scope) == NO
    )


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them, unless there is a time-out for all sockets."""
    facts = [(fact, place) for _, fact, place in project.noted(SLUG)]
    bounded_by = {fact.data[0] for fact, _ in facts if not fact.data[1]}
    for fact, place in facts:
        name, client = fact.data
        if not client or ("ldap" if name == LDAP else "socket") in bounded_by:
            continue
        yield Finding(
            message=f"{name} has no time-out: a host that hangs holds the thread.",
            hint=HINTS.get(name, "Pass timeout=10 (seconds)."),
            location=place,
            severity=Severity.WARNING,
        )


RULE = Rule("scaleready.W074", SLUG, find, Area.SOURCE, collect, leak=Leak.CONNECTIONS)
