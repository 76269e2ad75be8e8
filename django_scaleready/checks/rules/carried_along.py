"""Part of Django is switched on, and nothing uses it.

Each worker process of each replica keeps it in memory, and middleware runs in every request.
`startproject` switches on what a site with an admin needs; a service that answers with JSON needs
little of it. `manage.py scaleready weight` measures what each part costs here, in memory and in the
time of a request. It is seldom much: this is information, and never more.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "api.urls"
TEMPLATES = []
```

```python title="api/urls.py"
from django.http import JsonResponse
from django.urls import path


def prices(request):
    return JsonResponse({"pear": 3})


urlpatterns = [path("prices/", prices)]
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "api.urls"
TEMPLATES = []
```

```python title="api/urls.py"
from django.http import JsonResponse
from django.urls import path


def prices(request):
    return JsonResponse({"pear": 3})


urlpatterns = [path("prices/", prices)]
```

## Stays silent when

- anything may use it: a page of it, an import, a name behind a dot (`request.session`), templates,
  another package's pages or middleware;
- it protects: `SecurityMiddleware`, `CsrfViewMiddleware`, `XFrameOptionsMiddleware`;
- the project is only read (`scan`): its URLs are known when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.weight.parts import unused

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each part that nothing uses."""
    for part, place in unused(project):
        yield Finding(
            message=f"{part.setting} holds {part.entry}, and {part.unused}.",
            hint="Take it out; `manage.py scaleready weight` measures what that saves here.",
            location=place,
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
        )


RULE = Rule("scaleready.I127", "carried-along", find, leak=Leak.UNUSED)
