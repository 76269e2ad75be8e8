"""A file of redirects is uploaded to one replica and confirmed on another.

Wagtail keeps the file between the two steps in the temporary folder of the machine, unless it is
told otherwise. The confirmation may reach a replica that has no such file.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "wagtail.contrib.redirects"]
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "wagtail.contrib.redirects"]
WAGTAIL_REDIRECTS_FILE_STORAGE = "cache"
```

## Stays silent when

- the file is kept in the cache: `cache-local` finds a local one;
- the app is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

APP = "wagtail.contrib.redirects"
SETTING = "WAGTAIL_REDIRECTS_FILE_STORAGE"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the file stays on one machine."""
    if project.installed(APP) and project.setting(SETTING, "tmp_file") == "tmp_file":
        given = project.is_set(SETTING)
        yield Finding(
            message="A file of redirects waits for its confirmation on the replica that got it.",
            hint=f'Set {SETTING} = "cache", with a cache that is shared.',
            location=project.where(SETTING) if given else project.where("INSTALLED_APPS", APP),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E035", "wagtail-redirects-tmp", find, leak=Leak.DATA)
