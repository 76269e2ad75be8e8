"""A connection to another service may wait for ever.

`smtplib`, `ftplib`, `imaplib` and their like have no time-out unless they are given one, nor have
sockets, clients for LDAP, SOAP, SFTP, SPARQL, XML-RPC and websockets, imap_tools, msal, web push,
pykismet3, mwoauth, python-oauth2, tldextract, minio before 7.0.2, pyjwt's PyJWKClient before 2.7,
authlib's sign-in for Django, the views of revproxy and djproxy, connections by psycopg to a named
host, GitPython where it clones, fetches or pushes, calls of a `_pb2_grpc` module's stubs, or the
packages for Asana, Brevo (sib_api_v3_sdk), Bugzilla, ClamAV, Consul, CVE-Search (pycvesearch),
Discord (discord-webhook), DocuSign, Expo, Facebook, Gemini, GitLab, Google Maps and Sheets,
HubSpot, InfluxDB, IX-API, Jira, Kinto, Kubernetes, Mailchimp, Mailman, Mandrill, Meilisearch,
Mixpanel, Moodle, NetBox, Office 365, Ollama (and langchain's), ownCloud, PayPal, Postmark,
Razorpay, Redmine, Salesforce, SendGrid, Swift, Trello, Twilio, Twitter (twython), Vonage,
Wikipedia and YouTube (pytube, pytubefix). A host that accepts and never answers holds a thread of
each replica.

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

- a time-out is given, or may come with a `**mapping` or a session that is not requests' own as it
  is made, or a socket's `settimeout()` is called in the same file;
- the client can be given one later, and the file does: gspread's `set_timeout()`, SPARQLWrapper's
  `setTimeout()`, `_request_timeout` of a generated client, an adapter that is mounted;
- `socket.setdefaulttimeout()` is called as a process starts, or by what leads to the client, and
  not taken back in the same function, where the client heeds it: what is built on requests does not
  (`ldap.set_option()` with a time-out, for python-ldap);
- a file that speaks of a `timeout` intercepts gRPC's channels, or configures its services, or a
  coroutine is given one by `wait_for()`; paramiko's `connect()` is handed a socket;
- git gives up a slow transfer by itself: the file speaks of `http.lowSpeedLimit`, or of ssh's
  `ConnectTimeout`;
- the code is a management command or a script, or stands at the top of a file that nothing loads.

Where no replica comes, as far as names tell, it is information.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.clients import elsewhere, git_remotes, services
from django_scaleready.checks.code.clients.by_call import BY_CALL, asked_by_call
from django_scaleready.checks.code.clients.grpc_stubs import GRPC, grpc_calls
from django_scaleready.checks.code.clients.http import NO, bounded
from django_scaleready.checks.code.clients.protocols import AT_ONCE, CLIENTS, DATABASES, HOSTLESS
from django_scaleready.checks.code.clients.registered_services import (
    DESCRIBED,
    OAUTH,
    REGISTERED,
    registered,
)
from django_scaleready.checks.code.clients.sessions import is_made_by, is_plain
from django_scaleready.checks.code.clients.socket_default import SocketDefaults, lasting_defaults
from django_scaleready.checks.code.running.by_hand import runs_when_loaded
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_parts

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "client-no-timeout"
# Views that hand each request on to another host; urllib3's pool and requests wait for ever.
PROXIES = frozenset({"djproxy.views.HttpProxy", "revproxy.views.ProxyView"})
# The third argument of what is made without a host may be the time-out.
THIRD = 2
SOCKETS = frozenset({"socket.socket"})
# It is given one by another call, or waits for nobody.
_BOUNDED = re.compile(rb"\.settimeout\(|\.setblocking\(|SOCK_DGRAM")
# What gives a time-out to all, by the package that heeds it.
SOCKET_DEFAULT, LDAP_DEFAULT = "socket", "ldap"
# It has a socket of its own.
LDAP, SOCKET = "ldap.initialize", "socket.connect"
SPARQL = "SPARQLWrapper.SPARQLWrapper"

HINTS = {
    # Old versions have no such option.
    REGISTERED: 'Use a recent authlib, and client_kwargs={"default_timeout": 10, ...} (seconds).',
    SOCKET: "Call settimeout(10) (seconds) before connect().",
    LDAP: "Set ldap.OPT_NETWORK_TIMEOUT and ldap.OPT_TIMEOUT (seconds) with set_option().",
    SPARQL: "Call its setTimeout(10) (seconds).",
    "ldap3.Connection": "Pass receive_timeout=10 (seconds), and connect_timeout=5 to the Server.",
    "paramiko.Transport": "Give it a socket of socket.create_connection(address, timeout=10).",
    "pysftp.Connection": "Use paramiko.SSHClient, whose connect() takes timeout=10 (seconds).",
    **dict.fromkeys(
        ("pytube.YouTube", "pytubefix.YouTube"),
        "Call socket.setdefaulttimeout(10) (seconds) once, where the process starts.",
    ),
    **dict.fromkeys(PROXIES, "Let the proxy before the replicas hand such requests on."),
    **dict.fromkeys(DATABASES, "Pass connect_timeout=5 (seconds)."),
    "minio.Minio": "Update it, or pass http_client=PoolManager(timeout=10) (seconds) of urllib3.",
    "xmlrpc.client.ServerProxy": "Give it a transport whose connections have a timeout.",
    **{name: service.hint for name, service in services.SERVICES.items()},
    **git_remotes.HINTS,
}

_WAITING = {*CLIENTS, *services.LAZY, *services.SERVICES, *elsewhere.CONNECTED, *OAUTH, *DATABASES}
PACKAGES = frozenset(
    name.partition(".")[0]
    for name in (*_WAITING, *PROXIES, "git", SPARQL, SOCKET_DEFAULT, LDAP_DEFAULT)
)
# What ``socket.setdefaulttimeout()`` says is nothing to them.
UNHEEDING = frozenset({*services.SERVICES, *PROXIES, *DATABASES, REGISTERED, *git_remotes.HINTS})

MADE = last_parts(*CLIENTS, *services.LAZY, *services.SERVICES, SPARQL)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the clients without a time-out: (dotted name, is it a client, *lines that ask it)."""
    module = reading.module
    yield from elsewhere.from_elsewhere(module, _waits)
    yield from grpc_calls(module)
    if module.roots.isdisjoint(PACKAGES):
        return
    # Those that are told with each call have a fact for each function.
    told = {*BY_CALL}
    yield from asked_by_call(module, _waits)
    yield from _proxies(module)
    yield from (module.fact(site, name, True) for site, name in git_remotes.asks_remotes(module))
    for site in module.calls_that_run(*MADE, "connect"):
        name = module.resolve(site.call.func)
        if name in told:
            continue
        told |= services.ONCE & {name}
        if _waits(module, name, site) or (name and _connects_later(module, site)):
            yield module.fact(site, name, True)
        elif name and _connects(module, site, SOCKETS) and not _BOUNDED.search(module.content):
            yield module.fact(site, SOCKET, True)
    for site in module.calls_that_run("register"):
        if name := registered(module, site):
            yield module.fact(site, name, True)
    yield from (module.fact(site, SOCKET_DEFAULT, False) for site in lasting_defaults(module))
    for site in module.calls_that_run("set_option"):
        if "timeout" in ast.unparse(site.call).lower():
            yield module.fact(site, LDAP_DEFAULT, False)


