"""nginx and the server behind it speak different protocols.

`uwsgi_pass` speaks uwsgi, which uWSGI understands on `socket`; `proxy_pass http://` speaks HTTP,
which is `http-socket`. The wrong pair answers each request with 502, or hangs until a time-out. One
replica that was given the wrong one loses every request that the balancer sends there.

## Bad

```text title="nginx.conf"
server {
    location / {
        uwsgi_pass 127.0.0.1:8000;
    }
}
```

```text title="Procfile"
web: gunicorn --bind 127.0.0.1:8000 mysite.wsgi
```

## Good

```text title="nginx.conf"
server {
    location / {
        proxy_pass http://127.0.0.1:8000;
    }
}
```

```text title="Procfile"
web: gunicorn --bind 127.0.0.1:8000 mysite.wsgi
```

## Stays silent when

- no server here listens at the address that nginx passes to;
- the server is told to speak uwsgi: `--protocol uwsgi`;
- another file passes to the same address in the right protocol: of two configurations for two
  servers, each has its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.listening import Address, Listener, listeners, passes

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each pass to a server that speaks something else."""
    found = list(listeners(project.deploy))
    passed = list(passes(project.deploy.nginx))
    for address, protocol, location in passed:
        there = [listener for listener in found if _meets(listener, address)]
        spoken_there = {listener.protocol for listener in there}
        if not there or protocol in spoken_there:
            continue
        right = (p.path for a, spoken, p in passed if a == address and spoken in spoken_there)
        if any(path != location.path for path in right):
            # A configuration for another server in the same place: the development server's.
            continue
        spoken = there[0].protocol
        yield Finding(
            message=(
                f"nginx speaks {protocol} to {address}, where {there[0].program} of"
                f" {there[0].process!r} speaks {spoken}: each request ends in a 502 or a time-out."
            ),
            hint=_hint(protocol, there[0].program),
            location=location,
            severity=Severity.ERROR,
            related=(there[0].location,),
        )


def _meets(listener: Listener, address: Address) -> bool:
    if address.path or listener.address.path:
        return listener.address.path == address.path
    here = address.host in {"localhost", "127.0.0.1", "[::1]", listener.process}
    return here and listener.address.port == address.port


def _hint(protocol: str, program: str) -> str:
    if protocol == "HTTP":
        return "Use uwsgi_pass, or let uWSGI listen on http-socket."
    if program == "uwsgi":
        return "Use proxy_pass http://, or let uWSGI listen on socket."
    return "Use proxy_pass http://."


RULE = Rule("scaleready.E097", "protocol-mismatch", find, Area.DEPLOY, leak=Leak.CONNECTIONS)
