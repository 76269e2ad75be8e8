"""A connection to another service may wait for ever.

`smtplib`, `ftplib`, `imaplib` and their like have no time-out unless they are given one. A host
that accepts and never answers holds a thread of each replica.

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

- a time-out is given, or may come with a `**mapping`;
- `socket.setdefaulttimeout()` is called;
- the code is a management command or a script.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.http import NO, bounded
from django_scaleready.checks.code.summary import Fact

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
}
DEFAULT = "setdefaulttimeout"

PACKAGES = frozenset(name.partition(".")[0] for name in CLIENTS)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the clients without a time-out: (dotted name,)."""
    module = reading.module
    if module.roots.isdisjoint(PACKAGES):
        return
    for site in module.calls_that_run(*sorted({n.rpartition(".")[2] for n in CLIENTS})):
        name = module.resolve(site.call.func)
        # Without a host the object is only made; it connects later.
        given = not site.call.args or len(site.call.args) > CLIENTS.get(name, 0)
        if name in CLIENTS and not given and bounded(site.call, site.scope) == NO:
            yield module.fact(site, name)
    for site in module.calls_that_run(DEFAULT):
        yield module.fact(site, DEFAULT)


def find(project: Project) -> Iterator[Finding]:
    """Yield each of them, unless there is a time-out for all sockets."""
    facts = list(project.noted(SLUG))
    if any(fact.data[0] == DEFAULT for _, fact, _ in facts):
        return
    for _, fact, place in facts:
        yield Finding(
            message=f"{fact.data[0]} has no time-out: a host that hangs holds the thread.",
            hint="Pass timeout=10 (seconds).",
            location=place,
            severity=Severity.WARNING,
        )


RULE = Rule("scaleready.W074", SLUG, find, Area.SOURCE, collect, leak=Leak.CONNECTIONS)