def _proxies(module: Module) -> Iterator[Fact]:
    """Note the views that hand requests on, as what stands at their first line."""
    if module.roots.isdisjoint({"djproxy", "revproxy"}):
        return
    for owner in module.classes.values():
        for base in PROXIES.intersection(module.bases(owner)):
            yield Fact(owner.line, "", (base, True))


def _waits(module: Module, name: str, site: Site) -> bool:
    call = site.call
    if name in CLIENTS:
        given = len(call.args) > CLIENTS[name]
        return _is_told_a_host(call) and not given and bounded(call, site.scope) == NO
    if name in DATABASES:
        named = {keyword.arg for keyword in call.keywords}
        return "host" in named and named.isdisjoint({None, "connect_timeout"})
    if name == SPARQL:
        return b".setTimeout(" not in module.content
    if name in services.LAZY:
        made = call.args[0] if call.args else None
        # A socket that is handed over may have a time-out already.
        own_socket = name == "paramiko.Transport" and not isinstance(made, ast.Tuple)
        given = len(call.args) > services.LAZY_POSITIONS.get(name, len(call.args))
        return not (own_socket or given or _brings(call, services.LAZY[name]))
    service = services.SERVICES.get(name)
    if service is None or (service.later and service.later in module.content):
        return False
    given = service.position is not None and len(call.args) > service.position
    return not given and not _brings_of(module, site, service.keywords)


