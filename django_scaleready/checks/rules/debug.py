"""DEBUG is on: the development server's behaviour, on every replica.

The queries of a request or a task are kept in memory until it ends, static files are served by the
view that is meant for development, and a visitor who meets an error is shown the settings of
whichever replica answered. Host names are not checked either, so a load balancer that is set up
wrongly goes unnoticed.

## Bad

```python title="settings.py"
DEBUG = True
```

## Good

```python title="settings.py"
DEBUG = False
```

## Stays silent when

- `DEBUG` is false in the process that runs the check: run it with the environment of the
  deployment;
- only the settings are read, and they go on to import all that a machine's own module has
  (`from local_settings import *`), whether it is in the repository or not.

It is information only in an example, which somebody fills in to deploy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

EXAMPLE = re.compile(r"example|sample|template|\.dist$")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if DEBUG is on."""
    if project.setting("DEBUG"):
        place = project.where("DEBUG")
        is_example = EXAMPLE.search(place.path.rpartition("/")[2]) is not None
        yield Finding(
            message=(
                "DEBUG is on: memory grows with every query, and local defaults stand in for"
                " services that the replicas would share."
            ),
            hint="Set DEBUG to False, and run the check with the environment of the deployment.",
            location=place,
            severity=Severity.INFO if is_example else Severity.WARNING,
        )


RULE = Rule("scaleready.W019", "debug", find, leak=Leak.LIFECYCLE)
