"""Prometheus gets the figures of whichever worker answered it.

Each worker process counts for itself. A scrape reaches one of them, the next scrape another: the
counters jump back and forth, and a rate made of them means nothing. With `PROMETHEUS_MULTIPROC_DIR`
all workers of a replica write to files in one folder, and each of them answers for all.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_prometheus"]
MIDDLEWARE = ["django_prometheus.middleware.PrometheusBeforeMiddleware"]
SCALEREADY = {"WORKERS": 4}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_prometheus"]
MIDDLEWARE = ["django_prometheus.middleware.PrometheusBeforeMiddleware"]
SCALEREADY = {"WORKERS": 4}
PROMETHEUS_METRICS_EXPORT_PORT_RANGE = range(8001, 8005)
```

## Stays silent when

- `PROMETHEUS_MULTIPROC_DIR` is in the environment of the check, or in a deploy file;
- each worker has a port of its own (`PROMETHEUS_METRICS_EXPORT_PORT_RANGE`);
- there is one worker, or the app is installed and neither its middleware nor its modules are used.

How many workers there are is read from `SCALEREADY["WORKERS"]`, or from gunicorn's command line or
configuration; where none says, it is information, and so it is where no middleware counts that the
settings name, and no model.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project

APP = "django_prometheus"
COUNTS_ROWS = "django_prometheus.models.ExportModelOperationsMixin"
# prometheus_client takes either.
VARIABLES = ("PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if workers answer for themselves alone."""
    if not _counts(project) or project.setting("PROMETHEUS_METRICS_EXPORT_PORT_RANGE"):
        return
    texts = [file.text for file in project.deploy.files]
    if any(name in os.environ or any(name in text for text in texts) for name in VARIABLES):
        return
    workers = project.workers or _of_gunicorn(project)
    if workers != 1:
        known = workers is not None and _is_on(project)
        yield Finding(
            message="Prometheus gets the figures of one worker process"
            + (f" of {workers}." if workers else ", if there are several."),
            hint=f"Set {VARIABLES[0]} to an empty folder in memory (/dev/shm/metrics).",
            location=project.where("INSTALLED_APPS", APP),
            severity=Severity.WARNING if known else Severity.INFO,
            confidence=Confidence.HIGH if known else Confidence.MEDIUM,
        )


def _counts(project: Project) -> bool:
    prefix = f"{APP}."
    middleware = any(str(name).startswith(prefix) for name in project.setting("MIDDLEWARE") or ())
    used = any(name.startswith(prefix) for name in _imported(project.code))
    return project.installed(APP) and (middleware or used)


def _is_on(project: Project) -> bool:
    """Whether requests or rows are counted: what is only imported may be below a switch."""
    code = project.code
    if COUNTS_ROWS in _imported(code):
        return True
    for name in project.setting("MIDDLEWARE") or ():
        module, _, last = str(name).rpartition(".")
        source = code.by_module.get(module)
        bases = source.classes[last].bases if source and last in source.classes else ()
        if any(base.startswith(f"{APP}.middleware.") for base in (*bases, str(name))):
            return True
    return False


def _imported(code: Codebase) -> Iterator[str]:
    return (name for source in code for name in source.imported)


def _of_gunicorn(project: Project) -> int | None:
    """Return the most workers that a command line, its file or an image's environment gives."""
    found = [
        server.settings["workers"].value
        if "workers" in server.settings
        else process.environment.get("WEB_CONCURRENCY")
        for process, server in project.deploy.gunicorn
    ]
    return max((int(value) for value in found if value and value.isdecimal()), default=None)


RULE = Rule("scaleready.W051", "metrics-per-process", find, leak=Leak.LOGS)