def _is_told_a_host(call: ast.Call) -> bool:
    """Whether a client is told whom to ask; it is only made otherwise, and connects later."""
    named = (k.value for k in call.keywords if k.arg in {"address", "host"})
    return bool(call.args) or any(getattr(value, "value", value) for value in named)


def _brings(call: ast.Call, keywords: str) -> bool:
    return any(k.arg is None or k.arg in keywords.split() for k in call.keywords)


def _brings_of(module: Module, site: Site, keywords: str) -> bool:
    """Whether one of some keywords brings a time-out.

    A session of requests' own does not, nor do hooks of this file that say nothing of one.
    """
    wanted = {*keywords.split()}
    plain = {
        k.arg
        for k in site.call.keywords
        if k.arg in wanted
        and (elsewhere.are_plain_hooks(module, k.value) or is_plain(module, k.value, site.scope))
    }
    # What is given by its name no mapping gives again.
    return wanted != plain and _brings(site.call, " ".join(wanted - plain))


def _connects_later(module: Module, site: Site) -> bool:
    """Whether a client that was made without a time-out connects here, without one."""
    few = len(site.call.args) <= THIRD
    return _connects(module, site, elsewhere.CONNECTED) or (
        few and _connects(module, site, HOSTLESS)
    )


def _connects(module: Module, site: Site, clients: frozenset[str]) -> bool:
    function = site.call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "connect"
        and is_made_by(module, function.value, site.scope, clients)
        and elsewhere.waits_to_connect(site)
    )


def _is_described(project: Project) -> bool:
    """Whether the settings describe services for authlib, and say nothing of a time-out."""
    described = project.setting(DESCRIBED)
    services = [*described.values()] if isinstance(described, dict) else []
    options = [each.get("client_kwargs", {}) for each in services if isinstance(each, dict)]
    return {*map(type, options)} == {dict} and "timeout" not in repr(options)


def _is_of_script(project: Project, source: Summary, fact: Fact) -> bool:
    """Whether a connection is made as a file is read, and nothing but a shell reads it."""
    if fact.function or fact.data[0] not in AT_ONCE or source.path in project.programs:
        return False
    return not runs_when_loaded(project.code, source)


def _default_of(name: str) -> str:
    """Return what gives a time-out to all clients of a kind; "" if nothing does."""
    if name.startswith(GRPC):
        return GRPC
    if name in UNHEEDING:
        return ""
    return LDAP_DEFAULT if name == LDAP else SOCKET_DEFAULT


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them, unless there is a time-out for all sockets."""
    noted = project.noted(SLUG)
    facts = [
        (fact, place) for source, fact, place in noted if not _is_of_script(project, source, fact)
    ]
    bounded_by = {fact.data[0] for fact, _ in facts if not fact.data[1]}
    files = project.code.by_path
    setting = ((files[at.path], f) for f, at in facts if f.data == (SOCKET_DEFAULT, False))
    defaults = SocketDefaults(project.code, setting)
    for fact, place in facts:
        name, client, *lines = fact.data
        if name == DESCRIBED:
            if not _is_described(project):
                continue
            name = REGISTERED
        if isinstance(client, str) and not elsewhere.is_handed_on(project.code, client, name):
            continue
        default = _default_of(name)
        ended = default in bounded_by
        if not client or (ended and (default != SOCKET_DEFAULT or defaults.hold(place.path, fact))):
            continue
        package, version = services.SINCE.get(name, ("", ()))
        if package and not project.is_older(package, *version):
            continue
        yield Finding(
            message=f"{name} has no time-out: a host that hangs holds the thread.",
            hint=HINTS.get(name, "Pass timeout=10 (seconds)."),
            location=place,
            severity=Severity.WARNING,
            related=tuple(Location(place.path, line) for line in lines),
        )


RULE = Rule("scaleready.W074", SLUG, find, Area.SOURCE, collect, leak=Leak.CONNECTIONS)
