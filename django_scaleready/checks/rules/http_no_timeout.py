"""A host that does not answer takes a thread of each replica with it.

`requests` and `urlopen` wait for ever unless they are given a timeout. When the other side hangs,
each request or task that calls it holds its thread; soon every replica is busy waiting, and adding
replicas only adds threads that wait.

## Bad

```python title="shop/rates.py"
import requests


def exchange_rate(currency):
    return requests.get(f"https://rates.example.com/{currency}").json()
```

## Good

```python title="shop/rates.py"
import requests


def exchange_rate(currency):
    return requests.get(f"https://rates.example.com/{currency}", timeout=5).json()
```

## Stays silent when

- a timeout is given, or may come with a `**mapping`;
- the session has an adapter of the project's own, which may bring one;
- `socket.setdefaulttimeout()` is called (for `urlopen`; `requests` takes no notice of it);
- the library has a timeout by default (httpx: 5 s);
- the code runs in a management command, a script, or under DEBUG only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Rule, Severity
from django_scaleready.checks.http import URLOPEN, http_call
from django_scaleready.checks.source import Moment

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each call without a timeout that a request, a task or the start may wait for."""
    bounded = {URLOPEN} if _has_default_timeout(project) else set()
    for source in project.sources:
        for call in source.calls:
            made = http_call(source, call)
            if made is None or made.bounded is not False or made.name in bounded:
                continue
            if source.moment(call) is Moment.COMMAND or source.is_debug_only(call):
                continue
            yield Finding(
                message=f"{made.name} has no timeout: a host that hangs holds the thread.",
                hint="Pass timeout=5 (seconds, for connecting and between two answers).",
                location=source.at(call),
                severity=Severity.WARNING,
            )


def _has_default_timeout(project: Project) -> bool:
    calls = ((source, call) for source in project.sources for call in source.calls)
    return any(source.resolve(call.func) == "socket.setdefaulttimeout" for source, call in calls)


RULE = Rule("scaleready.W073", "http-no-timeout", find, Area.SOURCE)
