"""A request or a task was seen to open a port or a socket of its own.

A server inside a web or worker process answers for that process alone: a balancer does not know it,
the second worker on the same machine cannot bind the same port, and it ends with its worker.

## Bad

```python title="shop/views.py"
import socketserver
import threading

from django.http import HttpResponse


def page(request):
    server = socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page.server = server
    return HttpResponse("listening")
```

## Good

```python title="shop/views.py"
from django.core.cache import cache
from django.http import HttpResponse


def page(request):
    cache.set("news", "said")
    return HttpResponse("said")
```

## Stays silent when

- a socket is bound to no port in particular and does not listen: a client, or UDP;
- a port was looked for with port 0 and given back before the request or task was over;
- a socket connects to a service.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.witnessed import Kind, Seen, finding

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what was seen of it."""
    for seen in project.witnessed or ():
        if seen.kind is Kind.SOCKET:
            yield judge(seen)


def judge(seen: Seen) -> Finding:
    """Return the finding that one place amounts to."""
    return finding(
        seen,
        f"{seen.who} binds {seen.target} inside a {seen.moment}: it answers for one process, and a"
        " second process on the machine cannot bind it.",
        "Run the server as a service of its own, or talk through Redis.",
        Severity.WARNING,
    )


RULE = Rule("scaleready.W142", "witnessed-socket", find, Area.RUN, leak=Leak.STATE)
