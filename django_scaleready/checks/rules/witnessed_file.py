"""A request or a task was seen to write a file that only this replica has.

The check reads the project's own code. What a package does it sees only when it runs: an SDK that
keeps its token in the working directory, a cache below the package, a report beside the last one.
`pytest --scaleready`, the test runner or a share of the requests in staging see it, and name the
line of the project that led there and the package that did it.

## Bad

```python title="site-packages/ledger/__init__.py"
class Client:
    def __init__(self, token_file="ledger-token.json"):
        self.token_file = token_file

    def sign_in(self):
        with open(self.token_file, "w") as file:
            file.write("{}")
```

```python title="shop/views.py"
from django.http import HttpResponse
from ledger import Client


def page(request):
    Client().sign_in()
    return HttpResponse("signed in")
```

## Good

```python title="site-packages/ledger/__init__.py"
class Client:
    def __init__(self, store):
        self.store = store

    def sign_in(self):
        self.store("{}")
```

```python title="shop/views.py"
from django.core.cache import cache
from django.http import HttpResponse
from ledger import Client


def page(request):
    Client(store=lambda token: cache.set("ledger-token", token, 3600)).sign_in()
    return HttpResponse("signed in")
```

## Stays silent when

- the file is gone, or was renamed and that is gone, when the request or task is over;
- it lies below `SCALEREADY["SHARED_PATHS"]`, in `/dev`, `/proc` or `/sys`, or is bytecode;
- a storage, cache, session or mail backend, a database or a log handler that the settings name has
  written it: the check judges those where they are set;
- no request and no task was running, or a test or a management command did it by itself.

A file that `tempfile` made and that is left behind is a warning, as is what only a test came to by
calling a function. A file in the user's cache folder is information: each replica fills its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.witnessed import Fate, Kind, Seen, finding

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what was seen of it."""
    for seen in project.witnessed or ():
        if seen.kind is Kind.FILE:
            yield judge(seen)


def judge(seen: Seen) -> Finding:
    """Return the finding that one place amounts to."""
    if seen.fate is Fate.CACHE:
        return finding(
            seen,
            f"{seen.who} fills a cache of its own on this replica's disk, {seen.target}.",
            "Fill it while the image is built if the first request of each replica is slow.",
            Severity.INFO,
        )
    if seen.fate is Fate.TEMPORARY:
        return finding(
            seen,
            f"{seen.who} leaves the temporary file {seen.target} behind when the {seen.moment} is"
            " over: the disk fills up, and whoever is told the path may be on another replica.",
            "Use it in a with block, or remove it in a finally.",
            Severity.WARNING,
        )
    where = f"{seen.package} a store" if seen.package else "it"
    verb = "Give" if seen.package else "Keep"
    return finding(
        seen,
        f"{seen.who} writes {seen.target}, which is there when the {seen.moment} is over: the"
        " other replicas never see it.",
        f"{verb} {where} in the database, the cache or a storage (default_storage), or declare the"
        " folder in SHARED_PATHS if every replica mounts it.",
        Severity.ERROR,
    )


RULE = Rule("scaleready.E140", "witnessed-file", find, Area.RUN, leak=Leak.DATA)
