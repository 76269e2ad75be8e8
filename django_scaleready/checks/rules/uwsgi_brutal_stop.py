"""uWSGI takes SIGTERM for a reload, or cuts what is in flight.

uWSGI 2.0 reloads on SIGTERM: that cuts the requests in flight, and it serves again until it is
killed at the end of the grace period, with what it is doing then. With `die-on-term` it stops, but
at once: requests in flight are cut all the same. So it does without `master`, which alone reloads.
Only `gracefully_kill_them_all` lets them end, and only a master does that.

## Bad

```ini title="uwsgi.ini"
[uwsgi]
module = mysite.wsgi
http-socket = :8000
master = true
```

## Good

```ini title="uwsgi.ini"
[uwsgi]
module = mysite.wsgi
http-socket = :8000
master = true
hook-master-start = unix_signal:15 gracefully_kill_them_all
```

## Stays silent when

- another signal is sent to stop it: `STOPSIGNAL`, `stop_signal`, `KillSignal`;
- the options come from `python -m django_scaleready uwsgi-ini`;
- it serves no application: an emperor, a router;
- the ini file was left behind: an image is built, and no Dockerfile, no script and none of the
  project's dependencies names uWSGI.

With `die-on-term` alone it is information.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.formats.uwsgi import Uwsgi
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

HOOK = "unix_signal:15 gracefully_kill_them_all"
KIT = "django_scaleready"


def find(project: Project) -> Iterator[Finding]:
    """Yield each uWSGI server that does not stop gracefully."""
    seen = set()
    for process, server in project.deploy.uwsgi:
        if server.location in seen or not server.serves or _is_graceful(process, server):
            continue
        seen.add(server.location)
        yield _finding(server)


def _is_graceful(process: Process, server: Uwsgi) -> bool:
    words = [word for command in process.commands for word in command.words]
    if process.stop_signal.removeprefix("SIG") not in {"", "TERM"}:
        return True
    hooked = any(HOOK in " ".join(o.value.split()) for o in server.all("hook-master-start"))
    return hooked or any(KIT in word for word in words)


def _finding(server: Uwsgi) -> Finding:
    hint = f"Set hook-master-start = {HOOK}."
    option = server.first("die-on-term")
    if server.is_on("die-on-term"):
        return Finding(
            message="die-on-term stops uWSGI at once: requests in flight are cut.",
            hint=hint,
            location=option.location if option else server.location,
            severity=Severity.INFO,
        )
    reloads = (
        "uWSGI reloads on SIGTERM instead of stopping: requests in flight are cut, then and"
        " when it is killed at the end of the grace period."
    )
    at_once = "uWSGI without a master stops at once on SIGTERM: requests in flight are cut."
    has_master = server.is_on("master")
    return Finding(
        message=reloads if has_master else at_once,
        hint=hint if has_master else f"Set master = true, and hook-master-start = {HOOK}.",
        location=server.location,
        severity=Severity.WARNING,
    )


RULE = Rule("scaleready.W096", "uwsgi-brutal-stop", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
